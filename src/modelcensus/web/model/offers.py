"""The offerings of a model as rows, cheapest first, with the lowest prices marked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from modelcensus.core.catalog.listing import Offering

_COLUMNS = ("input", "output", "cache_read")


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One row. ``lowest`` names the columns in which no other offering that costs something is cheaper.

    ``best``: it is the cheapest of all, by a prompt token and an answer token together.
    """

    offering: Offering
    lowest: frozenset[str]
    best: bool
    able: tuple[str, ...]

    @property
    def prices(self) -> tuple[tuple[str, Decimal | None], ...]:
        """What is shown of its prices, by column."""
        if self.offering.prices.variable:
            return tuple((name, None) for name in _COLUMNS)
        return tuple((name, getattr(self.offering.prices.base, name)) for name in _COLUMNS)


def offers_of(offerings: Sequence[Offering]) -> tuple[Offer, ...]:
    """Rows: first what costs something, by its price, then what is free, then what has no price."""
    ordered = sorted(offerings, key=_place)
    least = {name: min(_paid(ordered, name), default=None) for name in _COLUMNS}
    best = next((_sum(each) for each in ordered if _sum(each)), None)
    several = len({_sum(each) for each in ordered if _sum(each)}) > 1
    return tuple(
        Offer(
            offering=each,
            lowest=frozenset(name for name in _COLUMNS if several and _rate(each, name) == least[name] is not None),
            best=several and best is not None and _sum(each) == best,
            able=tuple(name.replace("_", " ") for name, can in sorted(each.capabilities.items()) if can),
        )
        for each in ordered
    )


def _paid(offerings: Sequence[Offering], name: str) -> list[Decimal]:
    return [price for each in offerings if (price := _rate(each, name)) is not None and price > 0]


def _rate(offering: Offering, name: str) -> Decimal | None:
    if offering.prices.variable:
        return None
    found: Decimal | None = getattr(offering.prices.base, name)
    return found


def _sum(offering: Offering) -> Decimal | None:
    one, other = _rate(offering, "input"), _rate(offering, "output")
    return None if one is None or other is None or one < 0 or other < 0 else one + other


def _place(offering: Offering) -> tuple[int, Decimal, str, str, str]:
    both = _sum(offering)
    rank = 2 if both is None else 1 if both == 0 else 0
    return rank, both or Decimal(0), offering.provider.casefold(), offering.region or "", offering.key
