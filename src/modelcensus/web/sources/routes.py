"""Every catalog that is read: whether it is fresh, and what it says."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from modelcensus.operations import portraits
from modelcensus.serving.context import Context
from modelcensus.web.home.freshness import TONES, standing
from modelcensus.web.rendering.leaves import LeafNumber, open_leaf, with_query
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.sources.links import linked
from modelcensus.web.visitors.visitor import Anyone, Visitor

_KEYS = 60
_SYNCS = 25
_FAULTS = 25
_SHOWN = ("entities", "syncs", "quarantine")
Before = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.get("/sources")
    def get_sources(request: Request, visitor: Anyone) -> Response:
        found = [(each, standing(each.state, census.now())) for each in portraits.portraits(census)]
        return pages.page(
            request, visitor, "sources/sources.html",
            read=[each for each in found if each[0].state.last_sync], unread=[each for each in found
            if not each[0].state.last_sync], tones=TONES, linked=linked,
        )  # fmt: skip

    @router.get("/sources/{name}")
    def get_source(
        request: Request, visitor: Anyone, name: str, show: str = "entities", category: str = "", q: str = "",
        after: str = "", before: Before = None, number: LeafNumber = 1,
    ) -> Response:  # fmt: skip
        found = portraits.portrait(census, name)
        shown = show if show in _SHOWN else "entities"
        values: dict[str, Any]
        if shown == "entities":
            values = _entities(context, request, found, category, q, after)
        elif shown == "syncs":
            values = _syncs(context, request, found, before)
        else:
            values = _quarantine(context, request, visitor, found, number)
        return pages.page(
            request, visitor, "sources/source.html", found=found, standing=standing(found.state, census.now()),
            tones=TONES, linked=linked, show=shown, **values,
        )  # fmt: skip

    return router


def _entities(
    context: Context, request: Request, found: portraits.SourcePortrait, category: str, part: str, after: str
) -> dict[str, Any]:
    """Keys of one category: the one that was asked for, else models if there are any, else the next."""
    held = [each for each, count in found.entities.items() if count]
    chosen = category if category in held else next(iter(held), "")
    wanted = part.strip()[:300]
    keys = (
        portraits.entities_page(
            context.census, found.state.name, chosen, part=wanted, after=after[:2000], limit=_KEYS + 1
        )
        if chosen
        else []
    )
    later = with_query(request, after=keys[_KEYS - 1]) if len(keys) > _KEYS else ""
    return {"held": held, "category": chosen, "part": wanted, "keys": keys[:_KEYS], "later": later, "after": after}


def _syncs(context: Context, request: Request, found: portraits.SourcePortrait, before: int | None) -> dict[str, Any]:
    syncs = portraits.syncs_page(context.census, found.state.name, before=before, limit=_SYNCS + 1)
    later = with_query(request, before=syncs[_SYNCS - 1].id) if len(syncs) > _SYNCS else ""
    return {"syncs": syncs[:_SYNCS], "later": later, "before": before}


def _quarantine(
    context: Context, request: Request, visitor: Visitor, found: portraits.SourcePortrait, number: int
) -> dict[str, Any]:
    """What was not understood is upstream's raw text: as by the API, administration alone sees it."""
    if not visitor.may_look:
        return {"leaf": None}
    faults = portraits.quarantine_page(
        context.census, source=found.state.name, limit=_FAULTS + 1, offset=(number - 1) * _FAULTS
    )
    return {"leaf": open_leaf(request, faults, number, _FAULTS)}
