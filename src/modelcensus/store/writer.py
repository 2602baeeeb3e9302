"""The rows of one reading: entities, bodies, versions, tombstones, metrics, sightings, coverage."""

from __future__ import annotations

from array import array

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.reading import Document, Slice, Understood
from modelcensus.core.verdict import Evidence, removes
from modelcensus.store.bulk import CHUNK, bodies_by_hash, insert, select_in, update
from modelcensus.store.moments import indexed
from modelcensus.store.seen import Seen
from modelcensus.store.series import Series
from modelcensus.store.timeline import AS_OF, Known, Timeline

_SNAPSHOT = ("entity_id", "observed_at", "sync_id", "body_id")


class Parsed(msgspec.Struct, gc=False):
    """An entity that had to be parsed, and what was known of it before; ``known`` is None for a new one."""

    slice: Slice
    raw_hash: bytes
    known: Known | None
    content: Understood


class Writer:
    """Writes what a reading of one document found, many rows at a time, inside the caller's transaction."""

    def __init__(self, tx: Connection, *, source_id: int, sync_id: int, document: Document, observed_at: int) -> None:
        self._tx = tx
        self._source_id = source_id
        self._sync_id = sync_id
        self._document = document
        self._observed_at = observed_at
        self._series = Series(tx)
        # Ids are given out here, densely and under the one writer lock: the same imports give the same ids everywhere.
        self._next_entity = self._maximum("entity") + 1
        self._next_body = self._maximum("body") + 1

    def versions(self, timeline: Timeline, parsed: list[Parsed]) -> list[tuple[int, Known | None]]:
        """Write the entities that had to be parsed: (id, what was known before) of each whose version is a new one."""
        bodies = self._body_ids([item.content for item in parsed])
        created: list[tuple[object, ...]] = []
        updated: list[tuple[object, ...]] = []
        fresh: list[tuple[int, int, int, int | None]] = []
        documents: list[tuple[int, str | None]] = []
        new: list[tuple[int, Known | None]] = []
        for item in parsed:
            body_id = bodies[item.content.hash]
            volatile = item.content.volatile.decode() if item.content.volatile else None
            current = (body_id, item.raw_hash, volatile)
            if item.known is None:
                entity_id = self._next_entity
                self._next_entity += 1
                created.append((entity_id, self._source_id, timeline.category, item.slice.key, *current))
            else:
                entity_id = item.known.id
                updated.append((*current, entity_id))
            documents.append((entity_id, volatile))
            if item.known is None or item.known.body_id != body_id:
                fresh.append((entity_id, self._observed_at, self._sync_id, body_id))
                new.append((entity_id, item.known))
        before = self._volatile_before(timeline, parsed)
        insert(self._tx, "entity", ("id", "source_id", "category", "key", "body_id", "raw_hash", "volatile"), created)
        if timeline.in_order:
            update(self._tx, "entity", ("body_id", "raw_hash", "volatile"), updated)
        insert(self._tx, "snapshot", _SNAPSHOT, fresh)
        self._write_metrics(timeline, documents, before)
        return new

    def tombstones(self, timeline: Timeline, gone: array[int]) -> None:
        """Bury the entities with these ids."""
        for start in range(0, len(gone), CHUNK):
            part = gone[start : start + CHUNK]
            rows = [(entity_id, self._observed_at, self._sync_id, None) for entity_id in part]
            insert(self._tx, "snapshot", _SNAPSHOT, rows)
            if timeline.in_order:
                update(self._tx, "entity", ("body_id",), [(None, entity_id) for entity_id in part])

    def sightings(self, timeline: Timeline, seen: Seen, faulty: set[str]) -> None:
        """What a reading that removes nothing did see: an older reading imported later needs to know."""
        own = self._tx.execute(
            text("SELECT id, key FROM entity WHERE source_id = :source AND category = :category"),
            timeline.scope,
            execution_options={"stream_results": True},
        )
        for part in own.partitions(10_000):
            rows = [
                (self._source_id, timeline.category, self._observed_at, id_)
                for id_, key in part
                if id_ in seen and key not in faulty
            ]
            insert(self._tx, "sighting", ("source_id", "category", "observed_at", "entity_id"), rows)

    def coverage(self, timeline: Timeline, evidence: Evidence) -> None:
        """What is known of the reading of one category, and whether it removes."""
        row = (
            self._source_id, timeline.category, self._observed_at, self._sync_id, int(evidence.complete),
            evidence.unnamed, evidence.seen, evidence.live_before, int(evidence.accepted), int(removes(evidence)),
        )  # fmt: skip
        insert(self._tx, "coverage", COVERAGE_COLUMNS, [row])

    def refresh_current(self, timeline: Timeline) -> None:
        """After an older reading: entities that it touched are now what their latest version says."""
        latest = AS_OF.format(entity="entity.id", time=":forever")
        self._tx.execute(
            text(
                f"""UPDATE entity SET body_id = {latest}, raw_hash = NULL
                WHERE id IN (SELECT entity_id FROM snapshot WHERE sync_id = :sync AND observed_at >= :time
                             AND {indexed(self._tx, self._sync_id)})
                AND body_id IS DISTINCT FROM {latest}"""
            ),
            {"forever": 2**62, "sync": self._sync_id, "time": self._observed_at},
        )
        self._series.settle(timeline)

    def _write_metrics(
        self, timeline: Timeline, documents: list[tuple[int, str | None]], before: dict[int, str | None]
    ) -> None:
        if not self._document.volatile.get(timeline.category):
            return
        if timeline.in_order:
            self._series.extend(self._observed_at, documents, before)
        else:
            self._series.backfill(timeline, documents)

    def _body_ids(self, contents: list[Understood]) -> dict[bytes, int]:
        by_hash = {content.hash: content.data for content in contents}
        ids = {hash_: id_ for hash_, id_ in bodies_by_hash(self._tx, list(by_hash)) if hash_ in by_hash}
        missing: list[tuple[int, bytes, str]] = []
        for hash_, data in by_hash.items():
            if hash_ not in ids:
                ids[hash_] = self._next_body
                missing.append((self._next_body, hash_, data.decode()))
                self._next_body += 1
        insert(self._tx, "body", ("id", "hash", "data"), missing)
        return ids

    def _volatile_before(self, timeline: Timeline, parsed: list[Parsed]) -> dict[int, str | None]:
        """Documents that tell for certain what the metrics were: an older reading voids an entity's raw hash."""
        if not timeline.in_order or not self._document.volatile.get(timeline.category):
            return {}
        ids = [item.known.id for item in parsed if item.known and item.known.raw_hash]
        rows = select_in(self._tx, "SELECT id, volatile FROM entity WHERE id $in", "bigint", ids)
        return dict(map(tuple, rows))

    def _maximum(self, table: str) -> int:
        return int(self._tx.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar() or 0)


COVERAGE_COLUMNS = (
    "source_id", "category", "observed_at", "sync_id", "complete", "unnamed", "seen", "live_before", "accepted",
    "removes",
)  # fmt: skip
