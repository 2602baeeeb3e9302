"""Overrides: the list with its notices, setting one, taking one away."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from modelcensus.api.admin.asked import Model, ModelId, Reason, Why
from modelcensus.api.answering import answer
from modelcensus.api.bodies import body, takes
from modelcensus.api.schemas import one
from modelcensus.core.catalog.curated import Drift
from modelcensus.core.catalog.model import Override, Value
from modelcensus.core.times import parse_time
from modelcensus.operations.catalog import overriding
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Curator


class OverrideWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a field is to be whatever sources say; money is decimal text: ``"2.50"``.

    ``owner`` answers for it, whoever sends this unless another is named. Without ``expires_at`` it is for good.
    """

    value: Value
    reason: Reason
    owner: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    expires_at: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """Overrides, those under which upstream has moved since, and those that have expired and may be taken away."""

    overrides: tuple[Override, ...]
    drifted: tuple[Drift, ...]
    expired: tuple[Override, ...]


RECORDS: tuple[type[msgspec.Struct], ...] = (Override, OverrideWanted, Overrides)
"""What these paths take and answer with, for /openapi.json."""

_Wanted = Annotated[OverrideWanted, body(OverrideWanted)]
_Field = Annotated[str, Path(max_length=200, pattern=r"^[^\x00/]+$", description="Such as `price.input` or `context`.")]


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    census = context.census

    @router.get("/overrides", summary="Overrides, with notices of those to look at again", **one("Overrides"))
    def get_overrides(request: Request, model: Model = None) -> Response:
        found = overriding.overrides(census.store, model_id=model)
        noticed = overriding.notices(census.store, census.clock())
        told = Overrides(
            overrides=tuple(found),
            drifted=tuple(each for each in noticed.drifted if model in (None, each.override.model_id)),
            expired=tuple(each for each in noticed.expired if model in (None, each.model_id)),
        )
        return answer(request, told)

    @router.put(
        "/models/{id:path}/overrides/{path}",
        summary="Let a field of a model be a value whatever sources say",
        **takes(OverrideWanted, one("Override")),
    )
    def put_override(
        request: Request,
        caller: Curator,
        model_id: ModelId,
        path: _Field,
        wanted: _Wanted,
    ) -> Response:
        ends = parse_time(wanted.expires_at, census.now()) if wanted.expires_at is not None else None
        done = overriding.set_override(
            census.store, model_id, path, wanted.value, actor=caller.name, reason=wanted.reason, now=census.clock(),
            owner=wanted.owner, expires_at=ends,
        )  # fmt: skip
        return answer(request, done)

    @router.delete(
        "/models/{id:path}/overrides/{path}",
        summary="Take an override away: the field is what sources say again",
        **one("Override"),
    )
    def delete_override(request: Request, caller: Curator, model_id: ModelId, path: _Field, reason: Why) -> Response:
        done = overriding.clear_override(
            census.store, model_id, path, actor=caller.name, reason=reason, now=census.clock()
        )
        return answer(request, done)

    return router
