"""Times: UTC, kept as whole microseconds since 1970, and hour-aligned epochs in seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from modelcensus.core.errors import InvalidInput

HOUR = 3600
_MICRO = timedelta(microseconds=1)
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_COMPACT = re.compile(
    r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})[T_ -]?(\d{2})[:-]?(\d{2})(?:[:-]?(\d{2}))?(?:[.,]\d+)?"
    r"(Z|[+-]\d{2}:?\d{2})?(?!\d)"
)
_DAY = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_UNIX = re.compile(r"(?<!\d)(\d{10}|\d{13})(?!\d)")
_AGO = re.compile(r"(\d+)\s*([smhdw])")
_DATED = re.compile(r"\d{4}-\d\d-\d\d(?:$|[T ])", re.ASCII)
"""The standard library also takes any one character before the hour, and a run of digits for a date."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - _ZERO) // _MICRO


def from_micros(micros: int) -> datetime:
    """The UTC time of microseconds since 1970."""
    return _ZERO + timedelta(microseconds=micros)


def epoch_of(micros: int) -> int:
    """The hour-aligned epoch of a time, in seconds since 1970."""
    return micros // 1_000_000 // HOUR * HOUR


def iso(micros: int) -> str:
    """``2026-03-01T12:00:00Z``; fractions only where there are any."""
    return from_micros(micros).isoformat().replace("+00:00", "Z")


def parse_time(text: str, now: datetime) -> int:
    """A time a person wrote: ISO 8601, a bare date (its first moment), ``now``, or an age such as ``36h`` or ``7d``.

    Without a zone it is UTC. Microseconds since 1970; raises ``InvalidInput``.
    """
    text = text.strip()
    if text == "now":
        return to_micros(now)
    try:
        if match := _AGO.fullmatch(text):
            return to_micros(now - timedelta(**{_UNITS[match[2]]: int(match[1])}))
        if not _DATED.match(text):
            raise ValueError
        moment = datetime.fromisoformat(text)
        # Told in UTC, a time at either end of the calendar may fall off it.
        return to_micros((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"'{text}' is not a time", "write 2026-03-01, 2026-03-01T12:00Z, now, or an age such as 36h or 7d"
        ) from error


def time_in_name(name: str) -> int | None:
    """The time a file's name carries (``20250507T195745Z``, ``2025-05-07``, Unix seconds or milliseconds), or None."""
    try:
        if match := _COMPACT.search(name):
            year, month, day, hour, minute = map(int, match.groups()[:5])
            zone = match[7] or "Z"
            moment = datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=UTC)
            return to_micros(moment) - _offset(zone)
        if match := _UNIX.search(name):
            return int(match[1]) * (1_000_000 if len(match[1]) == 10 else 1000)
        if match := _DAY.search(name):
            return to_micros(datetime(*map(int, match.groups()), tzinfo=UTC))  # type: ignore[arg-type,misc]  # three integers
    except ValueError:
        return None
    return None


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * 60 + int(digits[2:])) * 60_000_000
