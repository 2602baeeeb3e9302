"""API tokens: made, listed, revoked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import CensusError, InvalidInput
from modelcensus.core.token import CreatedToken, end_of
from modelcensus.operations import tokens
from modelcensus.serving.context import Context
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.forms import Form, Posted, onward
from modelcensus.web.visitors.visitor import Admin, Visitor

_PATH = "/admin/tokens"


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(prefix=_PATH, include_in_schema=False)
    census = context.census

    def tokens_page(
        request: Request, visitor: Visitor, *, status: int = 200, made: CreatedToken | None = None,
        refused: CensusError | None = None, form: Form | None = None,
    ) -> Response:  # fmt: skip
        everything = "all" in request.query_params
        answer = pages.page(
            request, visitor, "admin/tokens/tokens.html", status=status, made=made, refused=refused,
            form=form or Form([]), everything=everything, roles=list(Role), tiers=list(Tier),
            tokens=tokens.listed(census.store, census.clock(), revoked=everything),
        )  # fmt: skip
        # Nobody between may keep a secret, nor may the browser.
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @router.get("")
    def get_tokens(request: Request, visitor: Admin) -> Response:
        return tokens_page(request, visitor)

    @router.post("")
    def post_token(request: Request, visitor: Admin, form: Posted) -> Response:
        try:
            made = _created(context, visitor, form)
        except InvalidInput as error:
            return tokens_page(request, visitor, status=400, refused=error, form=form)
        # The secret is in this answer alone: no redirect, so that no cookie and no address ever holds it.
        return tokens_page(request, visitor, status=201, made=made)

    @router.post("/revoke")
    def post_revoked(request: Request, visitor: Admin, form: Posted) -> Response:
        name = form.must("name", "the token's name")
        try:
            done = tokens.revoke(
                census.store, name, actor=visitor.caller.name, reason=form.one("reason"), now=census.clock()
            )
        except InvalidInput as error:
            return tokens_page(request, visitor, status=400, refused=error)
        context.identity.forget_tokens()
        context.sessions.forget()
        return onward(_PATH, f"Revoked {done.name}. Its sessions have ended too.")

    return router


def _created(context: Context, visitor: Visitor, form: Form) -> CreatedToken:
    """The token that a form asks for. Raises ``InvalidInput``."""
    census = context.census
    role, tier = form.one("role"), form.one("tier")
    if role not in [each.value for each in Role]:
        raise InvalidInput("that role does not exist", f"choose one of: {', '.join(Role)}")
    if tier and tier not in [each.value for each in Tier]:
        raise InvalidInput("that tier does not exist", f"choose one of: {', '.join(Tier)}")
    expires = form.one("expires")
    return tokens.create(
        census.store, form.must("name", "the token's name"), role=Role(role), tier=Tier(tier) if tier else None,
        expires_at=end_of(expires, census.now()) if expires else None, actor=visitor.caller.name, now=census.clock(),
        reason=form.one("reason") or None,
    )  # fmt: skip
