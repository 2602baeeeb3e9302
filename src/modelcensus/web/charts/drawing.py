"""Charts for pages: each a ``<figure>`` with a picture and, below it, the same numbers as a table.

The page links ``style/charts.css``. Every picture is drawn twice, for broad places and for slim ones such as a phone;
the style sheet shows the one that fits. Names and texts are cut and made harmless here; a link is written as given, so
it has to come from a filter such as ``model_url``. Figures that are not finite are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from markupsafe import Markup

from modelcensus.web.charts.numbers import LONGEST, by_label, by_time, table
from modelcensus.web.charts.picture import BROAD, SLIM, Plot, Series, Size, Spot, picture
from modelcensus.web.charts.scales import bounds, figure, log_ticks, moment, ticks, time_ticks
from modelcensus.web.charts.thinning import Point, changes, thinned
from modelcensus.web.rendering.shown import brief

MOST_POINTS = 320
"""Points of all lines of a chart together."""
MOST_LINES = 12
"""Lines that are drawn; the numbers have all."""
MOST_MARKS = 60
MOST_DOTS = 500
COLOURS = 6
_FEWEST = 48
_HUGE = 1e18
_DAY = 86_400_000_000
_Key = TypeVar("_Key", int, str)


class Line(msgspec.Struct, frozen=True):
    """A line's name, and its points: microseconds since 1970, and a value."""

    name: str
    points: Sequence[tuple[int, float]]


class Mark(msgspec.Struct, frozen=True):
    """Something that happened at a time (microseconds since 1970): a small dot that tells it."""

    at: int
    text: str


class Dot(msgspec.Struct, frozen=True):
    """A dot of a scatter chart, which leads to a page."""

    x: float
    y: float
    name: str
    href: str


def steps(
    lines: Sequence[Line], *, title: str, unit: str, marks: Sequence[Mark] = (), until: int | None = None
) -> Markup:
    """Values that hold until the next point; the last ones until ``until``, or the latest point of all."""
    found = [Line(each.name, changes(_sane(each.points))) for each in lines]
    return _over_time(found, _stairs, title, unit, marks, until)


def lines(
    lines: Sequence[Line], *, title: str, unit: str, marks: Sequence[Mark] = (), until: int | None = None
) -> Markup:
    """Values with straight lines between them."""
    found = [Line(each.name, sorted(dict(_sane(each.points)).items())) for each in lines]
    return _over_time(found, _straight, title, unit, marks, until)


def bars(groups: Sequence[tuple[str, Mapping[str, float]]], *, title: str, unit: str) -> Markup:
    """Bars side by side by label: each label's values by what they are, which has one colour throughout."""
    labels = [(brief(label, LONGEST), dict(_sane(values.items()))) for label, values in groups]
    names = list(dict.fromkeys(name for _, values in labels for name in values))
    everything = [value for _, values in labels for value in values.values()]
    if not everything:
        return _figure(title, unit, _nothing())
    drawn, low, high = names[:COLOURS], min(0.0, *everything), max(0.0, *everything)
    series = [Series(look=_look(place), heights=[values.get(name) for _, values in labels])
              for place, name in enumerate(drawn)]  # fmt: skip
    about = f"{len(labels)} groups of bars, from {figure(min(everything))} to {figure(max(everything))} {unit}."

    def plot(size: Size) -> Plot:
        each = math.ceil(len(labels) / size.across)
        told = [brief(label, 12) if place % each == 0 else "" for place, (label, _) in enumerate(labels)]
        return Plot(series=series, y=ticks(low, high or 1.0, size.up), labels=told)

    return _figure(
        title, unit, _legend(names, COLOURS, "bar"), _pictures(plot, title, about),
        by_label(labels, names),
    )  # fmt: skip


def scatter(points: Sequence[Dot], *, title: str, x_unit: str, y_unit: str, log_x: bool = False) -> Markup:
    """Dots by two values, each a link. With ``log_x`` what is not above zero is left out."""
    sane = [each for each in points if _is_sane(each.x) and _is_sane(each.y) and (each.x > 0 or not log_x)]
    kept = sorted(sane, key=lambda dot: (-dot.y, dot.x, dot.name))[:MOST_DOTS]
    if not kept:
        return _figure(title, f"{y_unit} by {x_unit}", _nothing())
    low, high = min(each.x for each in kept), max(each.x for each in kept)
    spots = [
        Spot(
            math.log10(each.x) if log_x else each.x, each.y,
            f"{brief(each.name, LONGEST)}: {figure(each.y)} for {figure(each.x)}", each.href,
        )
        for each in kept
    ]  # fmt: skip

    def plot(size: Size) -> Plot:
        across = log_ticks(low, high, size.across) if log_x else ticks(*bounds(dot.x for dot in kept), size.across)
        return Plot(
            series=[Series(look="s1 dots", spots=spots)], x=across, y=ticks(*bounds(dot.y for dot in kept), size.up)
        )

    about = f"{len(kept)} dots: {y_unit} upwards, {x_unit} to the right."
    rows = [
        (Markup('<a href="{}"><bdi>{}</bdi></a>').format(each.href, brief(each.name, LONGEST)),
         [figure(each.y), figure(each.x)])
        for each in kept
    ]  # fmt: skip
    rest = f"The {MOST_DOTS} highest of {len(sane)} are shown." if len(kept) < len(sane) else ""
    axes = Markup('<p class="axes"><span>\u2191 {}</span> <span>\u2192 {}</span> <span>{}</span></p>').format(
        y_unit, x_unit, rest
    )
    return _figure(title, "", axes, _pictures(plot, title, about), table(("Name", y_unit, x_unit), [rows]))


_Shape = Callable[[Sequence[Point], int], list[tuple[float, float]]]


def _stairs(points: Sequence[Point], until: int) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for at, value in points:
        found += [(at, found[-1][1]), (at, value)] if found else [(at, value)]
    return [*found, (until, found[-1][1])]


def _straight(points: Sequence[Point], until: int) -> list[tuple[float, float]]:
    found = [(float(at), value) for at, value in points]
    # A line needs two points to be seen.
    return found if len(found) > 1 else [*found, (float(until), found[0][1])]


def _over_time(
    found: Sequence[Line], shape: _Shape, title: str, unit: str, marks: Sequence[Mark], until: int | None
) -> Markup:
    most = max(MOST_POINTS // max(len(found), 1), _FEWEST)
    named = [(brief(each.name, LONGEST), thinned(each.points, most)) for each in found if each.points]
    if not named:
        return _figure(title, unit, _nothing())
    since = min(points[0][0] for _, points in named)
    until = max([until or 0, *(points[-1][0] for _, points in named)])
    values = [value for _, points in named for _, value in points]
    since, until = (since, until) if since < until else (since - _DAY, until + _DAY)
    low, high = bounds(values)
    drawn = named[:MOST_LINES]
    series = [Series(look=_look(place), path=shape(points, until)) for place, (_, points) in enumerate(drawn)]
    series += _marked([points for _, points in drawn], [each for each in marks if since <= each.at <= until], low)
    about = (
        f"{len(named)} {'line' if len(named) == 1 else 'lines'} from {moment(since)} to {moment(until)}, between "
        f"{figure(min(values))} and {figure(max(values))} {unit}."
    )

    def plot(size: Size) -> Plot:
        return Plot(series=series, x=time_ticks(since, until, size.across), y=ticks(low, high, size.up))

    legend = _legend([name for name, _ in named], MOST_LINES, "line") if len(named) > 1 else Markup("")
    return _figure(title, unit, legend, _pictures(plot, title, about), by_time(named))


def _marked(found: Sequence[Sequence[Point]], marks: Sequence[Mark], low: float) -> Iterable[Series]:
    """Marks sit on the lines that have a point at their time; others below, on the axis."""
    spots: list[Spot] = []
    for mark in marks[-MOST_MARKS:]:
        text = f"{moment(mark.at)}: {brief(mark.text)}"
        heights = {value for points in found for at, value in points if at == mark.at}
        spots += [Spot(mark.at, value, text) for value in sorted(heights) or [low]]
    return [Series(look="marks", spots=spots)] if spots else []


def _pictures(plot: Callable[[Size], Plot], title: str, about: str) -> Markup:
    return Markup("").join(picture(plot(size), size, brief(title), brief(about, 300)) for size in (BROAD, SLIM))


def _legend(names: Sequence[str], most: int, shape: str) -> Markup:
    """The names beside the look of their lines or bars."""
    swatch = '<path d="M0 6H28"/>' if shape == "line" else '<rect width="12" height="12"/>'
    box = "0 0 28 12" if shape == "line" else "0 0 12 12"
    items = Markup("").join(
        Markup(
            '<li><svg viewBox="{}" aria-hidden="true"><g class="{}">' + swatch + "</g></svg><bdi>{}</bdi></li>"
        ).format(box, _look(place), brief(name, LONGEST))
        for place, name in enumerate(names[:most])
    )
    rest = Markup("<li>and {} more in the numbers</li>").format(len(names) - most) if len(names) > most else ""
    return Markup('<ul class="legend">{}{}</ul>').format(items, rest)


def _look(place: int) -> str:
    """The class of a colour and of a dash pattern: they differ together, until the colours have run out."""
    return f"s{place % COLOURS + 1} d{(place + place // COLOURS) % COLOURS + 1}"


def _figure(title: str, unit: str, *parts: Markup) -> Markup:
    told = Markup(" <small>{}</small>").format(unit) if unit else ""
    return Markup('<figure class="chart"><figcaption>{}{}</figcaption>{}</figure>').format(
        brief(title), told, Markup("").join(parts)
    )


def _nothing() -> Markup:
    return Markup('<p class="nothing">There are no figures to draw yet.</p>')


def _is_sane(number: float) -> bool:
    return abs(number) < _HUGE  # which neither NaN nor an infinity is


def _sane(points: Iterable[tuple[_Key, float]]) -> list[tuple[_Key, float]]:
    return [(key, float(value)) for key, value in points if _is_sane(value)]
