"""A listing as fields by path, and back: the form in which models are merged, compared, guarded and published.

Money is exact plain decimal text (``0.15``, never ``1.5E-1``); what a listing does not say has no field. A price that
is no plain number (NaN, an infinity, an exponent that no price has) keeps its text, so that a guard holds it in sight
of people and it never passes for a price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

from modelcensus.core.catalog.listing import CAPABILITIES, Listing, Prices, Rates, Stage, Tier, Window
from modelcensus.core.catalog.model import Value
from modelcensus.core.catalog.units import decimal_text

MAX_MAGNITUDE = 30
"""Powers of ten, up or down, within which a price is written out."""
MAX_DIGITS = 60
MAX_WHOLE = 10**15
"""A whole number above it is no limit and no number of parameters: it is not known then."""
MAX_TEXT = 20_000
MAX_MEMBERS = 200
"""Links, benchmarks, tiers or windows that one listing may have; the rest is left out."""
MAX_MEMBER_NAME = 100

RATES = Rates.__struct_fields__
"""Names of all prices, in the order in which they are shown."""
PER_MILLION = frozenset(RATES[: RATES.index("image")])
"""The prices that are USD per million tokens; the others are USD per one."""

_TEXTS = (
    "name", "provider", "lab", "description", "modality", "released", "knowledge_cutoff", "deprecated", "retires",
    "successor", "licence", "hugging_face_id",
)  # fmt: skip
_WHOLES = ("context", "max_input", "max_output", "parameters")
_WINDOW = tuple(name for name in Window.__struct_fields__ if name not in ("rates", "tiers"))


def fields_of(listing: Listing) -> dict[str, Value]:
    """Everything that a listing says, by path."""
    fields: dict[str, Value] = {}
    for name in _TEXTS:
        text = getattr(listing, name)
        if text:
            fields[name] = str(text)[:MAX_TEXT]
    for name in _WHOLES:
        number = getattr(listing, name)
        if number is not None and 0 < number <= MAX_WHOLE:
            fields[name] = number
    for name in ("inputs", "outputs"):
        words = getattr(listing, name)
        if words:
            fields[name] = list(words[:MAX_MEMBERS])
    if listing.stage is not Stage.UNKNOWN:
        fields["stage"] = listing.stage.value
    if listing.open_weights is not None:
        fields["open_weights"] = listing.open_weights
    for name, able in listing.capabilities.items():
        if name in _KNOWN_CAPABILITIES:
            fields[f"capabilities.{name}"] = able
    for name, link in list(listing.links.items())[:MAX_MEMBERS]:
        if link and 0 < len(name) <= MAX_MEMBER_NAME:
            fields[f"links.{name}"] = link[:MAX_TEXT]
    for mark in listing.benchmarks[:MAX_MEMBERS]:
        if 0 < len(mark.name) <= MAX_MEMBER_NAME and mark.value.is_finite():
            fields[f"benchmarks.{mark.name}"] = {"value": money(mark.value), "attribution": mark.attribution}
    fields.update(price_fields(listing.prices))
    return fields


_KNOWN_CAPABILITIES = frozenset(CAPABILITIES)


def price_fields(prices: Prices) -> dict[str, Value]:
    """Prices as ``price.input`` and so on; ``price.tiers`` and ``price.windows`` are arrays."""
    fields: dict[str, Value] = {f"price.{name}": money(price) for name, price in prices.base.known()}
    if prices.tiers:
        fields["price.tiers"] = _told_tiers(prices.tiers)
    if prices.windows:
        fields["price.windows"] = [
            {name: text for name in _WINDOW if (text := getattr(window, name)) is not None}
            | {"rates": _told(window.rates)}
            | ({"tiers": _told_tiers(window.tiers)} if window.tiers else {})
            for window in prices.windows[:MAX_MEMBERS]
        ]
    if prices.variable:
        fields["price.variable"] = True
    return fields


def prices_of(fields: Mapping[str, Value]) -> Prices:
    """The prices that fields tell. What is no number is not known, and never 0."""
    return Prices(
        base=_rates({name: fields[path] for name in RATES if (path := f"price.{name}") in fields}),
        tiers=_tiers(fields.get("price.tiers")),
        windows=tuple(_window(window) for window in objects(fields.get("price.windows"))),
        variable=fields.get("price.variable") is True,
    )


def money(price: Decimal) -> str:
    """Exact decimal text without an exponent; for what is no plain number the text that says so."""
    digits = price.as_tuple()
    if not price.is_finite() or len(digits.digits) > MAX_DIGITS or (price and abs(price.adjusted()) > MAX_MAGNITUDE):
        return str(price)[:MAX_MEMBER_NAME]
    return decimal_text(price)


def number(value: Value) -> Decimal | None:
    """The number that a value is or writes: whole numbers and plain decimal text. None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, str) and (len(value) > MAX_DIGITS + MAX_MAGNITUDE or not _plain(value)):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


_FREE = re.compile(r"(?<![a-z])free(?![a-z])", re.IGNORECASE)


def says_free(text: str) -> bool:
    """Whether a name or id says that the model is free."""
    return bool(_FREE.search(text))


def objects(value: Value) -> Iterator[dict[str, Value]]:
    """The objects of an array; nothing for a value that is none."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _plain(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").replace(".", "", 1).isdigit()


def _told_tiers(tiers: Sequence[Tier]) -> list[dict[str, Value]]:
    ordered = sorted(tiers[:MAX_MEMBERS], key=lambda tier: tier.above)
    return [{"above": tier.above, "rates": _told(tier.rates)} for tier in ordered]


def _tiers(told: Value) -> tuple[Tier, ...]:
    return tuple(
        Tier(above=above, rates=_rates(tier.get("rates")))
        for tier in objects(told)
        if isinstance(above := tier.get("above"), int) and not isinstance(above, bool)
    )


def _told(rates: Rates) -> dict[str, str]:
    return {name: money(price) for name, price in rates.known()}


def _rates(told: Value) -> Rates:
    if not isinstance(told, Mapping):
        return Rates()
    return Rates(**{name: price for name in RATES if (price := number(told.get(name))) is not None})


def _window(told: Mapping[str, Value]) -> Window:
    said = {name: text for name in _WINDOW if isinstance(text := told.get(name), str)}
    window = Window(rates=_rates(told.get("rates")), tiers=_tiers(told.get("tiers")))
    return msgspec.structs.replace(window, **said)
