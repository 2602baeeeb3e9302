"""Whether workers live, and whether something waits in quarantine."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from modelcensus.core.health import Finding, Severity
from modelcensus.core.times import iso
from modelcensus.operations.census import Census
from modelcensus.operations.health.words import ago, many
from modelcensus.settings import WorkerSettings
from modelcensus.store import health

CHECK, QUARANTINE = "workers", "quarantine"
_SECOND = 1_000_000
_BURIED = 24 * 3_600 * _SECOND
"""A worker that has been dead for a day while others live has been replaced."""


def workers(tx: Connection, census: Census, limits: WorkerSettings) -> Iterator[Finding]:
    """Every worker that was not stopped and is not heard of any more; without any worker all is well too."""
    now = census.clock()
    known = health.workers(tx)
    alive = [each for each in known if now - each.beat_at <= limits.lease_seconds * _SECOND]
    for each in known:
        age = now - each.beat_at
        if each in alive or (alive and age > _BURIED):
            continue
        yield Finding(
            check=CHECK, subject=each.name, severity=Severity.WARNING if alive else Severity.CRITICAL,
            message=f"not heard of since {iso(each.beat_at)} ({ago(age)}; process {each.pid} on {each.host})",
            hint="start it again: 'modelcensus worker'; the others have taken over its work"
            if alive
            else "no worker lives, so nothing is synced by itself: start one with 'modelcensus worker'",
        )  # fmt: skip
    if alive:
        yield Finding(check=CHECK, severity=Severity.OK, message=f"{many(len(alive), 'worker')} at work")
    elif not known:
        yield Finding(check=CHECK, severity=Severity.OK, message="no worker is known; syncs are started from outside")


def quarantine(tx: Connection) -> Iterator[Finding]:
    """Sources with due times that no worker begins any more."""
    found = health.quarantined(tx)
    for each in found:
        why = f": {each.problem}" if each.problem else ""
        yield Finding(
            check=QUARANTINE, subject=each.source, severity=Severity.WARNING,
            message=f"{many(each.count, 'due time')} never came to an end, the first of {iso(each.since)}{why}",
            hint="see them with 'modelcensus worker quarantine'; once mended, 'modelcensus worker release'",
        )  # fmt: skip
    if not found:
        yield Finding(check=QUARANTINE, severity=Severity.OK, message="no due time is in quarantine")
