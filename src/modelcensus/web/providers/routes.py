"""``/providers``: who offers models, and who made them; a page for each provider."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import NotFound
from modelcensus.operations.catalog.arrivals import arrivals
from modelcensus.operations.catalog.counting import providers
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.context import Context
from modelcensus.web.changes.days import days
from modelcensus.web.changes.paper import Asked, gathered
from modelcensus.web.providers.listed import SORTS, lab_rows, offered, own_models, rows
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Anyone, Visitor

_DAYS = 30
_STORIES = 30
_SHOWN = 6
_OFFERINGS = 200
_LONGEST = 200


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census
    public = PublicCatalog(census, context.settings.access, context.shelf, Names(census))

    @router.get("/providers")
    def get_providers(
        request: Request, visitor: Anyone, of: str = "", sort: str = "models", q: str = ""
    ) -> Response:  # fmt: skip
        edition = public.edition(visitor.caller.tier)
        found, new, text = providers(edition), arrivals(census, edition, days=_DAYS), q.strip()[:_LONGEST]
        order = sort if sort in SORTS else "models"
        return pages.page(
            request, visitor, "providers/providers.html", of="labs" if of == "labs" else "", q=text, sort=order,
            sorts=SORTS, rows=rows(found, edition, new, sort=order, text=text),
            labs=lab_rows(found, edition, new, text=text), all=found,
        )  # fmt: skip

    def one(request: Request, visitor: Visitor, name: str, offers: int) -> Response:
        edition = public.edition(visitor.caller.tier)
        wanted = name.strip().casefold()
        found = next((each for each in providers(edition).data if each.name.casefold() == wanted), None)
        if found is None:
            raise NotFound("the catalog has no provider by that name", "see all of them: /providers")
        listed = offered(edition, found.name)
        first = max(offers, 0) * _OFFERINGS
        news = gathered(public, visitor.caller.tier, Asked(provider=found.name), most=_STORIES)
        return pages.page(
            request, visitor, "providers/provider.html", provider=found, offered=listed[first : first + _OFFERINGS],
            first=first, total=len(listed), offers=max(offers, 0), most=_OFFERINGS,
            own=own_models(edition, found.name, arrivals(census, edition, days=_DAYS)),
            days=days(news.stories, shown=_SHOWN, more=news.before is not None)[:_SHOWN],
        )  # fmt: skip

    @router.get("/providers/-")
    def get_odd_provider(request: Request, visitor: Anyone, name: str = "-", offers: int = 0) -> Response:
        return one(request, visitor, name, offers)

    @router.get("/providers/{name:path}")
    def get_provider(request: Request, visitor: Anyone, name: str, offers: int = 0) -> Response:
        return one(request, visitor, name, offers)

    return router
