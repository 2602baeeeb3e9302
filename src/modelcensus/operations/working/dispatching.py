"""Dispatching: whatever is due is entered, once, whoever looks; then it is to be carried out, the oldest first."""

from __future__ import annotations

import msgspec

from modelcensus.core.working import DueRow, DueState
from modelcensus.operations.census import Census
from modelcensus.operations.scheduling import due
from modelcensus.operations.working.claiming import expired
from modelcensus.settings import Settings
from modelcensus.store import working


class Open(msgspec.Struct, frozen=True):
    """A due time that can be carried out now. ``abandoned``: the worker that began it was not heard of any more."""

    row: DueRow
    abandoned: bool


def enter(census: Census, settings: Settings, protocol: int) -> int:
    """Enter what is due now; how many times were not entered before. Raises ``SettingsError``, ``StoreError``."""
    with census.store.reading() as tx:
        last = working.latest(tx, census.sources)
    found = due(census, settings.sync, settings.sources, last, census.clock())
    if not found:
        return 0
    with census.store.noting() as tx:
        return sum(
            working.enter(tx, each.source, each.due_at, each.documents, each.starts_at, protocol) for each in found
        )


def ready(census: Census, protocol: int, lease_seconds: float) -> list[Open]:
    """Of each source the oldest due time that is open, if it can be begun now. Raises ``StoreError``."""
    now = census.clock()
    with census.store.reading() as tx:
        beat = working.beat_clock(tx, now)
        rows = working.first_open(tx)
    found = [Open(row, expired(row, beat, lease_seconds)) for row in rows if row.protocol <= protocol]
    return [
        each for each in found if each.abandoned or (each.row.state is DueState.WAITING and each.row.next_at <= now)
    ]


def living(census: Census, lease_seconds: float) -> set[str]:
    """Ids of the workers that were heard of within the lease. Raises ``StoreError``."""
    with census.store.reading() as tx:
        beat = working.beat_clock(tx, census.clock())
        return {each.id for each in working.workers(tx) if beat - each.beat_at <= lease_seconds * 1e6}
