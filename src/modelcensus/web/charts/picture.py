"""One picture: pygal lays it out, and what it drew is written again without its styles, scripts and hidden texts.

Only numbers of pygal's go into the page. Colours, fonts and widths are those of ``charts.css``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec
from markupsafe import Markup, escape

from modelcensus.web.charts.library import pygal
from modelcensus.web.charts.scales import Tick

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


class Spot(msgspec.Struct, frozen=True):
    """A dot: what is said of it where a pointer rests, and where it leads to."""

    x: float
    y: float
    text: str = ""
    href: str = ""


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn in one colour: a line through ``path``, dots, or bars of ``heights``. ``look`` is its class."""

    look: str
    path: Sequence[tuple[float, float]] = ()
    spots: Sequence[Spot] = ()
    heights: Sequence[float | None] = ()


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be drawn, in the units of its axes. ``labels`` name groups of bars, and then there are no ``x``."""

    series: Sequence[Series]
    x: Sequence[Tick] = ()
    y: Sequence[Tick] = ()
    labels: Sequence[str] = ()


class Size(msgspec.Struct, frozen=True):
    """A format: its class, width and height in units of about a pixel, and how many marks its axes bear."""

    name: Literal["broad", "slim"]
    width: int
    height: int
    across: int
    up: int


BROAD, SLIM = Size("broad", 760, 290, 8, 5), Size("slim", 280, 215, 4, 4)


def picture(plot: Plot, size: Size, title: str, about: str) -> Markup:
    """An ``svg`` element. In a broad one dots tell of themselves and are links: it is a group then, else one image. A
    finger is too broad for them."""
    links = size is BROAD and any(spot.href for series in plot.series for spot in series.spots)
    return Markup('<svg class="{}" viewBox="0 0 {} {}" role="{}"><title>{}</title><desc>{}</desc>{}</svg>').format(
        size.name, size.width, size.height, "group" if links else "img", title, about,
        Markup("").join(_pieces(_drawn(plot, size), plot, size)),
    )  # fmt: skip


def _drawn(plot: Plot, size: Size) -> Any:
    """The tree of SVG elements that pygal makes of a plot."""
    library = pygal()
    across: Sequence[Any] = plot.labels or [{"value": at, "label": text} for at, text in plot.x]
    chart = (library.Bar if plot.labels else library.XY)(
        width=size.width, height=size.height, margin=8, margin_right=24, spacing=8, show_legend=False, js=(), css=(),
        no_prefix=True, truncate_label=-1, style=library.style.Style(label_font_size=12), print_values=False,
        y_labels=[{"value": at, "label": text} for at, text in plot.y],
        x_labels=across,
    )  # fmt: skip
    for series in plot.series:
        if plot.labels:
            chart.add("", list(series.heights))
        elif series.path:
            chart.add("", list(series.path), show_dots=False)
        else:
            chart.add("", [(spot.x, spot.y) for spot in series.spots], stroke=False)
    return chart.render_tree()


def _pieces(root: Any, plot: Plot, size: Size) -> Iterator[Markup]:
    left, top = 0.0, 0.0
    for group in root.iter():
        classes = _classes(group)
        if "plot" in classes:
            left, top = (float(each) for each in _NUMBER.findall(group.get("transform")))
        elif "axis" in classes and ("x" in classes or "y" in classes):
            yield Markup('<g class="axis {}">{}</g>').format(
                "x" if "x" in classes else "y", Markup("").join(_axis(group, left, top, lines="y" in classes))
            )
        elif "series" in classes:
            series = plot.series[int(next(each for each in classes if each.startswith("serie-"))[6:])]
            spots = series.spots if size is BROAD else [Spot(spot.x, spot.y) for spot in series.spots]
            drawn = Markup("").join(_shapes(group, left, top, spots))
            if drawn:
                yield Markup('<g class="{}">{}</g>').format(series.look, drawn)


def _axis(group: Any, left: float, top: float, *, lines: bool) -> Iterator[Markup]:
    for each in group.iter():
        if each.tag == "path" and lines and _classes(each) != ["line"]:
            across, down, length = (float(number) for number in _NUMBER.findall(each.get("d")))
            yield Markup('<path d="M{} {}h{}"/>').format(_short(left + across), _short(top + down), _short(length))
        elif each.tag == "text" and each.text:
            x, y = _short(left + float(each.get("x"))), _short(top + float(each.get("y")))
            yield Markup('<text x="{}" y="{}">{}</text>').format(x, y, each.text)


def _shapes(group: Any, left: float, top: float, spots: Sequence[Spot]) -> Iterator[Markup]:
    circles = 0
    for each in group.iter():
        classes = _classes(each)
        if each.tag == "path" and "line" in classes:
            yield Markup('<path d="{}"/>').format(_way(each.get("d"), left, top))
        elif each.tag == "rect" and "rect" in classes:
            x, y = _short(left + float(each.get("x"))), _short(top + float(each.get("y")))
            width, height = _short(float(each.get("width"))), _short(float(each.get("height")))
            yield Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(x, y, width, height)
        elif each.tag == "circle":
            yield _dot(left + float(each.get("cx")), top + float(each.get("cy")), spots[circles])
            circles += 1


def _dot(x: float, y: float, spot: Spot) -> Markup:
    told = Markup("<title>{}</title>").format(spot.text) if spot.text else ""
    circle = Markup('<circle cx="{}" cy="{}" r="3">{}</circle>').format(_short(x), _short(y), told)
    # The same links are in the table: a keyboard's way through hundreds of dots helps nobody.
    return Markup('<a href="{}" tabindex="-1">{}</a>').format(spot.href, circle) if spot.href else circle


def _way(path: str, left: float, top: float) -> str:
    """A path, written short: from point to point, along an axis where it runs along one."""
    numbers = [float(each) for each in _NUMBER.findall(path)]
    points = [(_short(left + x), _short(top + y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    found = [f"M{points[0][0]} {points[0][1]}"]
    for (before_x, before_y), (x, y) in pairwise(points):
        if y == before_y:
            found += [f"H{x}"] if x != before_x else []
        else:
            found.append(f"V{y}" if x == before_x else f"L{x} {y}")
    return str(escape("".join(found)))


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _classes(element: Any) -> list[str]:
    return (element.get("class") or "").split() if isinstance(element.tag, str) else []
