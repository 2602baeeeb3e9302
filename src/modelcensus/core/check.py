"""What must hold for an entity to be of use, declared: each adapter lists these for its categories.

A path names a field: ``pricing.prompt``; ``*`` stands for every member of an object, ``[]`` for every element of an
array. A field that is absent or null satisfies every check but ``Required``.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


class Required(msgspec.Struct, frozen=True, tag=True):
    """The field is there, and neither null nor an empty text."""

    path: str
    severity: Severity = Severity.ERROR


class Price(msgspec.Struct, frozen=True, tag=True):
    """A number or decimal text in USD that is finite and not negative, and below ``most``.

    ``variable`` is the value by which upstream says that the price depends, such as ``-1``. With ``tiered`` an object
    may stand here, whose parts have checks of their own.
    """

    path: str
    most: str
    variable: str | None = None
    tiered: bool = False
    severity: Severity = Severity.ERROR


class Limit(msgspec.Struct, frozen=True, tag=True):
    """A whole number of at least ``least``, such as a context length in tokens."""

    path: str
    least: int = 1
    most: int = 1_000_000_000
    severity: Severity = Severity.WARNING


class AtMost(msgspec.Struct, frozen=True, tag=True):
    """The number at ``path`` is not above the one at ``other``, such as output within the context."""

    path: str
    other: str
    severity: Severity = Severity.WARNING


class Date(msgspec.Struct, frozen=True, tag=True):
    """A date: ISO 8601 text (a year and month will do) or, with ``unix``, seconds since 1970; from 2015 to 2100."""

    path: str
    unix: bool = False
    severity: Severity = Severity.WARNING


class Refers(msgspec.Struct, frozen=True, tag=True):
    """The text is the key of a live entity of ``category`` in the same source."""

    path: str
    category: str
    severity: Severity = Severity.ERROR


class Unique(msgspec.Struct, frozen=True, tag=True):
    """No two live entities of the category have the same value here."""

    path: str
    severity: Severity = Severity.WARNING


Check = Required | Price | Limit | AtMost | Date | Refers | Unique
