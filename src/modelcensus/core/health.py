"""Health: what was looked at, what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How bad a finding is; of a whole, the worst of its findings counts."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


EXIT_CODES = {Severity.OK: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
"""What ``modelcensus health`` ends with."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found. ``check`` is its name (``freshness``, ``models`` ...), ``hint`` what to do next.

    ``subject`` is what it is about where a check looks at several things: a source, a feed, a worker.
    """

    check: str
    severity: Severity
    message: str
    hint: str = ""
    subject: str | None = None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """All findings of one look, at ``at`` (microseconds), the worst first."""

    at: int
    severity: Severity
    findings: tuple[Finding, ...]


def health_of(findings: Iterable[Finding], at: int) -> Health:
    """The findings of one look together."""
    order = list(EXIT_CODES)
    sorted_ = tuple(sorted(findings, key=lambda each: (-order.index(each.severity), each.check, each.subject or "")))
    return Health(at=at, severity=sorted_[0].severity if sorted_ else Severity.OK, findings=sorted_)
