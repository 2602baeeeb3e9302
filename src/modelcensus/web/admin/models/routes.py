"""Models as curators see them: edit many at once, override, undo."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.catalog.roster import SHOWN_STATUSES
from modelcensus.operations.catalog import overriding, roster
from modelcensus.operations.catalog.curating import MOST_AT_ONCE
from modelcensus.serving.context import Context
from modelcensus.serving.joining import join
from modelcensus.web.admin.models import bulk, one, overrides
from modelcensus.web.admin.models.asked import FLAGS, NO_TIER, order_of, wanted_of
from modelcensus.web.rendering.leaves import leaf
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.queries import query_of
from modelcensus.web.visitors.visitor import Viewer

_PER_PAGE = 100


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.get("/admin/models")
    def get_models(request: Request, visitor: Viewer) -> Response:
        query, now = query_of(request), census.clock()
        found = roster.page(
            census.store, wanted_of(query), now=now, order=order_of(query), limit=MOST_AT_ONCE
        )  # fmt: skip
        notices = overriding.notices(census.store, now)
        return pages.page(
            request, visitor, "admin/models/list.html", leaf=leaf(found.rows, query, _PER_PAGE), counts=found.counts,
            every=sum(found.counts.values()), query=query, statuses=SHOWN_STATUSES, flags=FLAGS, no_tier=NO_TIER,
            providers=found.providers,
            notices=[each.override for each in notices.drifted] + list(notices.expired), done=query.number("done"),
        )  # fmt: skip

    join(router, bulk.routes(context, pages))
    join(router, overrides.routes(context, pages))
    # Last, for a model's own path takes all that follows it.
    join(router, one.routes(context, pages))
    return router
