"""How good each catalog is, and what of it could not be understood."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from modelcensus.core.quality import FindingKind
from modelcensus.operations import portraits
from modelcensus.operations.inspected import findings_page, overview
from modelcensus.serving.context import Context
from modelcensus.web.rendering.leaves import LeafNumber, open_leaf
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Viewer

_FINDINGS = 50
_FAULTS = 25
_LEAST_RANGE = 1.0


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(prefix="/admin/quality", include_in_schema=False)
    census = context.census

    @router.get("")
    def get_quality(request: Request, visitor: Viewer, source: str = "") -> Response:
        source = source if source in census.sources else ""
        return pages.page(
            request, visitor, "admin/quality/quality.html", found=overview(census.store, source=source or None),
            source=source, sources=sorted(census.sources), points=spark,
        )  # fmt: skip

    @router.get("/findings")
    def get_findings(
        request: Request, visitor: Viewer, source: str = "", category: str = "", kind: str = "", number: LeafNumber = 1
    ) -> Response:
        source = source if source in census.sources else ""
        category = category if category.isalpha() else ""
        chosen = FindingKind(kind) if kind in [each.value for each in FindingKind] else None
        found = findings_page(
            census.store, source=source or None, category=category or None, kind=chosen, limit=_FINDINGS + 1,
            offset=(number - 1) * _FINDINGS,
        )  # fmt: skip
        return pages.page(
            request, visitor, "admin/quality/findings.html", leaf=open_leaf(request, found, number, _FINDINGS),
            source=source, category=category, kind=chosen, kinds=list(FindingKind), sources=sorted(census.sources),
        )  # fmt: skip

    @router.get("/quarantine")
    def get_quarantine(request: Request, visitor: Viewer, source: str = "", number: LeafNumber = 1) -> Response:
        source = source if source in census.sources else ""
        found = portraits.quarantine_page(
            census, source=source or None, limit=_FAULTS + 1, offset=(number - 1) * _FAULTS
        )
        return pages.page(
            request, visitor, "admin/quality/quarantine.html", leaf=open_leaf(request, found, number, _FAULTS),
            source=source, sources=sorted(census.sources),
        )  # fmt: skip

    return router


def spark(past: Sequence[float]) -> str:
    """Scores as the points of a line in a picture of 100 by 24; empty for fewer than two."""
    if len(past) < 2:
        return ""
    low, high = min(past), max(past)
    span = max(high - low, _LEAST_RANGE)
    middle = (high + low) / 2
    return " ".join(
        f"{place * 100 / (len(past) - 1):.1f},{12 - (score - middle) / span * 20:.1f}"
        for place, score in enumerate(past)
    )
