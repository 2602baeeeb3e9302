"""How long ago each source was read, and how many of the last runs failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from modelcensus.core.health import Finding, Severity
from modelcensus.core.run import Run, RunState
from modelcensus.core.times import iso
from modelcensus.operations.census import Census, Source
from modelcensus.operations.health.words import ago, first, many
from modelcensus.operations.triggering.slots import as_seen
from modelcensus.settings import HealthSettings
from modelcensus.store import health, runs
from modelcensus.store.syncs import list_syncs

FRESHNESS, FAILURES = "freshness", "failures"
_HOUR = 3_600_000_000
_ALL_FAILED = 3
"""So many runs in a row without a good one are no accident."""


def freshness(tx: Connection, census: Census, limits: HealthSettings) -> Iterator[Finding]:
    """Of each source that can be read: the age of its oldest document, those that may fail left out."""
    good = health.last_good(tx)
    ready = [source for source in census.sources.values() if source.ready]
    now = census.clock()
    for source in ready:
        yield _of_source(source, good, now, limits)
    if not ready:
        yield Finding(
            check=FRESHNESS, severity=Severity.CRITICAL, message="no source can be read",
            hint="enable one or set its key; see 'modelcensus sources'",
        )  # fmt: skip


def _of_source(
    source: Source, good: Mapping[tuple[str, str], int], now: int, limits: HealthSettings
) -> Finding:  # fmt: skip
    read = {
        call.document.category: at
        for call in source.adapter.calls
        if (at := good.get((source.name, call.document.category))) is not None and not call.optional
    }
    again = f"run 'modelcensus sync {source.name}' and see what it says; is a worker or a schedule running?"
    if not read:
        return Finding(
            check=FRESHNESS, subject=source.name, severity=Severity.WARNING, message="it was never read whole",
            hint=f"run 'modelcensus sync {source.name}', or switch it off: sources.{source.name}.enabled",
        )  # fmt: skip
    document, at = min(read.items(), key=lambda each: each[1])
    hours = (now - at) / _HOUR
    severity = Severity.OK
    if hours > limits.fresh_hours:
        severity = Severity.CRITICAL if hours > 2 * limits.fresh_hours else Severity.WARNING
    what = f"the oldest of its documents ({document})" if len(read) > 1 else "it"
    message = f"{what} was last read whole {ago(now - at)}, at {iso(at)}"
    if severity is Severity.OK:
        return Finding(check=FRESHNESS, subject=source.name, severity=severity, message=message)
    return Finding(
        check=FRESHNESS, subject=source.name, severity=severity, hint=again,
        message=f"{message}; it should be within {limits.fresh_hours:g} h",
    )  # fmt: skip


def failures(tx: Connection, census: Census, limits: HealthSettings) -> Iterator[Finding]:
    """How many of the last runs failed; where there are no runs, of the last syncs."""
    now = census.clock()
    # At most one run for each source is still under way.
    found = [as_seen(run, now) for run in runs.newest(tx, limit=limits.window + len(census.sources))]
    ended = [run for run in found if run.state is not RunState.RUNNING][: limits.window]
    if ended:
        bad = [run for run in ended if not _is_good(run)]
        yield _rated("runs", len(ended), len(bad), _blamed(bad), limits)
        return
    syncs = list_syncs(tx, limit=limits.window)
    failed = [sync for sync in syncs if sync.status.value == "failed"]
    names = list(dict.fromkeys(sync.source for sync in failed))
    yield _rated("syncs", len(syncs), len(failed), names, limits)


def _is_good(run: Run) -> bool:
    return run.state is RunState.DONE and run.result is not None and run.result.success


def _blamed(bad: Sequence[Run]) -> list[str]:
    """The sources that failed, the latest first."""
    return list(
        dict.fromkeys(
            part.source for run in bad for part in (run.result.sources if run.result else ()) if not part.success
        )
    )


def _rated(what: str, total: int, bad: int, names: Sequence[str], limits: HealthSettings) -> Finding:
    if not total:
        return Finding(check=FAILURES, severity=Severity.OK, message=f"there were no {what} yet")
    rate = bad / total
    message = f"{bad:,} of the last {many(total, what.removesuffix('s'))} failed ({rate:.0%})"
    if rate <= limits.failure_rate:
        return Finding(check=FAILURES, severity=Severity.OK, message=message)
    who = f": {first(names)}" if names else ""
    return Finding(
        check=FAILURES, severity=Severity.CRITICAL if bad == total >= _ALL_FAILED else Severity.WARNING,
        message=f"{message}{who}; at most {limits.failure_rate:.0%} may", hint="see why: 'modelcensus syncs'",
    )  # fmt: skip
