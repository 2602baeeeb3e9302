"""``/``: the page of every morning: what happened, what needs somebody, and how to begin."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from modelcensus.operations import browse
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.operations.numbers import numbers
from modelcensus.serving.context import Context
from modelcensus.web.changes.days import day_title
from modelcensus.web.changes.moments import said_otherwise
from modelcensus.web.home.freshness import TONES, standing
from modelcensus.web.home.needs import Needs
from modelcensus.web.home.today import MOST, Paper, extremes
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Anyone

_READINGS = 40
_SYNCS = 8


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census, store = context.census, context.census.store
    public = PublicCatalog(census, context.settings.access, context.shelf, Names(census))
    paper, needs = Paper(public), Needs(context)

    @router.get("/")
    def get_home(request: Request, visitor: Anyone) -> Response:
        counted = numbers(store)
        sources = [(state, standing(state, census.now())) for state in browse.sources(census)]
        if not counted.syncs:
            return pages.page(request, visitor, "home/first.html", sources=sources)
        shown: dict[str, Any] = {
            "sources": sources, "observed_at": counted.observed_at, "tones": TONES, "date": day_title(census.now()),
            "needs": needs.now(sources) if visitor.may_look else [],
            "syncs": browse.syncs(store, limit=_SYNCS) if visitor.may_look else [],
        }  # fmt: skip
        if not counted.revision:
            found = said_otherwise(census, most=_READINGS).moments
            anchors = [state for state, _ in sources if state.name in census.catalog.anchors.sources]
            return pages.page(
                request, visitor, "home/unpublished.html", moments=found, plans=counted.plans_open, **shown,
                anchors=[state.name for state in anchors], anchored=any(state.entities for state in anchors),
            )  # fmt: skip
        return pages.page(
            request, visitor, "home/home.html", today=paper.today(visitor.caller.tier), most=MOST,
            extremes=extremes([state for state, _ in sources]), **shown,
        )  # fmt: skip

    return router
