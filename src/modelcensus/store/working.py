"""What is due, who works on it, and which of its documents are recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.records import SyncRecord
from modelcensus.core.run import GOOD
from modelcensus.core.working import Documents, DueRow, DueState, WorkerRow
from modelcensus.store.syncs import list_syncs

_DUE = (
    "source, due_at, documents, state, protocol, fence, attempts, next_at, worker, beat_at, run_id, stop, problem,"
    " started_at, ended_at"
)
_WORKER = "id, name, host, pid, protocol, started_at, beat_at"
_ONE = "source = :source AND due_at = :due_at"


def beat_clock(tx: Connection, now: int) -> int:
    """The time by which leases run: the server's on PostgreSQL, for machines disagree; the caller's on SQLite."""
    if tx.dialect.name != "postgresql":
        return now
    return int(tx.execute(text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)")).scalar_one())


def latest(tx: Connection, sources: Iterable[str]) -> dict[str, int | None]:
    """The latest due time that is entered, by source."""
    sql = text("SELECT max(due_at) FROM due WHERE source = :source")
    return {name: tx.execute(sql, {"source": name}).scalar() for name in sources}


def enter(tx: Connection, source: str, due_at: int, documents: Documents, next_at: int, protocol: int) -> bool:
    """Enter a due time; False if it is entered already."""
    done = tx.execute(
        text(
            "INSERT INTO due (source, due_at, documents, state, protocol, fence, attempts, next_at)"
            " VALUES (:source, :due_at, :documents, 'waiting', :protocol, 0, 0, :next_at)"
            " ON CONFLICT (source, due_at) DO NOTHING"
        ),
        {"source": source, "due_at": due_at, "documents": documents, "next_at": next_at, "protocol": protocol},
    )
    return done.rowcount == 1


def first_open(tx: Connection) -> list[DueRow]:
    """Of each source the oldest due time that is still to be carried out, by time."""
    sql = f"""SELECT {_DUE} FROM due d WHERE state IN ('waiting', 'running') AND NOT EXISTS (SELECT 1 FROM due o
    WHERE o.source = d.source AND o.due_at < d.due_at AND o.state IN ('waiting', 'running')) ORDER BY next_at, source"""
    return [_due(row) for row in tx.execute(text(sql))]


def find(tx: Connection, source: str, due_at: int) -> DueRow | None:
    """One due time as it stands."""
    row = tx.execute(text(f"SELECT {_DUE} FROM due WHERE {_ONE}"), {"source": source, "due_at": due_at}).one_or_none()
    return _due(row) if row else None


def taken(tx: Connection, source: str, due_at: int) -> DueRow | None:
    """The same, for the caller alone until the end of the transaction; None also while somebody records it."""
    lock = " FOR UPDATE SKIP LOCKED" if tx.dialect.name == "postgresql" else ""
    values = {"source": source, "due_at": due_at}
    row = tx.execute(text(f"SELECT {_DUE} FROM due WHERE {_ONE}{lock}"), values).one_or_none()
    return _due(row) if row else None


def claim(tx: Connection, row: DueRow, *, worker: str, run: str, protocol: int, now: int, beat: int) -> DueRow:
    """Give a due time that the caller has taken to a worker, for a new run; whoever had it before may write no more."""
    tx.execute(
        text(
            f"""UPDATE due SET state = 'running', fence = fence + 1, attempts = attempts + 1, worker = :worker,
            run_id = :run, protocol = :protocol, beat_at = :beat, started_at = coalesce(started_at, :now),
            problem = NULL WHERE {_ONE}"""
        ),
        {
            "source": row.source, "due_at": row.due_at, "worker": worker, "run": run, "protocol": protocol,
            "now": now, "beat": beat,
        },
    )  # fmt: skip
    return msgspec.structs.replace(
        row, state=DueState.RUNNING, fence=row.fence + 1, attempts=row.attempts + 1, worker=worker, run_id=run,
        protocol=protocol, beat_at=beat, started_at=row.started_at or now, problem=None,
    )  # fmt: skip


def settle(
    tx: Connection, row: DueRow, state: DueState, *, now: int, problem: str | None = None, next_at: int | None = None,
    counted: bool = True, run: str | None = None,
) -> bool:  # fmt: skip
    """Enter what became of a due time, if nobody has claimed it since ``row`` was read; False if somebody has.

    ``counted`` False takes back one attempt. ``run`` is a run that did its work.
    """
    done = tx.execute(
        text(
            f"""UPDATE due SET state = :state, fence = fence + 1, ended_at = CAST(:ended AS BIGINT), problem = :problem,
            stop = NULL, next_at = coalesce(:next_at, next_at), attempts = attempts - :back,
            run_id = coalesce(:run, run_id), started_at = coalesce(started_at, CAST(:ended AS BIGINT))
            WHERE {_ONE} AND fence = :fence AND ended_at IS NULL"""
        ),
        {
            "source": row.source, "due_at": row.due_at, "state": state.value, "fence": row.fence, "problem": problem,
            "next_at": next_at, "back": 0 if counted or not row.attempts else 1, "run": run,
            "ended": None if state is DueState.WAITING else now,
        },
    )  # fmt: skip
    return done.rowcount == 1


def holds(tx: Connection, source: str, due_at: int, fence: int) -> bool:
    """Whether a due time is still with the holder of this fence, who keeps it until the end of the transaction."""
    # Beats may go on beside it; whoever wants to take the row over skips it while it is locked so.
    lock = " FOR KEY SHARE" if tx.dialect.name == "postgresql" else ""
    values = {"source": source, "due_at": due_at, "fence": fence}
    sql = f"SELECT 1 FROM due WHERE {_ONE} AND fence = :fence AND state = 'running'{lock}"
    return tx.execute(text(sql), values).scalar() is not None


def newest_sync(tx: Connection) -> int:
    """The number of the newest sync in the log; 0 for none."""
    return int(tx.execute(text("SELECT coalesce(max(id), 0) FROM sync")).scalar_one())


def note_syncs(tx: Connection, source: str, due_at: int, fence: int, after: int) -> None:
    """Enter that documents were recorded for a due time: those whose syncs came after a number and read them whole.

    A document that is recorded for it already is an error of the database: then nothing of this transaction stays.
    """
    sql = text("SELECT y.id FROM sync y JOIN source s ON s.id = y.source_id WHERE s.name = :source AND y.id > :after")
    for (sync_id,) in tx.execute(sql, {"source": source, "after": after}).all():
        record = list_syncs(tx, sync_id=sync_id)[0]
        if record.status in GOOD:
            tx.execute(
                text(
                    "INSERT INTO due_sync (source, due_at, document, sync_id, fence)"
                    " VALUES (:source, :due_at, :document, :sync_id, :fence)"
                ),
                {
                    "source": source, "due_at": due_at, "document": record.document, "sync_id": sync_id,
                    "fence": fence,
                },
            )  # fmt: skip


def recorded(tx: Connection, source: str, due_at: int) -> list[SyncRecord]:
    """The syncs that were recorded for a due time, oldest first."""
    sql = text(f"SELECT sync_id FROM due_sync WHERE {_ONE} ORDER BY sync_id")
    ids = tx.execute(sql, {"source": source, "due_at": due_at}).scalars().all()
    return [list_syncs(tx, sync_id=each)[0] for each in ids]


def ask_to_stop(tx: Connection, row: DueRow, why: str) -> bool:
    """Ask whoever has or will have a due time not to carry it out; False if it is over."""
    done = tx.execute(
        text(f"UPDATE due SET stop = :why WHERE {_ONE} AND ended_at IS NULL"),
        {"source": row.source, "due_at": row.due_at, "why": why},
    )
    return done.rowcount == 1


def release(tx: Connection, source: str, due_at: int, now: int) -> bool:
    """Take a due time out of quarantine, with all its attempts anew; False if it is not there."""
    done = tx.execute(
        text(
            f"""UPDATE due SET state = 'waiting', attempts = 0, next_at = :now, ended_at = NULL, problem = NULL
            WHERE {_ONE} AND state = 'quarantined'"""
        ),
        {"source": source, "due_at": due_at, "now": now},
    )
    return done.rowcount == 1


def listed(
    tx: Connection, *, state: DueState | None = None, source: str | None = None, run: str | None = None,
    is_open: bool = False, limit: int = 50,
) -> list[DueRow]:  # fmt: skip
    """Due times, newest first."""
    sql = f"""SELECT {_DUE} FROM due WHERE (CAST(:state AS TEXT) IS NULL OR state = :state)
    AND (CAST(:source AS TEXT) IS NULL OR source = :source) AND (CAST(:run AS TEXT) IS NULL OR run_id = :run)
    AND (:is_open = 0 OR state IN ('waiting', 'running')) ORDER BY due_at DESC, source LIMIT :limit"""
    values = {
        "state": state.value if state else None, "source": source, "run": run, "is_open": int(is_open), "limit": limit,
    }  # fmt: skip
    return [_due(row) for row in tx.execute(text(sql), values)]


def beat(tx: Connection, worker: WorkerRow, now: int) -> list[DueRow]:
    """Enter that a worker lives, and with it what it works on, which is returned."""
    at = beat_clock(tx, now)
    values = {**msgspec.structs.asdict(worker), "beat_at": at}
    tx.execute(
        text(
            f"INSERT INTO worker ({_WORKER}) VALUES (:id, :name, :host, :pid, :protocol, :started_at, :beat_at)"
            " ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at"
        ),
        values,
    )
    tx.execute(
        text("UPDATE due SET beat_at = :at WHERE worker = :id AND state = 'running'"), {"at": at, "id": worker.id}
    )
    rows = tx.execute(text(f"SELECT {_DUE} FROM due WHERE worker = :id AND state = 'running'"), {"id": worker.id})
    return [_due(row) for row in rows]


def leave(tx: Connection, worker: str) -> None:
    """Enter that a worker has come to its end."""
    tx.execute(text("DELETE FROM worker WHERE id = :id"), {"id": worker})


def workers(tx: Connection) -> list[WorkerRow]:
    """All workers that did not say that they end, by their start."""
    rows = tx.execute(text(f"SELECT {_WORKER} FROM worker ORDER BY started_at, id"))
    return [WorkerRow(**row._mapping) for row in rows]


def forget(tx: Connection, before: int) -> None:
    """Forget what ended, and workers that were last heard of, before a time; of each source the latest stays."""
    ended = """SELECT d.source, d.due_at FROM due d WHERE d.ended_at < :before AND d.state <> 'quarantined'
    AND d.due_at < (SELECT max(o.due_at) FROM due o WHERE o.source = d.source)"""
    tx.execute(text(f"DELETE FROM due_sync WHERE (source, due_at) IN ({ended})"), {"before": before})
    tx.execute(text(f"DELETE FROM due WHERE (source, due_at) IN ({ended})"), {"before": before})
    tx.execute(text("DELETE FROM worker WHERE beat_at < :before"), {"before": before})


def _due(row: Any) -> DueRow:
    values = dict(row._mapping)
    return DueRow(**{**values, "state": DueState(values["state"])})
