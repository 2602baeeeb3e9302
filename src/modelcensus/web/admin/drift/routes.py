"""Fields, types and values that came or went upstream."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.drift import DriftKind
from modelcensus.operations.inspected import drift_page
from modelcensus.serving.context import Context
from modelcensus.web.rendering.leaves import LeafNumber, open_leaf, with_query
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Viewer

_EVENTS = 50
_DAY = 86_400_000_000
_SPANS = {"": "any time", "1": "the last day", "7": "the last 7 days", "30": "the last 30 days"}


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.get("/admin/drift")
    def get_drift(
        request: Request, visitor: Viewer, source: str = "", kind: str = "", q: str = "", days: str = "",
        number: LeafNumber = 1,
    ) -> Response:  # fmt: skip
        source = source if source in census.sources else ""
        chosen = DriftKind(kind) if kind in [each.value for each in DriftKind] else None
        days = days if days in _SPANS else ""
        part = q.strip()[:300]
        found = drift_page(
            census.store, source=source or None, kind=chosen, part=part, limit=_EVENTS + 1,
            since=census.clock() - int(days) * _DAY if days else None, offset=(number - 1) * _EVENTS,
        )  # fmt: skip
        return pages.page(
            request, visitor, "admin/drift/drift.html", leaf=open_leaf(request, found, number, _EVENTS),
            sources=sorted(census.sources), source=source, kind=chosen, kinds=_kinds(request, chosen), part=part,
            days=days, spans=_SPANS, narrowed=bool(source or chosen or part or days),
        )  # fmt: skip

    return router


def _kinds(request: Request, chosen: DriftKind | None) -> list[tuple[str, str, bool]]:
    """Word, address and whether it is on, of each kind and of all."""
    return [
        ("all", with_query(request, kind=None, page=None), chosen is None),
        *((each.value, with_query(request, kind=each.value, page=None), chosen is each) for each in DriftKind),
    ]
