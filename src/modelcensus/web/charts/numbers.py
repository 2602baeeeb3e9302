"""The figures of a chart as a table, for whoever cannot or will not see the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from modelcensus.web.charts.scales import figure, moment
from modelcensus.web.charts.thinning import Point
from modelcensus.web.rendering.shown import brief

LONGEST = 60
"""Characters of a name that are shown."""
_HOLES = 1.5
"""Lines share their rows if all their times together are at most this often those of the longest."""
Row = tuple[Markup | str, Sequence[Markup | str]]
"""The head of a row, and its cells."""


def by_time(found: Sequence[tuple[str, Sequence[Point]]]) -> Markup:
    """Lines by time: one column for each where they have their times in common, else one below the other."""
    times = sorted({at for _, points in found for at, _ in points})
    if len(times) <= _HOLES * max((len(points) for _, points in found), default=0):
        columns = [dict(points) for _, points in found]
        rows = [(moment(at), [_cell(column, at) for column in columns]) for at in times]
        return table(("Time (UTC)", *(name for name, _ in found)), [rows])
    named = [[(moment(at), [name, figure(value)]) for at, value in points] for name, points in found]
    return table(("Time (UTC)", "Of", "Value"), named, texts=1)


def by_label(labels: Sequence[tuple[str, Mapping[str, float]]], names: Sequence[str]) -> Markup:
    """Groups of bars, one a row."""
    rows = [(label, [_cell(values, name) for name in names]) for label, values in labels]
    return table(("Of", *(brief(name, LONGEST) for name in names)), [rows])


def table(heads: Sequence[str], bodies: Iterable[Sequence[Row]], *, texts: int = 0) -> Markup:
    """A table below ``The numbers``; the first so many columns after the heads of rows are text."""
    top = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(Markup(' class="num"') if place > texts else "", head)
        for place, head in enumerate(heads)
    )
    rows = Markup("").join(Markup("<tbody>{}</tbody>").format(_rows(body, texts)) for body in bodies)
    return Markup(
        "<details><summary>The numbers</summary>"
        '<div class="scroll" tabindex="0" role="group" aria-label="The numbers"><table><thead><tr>{}</tr></thead>{}'
        "</table></div></details>"
    ).format(top, rows)


def _rows(rows: Sequence[Row], texts: int) -> Markup:
    return Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            head,
            Markup("").join(
                Markup("<td>{}</td>" if place >= texts else '<td class="text">{}</td>').format(cell)
                for place, cell in enumerate(cells)
            ),
        )
        for head, cells in rows
    )


def _cell(values: Mapping[Any, float], key: int | str) -> str:
    return figure(values[key]) if key in values else ""
