"""What several feeds read off a model's portrait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from modelcensus.core.catalog.cost import window_at
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.fields import prices_of
from modelcensus.core.catalog.listing import Prices, Rates, Tier
from modelcensus.core.catalog.model import Value
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.times import from_micros
from modelcensus.feeds.feed import Material


def name_of(portrait: Portrait) -> str:
    """What people call the model: the name that a person gave, else upstream's, else its id."""
    entry = portrait.entry
    return entry.curation.display_name or text(entry.model.fields, "name") or entry.model.id


def lab_of(portrait: Portrait) -> str:
    """Who made it: the part of its id before the slash, else what the fields say."""
    model = portrait.entry.model
    owner, slash, _ = model.id.lstrip("~").partition("/")
    return (owner if slash else "") or text(model.fields, "lab") or text(model.fields, "provider") or "unknown"


def text(fields: Mapping[str, Value], path: str) -> str | None:
    """A field that is text, if it is known."""
    value = fields.get(path)
    return value if isinstance(value, str) and value else None


def whole(fields: Mapping[str, Value], path: str) -> int | None:
    """A field that is a whole number, if it is known."""
    value = fields.get(path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def words(fields: Mapping[str, Value], path: str) -> list[str]:
    """A field that is a list of words; empty if it is not known."""
    value = fields.get(path)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def capabilities(fields: Mapping[str, Value]) -> dict[str, bool]:
    """What is known of what the model can and cannot do."""
    start = "capabilities."
    return {
        path.removeprefix(start): value
        for path, value in fields.items()
        if path.startswith(start) and isinstance(value, bool)
    }


def created(portrait: Portrait, material: Material) -> int:
    """Seconds since 1970 of the day on which it was released, else of the moment from which the census lists it."""
    model, edition = portrait.entry.model, material.edition
    released = first_moment(text(model.fields, "released"))
    if released is not None:
        return released
    since = material.applied.get(model.since_revision, edition.published_at)
    return (since or moment_of(edition)) // 1_000_000


def first_moment(day: str | None) -> int | None:
    """Seconds since 1970 of the begin of ``2026-03-01``, ``2026-03`` or ``2026``; None for no day."""
    if day is None:
        return None
    year, month, number = (*day.split("-"), "1", "1")[:3]
    try:
        begin = date(int(year), int(month), int(number))
    except ValueError:
        return None
    return int(datetime(begin.year, begin.month, begin.day, tzinfo=UTC).timestamp())


def moment_of(edition: Edition) -> int:
    """The time that an edition tells of, in microseconds."""
    return edition.as_of or edition.observed_at or edition.published_at


def prices_now(portrait: Portrait, edition: Edition) -> Prices:
    """The prices that hold at the edition's time; see ``standing``."""
    return standing(prices_of(portrait.entry.model.fields), moment_of(edition))


def standing(prices: Prices, at: int) -> Prices:
    """The prices that hold all day and everywhere at a time in microseconds: those of a dated window where one holds.

    Prices for some hours or one region are left to consumers that can say so.
    """
    dated = tuple(each for each in prices.windows if not (each.region or each.daily_from or each.daily_until))
    window = window_at(msgspec.structs.replace(prices, windows=dated), from_micros(at))
    if window is None:
        return prices
    return msgspec.structs.replace(prices, base=window.rates, tiers=window.tiers)


def stepped(prices: Prices) -> list[Tier]:
    """The tiers in order, each with every price that holds in it: its own, else that of the step below."""
    reached = dict(prices.base.known())
    found = []
    for tier in in_order(prices):
        reached |= dict(tier.rates.known())
        found.append(Tier(above=tier.above, rates=Rates(**reached)))
    return found


def in_order(prices: Prices) -> list[Tier]:
    """The tiers by their thresholds, as they are: what a tier names no price for keeps that of the step below."""
    return sorted(prices.tiers, key=lambda tier: tier.above)


def in_path(name: str) -> str:
    """A model's id as part of a URL's path; its slashes stay."""
    return quote(name, safe="/:@~()+,")


def member(said: object, name: str, kind: type[Any]) -> Any:
    """A member of a recorded object if it is of the kind, else None. A boolean is no number."""
    value = said.get(name) if isinstance(said, Mapping) else None
    return value if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)) else None
