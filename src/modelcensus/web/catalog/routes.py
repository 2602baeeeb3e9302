"""``/models``: every model, searched, filtered and sorted; ``/models.csv``: what is shown there, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from modelcensus.core.catalog.listing import CAPABILITIES, Modality
from modelcensus.core.catalog.modality import WORDS
from modelcensus.core.catalog.model import Tier
from modelcensus.core.catalog.query import Lifecycle
from modelcensus.core.errors import InvalidInput
from modelcensus.feeds.feed import Material
from modelcensus.feeds.plain import CSV
from modelcensus.feeds.portraits import name_of
from modelcensus.operations.catalog.glancing import Glances, Glancing
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.context import Context
from modelcensus.web.catalog.asked import EVERYONE, PATH, Asked, asked
from modelcensus.web.catalog.cells import COLUMNS, DEFAULT, Column
from modelcensus.web.catalog.chips import NAMES, chips
from modelcensus.web.catalog.sparkline import Sparkline, sparkline
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Anyone, Visitor

_ORDERS = (
    ("-released", "Newest first"), ("released", "Oldest first"), ("name", "Name"), ("id", "Id"),
    ("price.input", "Cheapest input"), ("-price.input", "Dearest input"), ("price.output", "Cheapest output"),
    ("-price.output", "Dearest output"), ("-context", "Largest context"), ("context", "Smallest context"),
)  # fmt: skip
_BRIEF = tuple(column.read for column in COLUMNS if column.key in ("modality", "context"))
"""What a phone tells below the name."""
_CONTEXTS = (8_000, 32_000, 128_000, 200_000, 1_000_000)
_WORDS = {
    "modalities": tuple(Modality), "words_": WORDS, "capabilities": CAPABILITIES, "lifecycles": tuple(Lifecycle),
    "tiers": (*Tier, EVERYONE), "orders": _ORDERS, "contexts": _CONTEXTS, "default_columns": DEFAULT,
}  # fmt: skip
"""What one may choose from."""


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census
    public = PublicCatalog(census, context.settings.access, context.shelf, Names(census))
    glancing = Glancing(public)

    @router.get(PATH)
    def get_models(request: Request, visitor: Anyone, part: str = "") -> Response:
        wanted = asked(request.query_params.multi_items(), now=census.now(), may_look=visitor.may_look)
        found, fault = _found(glancing, visitor, wanted)
        values = _shown(wanted, found, fault)
        status = 400 if wanted.faults or fault else 200
        if part == "rows":
            text = pages.part("catalog/results.html", visitor=visitor, **values)
            return HTMLResponse(text, status, {"Cache-Control": _keeping(visitor)})
        return pages.page(
            request, visitor, "catalog/catalog.html", status=status, facets=glancing.facets(found.edition),
            choices=_columns(visitor), **_WORDS, **values,
        )  # fmt: skip

    @router.get(f"{PATH}.csv")
    def get_table(request: Request, visitor: Anyone) -> Response:
        wanted = asked(request.query_params.multi_items(), now=census.now(), may_look=visitor.may_look)
        for name, what in wanted.faults.items():
            raise InvalidInput(f"'{name}' {what}", f"correct the address, or choose again at {PATH}")
        edition = glancing.fitting(
            visitor.caller.tier, wanted.query, sort=wanted.sort, as_of=wanted.as_of, inside=wanted.inside
        )  # fmt: skip
        headers = {
            "Content-Disposition": 'attachment; filename="models.csv"',
            "Cache-Control": _keeping(visitor),
        }
        return Response(CSV.build(Material(edition=edition)), 200, headers, media_type=CSV.media_type)

    return router


def _keeping(visitor: Visitor) -> str:
    """What one visitor alone may see stays in nobody's cache."""
    return "no-store" if visitor.proof or visitor.may_look else "no-cache"


def _found(glancing: Glancing, visitor: Visitor, wanted: Asked) -> tuple[Glances, InvalidInput | None]:
    """A page of models; the first one, and why, where the cursor is of no use."""

    def ask(after: str | None) -> Glances:
        return glancing.glances(
            visitor.caller.tier, wanted.query, sort=wanted.sort, after=after, as_of=wanted.as_of, inside=wanted.inside
        )  # fmt: skip

    try:
        return ask(wanted.after), None
    except InvalidInput as error:
        return ask(None), error


def _shown(wanted: Asked, found: Glances, fault: InvalidInput | None) -> dict[str, Any]:
    """What the templates show."""
    edition = found.edition
    return {
        "asked": wanted, "names": NAMES, "found": found, "edition": edition, "is_lost": fault is not None,
        "rows": list(_rows(wanted, found)), "chips": list(chips(wanted)), "path": PATH, "everyone": EVERYONE,
        "as_of": wanted.typed.get("as_of", "") if edition.as_of is not None else "",
        "is_later_page": wanted.after is not None and fault is None,
    }  # fmt: skip


def _rows(wanted: Asked, found: Glances) -> Iterator[dict[str, Any]]:
    has_trend = any(column.key == "trend" for column in wanted.columns)
    for glance in found.glances:
        trend: Sparkline | None = sparkline(glance.turns, found.since, found.now) if has_trend else None
        yield {
            "id": glance.portrait.entry.model.id,
            "name": name_of(glance.portrait),
            "curated": glance.portrait.entry.curation.is_curated,
            "glance": glance,
            "trend": trend,
            "brief": " · ".join(read(glance) for read in _BRIEF),
            "cells": [(column, column.read(glance)) for column in wanted.columns],
        }


def _columns(visitor: Visitor) -> list[Column]:
    return [each for each in COLUMNS if visitor.may_look or not each.inside]
