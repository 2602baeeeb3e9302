"""What a person does about due times: look at them, stop one, and free one from quarantine."""

from __future__ import annotations

from modelcensus.core.errors import NotFound
from modelcensus.core.working import DueRow, DueState, WorkerRow
from modelcensus.operations.census import Census
from modelcensus.store import working
from modelcensus.store.engine import Store


def workers(store: Store) -> list[WorkerRow]:
    """The workers that did not say that they end, by their start. Raises ``StoreError``."""
    with store.reading() as tx:
        return working.workers(tx)


def dues(store: Store, *, state: DueState | None = None, source: str | None = None, limit: int = 50) -> list[DueRow]:
    """Due times, newest first. Raises ``StoreError``."""
    with store.reading() as tx:
        return working.listed(tx, state=state, source=source, limit=limit)


def cancel(census: Census, what: str, actor: str) -> list[DueRow]:
    """Stop what is open of a source, or of a run, by name or id. Raises ``NotFound``, ``StoreError``."""
    why = f"stopped by {actor}"
    with census.store.noting() as tx:
        found = working.listed(tx, source=what, is_open=True, limit=10_000) or working.listed(
            tx, run=what, is_open=True
        )
        stopped = [row for row in found if working.ask_to_stop(tx, row, why)]
        for row in stopped:
            if row.state is DueState.WAITING:
                working.settle(tx, row, DueState.FAILED, now=census.clock(), problem=why)
    if not stopped:
        raise NotFound(f"nothing of '{what[:80]}' is waiting or running in a worker", "see 'modelcensus worker list'")
    return stopped


def release(census: Census, source: str, due_at: int | None = None) -> list[DueRow]:
    """Take due times of a source out of quarantine: one of them, or all. Raises ``NotFound``, ``StoreError``."""
    with census.store.noting() as tx:
        found = working.listed(tx, source=source, state=DueState.QUARANTINED, limit=10_000)
        freed = [
            row
            for row in found
            if due_at in (None, row.due_at) and working.release(tx, row.source, row.due_at, census.clock())
        ]
    if not freed:
        raise NotFound(f"nothing of '{source[:80]}' is in quarantine", "see 'modelcensus worker quarantine'")
    return freed
