"""Where an axis has its marks, and how figures and times are written beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from modelcensus.core.times import from_micros, to_micros

_MINUTE = 60_000_000
_DAY = 86_400_000_000
_SHORT = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
"""Minutes between marks on a scale of less than some days."""
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
Tick = tuple[float, str]
"""A place on an axis, and what is written there."""


def figure(number: float | Decimal) -> str:
    """A number in full, with thin spaces, without needless zeros: ``12 500``, ``0.075``."""
    number = float(number)
    if not math.isfinite(number):
        return "?"
    text = format(Decimal(f"{number:.10g}"), ",f" if abs(number) < 1e21 else ",.4g")
    text = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return text.replace(",", "\u202f").replace("-", "\u2212")


def moment(at: int) -> str:
    """A time in UTC: its day where it is a midnight, else its minute."""
    found = from_micros(at)
    return f"{found:%Y-%m-%d}" if at % _DAY == 0 else f"{found:%Y-%m-%d %H:%M}"


def bounds(values: Iterable[float]) -> tuple[float, float]:
    """The ends of an axis for these values. It begins with zero, unless that squeezed them into its upper half."""
    found = list(values)
    low, high = min(found, default=0.0), max(found, default=1.0)
    if low == high:
        return (0.0, high * 1.25) if high > 0 else (low * 1.25, 0.0) if low < 0 else (0.0, 1.0)
    if 0 <= low < high / 2:
        low = 0.0
    elif high / 2 < low:
        low = max(low - (high - low) * 0.1, 0.0)
    return low, high


def ticks(low: float, high: float, count: int) -> list[Tick]:
    """Round numbers that cover a range, about so many."""
    step = _round_up((high - low) / max(count, 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [(each * step, figure(each * step)) for each in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int) -> list[Tick]:
    """1, 2 and 5 times the powers of ten that cover a range of positive numbers, as logarithms; fewer where they would
    be more than so many."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    tens = [10.0**power for power in range(first, last + 1)]
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = _covering([step * ten for ten in tens for step in steps], low, high)
        if len(found) <= most:
            break
    sparse = math.ceil(len(found) / most)
    return [(math.log10(each), figure(each)) for each in found[::sparse]]


def time_ticks(since: int, until: int, most: int) -> list[Tick]:
    """Beginnings of months, days or hours within a time, at most so many; microseconds."""
    for places, form in _calendars(since, until):
        if len(places) <= most:
            return [(float(each), f"{from_micros(each):{form}}") for each in places]
    return [(float(since), moment(since))]


def _calendars(since: int, until: int) -> Iterable[tuple[Sequence[int], str]]:
    span = until - since
    if span < 3 * _DAY:
        for minutes in _SHORT:
            yield _multiples(since, until, minutes * _MINUTE), "%H:%M" if span < _DAY else "%m-%d %H:%M"
    if span < 100 * _DAY:
        for days in _DAYS:
            yield _multiples(since, until, days * _DAY), "%m-%d"
    for months in _MONTHS:
        yield _months(since, until, months), "%Y" if months >= 12 else "%Y-%m"


def _multiples(since: int, until: int, length: int) -> Sequence[int]:
    return range(-(-since // length) * length, until + 1, length)


def _months(since: int, until: int, each: int) -> Sequence[int]:
    first, last = (from_micros(at).year * 12 + from_micros(at).month - 1 for at in (since, until))
    counts = (count for count in range(-(-first // each) * each, last + 1, each) if 12 <= count < 9999 * 12)
    places = (to_micros(datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)) for count in counts)
    return [at for at in places if since <= at <= until]


def _covering(numbers: Sequence[float], low: float, high: float) -> list[float]:
    """Those within a range, with the next one at either end."""
    inside = [place for place, number in enumerate(numbers) if low <= number <= high]
    below = [place for place, number in enumerate(numbers) if number <= low][-1:]
    above = [place for place, number in enumerate(numbers) if number >= high][:1]
    places = inside + below + above
    return [float(each) for each in numbers[min(places) : max(places) + 1]]


def _round_up(step: float) -> float:
    ten = 10.0 ** math.floor(math.log10(step))
    return next(float(each * ten) for each in (1, 2, 2.5, 5, 10) if each * ten >= step * 0.999)
