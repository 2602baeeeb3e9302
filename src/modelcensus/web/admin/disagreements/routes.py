"""Disagreements: fields of which sources say different things, which one is followed, and why."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request, Response

from modelcensus.core.catalog.model import Disagreement, Override
from modelcensus.operations.catalog import overriding
from modelcensus.serving.context import Context
from modelcensus.web.admin.models.fields import written
from modelcensus.web.rendering.leaves import leaf
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.queries import Query, query_of
from modelcensus.web.visitors.visitor import Viewer

_PER_PAGE = 50


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.get("/admin/disagreements")
    def get_disagreements(request: Request, visitor: Viewer) -> Response:
        query, every = query_of(request), context.questions.disagreements()
        set_: dict[tuple[str, str], Override] = {
            (each.model_id, each.path): each for each in overriding.overrides(census.store, now=census.clock())
        }
        found = [each for each in every if _fits(*each, query)]
        open_ = [each for each in found if (each[0], each[1].path) not in set_]
        return pages.page(
            request, visitor, "admin/disagreements/list.html", query=query, overrides=set_, written=written,
            leaf=leaf(open_ if query.text("open") else found, query, _PER_PAGE), every=len(every),
            fields=sorted(Counter(each.path for _, each in every).items()),
            sources=sorted({said.origin.source for _, each in every for said in each.said}),
        )  # fmt: skip

    return router


def _fits(model_id: str, each: Disagreement, query: Query) -> bool:
    field, source, text = query.text("field"), query.text("source"), query.text("model").casefold()
    return (
        (not field or each.path == field or each.path.startswith(f"{field}."))
        and (not source or any(said.origin.source == source for said in each.said))
        and text in model_id.casefold()
    )
