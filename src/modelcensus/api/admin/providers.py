"""One source's part of what would change: looked at, and applied exactly as it was looked at."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response

from modelcensus.api.admin.asked import SourceName, may_be_stale
from modelcensus.api.admin.plans import Application, applied, diff_of
from modelcensus.api.answering import answer
from modelcensus.api.bodies import body, takes
from modelcensus.api.schemas import one
from modelcensus.operations.catalog import parting
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Curator


class PartApplication(Application, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``digest`` names the part that was looked at; the rest says what of it to take."""

    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8,64}$")]


RECORDS: tuple[type[msgspec.Struct], ...] = (PartApplication,)
"""What these paths take and answer with, for /openapi.json."""

_Application = Annotated[PartApplication, body(PartApplication)]


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    census = context.census

    @router.get(
        "/providers/{source}/diff",
        summary="What a source would change in the catalog now: new, updated, archived; nothing is written",
        **one("PlanDiff"),
    )
    def get_diff(request: Request, source: SourceName) -> Response:
        return answer(request, diff_of(parting.part(census, source)))

    @router.post(
        "/providers/{source}/apply",
        summary="Apply exactly the part that was looked at, named by its digest",
        **takes(PartApplication, may_be_stale(one("Applied"))),
    )
    def post_apply(request: Request, caller: Curator, source: SourceName, wanted: _Application) -> Response:
        plan, revision = parting.apply_part(
            census, source, wanted.digest, caller.name, census.clock(), wanted.only, wanted.released
        )
        return answer(request, applied(plan, revision, wanted))

    return router
