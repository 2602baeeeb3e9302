"""The state of one category of one source just before a reading, and its readings in observed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.verdict import Evidence
from modelcensus.store.bulk import entities_by_key

AS_OF = """(SELECT q.body_id FROM snapshot q WHERE q.entity_id = {entity} AND q.observed_at <= {time}
 ORDER BY q.observed_at DESC, q.sync_id DESC LIMIT 1)"""
"""SQL for the body of an entity at a time; null for a tombstone and for an entity not yet seen."""
FAULTY = """EXISTS (SELECT 1 FROM quarantine u JOIN entity k ON k.id = {entity}
             WHERE u.sync_id = (SELECT min(c.sync_id) FROM coverage c WHERE c.source_id = :source
                                AND c.category = :category AND c.observed_at = :time)
             AND u.category = :category AND u.key = k.key AND u.fault <> 'duplicate_key')"""
"""SQL: whether the reading at ``:time`` named an entity but could not understand it, so that it says nothing of it."""


class Known(msgspec.Struct, gc=False):
    """An entity just before the reading. ``existed``: it had a version before, be it a tombstone."""

    id: int
    raw_hash: bytes | None
    body_id: int | None
    existed: bool


class PastReading(msgspec.Struct, frozen=True):
    """A recorded reading of one category, with the verdict in force."""

    observed_at: int
    sync_id: int
    evidence: Evidence
    removes: bool


class Timeline:
    """One category of one source, looked at from just before ``observed_at``.

    ``in_order`` is True where no later reading is recorded: then the ``entity`` table is that state and costs nothing.
    """

    def __init__(self, tx: Connection, source_id: int, category: str, observed_at: int) -> None:
        self.tx = tx
        self.source_id = source_id
        self.category = category
        self.observed_at = observed_at
        self.scope: dict[str, int | str] = {"source": source_id, "category": category}
        latest = tx.execute(
            text("SELECT max(observed_at) FROM coverage WHERE source_id = :source AND category = :category"), self.scope
        ).scalar()
        self.in_order = latest is None or latest < observed_at
        self.live_before = self._count_live()

    def lookup(self, keys: Sequence[str]) -> dict[str, Known]:
        """The known entities among ``keys``, as they were just before this reading."""
        if self.in_order:
            rows = entities_by_key(
                self.tx, "e.key, e.id, e.raw_hash, e.body_id", keys, source_id=self.source_id, category=self.category
            )
            return {key: Known(id_, raw_hash, body_id, True) for key, id_, raw_hash, body_id in rows}
        time = self.observed_at - 1
        rows = entities_by_key(
            self.tx,
            f"e.key, e.id, {AS_OF.format(entity='e.id', time=time)},"
            f" EXISTS (SELECT 1 FROM snapshot x WHERE x.entity_id = e.id AND x.observed_at <= {time})",
            keys,
            source_id=self.source_id,
            category=self.category,
        )
        return {key: Known(id_, None, body_id, bool(existed)) for key, id_, body_id, existed in rows}

    def live_ids(self) -> Iterator[int]:
        """Ids of the entities that were live just before this reading, or in order, once it is written, are now."""
        if self.in_order:
            sql = "SELECT id FROM entity WHERE source_id = :source AND category = :category AND body_id IS NOT NULL"
        else:
            sql = (
                "SELECT e.id FROM entity e WHERE e.source_id = :source AND e.category = :category"
                f" AND {AS_OF.format(entity='e.id', time=':time')} IS NOT NULL"
            )
        rows = self.tx.execute(
            text(sql), {**self.scope, "time": self.observed_at - 1}, execution_options={"stream_results": True}
        )
        for part in rows.partitions(10_000):
            for (id_,) in part:
                yield id_

    def previous(self) -> PastReading | None:
        """The reading just before this one in observed order."""
        row = self.tx.execute(
            text(_READINGS.format(where="c.observed_at < :time", order="DESC LIMIT 1")),
            {**self.scope, "time": self.observed_at},
        ).first()
        return _reading(row) if row else None

    def later(self) -> list[PastReading]:
        """The readings after this one in observed order."""
        rows = self.tx.execute(
            text(_READINGS.format(where="c.observed_at > :time", order="")), {**self.scope, "time": self.observed_at}
        )
        return [_reading(row) for row in rows]

    def _count_live(self) -> int:
        if self.in_order:
            sql = (
                "SELECT count(*) FROM entity WHERE source_id = :source AND category = :category AND body_id IS NOT NULL"
            )
            return int(self.tx.execute(text(sql), self.scope).scalar() or 0)
        return sum(1 for _ in self.live_ids())


_READINGS = """
SELECT c.observed_at, c.sync_id, c.complete, c.unnamed, c.seen, c.live_before, c.accepted, c.removes FROM coverage c
WHERE c.source_id = :source AND c.category = :category AND {where}
  AND c.sync_id = (SELECT max(d.sync_id) FROM coverage d WHERE d.source_id = c.source_id
                   AND d.category = c.category AND d.observed_at = c.observed_at)
ORDER BY c.observed_at {order}"""


def _reading(row: Sequence[int]) -> PastReading:
    observed_at, sync_id, complete, unnamed, seen, live_before, accepted, removes = row
    evidence = Evidence(bool(complete), unnamed, seen, live_before, bool(accepted))
    return PastReading(observed_at, sync_id, evidence, bool(removes))
