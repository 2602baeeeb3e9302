"""``/changes``: what happened, day by day; ``/changes/sources``: what sources said otherwise."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import InvalidInput
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.operations.numbers import numbers
from modelcensus.serving.context import Context
from modelcensus.web.changes.days import days
from modelcensus.web.changes.moments import said_otherwise
from modelcensus.web.changes.paper import KINDS, Asked, Paper, gathered
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Anyone, Visitor

_SHOWN = 12
"""Stories of a section that are in sight; the others are folded."""
_LONGEST = 200


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census
    public = PublicCatalog(census, context.settings.access, context.shelf, Names(census))

    @router.get("/changes")
    def get_changes(request: Request, visitor: Anyone, before: str = "") -> Response:
        if not numbers(census.store).revision:
            return readings(request, visitor, "", "")
        asked, wrong = _asked(request), None
        try:
            paper = gathered(public, visitor.caller.tier, asked, before=before or None)
        except InvalidInput as error:
            paper, wrong = Paper(stories=(), before=None), error
        edition = public.edition(visitor.caller.tier)
        own = (each.entry.model.fields.get("provider") for each in edition.portraits)
        return pages.page(
            request, visitor, "changes/changes.html", status=400 if wrong else 200, asked=asked, wrong=wrong,
            days=days(paper.stories, shown=_SHOWN, more=paper.before is not None), older=paper.before,
            kinds=KINDS, later=bool(before),
            providers=sorted({name for name in own if isinstance(name, str)}, key=str.casefold),
            sources=sorted(census.sources),
        )  # fmt: skip

    @router.get("/changes/sources")
    def get_said(request: Request, visitor: Anyone, source: str = "", before: str = "") -> Response:
        return readings(request, visitor, source, before)

    def readings(request: Request, visitor: Visitor, source: str, before: str) -> Response:
        found = said_otherwise(census, source=source or None, before=before)
        return pages.page(
            request, visitor, "changes/readings.html", moments=found.moments, older=found.before, source=source,
            sources=sorted(census.sources), later=bool(before), published=bool(numbers(census.store).revision),
        )  # fmt: skip

    return router


def _asked(request: Request) -> Asked:
    """The filters of an address; what is too long is no filter that could find anything."""
    given = request.query_params
    return Asked(**{name: given.get(name, "").strip()[:_LONGEST] for name in Asked.__struct_fields__})
