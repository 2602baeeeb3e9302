"""Whether this program's clock is right: held against the database's, and against what is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from modelcensus.core.health import Finding, Severity
from modelcensus.core.times import iso
from modelcensus.operations.census import Census
from modelcensus.operations.health.words import span
from modelcensus.settings import HealthSettings
from modelcensus.store import health

CHECK = "clock"
_SECOND = 1_000_000
_HOUR = 3_600 * _SECOND
"""Off by this much, times fall into the wrong epoch, and schedules come too early or late."""


def clocks(tx: Connection, census: Census, limits: HealthSettings) -> Iterator[Finding]:
    """The difference of the clocks, and a sync that lies in the future."""
    most = int(limits.clock_seconds * _SECOND)
    before = census.clock()
    theirs = health.clock(tx)
    after = census.clock()
    # How long the answer was under way is not known: only what lies outside of that time is a difference.
    apart = max(before - theirs, theirs - after, 0)
    if apart > most:
        way = "ahead of" if before > theirs else "behind"
        yield Finding(
            check=CHECK, severity=_severity(apart), subject="database",
            message=f"the program's clock is {span(apart)} {way} the database's",
            hint="set both machines' clocks by NTP: 'timedatectl set-ntp true'",
        )  # fmt: skip
    newest = health.newest_sync(tx)
    ahead = newest[1] - after if newest else 0
    if newest and ahead > most:
        yield Finding(
            check=CHECK, severity=_severity(ahead), subject=newest[0],
            message=f"its newest sync is of {iso(newest[1])}, {span(ahead)} in the future",
            hint="a clock was wrong when it was recorded, or is now: set it by NTP; see 'modelcensus syncs'",
        )  # fmt: skip
    if apart <= most and ahead <= most:
        yield Finding(check=CHECK, severity=Severity.OK, message=f"within {limits.clock_seconds:g} s of the database's")


def _severity(off: int) -> Severity:
    return Severity.CRITICAL if off >= _HOUR else Severity.WARNING
