"""Quotes: what the same use costs at each offering of a model, cheapest first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec

from modelcensus.core.catalog.cost import Cost, Usage, cost, repeated
from modelcensus.core.catalog.listing import Offering, Prices


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What so many equal requests cost, in USD. ``cost`` is the bill of one of them.

    ``total`` is None where a price is not known. ``offering`` None: at the prices that are published for the model.
    """

    cost: Cost
    total: Decimal | None
    offering: Offering | None = None


def quote(prices: Prices, usage: Usage, times: int, at: datetime, offering: Offering | None = None) -> Quote:
    """What ``times`` requests like ``usage`` cost at a time. Raises ``InvalidInput``."""
    region = offering.region if offering is not None else None
    found = cost(prices, usage, at, region)
    total = repeated(found.total, times) if found.total is not None else None
    return Quote(cost=found, total=total, offering=offering)


def quotes(offerings: Iterable[Offering], usage: Usage, times: int, at: datetime) -> list[Quote]:
    """A quote of each offering that has prices: what costs something by its total, what is free, what is not known."""
    found = [quote(each.prices, usage, times, at, each) for each in offerings if each.prices.known]
    return sorted(found, key=_place)


def _place(each: Quote) -> tuple[int, Decimal, str, str]:
    assert each.offering is not None
    rank = 2 if each.total is None else 1 if each.total == 0 else 0
    return rank, each.total or Decimal(0), each.offering.provider.casefold(), each.offering.key
