"""API tokens, and who one is to this server."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.bodies import body, takes
from modelcensus.api.schemas import many, one
from modelcensus.core.access import Caller, Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.document import encode
from modelcensus.core.token import CreatedToken, Token, end_of
from modelcensus.operations import tokens
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Admin, Anyone


class TokenWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to create: ``expires`` is how long from now (``90d``), or a date or time; without it it never ends.

    Without a tier readers are free, and whoever administers is enterprise.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    role: Role
    tier: Tier | None = None
    expires: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)] | None = None


class TokenRevoked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a token is revoked, for the audit log."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


RECORDS: tuple[type[msgspec.Struct], ...] = (Token, CreatedToken, TokenWanted, TokenRevoked, Caller)
"""What these paths answer with, for /openapi.json."""

_Wanted = Annotated[TokenWanted, body(TokenWanted)]
_Why = Annotated[TokenRevoked, body(TokenRevoked)]
_All = Annotated[bool, Query(alias="all", description="Those that were revoked too.")]


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter(prefix="/api", dependencies=[Depends(only_known_parameters)], tags=["administration"])
    census, identity, sessions = context.census, context.identity, context.sessions

    @router.get("/me", summary="Who you are to this server, by the credentials that you send", **one("Caller"))
    def get_me(request: Request, caller: Anyone) -> Response:
        return answer(request, caller)

    @router.get("/admin/tokens", summary="API tokens by name, without their secrets", **many("Token"))
    def get_tokens(request: Request, caller: Admin, revoked: _All = False) -> Response:  # noqa: ARG001  # may
        return answer(request, {"data": tokens.listed(census.store, census.clock(), revoked=revoked)})

    @router.post(
        "/admin/tokens",
        summary="Create an API token; its secret is in this answer and never again",
        status_code=201,
        **takes(TokenWanted, _created(one("CreatedToken"))),
    )
    def post_token(caller: Admin, wanted: _Wanted) -> Response:
        made = tokens.create(
            census.store, wanted.name, role=wanted.role, tier=wanted.tier, actor=caller.name, now=census.clock(),
            expires_at=end_of(wanted.expires, census.now()) if wanted.expires is not None else None,
            reason=wanted.reason,
        )  # fmt: skip
        # Not by answer(): nobody between may keep a secret, nor a hash of it.
        return Response(encode(made), 201, {"Cache-Control": "no-store"}, media_type="application/json")

    @router.post(
        "/admin/tokens/{name}/revoke",
        summary="Take an API token's rights away for good",
        **takes(TokenRevoked, one("Token")),
    )
    def post_revoked(request: Request, caller: Admin, name: str, why: _Why) -> Response:
        done = tokens.revoke(census.store, name, actor=caller.name, reason=why.reason, now=census.clock())
        identity.forget_tokens()
        sessions.forget()
        return answer(request, done)

    return router


def _created(answers: dict[str, Any]) -> dict[str, Any]:
    """The same answers, the good one as 201."""
    responses = dict(answers["responses"])
    return {"responses": {201: {**responses.pop(200), "description": "Created"}, **responses}}
