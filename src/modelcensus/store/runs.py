"""Runs and the slots they hold: at most one living run has the slot of a source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, text

from modelcensus.core.run import Run, RunProgress, RunResult, RunState, Trigger

_CLAIM_LOCK = 7_368_002
"""PostgreSQL advisory lock of whoever claims slots; SQLite has one writer anyway."""
_COLUMNS = "id, trigger_name, actor, sources, state, started_at, beat_at, ended_at, progress, result"


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """The slot of a source as it stands; ``released_at`` is None while a run holds it. Microseconds since 1970."""

    source: str
    run: str
    state: RunState
    claimed_at: int
    beat_at: int
    released_at: int | None


def alone(tx: Connection) -> None:
    """Wait until nobody else claims slots, and keep everybody else waiting until the end of the transaction."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CLAIM_LOCK})


def slots(tx: Connection, sources: Sequence[str]) -> list[Slot]:
    """The slots of these sources that were ever claimed, by source."""
    sql = text(
        "SELECT s.source, s.run_id, r.state, s.claimed_at, r.beat_at, s.released_at FROM slot s"
        " JOIN run r ON r.id = s.run_id WHERE s.source IN :sources ORDER BY s.source"
    ).bindparams(bindparam("sources", expanding=True))
    return [
        Slot(source=row[0], run=row[1], state=RunState(row[2]), claimed_at=row[3], beat_at=row[4], released_at=row[5])
        for row in tx.execute(sql, {"sources": list(sources)})
    ]


def lose(tx: Connection, run: str) -> None:
    """Enter that a run's process died: its end is when it was last heard of, and its slots are free at once."""
    tx.execute(
        text("UPDATE run SET state = 'lost', ended_at = beat_at WHERE id = :run AND state = 'running'"), {"run": run}
    )
    tx.execute(text("DELETE FROM slot WHERE run_id = :run AND released_at IS NULL"), {"run": run})


def begin(tx: Connection, run: Run) -> None:
    """Enter a run, and give it the slots of its sources, which must be free."""
    tx.execute(
        text(
            f"INSERT INTO run ({_COLUMNS}) VALUES (:id, :trigger, :actor, :sources, :state, :at, :at, NULL, NULL, NULL)"
        ),
        {
            "id": run.id, "trigger": run.trigger.value, "actor": run.actor, "sources": _json(run.sources),
            "state": run.state.value, "at": run.started_at,
        },
    )  # fmt: skip
    taken = [{"source": source, "run": run.id, "at": run.started_at} for source in run.sources]
    tx.execute(
        text(
            "INSERT INTO slot (source, run_id, claimed_at) VALUES (:source, :run, :at) ON CONFLICT (source)"
            " DO UPDATE SET run_id = excluded.run_id, claimed_at = excluded.claimed_at, released_at = NULL"
        ),
        taken,
    )


def beat(tx: Connection, run: str, now: int, progress: RunProgress | None) -> bool:
    """Enter that a run lives, and how far it is; False if it is over or was given up for lost."""
    done = tx.execute(
        text(
            "UPDATE run SET beat_at = :now, progress = coalesce(:progress, progress)"
            " WHERE id = :run AND state = 'running'"
        ),
        {"run": run, "now": now, "progress": _json(progress) if progress else None},
    )
    return done.rowcount == 1


def end(tx: Connection, run: str, state: RunState, now: int, result: RunResult | None) -> bool:
    """Enter how a run ended and free its slots; False if it was over already."""
    done = tx.execute(
        text(
            "UPDATE run SET state = :state, beat_at = :now, ended_at = :now, result = :result"
            " WHERE id = :run AND state = 'running'"
        ),
        {"run": run, "state": state.value, "now": now, "result": _json(result) if result else None},
    )
    tx.execute(
        text("UPDATE slot SET released_at = :now WHERE run_id = :run AND released_at IS NULL"),
        {"run": run, "now": now},
    )
    return done.rowcount == 1


def find(tx: Connection, run: str) -> Run | None:
    """The run of an id."""
    row = tx.execute(text(f"SELECT {_COLUMNS} FROM run WHERE id = :run"), {"run": run}).one_or_none()
    return _run(row) if row else None


def newest(
    tx: Connection, *, running: bool | None = None, source: str | None = None, state: RunState | None = None,
    late: int = 0, before: str | None = None, limit: int = 50,
) -> list[Run]:  # fmt: skip
    """Runs, newest first; ``running``: only those that do, or do not; ``before`` is an id to page on from.

    ``state`` is as whoever looks sees it: a run that was last heard of before ``late`` is lost, whatever is written.
    """
    seen = "CASE WHEN state = 'running' AND beat_at < :late THEN 'lost' ELSE state END"
    sql = f"""SELECT {_COLUMNS} FROM run WHERE (CAST(:running AS INTEGER) IS NULL
    OR (state = 'running') = (CAST(:running AS INTEGER) = 1))
    AND (CAST(:state AS TEXT) IS NULL OR {seen} = :state)
    AND (CAST(:source AS TEXT) IS NULL OR sources LIKE :source ESCAPE '~')
    AND (CAST(:before AS TEXT) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit"""
    values = {
        "running": None if running is None else int(running), "before": before, "limit": limit, "late": late,
        "state": state.value if state else None,
        # The sources are a JSON array: a name between quotation marks is a whole one.
        "source": None if source is None else f"%{_like(_json(source))}%",
    }  # fmt: skip
    return [_run(row) for row in tx.execute(text(sql), values)]


def _like(words: str) -> str:
    return words.replace("~", "~~").replace("%", "~%").replace("_", "~_")


def _run(row: Any) -> Run:
    return Run(
        id=row[0], trigger=Trigger(row[1]), actor=row[2], sources=msgspec.json.decode(row[3], type=tuple[str, ...]),
        state=RunState(row[4]), started_at=row[5], beat_at=row[6], ended_at=row[7],
        progress=msgspec.json.decode(row[8], type=RunProgress) if row[8] else None,
        result=msgspec.json.decode(row[9], type=RunResult) if row[9] else None,
    )  # fmt: skip


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
