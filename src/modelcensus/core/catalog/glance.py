"""What a list shows of a model beside its fields: its latest prices over time, and what is worth a mark."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.query import Lifecycle

RECENT_DAYS = 7
"""What came within so many days, today being the last, is new."""


class Turn(msgspec.Struct, frozen=True):
    """The main prices from ``at`` (microseconds) on, USD per million tokens; None is not known."""

    at: int
    input: Decimal | None
    output: Decimal | None


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """A model in a list.

    ``turns`` are its prices as they were published, oldest first. ``new``: it came lately. ``cut``: by so many percent
    it has lately become cheaper. ``retires`` is the day after which nobody will offer it, if that is still to come.
    ``held`` is the plan that holds something of it back, for whoever may know.
    """

    portrait: Portrait
    lifecycle: Lifecycle
    turns: tuple[Turn, ...] = ()
    new: bool = False
    cut: int | None = None
    retires: str | None = None
    held: str | None = None


def cut_since(turns: Sequence[Turn], since: int) -> int | None:
    """By how many percent a model is cheaper now than at a time, at least 1; None where it is not.

    It is where its input or output fell and neither rose. Of a model that came later its first price counts.
    """
    if not turns:
        return None
    before = [each for each in turns if each.at <= since]
    then, now = before[-1] if before else turns[0], turns[-1]
    falls = [
        (was - now_is) / was * 100
        for was, now_is in ((then.input, now.input), (then.output, now.output))
        if was is not None and now_is is not None and was > 0
    ]
    if not falls or min(falls) < 0 or max(falls) == 0 or _appeared(then, now):
        return None
    return max(1, int(max(falls)))


def came_lately(
    since_revision: int, applied_at: int | None, released: object, *, since: int, day: str, today: str
) -> bool:
    """Whether a model came into the catalog with a revision that was applied at or after ``since``.

    With the first revision of all everything came: of that, what upstream released from ``day`` to ``today`` is new.
    """
    if since_revision > 1:
        return applied_at is not None and applied_at >= since
    return isinstance(released, str) and day <= released[:10] <= today and len(released) >= 10


def _appeared(then: Turn, now: Turn) -> bool:
    """Whether a price that was 0 then is one now."""
    return any(was == 0 and is_ for was, is_ in ((then.input, now.input), (then.output, now.output)))
