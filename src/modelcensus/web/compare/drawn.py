"""What of several models is drawn: their prices over time, all in one chart."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from modelcensus.web.charts.drawing import Line, steps
from modelcensus.web.compare.table import One

_DRAWN = (("output", "Output price over time"), ("input", "Input price over time"))


def drawn(ones: Sequence[One], until: int) -> list[Markup]:
    """A step chart for the output price and one for the input price, as far as any is known."""
    found = []
    for rate, title in _DRAWN:
        lines = [Line(_told_apart(one, ones), _points(one, rate)) for one in ones]
        if any(line.points for line in lines):
            found.append(steps(lines, title=title, unit="USD per million tokens", until=until))
    return found


def _told_apart(one: One, ones: Sequence[One]) -> str:
    return one.id if sum(each.name == one.name for each in ones) > 1 else one.name


def _points(one: One, rate: str) -> list[tuple[int, float]]:
    return [
        (each.at, float(price))
        for each in one.detail.prices
        if not each.price.variable and (price := getattr(each.price, rate)) is not None
    ]
