"""Claiming: one worker at a time has a due time, and with it the slot of its source that every trigger shares."""

from __future__ import annotations

import secrets

import msgspec
from sqlalchemy import Connection

from modelcensus.core.errors import StoreLocked, StoreUnreachable
from modelcensus.core.run import GOOD, Run, RunState, Trigger
from modelcensus.core.working import DueRow, DueState
from modelcensus.operations.census import Census
from modelcensus.operations.scheduling import MODELS
from modelcensus.operations.triggering import slots
from modelcensus.store import runs, working
from modelcensus.store.syncs import list_syncs

_LOOK_SECONDS = 0.5
"""What is in the way is looked at again after so long."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Who claims, and on which terms: a lease in seconds, and how often a due time may be begun."""

    worker: str
    protocol: int
    lease_seconds: float
    attempts: int


class Claimed(msgspec.Struct, frozen=True):
    """A due time that is the worker's now, with the run that does it; the run holds the slot of the source."""

    row: DueRow
    run: Run


class Later(msgspec.Struct, frozen=True):
    """It cannot be had now; ask again after so many seconds."""

    seconds: float = _LOOK_SECONDS


def claim(census: Census, source: str, due_at: int, terms: Terms) -> Claimed | Later | None:
    """Take a due time, from a worker that is dead as well; None if there is nothing left to do.

    Where a run of another trigger began after it was due, and read all of it, it is done. One that was begun too often
    goes into quarantine. Raises ``StoreError``.
    """
    try:
        if isinstance(first := _looked_at(census, source, due_at, terms), Later):
            return first
        slots.bury(census, [source])
        with census.store.noting() as tx:
            runs.alone(tx)
            row = working.taken(tx, source, due_at)
            if row is None:
                # Entered once, it never goes while it is open: somebody records it at this moment.
                return Later() if working.find(tx, source, due_at) else None
            return _claim(tx, census, row, terms)
    except (StoreLocked, StoreUnreachable):
        return Later(2 * _LOOK_SECONDS)


def expired(row: DueRow, now: int, lease_seconds: float) -> bool:
    """Whether the worker that has it was not heard of for longer than the lease. Times by ``beat_clock``."""
    return row.state is DueState.RUNNING and row.beat_at is not None and now - row.beat_at > lease_seconds * 1e6


def _looked_at(census: Census, source: str, due_at: int, terms: Terms) -> Later | None:
    """A look that locks nothing: on SQLite a claim would wait for the sync that is in the way."""
    with census.store.reading() as tx:
        row = working.find(tx, source, due_at)
        if row is None or row.ended_at is not None:
            return None
        beat = working.beat_clock(tx, census.clock())
        if row.state is DueState.RUNNING:
            return None if expired(row, beat, terms.lease_seconds) else Later()
        return Later() if _held(tx, row) and not _lost(tx, row, census.clock()) else None


def _held(tx: Connection, row: DueRow) -> bool:
    return any(slot.released_at is None for slot in runs.slots(tx, [row.source]))


def _lost(tx: Connection, row: DueRow, now: int) -> bool:
    return any(now - slot.beat_at > slots.LOST_SECONDS * 1e6 for slot in runs.slots(tx, [row.source]))


def _claim(tx: Connection, census: Census, row: DueRow, terms: Terms) -> Claimed | Later | None:
    now, beat = census.clock(), working.beat_clock(tx, census.clock())
    if row.ended_at is not None or row.protocol > terms.protocol:
        return None
    if row.state is DueState.RUNNING:
        if not expired(row, beat, terms.lease_seconds):
            return Later()
        if row.run_id:
            runs.lose(tx, row.run_id)  # it can write no more once this is committed: its fence is passed
    elif row.next_at > now:
        return Later((row.next_at - now) / 1e6)
    if row.stop is not None:
        working.settle(tx, row, DueState.FAILED, now=now, problem=row.stop)
        return None
    if row.attempts >= terms.attempts:
        why = row.problem or f"begun {row.attempts} times, and its worker died each time"
        working.settle(tx, row, DueState.QUARANTINED, now=now, problem=why)
        return None
    if _held(tx, row):
        return Later()
    if other := _done_by(tx, census, row):
        working.settle(tx, row, DueState.DONE, now=now, run=other)
        return None
    run = slots.new_run(now, Trigger.WORKER, f"worker {terms.worker}", (row.source,), secrets.token_hex)
    runs.begin(tx, run)
    got = working.claim(tx, row, worker=terms.worker, run=run.id, protocol=terms.protocol, now=now, beat=beat)
    return Claimed(got, run)


def _done_by(tx: Connection, census: Census, row: DueRow) -> str | None:
    """The run of another trigger that began after this was due and read all that it asks for."""
    for slot in runs.slots(tx, [row.source]):
        run = runs.find(tx, slot.run)
        if run is None or run.trigger is Trigger.WORKER or run.started_at < row.due_at:
            continue
        if run.state is not RunState.DONE or run.result is None:
            continue
        parts = [part for part in run.result.sources if part.source == row.source]
        syncs = [record for part in parts for each in part.sync_log_ids for record in list_syncs(tx, sync_id=each)]
        read = {record.document for record in syncs if record.status in GOOD}
        if read and _wanted(census, row) <= read:
            return run.id
    return None


def _wanted(census: Census, row: DueRow) -> set[str]:
    calls = census.sources[row.source].adapter.calls if row.source in census.sources else ()
    every = {call.document.category for call in calls if not call.optional}
    return every & set(MODELS) if row.documents == "models" else every
