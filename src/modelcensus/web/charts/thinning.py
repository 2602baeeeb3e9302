"""Fewer points for one line, and still the same picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

Point = tuple[int, float]
_OF_A_PART = 4
"""A part of the time keeps its first, lowest, highest and last point."""


def changes(points: Sequence[Point]) -> list[Point]:
    """The points of a step line that change its value, in order of time; of one time the last."""
    ordered = dict(sorted(points, key=itemgetter(0)))
    found: list[Point] = []
    for point in ordered.items():
        if not found or found[-1][1] != point[1]:
            found.append(point)
    return found


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many points of a line in order of time: every extreme of each part of the time stays."""
    if len(points) <= most:
        return list(points)
    parts = max(most // _OF_A_PART, 1)
    since, span = points[0][0], points[-1][0] - points[0][0] + 1
    kept = (_outline(list(part)) for _, part in groupby(points, lambda point: (point[0] - since) * parts // span))
    return [point for part in kept for point in part]


def _outline(part: Sequence[Point]) -> Iterable[Point]:
    value = itemgetter(1)
    return sorted({part[0], min(part, key=value), max(part, key=value), part[-1]})
