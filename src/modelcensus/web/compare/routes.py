"""``/compare``: up to six models side by side."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from modelcensus.core.catalog.cost import Usage
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.model import Tier
from modelcensus.core.catalog.query import ModelQuery, Sort
from modelcensus.core.catalog.query import page as page_of
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.times import from_micros, parse_time
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.context import Context
from modelcensus.web.compare.asked import MOST, PLAIN, Asked, asked
from modelcensus.web.compare.drawn import drawn
from modelcensus.web.compare.table import One, attributions, groups
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.shown import brief
from modelcensus.web.visitors.visitor import Anyone

_OFFERED = 300
"""Models that the list of the field holds; with a script it holds what fits to what is typed."""
_CHOICES = 12
_TRIES = 4


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census
    public = PublicCatalog(census, context.settings.access, context.shelf, Names(census))

    @router.get("/compare")
    def get_comparison(request: Request, visitor: Anyone) -> Response:
        wanted, tier = asked(request.query_params.multi_items()), visitor.caller.tier
        edition = public.edition(tier)
        choices: list[str] = []
        notes = [f"Only {MOST} models fit side by side. Left out: {brief(', '.join(wanted.beyond), 300)}."]
        notes = notes if wanted.beyond else []
        if wanted.add:
            found, choices = _meant(public, edition, wanted.add)
            if found and len({*wanted.models, found}) <= MOST:
                return RedirectResponse(wanted.with_(found), 303)
            notes.append(_refusal(wanted, found, choices))
        at, wrong = _time(public, wanted)
        usage, times, miscounted = _use(wanted)
        ones = list(_ones(public, tier, wanted, at, notes))
        moment = at if at is not None else census.clock()
        tables = groups(ones, usage, times, from_micros(moment)) if ones else []
        return pages.page(
            request, visitor, "compare/compare.html", asked=wanted, ones=ones, groups=tables, notes=notes,
            choices=choices, wrong=wrong, miscounted=miscounted, charts=drawn(ones, moment), credits=attributions(ones),
            names=_names(edition, _OFFERED), tries=_names(edition, _TRIES), most=MOST, at=at,
        )  # fmt: skip

    return router


def _meant(public: PublicCatalog, edition: Edition, text: str) -> tuple[str | None, list[str]]:
    """The model that a text names, else those that it may mean."""
    visible = {each.entry.model.id for each in edition.portraits}
    if text in visible:
        return text, []
    found = public.names.seen(text, visible)
    if found.model_id is not None:
        return found.model_id, []
    like = page_of(edition.portraits, ModelQuery(text=text[:200]), sort=Sort.RELEASED_DOWN, limit=_CHOICES)
    near = [*found.candidates, *(each.entry.model.id for each in like.portraits)]
    return (near[0], []) if len(set(near)) == 1 else (None, list(dict.fromkeys(near))[:_CHOICES])


def _refusal(wanted: Asked, found: str | None, choices: list[str]) -> str:
    if found:
        return f"{MOST} models are here already: remove one, then add {brief(found, 200)}."
    said = f"No model is called “{brief(wanted.add, 100)}”"
    return f"{said}. Which of these do you mean?" if choices else f"{said}, or anything like it."


def _time(public: PublicCatalog, wanted: Asked) -> tuple[int | None, InvalidInput | None]:
    if not wanted.as_of:
        return None, None
    try:
        at = parse_time(wanted.as_of, public.census.now())
    except InvalidInput as error:
        return None, error
    return (at if at < public.census.clock() else None), None


def _use(wanted: Asked) -> tuple[Usage, int, InvalidInput | None]:
    try:
        return *wanted.usage(), None
    except InvalidInput as error:
        return *msgspec.structs.replace(wanted, counts=PLAIN).usage(), error


def _ones(
    public: PublicCatalog, tier: Tier, wanted: Asked, at: int | None, notes: list[str]
) -> Iterator[One]:  # fmt: skip
    for model_id in wanted.models:
        try:
            _, portrait = public.find(tier, model_id, at)
            yield One(portrait, public.model(tier, model_id, at))
        except NotFound as error:
            hint = f" ({brief(error.hint, 200)})" if error.hint and "/api/" not in error.hint else ""
            notes.append(f"{error.message[:1].upper()}{brief(error.message[1:], 300)}{hint}.")


def _names(edition: Edition, most: int) -> list[tuple[str, str]]:
    """The newest models that somebody offers: id and name."""
    found = page_of(edition.portraits, ModelQuery(), sort=Sort.RELEASED_DOWN, limit=most).portraits
    return [(each.entry.model.id, each.entry.model.fields.get("name") or "") for each in found]
