"""The log of syncs: what was read of each source, and what went wrong."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.schemas import many
from modelcensus.api.syncing.running import NEXT, Limit
from modelcensus.core.access import Role
from modelcensus.core.errors import InvalidInput
from modelcensus.core.records import SyncStatus
from modelcensus.operations.triggering.logs import SyncLog, SyncTrouble, sync_logs
from modelcensus.serving.context import Context
from modelcensus.serving.guard import needs

RECORDS: tuple[type[msgspec.Struct], ...] = (SyncLog, SyncTrouble)
_ID = "^[1-9][0-9]{0,8}$"

Source = Annotated[str | None, Query(description="Only this source.")]
Status = Annotated[SyncStatus | None, Query(description="Only syncs that ended so.")]
After = Annotated[str | None, Query(description="`next` of the page before.", json_schema_extra={"pattern": _ID})]


def routes(context: Context) -> APIRouter:
    """This path."""
    known = [Depends(needs(Role.VIEWER)), Depends(only_known_parameters)]
    router = APIRouter(dependencies=known, tags=["syncing"])

    @router.get(
        "/api/admin/sync-logs", summary="The log of syncs, newest first, with errors by category",
        **many("SyncLog", next=NEXT),
    )  # fmt: skip
    def get_logs(
        request: Request, source: Source = None, status: Status = None, after: After = None,
        limit: Limit = 50,
    ) -> Response:  # fmt: skip
        page = sync_logs(context.census, source=source, status=status, before=_place(after), limit=limit + 1)
        more = str(page[limit - 1].sync.id) if len(page) > limit else None
        return answer(request, {"data": page[:limit], "next": more})

    return router


def _place(after: str | None) -> int | None:
    if after is None:
        return None
    if not (after.isascii() and after.isdigit() and len(after) < 10):
        raise InvalidInput("that is no 'next' of a page of the log", "give it back as it was, or start without one")
    return int(after)
