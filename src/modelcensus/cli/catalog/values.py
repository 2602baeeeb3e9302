"""Fields of the catalog as people read them: money, limits, yes and no, and how much a number moved."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from modelcensus.cli.explanations import dollars
from modelcensus.cli.text import shortened, value, visible

UNKNOWN = "unknown"
_RATED = ("price.tiers", "price.windows")
_LEAP = 10
"""From this factor on a change is named as a factor too."""


def field(path: str, thing: Any, *, full: bool = False) -> str:
    """The value of a field in one safe line; what is absent is unknown, never zero."""
    text = _field(path, thing)
    return text if full else shortened(text)


def _field(path: str, thing: Any) -> str:
    if thing is msgspec.UNSET or thing is None:
        return UNKNOWN
    price = money(path, thing)
    if price is not None:
        return dollars(price)
    if isinstance(thing, bool):
        return "yes" if thing else "no"
    if isinstance(thing, int):
        return f"{thing:,}"
    if isinstance(thing, list) and thing and all(isinstance(each, str) for each in thing):
        return visible(", ".join(thing))
    if path in _RATED and isinstance(thing, list) and thing and all(isinstance(each, dict) for each in thing):
        return visible("; ".join(map(_rated, thing)))
    if isinstance(thing, dict) and thing.keys() == {"value", "attribution"}:
        return visible(f"{thing['value']} ({thing['attribution']})")
    return value(thing)


def _rated(thing: dict[str, Any]) -> str:
    """One tier or window: ``above 200,000: input 2.50, output 15.00``."""
    when = ", ".join(_condition(name, each) for name, each in thing.items() if name not in ("rates", "tiers"))
    rates = thing.get("rates")
    prices = rates.items() if isinstance(rates, dict) else ()
    told = ", ".join(f"{name} {_field(f'price.{name}', each)}" for name, each in prices)
    tiers = thing.get("tiers")
    within = (
        "".join(f" [{_rated(each)}]" for each in tiers if isinstance(each, dict)) if isinstance(tiers, list) else ""
    )
    return f"{when}: {told}{within}"


def _condition(name: str, thing: Any) -> str:
    word = f"{thing:,}" if isinstance(thing, int) else str(thing)
    return f"{name.replace('_', ' ')} {word}"


def money(path: str, thing: Any) -> Decimal | None:
    """The price that a field holds, exact; None where it holds none."""
    if not path.startswith("price.") or not isinstance(thing, str | Decimal):
        return None
    try:
        price = Decimal(thing)
    except InvalidOperation:
        return None
    return price if price.is_finite() else None


def moved(path: str, before: Any, after: Any) -> str:
    """How far a number moved, such as ``+25.0 %`` or ``+99,900.0 % (×1,000)``; empty where there is no such number."""
    old, new = _number(path, before), _number(path, after)
    if old is None or new is None or old == new:
        return ""
    if not old:
        return "from zero"
    ratio = new / old
    percent = f"{(ratio - 1) * 100:+,.1f} %"
    if not new:
        return f"{percent} (to zero)"
    if ratio >= _LEAP:
        return f"{percent} (×{_factor(ratio)})"
    if 0 < ratio * _LEAP <= 1:
        return f"{percent} (÷{_factor(1 / ratio)})"
    return percent


def _factor(ratio: Decimal) -> str:
    text = f"{ratio:,.1f}"
    return text.removesuffix(".0")


def _number(path: str, thing: Any) -> Decimal | None:
    if isinstance(thing, int) and not isinstance(thing, bool):
        return Decimal(thing)
    return money(path, thing)


def columned(texts: list[str]) -> list[str]:
    """Numbers padded so that their points stand under each other; anything else flush left, as wide."""
    points = [_point(text) for text in texts]
    left = max((point for point in points if point is not None), default=0)
    padded = [text if point is None else " " * (left - point) + text for text, point in zip(texts, points, strict=True)]
    width = max(map(len, padded), default=0)
    return [text.ljust(width) for text in padded]


def _point(text: str) -> int | None:
    """Where the decimal point of a number stands, or would stand; None for what is no number."""
    digits = text.replace(",", "").removeprefix("-")
    if not digits.replace(".", "", 1).isdigit():
        return None
    return text.find(".") if "." in text else len(text)
