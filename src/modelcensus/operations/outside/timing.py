"""Our timings in the words of other clocks: plain cron of numbers, and systemd's calendar."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec
from cronsim import CronSim

from modelcensus.core.errors import InvalidInput
from modelcensus.core.schedule import schedule

_EVERY = re.compile(r"every (\d+) ?([smhd])", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_LAST = (59, 23, 31, 12, 6)


class PlainCron(msgspec.Struct, frozen=True):
    """A cron expression of five fields that every cron understands: numbers only, Sunday is 0."""

    text: str

    @property
    def two_days(self) -> bool:
        """Whether it names both days of the month and of the week: then either is enough."""
        fields = self.text.split()
        return fields[2] != "*" and fields[4] != "*"


def plain_cron(timing: str) -> PlainCron:
    """A timing as plain cron. Raises ``InvalidInput`` for one that cron cannot tell, such as ``every 90s``."""
    schedule(timing)
    every = _EVERY.fullmatch(timing)
    if every:
        return PlainCron(_stepped(timing, int(every[1]) * _SECONDS[every[2].lower()]))
    return PlainCron(" ".join(_field(place, text.upper()) for place, text in enumerate(timing.split())))


def calendars(timing: str, zone: str) -> tuple[str, ...]:
    """A timing as ``OnCalendar=`` of systemd, one or two of which either is enough. Raises as ``plain_cron`` does.

    The form: https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html
    """
    found = CronSim(plain_cron(timing).text, datetime(2000, 1, 1))  # noqa: DTZ001  # only its sets are looked at
    time = f"{_set(found.hours, 24)}:{_set(found.minutes, 60)}:00 {zone}"
    months = _set(found.months, 12)
    weekdays = {each % 7 for each in found.weekdays if isinstance(each, int)}
    named = ",".join(_DAYS[each] for each in sorted(weekdays)) + " " if len(weekdays) < 7 else ""
    days = _set(found.days, 31)
    if found.day_and:
        return (f"{named}*-{months}-{days} {time}",)
    return (f"*-{months}-{days} {time}", f"{named}*-{months}-* {time}")


def _stepped(timing: str, seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if not rest and minutes < 60 and 60 % minutes == 0:
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    hours, rest = divmod(seconds, 3600)
    if not rest and hours < 24 and 24 % hours == 0:
        return f"0 */{hours} * * *" if hours > 1 else "0 * * * *"
    if seconds == 86400:
        return "0 0 * * *"
    raise InvalidInput(
        f"cron cannot tell '{timing}'", "set a cron expression, or what divides an hour or a day, such as every 15m"
    )


def _field(place: int, text: str) -> str:
    names: tuple[str, ...] = {3: _MONTHS, 4: tuple(each.upper() for each in _DAYS)}.get(place, ())
    for number, name in enumerate(names, 1 if place == 3 else 0):
        text = text.replace(name, str(number))
    return ",".join(_part(place, part) for part in text.split(","))


def _part(place: int, part: str) -> str:
    begin, _, step = part.partition("/")
    if step and begin.isdecimal():
        # "5/15" is from 5 on; not every cron takes it so.
        part = f"{int(begin)}-{max(_LAST[place], int(begin))}/{step}"
    if place == 4 and "7" in part.partition("/")[0]:
        # Sunday is 7 for some only.
        days = CronSim(f"0 0 1 1 {part}", datetime(2000, 1, 1)).weekdays  # noqa: DTZ001  # only its set is looked at
        return ",".join(map(str, sorted({each % 7 for each in days if isinstance(each, int)})))
    return part


def _set(values: set[int] | set[int | tuple[int, int]], most: int) -> str:
    numbers = sorted(each for each in values if isinstance(each, int))
    return "*" if len(numbers) == most else ",".join(f"{each:02}" for each in numbers)
