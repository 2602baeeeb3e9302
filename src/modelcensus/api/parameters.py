"""Query parameters that several paths have, described so exactly that a program can make right ones from the text."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

_MONTH_AND_DAY = (
    "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_CLOCK = "T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?"
TIME_PATTERN = f"^(now|[0-9]{{1,4}}[smhdw]|[1-9][0-9]{{3}}-{_MONTH_AND_DAY}({_CLOCK})?)$"
"""What ``parse_time`` takes, but for 29 February and other spellings of ISO 8601, which it takes too."""

_TIME = {"pattern": TIME_PATTERN}

When = Annotated[
    str, Query(description="ISO 8601, a date, `now`, or an age such as `36h` or `7d`.", json_schema_extra=_TIME)
]
"""A time with a default."""
MaybeWhen = Annotated[
    str | None, Query(description="ISO 8601, a date, `now`, or an age such as `36h` or `7d`.", json_schema_extra=_TIME)
]
"""A time that may be left out."""
