"""The notices that people were told, and those that wait."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.schemas import many
from modelcensus.core.access import Role
from modelcensus.operations.noticing.noticing import listed
from modelcensus.serving.context import Context
from modelcensus.serving.guard import needs
from modelcensus.store.notices import Notice

RECORDS: tuple[type[msgspec.Struct], ...] = (Notice,)
"""What this path answers with, for /openapi.json."""

Waiting = Annotated[bool, Query(description="Only what is still to be told.")]
Target = Annotated[str | None, Query(description="Only what goes to this target, by its name.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]


def routes(context: Context) -> APIRouter:
    """This path."""
    router = APIRouter(dependencies=[Depends(needs(Role.VIEWER)), Depends(only_known_parameters)], tags=["noticing"])

    @router.get(
        "/api/admin/notices", summary="Notices: what waits first, then what people were told, newest first",
        **many("Notice"),
    )  # fmt: skip
    def get_notices(request: Request, waiting: Waiting = False, target: Target = None, limit: Limit = 100) -> Response:
        return answer(request, {"data": listed(context.census, waiting=waiting, target=target, limit=limit)})

    return router
