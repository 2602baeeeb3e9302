"""What of a model is drawn: its prices and its limits over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec
from markupsafe import Markup

from modelcensus.core.catalog.answers import ModelDetail
from modelcensus.core.catalog.record import PricePoint
from modelcensus.web.charts.drawing import Line, Mark, steps
from modelcensus.web.rendering.shown import delta, money
from modelcensus.web.rendering.words import rate

_LINES = ("input", "output", "cache_read")
_SIZES = (("Context", "context"), ("Longest prompt", "max_input"), ("Longest answer", "max_output"))


class Drawn(msgspec.Struct, frozen=True):
    """Charts; None where there is nothing to draw."""

    prices: Markup | None
    limits: Markup | None


def drawn(detail: ModelDetail, until: int) -> Drawn:
    """The charts of a model, up to a time in microseconds."""
    found = [Line(rate(name), _points(detail.prices, name)) for name in _LINES]
    prices = [line for line in found if line.points]
    sizes = [
        Line(name, [(each.at, float(size)) for each in detail.limits if (size := getattr(each, field)) is not None])
        for name, field in _SIZES
    ]
    limits = [line for line in sizes if line.points]
    return Drawn(
        steps(prices, title="Prices over time", unit="USD per million tokens", marks=list(_marks(detail.prices)),
              until=until) if prices else None,
        steps(limits, title="Limits over time", unit="tokens", until=until) if limits else None,
    )  # fmt: skip


def _points(points: Sequence[PricePoint], name: str) -> list[tuple[int, float]]:
    return [(each.at, float(price)) for each in points if (price := _price(each, name)) is not None]


def _price(point: PricePoint, name: str) -> Decimal | None:
    found: Decimal | None = None if point.price.variable else getattr(point.price, name)
    return found


def _marks(points: Sequence[PricePoint]) -> Iterator[Mark]:
    """One for each time at which a price that is drawn became another, or stopped being known."""
    for before, after in pairwise(points):
        moved = [
            f"{rate(name)} {money(one, 'free')} → {'not known' if other is None else money(other, 'free')}"
            f" {delta(one, other, 'price')}".rstrip()
            for name in _LINES
            if (one := _price(before, name)) != (other := _price(after, name)) and one is not None
        ]
        if moved:
            yield Mark(after.at, ", ".join(moved))
