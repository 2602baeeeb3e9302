"""Questions to the past: as of a time, the history of an entity, what changed."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, text

from modelcensus.core.change import ChangeKind
from modelcensus.core.records import MetricPoint, Version
from modelcensus.core.times import epoch_of
from modelcensus.store.blocks import Bodies, columns
from modelcensus.store.bulk import chunks
from modelcensus.store.metric_blocks import packed_points
from modelcensus.store.moments import indexed, moments

FOREVER = 2**62
Place = tuple[str, str, str]
"""Source, category and key."""
_SCOPE = """(CAST(:source AS TEXT) IS NULL OR s.name = :source)
AND (CAST(:category AS TEXT) IS NULL OR e.category = :category)"""
_LATEST = """SELECT q.observed_at, q.sync_id, q.body_id FROM snapshot q
WHERE q.entity_id = e.id AND q.observed_at <= :time ORDER BY q.observed_at DESC, q.sync_id DESC LIMIT 1"""


class RawChange(msgspec.Struct, frozen=True):
    """A change with both bodies, not yet compared field by field."""

    kind: ChangeKind
    source: str
    category: str
    key: str
    observed_at: int
    sync_id: int
    before: bytes | None
    after: bytes | None


def as_of(
    tx: Connection, time: int, *, source: str | None = None, category: str | None = None, after: Place | None = None
) -> Iterator[Version]:
    """Every live entity as of ``time``, by source, category and key (by their bytes), from after a place on."""
    if tx.dialect.name == "postgresql":
        pick = f"JOIN LATERAL ({_LATEST}) v ON TRUE"
    else:
        pick = """JOIN snapshot v ON v.entity_id = e.id AND (v.observed_at, v.sync_id) = (
            SELECT q.observed_at, q.sync_id FROM snapshot q WHERE q.entity_id = e.id AND q.observed_at <= :time
            ORDER BY q.observed_at DESC, q.sync_id DESC LIMIT 1)"""
    # The scope is spelled out, not bound as maybe-null, so that SQLite can use the entity index.
    scope = {"source": source, "category": category}
    conditions = [f"{_COLUMNS[name]} = :{name}" for name, value in scope.items() if value is not None]
    place = dict(zip(("place_source", "place_category", "place_key"), after, strict=True)) if after else {}
    if after:
        conditions.append("(s.name, e.category, e.key) > (:place_source, :place_category, :place_key)")
    where = " AND ".join(conditions)
    sql = f"""SELECT s.name, e.category, e.key, v.observed_at, v.sync_id, b.hash, {columns("b")}
    FROM source s JOIN entity e ON e.source_id = s.id {pick} JOIN body b ON b.id = v.body_id
    {"WHERE " + where if where else ""} ORDER BY s.name, e.category, e.key"""
    # Closed at once when the caller has enough: PostgreSQL's cursor would stay open.
    bodies = Bodies(tx)
    with tx.execute(text(sql), {**scope, **place, "time": time}, execution_options={"stream_results": True}) as rows:
        for part in rows.partitions(1000):
            bodies.expect(row[7] for row in part)
            for row in part:
                yield _version(row, bodies)


_COLUMNS = {"source": "s.name", "category": "e.category"}


def find_entities(
    tx: Connection, key: str, *, source: str | None = None, category: str | None = None
) -> list[tuple[int, str, str]]:
    """(entity id, source, category) of every entity with exactly this key."""
    # The unique index leads with source and category: naming all categories makes each pair one probe.
    sql = f"""SELECT e.id, s.name, e.category FROM source s JOIN entity e ON e.source_id = s.id
    WHERE e.category IN ('model', 'endpoint', 'provider', 'author', 'orphan') AND e.key = :key AND {_SCOPE}
    ORDER BY s.name, e.category"""
    rows = tx.execute(text(sql), {"key": key, "source": source, "category": category})
    return [(row[0], row[1], row[2]) for row in rows]


def similar_keys(tx: Connection, key: str, *, limit: int = 5) -> list[str]:
    """Keys that contain the given text, whatever its case: suggestions for a mistyped key."""
    pattern = "%" + key.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    sql = "SELECT DISTINCT key FROM entity WHERE lower(key) LIKE :pattern ESCAPE '\\' ORDER BY key LIMIT :limit"
    return [row[0] for row in tx.execute(text(sql), {"pattern": pattern, "limit": limit})]


def history(tx: Connection, entity_id: int) -> list[Version]:
    """All versions of one entity in observed order, tombstones included; equal neighbours are one version."""
    sql = f"""SELECT s.name, e.category, e.key, v.observed_at, v.sync_id, b.hash, {columns("b")}
    FROM snapshot v JOIN entity e ON e.id = v.entity_id JOIN source s ON s.id = e.source_id
    LEFT JOIN body b ON b.id = v.body_id WHERE v.entity_id = :entity
    AND v.sync_id = (SELECT max(w.sync_id) FROM snapshot w
                     WHERE w.entity_id = v.entity_id AND w.observed_at = v.observed_at)
    ORDER BY v.observed_at"""
    versions: list[Version] = []
    bodies = Bodies(tx)
    for row in tx.execute(text(sql), {"entity": entity_id}).all():
        version = _version(row, bodies)
        if versions and versions[-1].sha256 == version.sha256:
            continue
        if versions or version.sha256:
            versions.append(version)
    return versions


def adapter_of(tx: Connection, entity_id: int) -> str:
    """The name of the adapter of an entity's source."""
    sql = "SELECT s.adapter FROM source s JOIN entity e ON e.source_id = s.id WHERE e.id = :id"
    return str(tx.execute(text(sql), {"id": entity_id}).scalar())


def volatile_of(tx: Connection, entity_id: int) -> str | None:
    """The volatile members of an entity's latest reading, as JSON text."""
    return tx.execute(text("SELECT volatile FROM entity WHERE id = :id"), {"id": entity_id}).scalar()


def metric_points(tx: Connection, entity_id: int, name: str | None = None) -> list[MetricPoint]:
    """The metric series of an entity, or one of them, in observed order; equal neighbours are one point."""
    sql = """SELECT n.name, m.observed_at, m.value FROM metric m JOIN metric_name n ON n.id = m.name_id
    WHERE m.entity_id = :entity AND (CAST(:name AS TEXT) IS NULL OR n.name = :name)"""
    told = [(row[0], row[1], row[2]) for row in tx.execute(text(sql), {"entity": entity_id, "name": name})]
    packed = list(packed_points(tx, [entity_id]))
    if packed:
        names = {row[0]: row[1] for row in tx.execute(text("SELECT id, name FROM metric_name"))}
        told += [(names[point[1]], *point[2:]) for point in packed if name in (None, names[point[1]])]
    points: list[MetricPoint] = []
    for row in sorted(told, key=itemgetter(0, 1)):
        last = points[-1] if points and points[-1].name == row[0] else None
        if (last is None and row[2] is not None) or (last is not None and last.value != row[2]):
            points.append(MetricPoint(name=row[0], observed_at=row[1], value=row[2]))
    return points


def raw_changes(
    tx: Connection,
    *,
    since: int,
    until: int = FOREVER,
    source: str | None = None,
    category: str | None = None,
    key: str | None = None,
    kind: str | None = None,
    limit: int | None = None,
    newest_first: bool = True,
) -> Iterator[RawChange]:
    """Changes observed in (since, until]. Needs no table of its own: it is what neighbouring snapshots differ in."""
    filters = {
        "source": ("s.name", source),
        "category": ("c.category", category),
        "key": ("c.key", key),
        "kind": ("c.kind", kind),
    }
    values = {name: value for name, (_, value) in filters.items() if value is not None}
    asked = _Asked("".join(f" AND {filters[name][0]} = :{name}" for name in values), values, newest_first, limit)
    sign = -1 if newest_first else 1
    found = heapq.merge(
        _indexed_changes(tx, asked, since, until),
        _listed_changes(tx, asked, since, until),
        key=lambda row: (sign * row[4], row[1], row[2], row[3]),
    )
    bodies = Bodies(tx)
    chosen = islice(found, limit)
    while part := list(islice(chosen, 1000)):
        bodies.expect(block for row in part for block in (row[7], row[10]))
        for row in part:
            before, after = bodies.text((row[6], row[7], row[8])), bodies.text((row[9], row[10], row[11]))
            yield RawChange(ChangeKind(row[0]), row[1], row[2], row[3], row[4], row[5], before, after)


class _Asked(msgspec.Struct, frozen=True):
    """Which changes are asked for: more conditions, what they are bound to, the order, and how many at most."""

    conditions: str
    values: dict[str, str]
    newest_first: bool
    limit: int | None

    def sql(self, where: str) -> str:
        return f"""SELECT c.kind, s.name, c.category, c.key, c.observed_at, c.sync_id, {columns("b")}, {columns("a")}
        FROM change c JOIN source s ON s.id = c.source_id
        LEFT JOIN body b ON b.id = c.before_body_id LEFT JOIN body a ON a.id = c.after_body_id
        WHERE {where}{self.conditions} ORDER BY c.observed_at {"DESC" if self.newest_first else "ASC"},
        s.name, c.category, c.key {"LIMIT :limit" if self.limit is not None else ""}"""


def _indexed_changes(tx: Connection, asked: _Asked, since: int, until: int) -> Iterator[Sequence[Any]]:
    sql = asked.sql(f"c.observed_at > :since AND c.observed_at <= :until AND {indexed(tx, FOREVER, 'c.sync_id')}")
    rows = tx.execute(text(sql), {**asked.values, "since": since, "until": until, "limit": asked.limit})
    for part in rows.partitions(1000):
        yield from part


def _listed_changes(tx: Connection, asked: _Asked, since: int, until: int) -> Iterator[Sequence[Any]]:
    """Changes that syncs wrote whose versions are listed, a moment at a time."""
    sql = text(asked.sql("c.observed_at = :at AND c.sync_id = :sync AND c.entity_id IN :ids")).bindparams(
        bindparam("ids", expanding=True)
    )
    listed = moments(tx, since=since, until=until, newest_first=asked.newest_first)
    for at, same_time in groupby(listed, itemgetter(0)):
        rows = [
            row
            for _, sync_id, ids in same_time
            for some in chunks(ids)
            for row in tx.execute(
                sql, {**asked.values, "at": at, "sync": sync_id, "ids": list(some), "limit": asked.limit}
            )
        ]
        yield from sorted(rows, key=itemgetter(1, 2, 3))


def _version(row: Sequence[Any], bodies: Bodies) -> Version:
    source, category, key, observed_at, sync_id, hash_, *stored = row
    data = bodies.text((stored[0], stored[1], stored[2]))
    return Version(
        source=source,
        category=category,
        key=key,
        observed_at=observed_at,
        epoch=epoch_of(observed_at),
        sync_id=sync_id,
        sha256=bytes(hash_).hex() if hash_ else None,
        data=msgspec.Raw(data) if data is not None else None,
    )
