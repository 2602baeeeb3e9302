"""The syncs' pages that only look: all runs, one run, and the log."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import NotFound
from modelcensus.core.records import SyncStatus
from modelcensus.core.run import Run, RunState
from modelcensus.operations.triggering.logs import SyncLog, sync_logs
from modelcensus.serving.context import Context
from modelcensus.web.admin.syncs import front
from modelcensus.web.admin.syncs.standing import SYNCS, standing_of
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Viewer

_RUN = re.compile(r"[0-9a-f]{24}")
_PAGE = 50
_MOST_LINES = 500
"""So many entries of the log are looked through for those of one run."""


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)

    @router.get("/admin/syncs")
    def get_syncs(request: Request, visitor: Viewer) -> Response:
        return front.page(context, pages, request, visitor)

    _add_lists(router, context, pages)
    _add_run(router, context, pages)
    return router


def _add_lists(router: APIRouter, context: Context, pages: Pages) -> None:
    census = context.census

    @router.get("/admin/syncs/runs")
    def get_runs(request: Request, visitor: Viewer, source: str = "", state: str = "", after: str = "") -> Response:
        wanted = RunState(state) if state in set(RunState) else None
        found = context.runs.newest(
            source=_storable(source), state=wanted, before=after if _RUN.fullmatch(after) else None, limit=_PAGE + 1
        )
        return pages.page(
            request, visitor, "admin/syncs/runs.html", runs=found[:_PAGE], source=source, sources=list(census.sources),
            state=wanted, states=tuple(RunState), standing_of=standing_of, after=after,
            following=found[_PAGE - 1].id if len(found) > _PAGE else "",
        )  # fmt: skip

    @router.get("/admin/syncs/log")
    def get_log(request: Request, visitor: Viewer, source: str = "", status: str = "", after: str = "") -> Response:
        wanted = SyncStatus(status) if status in set(SyncStatus) else None
        before = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else None
        try:
            found = sync_logs(census, source=source or None, status=wanted, before=before, limit=_PAGE + 1)
        except NotFound:
            found = []
        return pages.page(
            request, visitor, "admin/syncs/log.html", lines=found[:_PAGE], source=source, sources=list(census.sources),
            wanted=wanted, statuses=tuple(SyncStatus), tones=SYNCS, after=after,
            following=found[_PAGE - 1].sync.id if len(found) > _PAGE else 0,
        )  # fmt: skip


def _add_run(router: APIRouter, context: Context, pages: Pages) -> None:
    @router.get("/admin/syncs/{run}")
    def get_run(request: Request, visitor: Viewer, run: str) -> Response:
        found = context.runs.find(run)
        return pages.page(
            request, visitor, "admin/syncs/run.html", run=found, standing=standing_of(found), tones=SYNCS,
            lines=_lines(context, found),
        )  # fmt: skip


def _lines(context: Context, run: Run) -> list[SyncLog]:
    ids = run.result.sync_log_ids if run.result else ()
    if not ids:
        return []
    reach = min(max(ids) - min(ids) + 1, _MOST_LINES)
    found = sync_logs(context.census, before=max(ids) + 1, limit=reach)
    return [each for each in found if each.sync.id in ids][::-1]


def _storable(text: str) -> str | None:
    return text.replace("\0", "") or None
