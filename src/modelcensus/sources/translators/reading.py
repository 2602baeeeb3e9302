"""Fields of an upstream's entity, each of the type that it must have, or unknown.

Upstreams change types, send null for "none" and 0 for "not known". Every function here gives None, or something empty,
for what it cannot use, and never raises; sizes are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from modelcensus.core.catalog.listing import Listing, Prices, Rates, Tier, Untranslatable
from modelcensus.core.catalog.units import Per, Unreadable, exact, meant, price

MAX_TEXT = 20_000
"""Characters that are kept of one text. The longest recorded description has 3,000."""
MAX_NAME = 300
MAX_LINK = 2_000
MAX_ITEMS = 500
MAX_LIMIT = 10_000_000_000
"""Tokens that a limit may have; more is no limit."""

_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?", re.DOTALL)
_NO_DAY_BEFORE = 1990
_NO_DAY_FROM = 2098
"""From this year on a date is a way to say "never": 2098-12-31 and 9999-01-01 were seen."""


def members(value: object) -> Mapping[str, Any]:
    """An object's members; of anything else none."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """An array's elements, at most ``MAX_ITEMS``; of anything else none."""
    return value[:MAX_ITEMS] if isinstance(value, list) else []


def text(value: object, most: int = MAX_TEXT) -> str | None:
    """Text that says something, without blanks around it, cut at ``most``."""
    if not isinstance(value, str):
        return None
    return value[: most + 100].strip()[:most].rstrip() or None


def name(value: object) -> str | None:
    """A short text."""
    return text(value, MAX_NAME)


def texts(value: object) -> tuple[str, ...]:
    """The short texts of an array, each once, in its order."""
    return tuple(dict.fromkeys(found for each in items(value) if (found := name(each)) is not None))


def flag(value: object) -> bool | None:
    """True or false, said as such."""
    return value if isinstance(value, bool) else None


def whole(value: object, least: int = 1) -> int | None:
    """A whole number of at least ``least``, as a number or as digits. Below it means "not known" for a limit."""
    try:
        number = exact(value)
    except Unreadable:
        return None
    return int(number) if number == number.to_integral_value() and least <= number <= MAX_LIMIT else None


def day(value: object) -> str | None:
    """A day as exact as it is said (``2026``, ``2026-03``, ``2026-03-01``), from text or from seconds since 1970."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        try:
            found = datetime.fromtimestamp(int(value), UTC)
        except (ValueError, OverflowError, OSError):
            return None
        return found.date().isoformat() if _NO_DAY_BEFORE <= found.year < _NO_DAY_FROM else None
    match = _DAY.fullmatch(value.strip()[:40]) if isinstance(value, str) else None
    if match is None:
        return None
    year, month, number = match.groups()
    try:
        date(int(year), int(month or 1), int(number or 1))
    except ValueError:
        return None
    if not _NO_DAY_BEFORE <= int(year) < _NO_DAY_FROM:
        return None
    return "-".join(part for part in (year, month, number) if part)


def link(value: object, base: str = "") -> str | None:
    """An http or https address; a path below ``base`` where one is given."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_LINK or any(c.isspace() or ord(c) < 32 for c in value):
        return None
    address = base + value if base and value.startswith("/") and not value.startswith("//") else value
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname else None


def number(value: object) -> Decimal | None:
    """A finite number, exact."""
    try:
        return exact(value)
    except Unreadable:
        return None


def rate(value: object, per: Per) -> Decimal | None:
    """A price in our unit; None where nothing, or nothing readable, is said."""
    try:
        return price(value, per)
    except Unreadable:
        return None


def rates(said: Mapping[str, Any], names: Mapping[str, tuple[str, Per]]) -> Rates:
    """Prices by ``upstream's name -> (ours, unit)``, without zeros that say nothing; of two names the first counts."""
    found: dict[str, Decimal] = {}
    for theirs, (ours, per) in names.items():
        if ours not in found and (price := rate(said.get(theirs), per)) is not None:
            found[ours] = price
    return meant(Rates(**found))


def tiers(by_threshold: Mapping[int, Rates]) -> tuple[Tier, ...]:
    """Tiers in order, each with the prices of the one below it where it names none itself. Empty ones are left out."""
    reached: dict[str, Decimal] = {}
    found = []
    for above in sorted(by_threshold):
        own = dict(by_threshold[above].known())
        reached |= own
        if own:
            found.append(Tier(above=above, rates=Rates(**reached)))
    return tuple(found)


def media(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> dict[str, bool]:
    """The capabilities that follow from what goes in and comes out; none where a side is not known."""
    found: dict[str, bool] = {}
    if inputs:
        found |= {
            "vision": "image" in inputs,
            "audio_input": "audio" in inputs,
            "video_input": "video" in inputs,
            "file_input": "file" in inputs,
        }
    if outputs:
        found |= {"audio_output": "audio" in outputs, "image_output": "image" in outputs}
    return found


def flags(said: Mapping[str, bool | None]) -> dict[str, bool]:
    """The capabilities of which something is said."""
    return {name: value for name, value in said.items() if value is not None}


def of_use(listing: Listing) -> Listing:
    """The listing itself. Raises ``Untranslatable`` where nothing beside its key could be read."""
    limits = (listing.context, listing.max_input, listing.max_output)
    told = listing.name or listing.modality or listing.inputs or listing.outputs or listing.capabilities
    if told or any(limits) or listing.prices != Prices():
        return listing
    raise Untranslatable(
        "it has no name, price, limit or capability that can be read",
        "look at it with 'modelcensus show'; it comes back by itself when upstream mends it",
    )
