"""Metric series: volatile numbers, one row where a number changes. Outside history, with their own retention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

from sqlalchemy import Connection, text

from modelcensus.core.metrics import numbers
from modelcensus.store.bulk import insert, select_in
from modelcensus.store.metric_blocks import latest, packed_points
from modelcensus.store.metric_packing import COLUMNS, take_out
from modelcensus.store.timeline import AS_OF, FAULTY, Timeline

_SEEN_BY_STATE = f"{AS_OF.format(entity='moved.entity_id', time=':time')} IS NOT NULL AND NOT " + FAULTY.format(
    entity="moved.entity_id"
)
_SEEN_BY_SIGHTING = """EXISTS (SELECT 1 FROM sighting g WHERE g.source_id = :source AND g.category = :category
    AND g.observed_at = :time AND g.entity_id = moved.entity_id)"""
_REPEAT = """INSERT INTO metric (entity_id, name_id, observed_at, value)
    SELECT moved.entity_id, moved.name_id, :time, moved.value FROM {table} AS moved WHERE {seen} AND NOT EXISTS (
        SELECT 1 FROM metric o WHERE o.entity_id = moved.entity_id AND o.name_id = moved.name_id
        AND o.observed_at = :time)"""
Points = list[tuple[int, int, int, float | None]]


class Series:
    """Writes the metric points of one reading."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._names: dict[str, int] | None = None
        self._moved_tables: set[str] = set()

    def extend(
        self, observed_at: int, documents: Sequence[tuple[int, str | None]], before: Mapping[int, str | None]
    ) -> None:
        """Points of the latest reading: (entity id, volatile document), and the documents before, where known.

        For an entity that an older reading has touched since, the series itself is asked.
        """
        points: Points = []
        asked = self._as_of([entity_id for entity_id, _ in documents if entity_id not in before], observed_at - 1)
        for entity_id, document in documents:
            if entity_id in before and before[entity_id] == document:
                continue
            prior = numbers(before[entity_id]) if entity_id in before else asked.get(entity_id, {})
            points += self._moved(entity_id, observed_at, prior, numbers(document))
        insert(self._tx, "metric", COLUMNS, points)

    def backfill(self, timeline: Timeline, documents: Sequence[tuple[int, str | None]]) -> None:
        """Points of an older reading. What they replaced is kept for ``settle``. Packed series become rows again."""
        take_out(self._tx, [entity_id for entity_id, _ in documents])
        table = f"moved_{timeline.category}"
        if table not in self._moved_tables:
            columns = "entity_id BIGINT, name_id BIGINT, value DOUBLE PRECISION"
            self._tx.execute(text(f"CREATE TEMPORARY TABLE {table} ({columns})"))
            self._tx.execute(text(f"CREATE TEMPORARY TABLE {table}_to (id BIGINT PRIMARY KEY, volatile TEXT)"))
            self._moved_tables.add(table)
        points: Points = []
        replaced: list[tuple[int, int, float | None]] = []
        priors = self._as_of([entity_id for entity_id, _ in documents], timeline.observed_at - 1)
        for entity_id, document in documents:
            prior = priors.get(entity_id, {})
            own = self._moved(entity_id, timeline.observed_at, prior, numbers(document))
            by_id = {self._id(name): value for name, value in prior.items()}
            points += own
            replaced += [(entity_id, name_id, by_id.get(name_id)) for _, name_id, _, _ in own]
        insert(self._tx, "metric", COLUMNS, points)
        insert(self._tx, table, ("entity_id", "name_id", "value"), replaced)
        insert(self._tx, f"{table}_to", ("id", "volatile"), documents)

    def settle(self, timeline: Timeline) -> None:
        """Once later readings are set right: where one saw the entity and said nothing new, it said what was before.

        Of entities that no later reading saw, the older reading's volatile document is now the latest.
        """
        table = f"moved_{timeline.category}"
        if table not in self._moved_tables:
            return
        for reading in timeline.later():
            seen = _SEEN_BY_STATE if reading.removes else _SEEN_BY_SIGHTING
            scope = {**timeline.scope, "time": reading.observed_at}
            self._tx.execute(text(_REPEAT.format(seen=seen, table=table)), scope)
            self._tx.execute(text(f"DELETE FROM {table} AS moved WHERE {seen}"), scope)
            if self._tx.execute(text(f"SELECT 1 FROM {table} LIMIT 1")).first() is None:
                break
        latest = f"(SELECT d.volatile FROM {table}_to d WHERE d.id = entity.id)"
        unseen = f"UPDATE entity SET volatile = {latest}, raw_hash = NULL WHERE id IN (SELECT entity_id FROM {table})"
        self._tx.execute(text(unseen))
        self._tx.execute(text(f"DROP TABLE {table}"))
        self._tx.execute(text(f"DROP TABLE {table}_to"))
        self._moved_tables.discard(table)

    def _moved(self, entity_id: int, at: int, before: dict[str, float], after: dict[str, float]) -> Points:
        gone: Points = [(entity_id, self._id(name), at, None) for name in before if name not in after]
        return gone + [
            (entity_id, self._id(name), at, value) for name, value in after.items() if before.get(name) != value
        ]

    def _ids(self) -> dict[str, int]:
        if self._names is None:
            self._names = {name: id_ for id_, name in self._tx.execute(text("SELECT id, name FROM metric_name"))}
        return self._names

    def _id(self, name: str) -> int:
        names = self._ids()
        if name not in names:
            names[name] = max(names.values(), default=0) + 1
            insert(self._tx, "metric_name", ("id", "name"), [(names[name], name)])
        return names[name]

    def _as_of(self, entity_ids: Sequence[int], time: int) -> dict[int, dict[str, float]]:
        rows = select_in(
            self._tx,
            "SELECT m.entity_id, m.name_id, m.observed_at, m.value FROM metric m"
            " WHERE m.observed_at = (SELECT max(o.observed_at) FROM metric o WHERE o.entity_id = m.entity_id"
            " AND o.name_id = m.name_id AND o.observed_at <= $p) AND m.entity_id $in",
            "bigint", entity_ids, time,
        )  # fmt: skip
        points = chain(map(tuple, rows), packed_points(self._tx, entity_ids))
        names = {id_: name for name, id_ in self._ids().items()}
        found: dict[int, dict[str, float]] = {}
        for (entity_id, name_id), (_, value) in latest(points, time).items():
            if value is not None:
                found.setdefault(entity_id, {})[names[name_id]] = value
        return found
