"""What could not be understood, kept as it came, with category, place and hint."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, text

from modelcensus.core.canonical import digest
from modelcensus.core.faults import HINTS, Fault, FaultKind
from modelcensus.core.records import Quarantined
from modelcensus.store.bulk import insert

MAX_RAW_BYTES = 1024 * 1024
"""What is kept of one offending text; its hash is of the whole."""
_FLUSH = 500


class Quarantine:
    """Writes the faults of one sync, a few at a time."""

    def __init__(self, tx: Connection, sync_id: int) -> None:
        self._tx = tx
        self._sync_id = sync_id
        self._position = 0
        self._pending: list[tuple[object, ...]] = []

    def add(self, fault: Fault) -> None:
        """Keep one fault."""
        self._position += 1
        self._pending.append(
            (self._sync_id, self._position, fault.kind.value, storable(fault.place), fault.category,
             storable(fault.key) if fault.key else None, digest(fault.raw), fault.raw[:MAX_RAW_BYTES])
        )  # fmt: skip
        if len(self._pending) >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        """Write what is pending."""
        columns = ("sync_id", "position", "fault", "place", "category", "key", "raw_hash", "raw")
        insert(self._tx, "quarantine", columns, self._pending)
        self._pending = []


def storable(value: str) -> str:
    """Text that both databases take: no NUL, no lone surrogate."""
    return value.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()


def quarantined(
    tx: Connection, *, source: str | None = None, sync_id: int | None = None, limit: int = 100, offset: int = 0
) -> list[Quarantined]:
    """The latest quarantined things, newest first; ``offset`` skips so many."""
    sql = """SELECT q.sync_id, s.name, q.fault, q.place, q.category, q.key, q.raw FROM quarantine q
    JOIN sync y ON y.id = q.sync_id JOIN source s ON s.id = y.source_id
    WHERE (CAST(:source AS TEXT) IS NULL OR s.name = :source) AND (CAST(:sync AS INTEGER) IS NULL OR q.sync_id = :sync)
    ORDER BY q.sync_id DESC, q.position LIMIT :limit OFFSET :offset"""
    rows = tx.execute(text(sql), {"source": source, "sync": sync_id, "limit": limit, "offset": offset})
    return [
        Quarantined(
            sync_id=row[0], source=row[1], fault=row[2], place=row[3], hint=HINTS[FaultKind(row[2])], category=row[4],
            key=row[5], raw=bytes(row[6]).decode("utf-8", "replace"),
        )
        for row in rows
    ]  # fmt: skip


def fault_counts(tx: Connection, syncs: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many things of each category these syncs could not understand, by sync."""
    sql = text(
        "SELECT sync_id, fault, count(*) FROM quarantine WHERE sync_id IN :syncs GROUP BY sync_id, fault"
    ).bindparams(bindparam("syncs", expanding=True))
    found: dict[int, dict[str, int]] = {}
    for sync, fault, count in tx.execute(sql, {"syncs": list(syncs)}) if syncs else ():
        found.setdefault(sync, {})[fault] = count
    return found
