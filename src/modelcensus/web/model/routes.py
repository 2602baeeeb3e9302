"""``/models/{id}``: one model, its facts and where they come from, offerings, prices over time, its life."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from modelcensus.core.access import Caller
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.errors import NotFound
from modelcensus.core.times import from_micros, iso, parse_time
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.context import Context
from modelcensus.web.model.costs import costs_of
from modelcensus.web.model.drawn import drawn
from modelcensus.web.model.facts import facts_of, measure, said_text
from modelcensus.web.model.offers import offers_of
from modelcensus.web.model.story import happenings, life_of
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Anyone, Visitor

_TYPED = ("input", "cached", "output", "requests")


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    public = PublicCatalog(context.census, context.settings.access, context.shelf, Names(context.census))

    @router.get("/models/{model_id:path}")
    def get_model(
        request: Request, visitor: Anyone, model_id: str, id: str | None = None, as_of: str | None = None  # noqa: A002  # the name in the address
    ) -> Response:  # fmt: skip
        wanted = model_id if id is None else id
        then = _moment(public, as_of)
        try:
            edition, portrait = public.find(visitor.caller.tier, wanted, then)
        except NotFound:
            missing = _missing(public, visitor.caller, wanted, then)
            return pages.page(request, visitor, "model/missing.html", status=404, model_id=wanted, **missing)
        return pages.page(
            request, visitor, "model/model.html",
            **_shown(public, visitor, edition, portrait, request), as_of=as_of if edition.as_of is not None else "",
        )  # fmt: skip

    # Beside /models and not below it: what somebody types into a form is kept for nobody else.
    @router.get("/model-cost")
    def get_cost(request: Request, visitor: Anyone, id: str = "", as_of: str | None = None) -> Response:  # noqa: A002  # the name in the address
        edition, portrait = public.find(visitor.caller.tier, id, _moment(public, as_of))
        text = pages.part("model/costs.html", costs=_costs(public, edition, portrait, request))
        return Response(text, media_type="text/html", headers={"Cache-Control": "no-store"})

    return router


def _moment(public: PublicCatalog, text: str | None) -> int | None:
    """The time that was asked for; a form without one sends it empty."""
    return parse_time(text, public.census.now()) if text and text.strip() else None


def _today(public: PublicCatalog, edition: Edition) -> int:
    return edition.as_of if edition.as_of is not None else public.census.clock()


def _costs(public: PublicCatalog, edition: Edition, portrait: Portrait, request: Request) -> Any:
    typed = {name: request.query_params.get(name) for name in _TYPED}
    return costs_of(portrait, typed, _noon(_today(public, edition)))


def _noon(micros: int) -> datetime:
    """Noon of a day: a page that is kept for the day says the same all day, whatever the hour has for a price."""
    return from_micros(micros).replace(hour=12, minute=0, second=0, microsecond=0)


def _shown(
    public: PublicCatalog, visitor: Visitor, edition: Edition, portrait: Portrait, request: Request
) -> dict[str, Any]:
    model_id, then = portrait.entry.model.id, edition.as_of
    detail = public.model(visitor.caller.tier, model_id, then)
    known = frozenset(each.entry.model.id for each in edition.portraits)
    return {
        "detail": detail,
        "said_text": said_text,
        "measure": measure,
        "portrait": portrait,
        "then": then,
        "since": iso(detail.prices[0].at)[:10] if detail.prices else None,
        "facts": facts_of(detail, portrait, known, tells_who=visitor.may_look),
        "offers": offers_of(portrait.offerings),
        "life": life_of(detail, iso(_today(public, edition))[:10]),
        "drawn": drawn(detail, then if then is not None else max(edition.observed_at, edition.published_at)),
        "costs": _costs(public, edition, portrait, request),
        "happened": happenings(detail),
        "typed": any(name in request.query_params for name in _TYPED),
    }


def _missing(public: PublicCatalog, caller: Caller, model_id: str, then: int | None) -> dict[str, Any]:
    """What to tell of a model that is not there, or was not there then: as much as the visitor may know."""
    visible = {each.entry.model.id for each in public.edition(caller.tier).portraits}
    named = public.names.seen(model_id, visible)
    since = None
    if then is not None and model_id in visible:
        prices = public.model(caller.tier, model_id).prices
        since = prices[0].at if prices else None
    near = [named.model_id] if named.model_id else list(named.candidates)
    return {"then": then, "is_there": model_id in visible, "since": since, "near": near, "is_name": named.model_id}
