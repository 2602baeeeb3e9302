"""The price of a model over some weeks, as a line of a few points."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from modelcensus.core.catalog.glance import Turn
from modelcensus.core.times import from_micros

WIDTH, HEIGHT = 72, 18
_EDGE = 2
_LEAST = 6
"""What came today has no way yet: a short line, not a dot."""
_MOST = 40


class Sparkline(msgspec.Struct, frozen=True):
    """``points`` for an SVG polyline of 72 by 18; ``way`` is ``cheaper``, ``dearer`` or ``level``; ``told`` says it."""

    points: str
    way: str
    told: str


def sparkline(turns: Sequence[Turn], since: int, now: int) -> Sparkline | None:
    """The price of input as steps between two times; None where it is not known."""
    known = [(each.at, each.input) for each in turns if each.input is not None][-_MOST:]
    if not known:
        return None
    prices = [price for _, price in known]
    low, high = min(prices), max(prices)
    way = "level" if low == high or prices[-1] == prices[0] else "cheaper" if prices[-1] < prices[0] else "dearer"
    points: list[str] = []
    before: Decimal | None = None
    for at, price in known:
        x = min(_across(at, since, now), WIDTH - _LEAST)
        if before is not None:
            points.append(f"{x},{_up(before, low, high)}")
        points.append(f"{x},{_up(price, low, high)}")
        before = price
    points.append(f"{WIDTH},{_up(prices[-1], low, high)}")
    return Sparkline(" ".join(points), way, _told(known, since))


def _across(at: int, since: int, now: int) -> int:
    return max(0, min(WIDTH, round((at - since) / max(1, now - since) * WIDTH)))


def _up(price: Decimal, low: Decimal, high: Decimal) -> int:
    if low == high:
        return HEIGHT // 2
    return round(HEIGHT - _EDGE - float((price - low) / (high - low)) * (HEIGHT - 2 * _EDGE))


def _told(known: Sequence[tuple[int, Decimal]], since: int) -> str:
    first, last = known[0], known[-1]
    if len({price for _, price in known}) == 1:
        return f"unchanged since {from_micros(max(first[0], since)):%Y-%m-%d}"
    return f"{first[1]:f} to {last[1]:f}, last changed {from_micros(last[0]):%Y-%m-%d}"
