"""How each source is set, when it is read next, and whether it answers."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import SettingsError
from modelcensus.operations import portraits, scheduling
from modelcensus.operations.probing import Probed, probe
from modelcensus.operations.scheduling import Outlook
from modelcensus.serving.context import Context
from modelcensus.web.admin.sources.settings import general, of_source
from modelcensus.web.home.freshness import TONES, standing
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.sources.links import linked
from modelcensus.web.visitors.forms import Posted
from modelcensus.web.visitors.visitor import Admin, Viewer, Visitor

_NEXT = 5


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(prefix="/admin/sources", include_in_schema=False)
    census = context.census

    @router.get("")
    def get_sources(request: Request, visitor: Viewer) -> Response:
        plans, wrong = _outlooks(context, 1)
        found = portraits.portraits(census)
        return pages.page(
            request, visitor, "admin/sources/sources.html", tones=TONES, plans=plans, wrong=wrong,
            sources=[(each, standing(each.state, census.now())) for each in found],
            groups=general(context.settings, context.origins), reviews=census.catalog.review.reviews,
            zone=context.settings.sync.time_zone,
        )  # fmt: skip

    def source_page(
        request: Request, visitor: Visitor, name: str, probed: list[Probed] | None = None
    ) -> Response:  # fmt: skip
        found = portraits.portrait(census, name)
        plans, wrong = _outlooks(context, _NEXT)
        return pages.page(
            request, visitor, "admin/sources/source.html", tones=TONES, found=found, linked=linked,
            standing=standing(found.state, census.now()), plan=plans.get(name), wrong=wrong, probed=probed,
            settings=of_source(context.settings, context.origins, census.sources[name]),
            reviews=census.catalog.review.reviews(name),
        )  # fmt: skip

    @router.get("/{name}")
    def get_source(request: Request, visitor: Viewer, name: str) -> Response:
        return source_page(request, visitor, name)

    @router.post("/{name}/test")
    def post_test(request: Request, visitor: Admin, form: Posted, name: str) -> Response:  # noqa: ARG001  # its proof
        portraits.portrait(census, name)
        return source_page(request, visitor, name, list(probe(census, census.sources[name])))

    return router


def _outlooks(context: Context, count: int) -> tuple[dict[str, Outlook], SettingsError | None]:
    """Schedules by source; a setting that makes none of them usable is told instead."""
    settings, census = context.settings, context.census
    try:
        found = scheduling.outlook(census, settings.sync, settings.sources, census.clock(), count)
    except SettingsError as error:
        return {}, error
    return {each.source: each for each in found}, None
