"""Settings that say when: cron expressions and times of a day."""

from __future__ import annotations

from typing import Annotated

import msgspec


def _cron_field(value: str) -> str:
    """A pattern for one field of a cron expression: ``*``, ``5``, ``1-5``, ``*/15``, ``0,30`` ..."""
    part = rf"(?:\*|{value}(?:-{value})?)(?:/[1-9]\d?)?"
    return f"{part}(?:,{part})*"


_CRON_FIELDS = (
    "[0-5]?[0-9]", "(?:[01]?[0-9]|2[0-3])", "(?:0?[1-9]|[12][0-9]|3[01])",
    "(?:0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", "(?:[0-7]|sun|mon|tue|wed|thu|fri|sat)",
)  # fmt: skip
_CRON = rf"^{' +'.join(map(_cron_field, _CRON_FIELDS))}\Z"
CRON_PATTERN = rf"(?i){_CRON}"
"""A cron expression: minute, hour, day of the month, month, day of the week."""
Cron = Annotated[str, msgspec.Meta(pattern=CRON_PATTERN)]
TIMING_PATTERN = rf"(?i)(?:{_CRON}|^every [1-9]\d{{0,4}} ?[smhd]\Z)"
"""A cron expression, or ``every 15m``: so many seconds, minutes, hours or days."""
Timing = Annotated[str, msgspec.Meta(pattern=TIMING_PATTERN)]
