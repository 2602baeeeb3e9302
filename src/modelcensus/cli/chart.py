"""The values of one field over time as a step chart."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from modelcensus.core.change import ABSENT
from modelcensus.core.times import from_micros

HEIGHT = 14
_MOST_TICKS = 6
Step = tuple[int, Any]
"""A time in microseconds and the value from then on."""


def number(value: Any) -> Decimal | None:
    """The exact number that a value is, as a JSON number or as text; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def drawable(values: Sequence[Any]) -> bool:
    """Whether there is a line to draw: every value a number or nothing, and at least one a number."""
    given = [value for value in values if value is not ABSENT and value is not None]
    return bool(given) and all(number(value) is not None for value in given)


def step_chart(steps: Sequence[Step], until: int, width: int) -> str:
    """The chart as lines of text. Each value holds until the next; where there is none, the line is broken."""
    # plotext draws on one figure that it keeps; a command draws once.
    import plotext  # type: ignore[import-untyped]  # has no types of its own

    figure = plotext.figure
    figure.clear()
    plotext.terminal.limit(False, False)
    figure.plot_size(width, HEIGHT)
    for times, levels in _lines(steps, until):
        figure.draw(figure.signal(times, levels).lines())
    _rulers(figure, steps, until, width)
    text: str = figure.build().string(colorless=True)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def _lines(steps: Sequence[Step], until: int) -> list[tuple[list[float], list[float]]]:
    lines: list[tuple[list[float], list[float]]] = []
    times: list[float] = []
    levels: list[float] = []
    ends = [time for time, _ in steps[1:]] + [max(until, steps[-1][0])]
    for (time, value), end in zip(steps, ends, strict=True):
        level = None if value is ABSENT else number(value)
        if level is None:
            times, levels = [], []
            continue
        if not times:
            lines.append((times, levels))
        times += [time / 1e6, end / 1e6]
        levels += [float(level)] * 2
    return lines


def _rulers(figure: Any, steps: Sequence[Step], until: int, width: int) -> None:
    found = sorted({level for _, value in steps if (level := number(value)) is not None})
    ticks = _apart([float(level) for level in found])
    if ticks[0] == ticks[-1]:
        # A line in the middle: plotext would draw a constant at the lower edge.
        reach = abs(ticks[0]) / 2 or 1.0
        figure.ruler("y").lim(ticks[0] - reach, ticks[0] + reach)
    names = {float(level): f"{level.normalize():f}" for level in found}
    figure.ruler("y").ticks(ticks, [names[tick] for tick in ticks])
    first, last = steps[0][0], max(until, steps[-1][0])
    count = max(2, min(5, width // 24))
    times = [first + (last - first) * index // (count - 1) for index in range(count)]
    figure.ruler("x").ticks([time / 1e6 for time in times], [f"{from_micros(time):%Y-%m-%d}" for time in times])


def _apart(levels: list[float]) -> list[float]:
    """The levels to name: the lowest and the highest, and others that are a line or more away from those."""
    gap = (levels[-1] - levels[0]) / (HEIGHT - 4)
    chosen = [levels[0]]
    for level in levels[1:-1]:
        if level - chosen[-1] > gap and levels[-1] - level > gap and len(chosen) < _MOST_TICKS:
            chosen.append(level)
    return chosen if levels[0] == levels[-1] else [*chosen, levels[-1]]
