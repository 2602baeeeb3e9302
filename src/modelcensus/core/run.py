"""Runs: one trigger's syncs of one or several sources, how far they are, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from modelcensus.core.errors import CensusError
from modelcensus.core.records import SyncRecord, SyncStatus

GOOD = frozenset({SyncStatus.COMPLETE, SyncStatus.PARTIAL})
"""Syncs that read the whole of their document."""
PASSING = frozenset({"unreachable", "upstream_broken", "rate_limited"})
"""Categories of failures that may be gone a moment later."""


class Trigger(StrEnum):
    """What started a run."""

    HTTP = "http"
    CRON = "cron"
    INNGEST = "inngest"
    CLI = "cli"
    WORKER = "worker"
    LIBRARY = "library"


class RunState(StrEnum):
    """How a run stands.

    ``done``: it came to its end, whatever the sources said. ``failed``: it was interrupted, or the database could not
    be used. ``lost``: its process has not been heard of for a minute.
    """

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


class RunProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is: ``done`` of ``total`` parts of ``what``; ``number`` counts the reports of one run."""

    number: int
    what: str
    done: int
    total: int | None


class RunError(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that went wrong: its category (``unreachable``, ``key_refused`` ...), and what to do next.

    ``source`` is None for what concerns no single source. ``optional``: the document is of minor use.
    """

    source: str | None
    category: str
    message: str
    hint: str
    document: str | None = None
    sync_log_id: int | None = None
    optional: bool = False


class SourceRun(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did with one source; the members are those of ``RunResult``. ``attempts``: how often it was tried."""

    source: str
    success: bool
    attempts: int
    sync_log_ids: tuple[int, ...]
    total_processed: int
    added: int
    updated: int
    marked_inactive: int
    duration: float
    errors: tuple[RunError, ...]


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run.

    ``success``: every source was read whole (an optional document may fail). ``sync_log_id`` is the last entry that
    the run made in the log of syncs, ``sync_log_ids`` are all. The counts are of entities: read, new or back, altered,
    vanished. ``duration`` is in seconds. ``revision`` is what was published after it, None for nothing new; ``held`` is
    how many steps wait for a person.
    """

    run: str
    success: bool
    sync_log_id: int | None
    sync_log_ids: tuple[int, ...]
    total_processed: int
    added: int
    updated: int
    marked_inactive: int
    duration: float
    errors: tuple[RunError, ...]
    revision: int | None
    held: int
    sources: tuple[SourceRun, ...]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run: who or what started it, for which sources, how it stands. Ids of later runs are greater.

    ``beat_at`` is when its process was last heard of.
    """

    id: str
    trigger: Trigger
    actor: str
    sources: tuple[str, ...]
    state: RunState
    started_at: int
    beat_at: int
    ended_at: int | None = None
    progress: RunProgress | None = None
    result: RunResult | None = None


def source_run(
    source: str, records: Sequence[SyncRecord], *, seconds: float, attempts: int = 1, errors: Sequence[RunError] = ()
) -> SourceRun:
    """What a run did with a source, by the syncs that it recorded, oldest first, and by what else went wrong."""
    last = {record.document: record for record in records}
    wrong = [each for record in last.values() if (each := error_of(record)) is not None]
    whole = all(record.status in GOOD or record.optional for record in last.values())
    return SourceRun(
        source=source,
        success=bool(last) and whole and not errors,
        attempts=attempts,
        sync_log_ids=tuple(record.id for record in records if record.id is not None),
        total_processed=sum(record.entities for record in last.values()),
        added=sum(record.appeared + record.reappeared for record in records),
        updated=sum(record.altered for record in records),
        marked_inactive=sum(record.vanished for record in records),
        duration=round(seconds, 3),
        errors=(*wrong, *errors),
    )


def run_result(
    run: str,
    sources: Iterable[SourceRun],
    *,
    seconds: float,
    errors: Sequence[RunError] = (),
    revision: int | None = None,
    held: int = 0,
) -> RunResult:
    """What came of a run: its sources together, and what went wrong beyond them."""
    parts = sorted(sources, key=lambda each: each.source)
    ids = sorted(each for part in parts for each in part.sync_log_ids)
    return RunResult(
        run=run,
        success=bool(parts) and all(part.success for part in parts) and not errors,
        sync_log_id=ids[-1] if ids else None,
        sync_log_ids=tuple(ids),
        total_processed=sum(part.total_processed for part in parts),
        added=sum(part.added for part in parts),
        updated=sum(part.updated for part in parts),
        marked_inactive=sum(part.marked_inactive for part in parts),
        duration=round(seconds, 3),
        errors=(*(error for part in parts for error in part.errors), *errors),
        revision=revision,
        held=held,
        sources=tuple(parts),
    )


def error_of(record: SyncRecord) -> RunError | None:
    """What went wrong in a sync, by category and with a hint; None if it was read whole."""
    if record.status in GOOD:
        return None
    return RunError(
        source=record.source, category=record.problem or record.status.value, document=record.document,
        message=record.error or record.status.value, hint=record.hint or "", sync_log_id=record.id,
        optional=record.optional,
    )  # fmt: skip


def error_from(error: CensusError, source: str | None = None) -> RunError:
    """An error that no sync recorded."""
    return RunError(source=source, category=error.kind, message=error.message, hint=error.hint)


def may_pass(records: Iterable[SyncRecord]) -> bool:
    """Whether trying again soon may help: a document failed for a reason that may be gone, and none for another one."""
    last = {record.document: record for record in records}
    failed = [record for record in last.values() if record.status not in GOOD and not record.optional]
    return bool(failed) and all(record.problem in PASSING for record in failed)
