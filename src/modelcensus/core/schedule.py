"""Schedules: the times at which something is due, exact in every time zone. Times are microseconds since 1970."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from modelcensus.core.errors import InvalidInput
from modelcensus.core.times import from_micros, to_micros

_EVERY = re.compile(r"every ([1-9]\d{0,4}) ?([smhd])", re.IGNORECASE)
_UNITS = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_SECOND = timedelta(seconds=1)
_SOME_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  # a time on a wall, in no zone


class Schedule(ABC):
    """Times at which something is due: a set without end, in which no time comes twice."""

    @abstractmethod
    def next_after(self, micros: int) -> int:
        """The first time later than this one."""

    @abstractmethod
    def latest_at_or_before(self, micros: int) -> int:
        """The last time that is not later than this one."""

    def between(self, after: int, until: int) -> Iterator[int]:
        """The times later than ``after`` and not later than ``until``, growing, each made when it is asked for."""
        while (after := self.next_after(after)) <= until:
            yield after


@lru_cache(maxsize=512)
def schedule(timing: str, zone: str = "UTC") -> Schedule:
    """The schedule of a cron expression of five fields, on the clocks of an IANA time zone, or of ``every 15m``.

    Raises ``InvalidInput`` for an unknown zone, for what is neither, and for what never comes (30 February).
    """
    where = time_zone(zone)
    if every := _EVERY.fullmatch(timing):
        return _Every(int(every[1]) * _UNITS[every[2].lower()])
    if len(timing.split()) != 5:
        raise InvalidInput(f"'{timing[:80]}' is no schedule", "write five fields, such as 0 2 * * *, or every 15m")
    try:
        next(CronSim(timing, _SOME_DAY))
    except CronSimError as error:
        raise InvalidInput(
            f"the cron expression '{timing[:80]}' cannot be used: {_cause(error)}",
            "write minute, hour, day of the month, month and day of the week, such as 0 2 * * *",
        ) from error
    except StopIteration:
        raise InvalidInput(
            f"the cron expression '{timing[:80]}' names a day that never comes", "look at its day and its month"
        ) from None
    return _Cron(timing, where)


def time_zone(name: str) -> tzinfo:
    """The time zone of an IANA name. Raises ``InvalidInput``."""
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"there is no time zone '{name[:80]}'", "write an IANA name such as UTC, Europe/Berlin or America/New_York"
        ) from error


def jitter(name: str, seconds: float) -> int:
    """By how many microseconds what has this name starts late: below ``seconds``, always the same for it."""
    share = int.from_bytes(sha256(name.encode()).digest()[:6])
    return share * round(seconds * 1_000_000) >> 48


class _Every(Schedule):
    """Whole steps since 1970: wherever and whenever it is asked, the same times."""

    def __init__(self, step: int) -> None:
        self._step = step

    def next_after(self, micros: int) -> int:
        return (micros // self._step + 1) * self._step

    def latest_at_or_before(self, micros: int) -> int:
        return micros // self._step * self._step


class _Cron(Schedule):
    """Times on a wall clock, told as real ones.

    The expression is evaluated without a zone; here each time on the wall becomes real ones. One that names hours is
    due once for each: after a gap of the clock where it does not exist, the first time where it comes twice. One for
    every hour follows real hours: nothing in a gap, and both where the hour comes twice.
    """

    def __init__(self, timing: str, zone: tzinfo) -> None:
        self._timing = timing
        self._zone = zone
        self._hourly = CronSim(timing, _SOME_DAY).hours == set(range(24))

    def next_after(self, micros: int) -> int:
        now = from_micros(micros).astimezone(self._zone)
        wall = now.replace(tzinfo=None, fold=0)
        # The first time around, a time earlier on the wall is still to come for the second.
        begin = wall - self._repeated(now) if not now.fold else wall
        best: int | None = None
        for each in CronSim(self._timing, begin - _SECOND):
            later = [real for real in self._real(each) if real > micros]
            if later:
                best = min(later) if best is None else min(best, *later)
            if best is not None and each > wall:
                return best
        raise _never(self._timing)

    def latest_at_or_before(self, micros: int) -> int:
        now = from_micros(micros).astimezone(self._zone)
        wall = now.replace(tzinfo=None, fold=0)
        # The second time around, a time later on the wall has been there before.
        begin = wall + self._repeated(now) if now.fold else wall
        best: int | None = None
        for each in CronSim(self._timing, begin.replace(microsecond=0) + _SECOND, reverse=True):
            past = [real for real in self._real(each) if real <= micros]
            if past:
                best = max(past) if best is None else max(best, *past)
            if best is not None and each <= wall:
                return best
        raise _never(self._timing)

    def _repeated(self, now: datetime) -> timedelta:
        """For how long clocks are put back where they show this time twice; nothing where they do not."""
        first, second = now.replace(fold=0).utcoffset(), now.replace(fold=1).utcoffset()
        assert first is not None and second is not None  # noqa: PT018  # every zone has an offset
        return max(first - second, timedelta())

    def _real(self, wall: datetime) -> tuple[int, ...]:
        """When clocks show this time, in microseconds: never, once or twice; see the class for which of it counts."""
        first, second = (to_micros(wall.replace(tzinfo=self._zone, fold=fold)) for fold in (0, 1))
        if first == second:
            return (first,)
        if first < second:
            return (first, second) if self._hourly else (first,)
        return () if self._hourly else (self._end_of_gap(second, first),)

    def _end_of_gap(self, before: int, after: int) -> int:
        """When clocks are put forward between these times, to the second."""
        low, high = before // 1_000_000, after // 1_000_000
        old = self._offset(low)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == old else (low, middle)
        return high * 1_000_000

    def _offset(self, seconds: int) -> timedelta | None:
        return from_micros(seconds * 1_000_000).astimezone(self._zone).utcoffset()


def _cause(error: CronSimError) -> str:
    return str(error)[:1].lower() + str(error)[1:]


def _never(timing: str) -> InvalidInput:
    return InvalidInput(f"the cron expression '{timing[:80]}' names a day that does not come for 50 years",
                        "look at its day, its month and its day of the week")  # fmt: skip
