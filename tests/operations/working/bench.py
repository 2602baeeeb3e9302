"""A census with a due time or two, and workers of this process that claim them."""

from __future__ import annotations

from modelcensus.core.working import PROTOCOL, DueRow, DueState, WorkerRow
from modelcensus.operations.census import Census
from modelcensus.operations.triggering.syncing import Retry
from modelcensus.operations.working.carrying import Carrier
from modelcensus.operations.working.claiming import Claimed, Terms, claim
from modelcensus.store import working
from modelcensus.store.engine import Store
from tests.builders import rows

DUE = 1_767_000_000_000_000
"""When the source of these tests is due."""


def terms(worker: str = "ann", *, lease: float = 30.0, attempts: int = 5, protocol: int = PROTOCOL) -> Terms:
    return Terms(worker=worker, protocol=protocol, lease_seconds=lease, attempts=attempts)


def entered(census: Census, *times: int, source: str = "lab", protocol: int = PROTOCOL) -> None:
    with census.store.noting() as tx:
        for at in times or (DUE,):
            working.enter(tx, source, at, "all", at, protocol)


def claimed(census: Census, worker: str = "ann", due_at: int = DUE, **more: float) -> Claimed:
    found = claim(census, "lab", due_at, terms(worker, **more))  # type: ignore[arg-type]
    assert isinstance(found, Claimed), found
    return found


def row(census: Census, due_at: int = DUE) -> DueRow:
    with census.store.reading() as tx:
        found = working.find(tx, "lab", due_at)
    assert found is not None
    return found


def state(census: Census, due_at: int = DUE) -> DueState:
    return row(census, due_at).state


def silent_since(census: Census, seconds: float) -> None:
    """As if no worker had been heard of for so long."""
    with census.store.noting() as tx:
        tx.exec_driver_sql(f"UPDATE due SET beat_at = beat_at - {int(seconds * 1e6)} WHERE beat_at IS NOT NULL")


def beaten(census: Census, worker: str) -> list[DueRow]:
    now = census.clock()
    lives = WorkerRow(id=worker, name=worker, host="here", pid=1, protocol=1, started_at=now, beat_at=now)
    with census.store.noting() as tx:
        return working.beat(tx, lives, now)


def carrier(census: Census, worker: str = "ann", *, timeout: float = 60.0, **more: float) -> Carrier:
    return Carrier(census, terms(worker, **more), Retry(0, 0.01), timeout)  # type: ignore[arg-type]


def good_syncs(store: Store) -> list[tuple[object, ...]]:
    """(due time, document, sync) of whatever was recorded for a due time."""
    return rows(store, "SELECT due_at, document, sync_id FROM due_sync ORDER BY sync_id")
