"""Whether the database answers, has the schema that this program knows, and an intact end of its chain."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from modelcensus.core.errors import CensusError
from modelcensus.core.health import Finding, Severity
from modelcensus.store import health

CHECK = "database"


def unusable(error: CensusError) -> Finding:
    """The finding of a database that cannot be used."""
    return Finding(check=CHECK, severity=Severity.CRITICAL, message=error.message, hint=error.hint)


def answers(tx: Connection, schema: str) -> Iterator[Finding]:
    """That it answers, and how the chain over all syncs ends."""
    last = health.last_link(tx)
    if last is not None and last.problem:
        yield Finding(
            check=CHECK, severity=Severity.CRITICAL, message=f"sync {last.id}, the last one, {last.problem}",
            hint="somebody wrote to the database by hand: run 'modelcensus verify', and restore a backup",
        )  # fmt: skip
        return
    end = f"sync {last.id} is as it was recorded" if last else "nothing is recorded yet"
    yield Finding(check=CHECK, severity=Severity.OK, message=f"it answers (schema {schema}); {end}")
