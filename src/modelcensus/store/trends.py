"""What trends are made of: metric series at two times, the catalog's main fields by revision, when sources began."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.store.metric_blocks import packed_points

_POINT = "m.entity_id = e.id AND m.name_id = :name"
_MEASURED = f"""SELECT k.id, k.key, k.old_at, o.value, k.first_at, f.value, k.last_at, z.value FROM (
    SELECT e.id, e.key,
        (SELECT max(m.observed_at) FROM metric m WHERE {_POINT} AND m.observed_at <= :since) AS old_at,
        (SELECT min(m.observed_at) FROM metric m WHERE {_POINT} AND m.observed_at > :since
            AND m.observed_at <= :until AND m.value IS NOT NULL) AS first_at,
        (SELECT max(m.observed_at) FROM metric m WHERE {_POINT} AND m.observed_at <= :until) AS last_at
    FROM source s JOIN entity e ON e.source_id = s.id
    WHERE s.name = :source AND e.category = 'model' AND e.body_id IS NOT NULL) k
LEFT JOIN metric z ON z.entity_id = k.id AND z.name_id = :name AND z.observed_at = k.last_at
LEFT JOIN metric o ON o.entity_id = k.id AND o.name_id = :name AND o.observed_at = k.old_at
LEFT JOIN metric f ON f.entity_id = k.id AND f.name_id = :name AND f.observed_at = k.first_at
ORDER BY k.key"""
_VERSIONS = """SELECT m.universal_model_id, v.status, v.fields, v.origins FROM model m
JOIN model_version v ON v.model_id = m.id AND v.revision = (
    SELECT max(q.revision) FROM model_version q WHERE q.model_id = m.id AND q.revision <= :revision)"""
_BEGAN = """SELECT s.name, (SELECT min(y.observed_at) FROM sync y WHERE y.source_id = s.id AND y.status <> 'failed')
FROM source s ORDER BY s.name"""


class _From(msgspec.Struct):
    """Of an origin only its source."""

    source: str


class Told(msgspec.Struct, frozen=True):
    """A model as a revision left it: its fields by path, and the sources that they come from."""

    model_id: str
    active: bool
    fields: dict[str, Any]
    sources: tuple[str, ...]


_fields = msgspec.json.Decoder(dict[str, Any])
_origins = msgspec.json.Decoder(dict[str, _From])


def measured(
    tx: Connection, source: str, metric: str, since: int, until: int
) -> Iterator[tuple[str, float, int, float]]:
    """(key, value, since when, value at ``until``) of a source's live models that have such a metric.

    The first value is that of ``since``; where none was known then, the first one after it.
    """
    name = tx.execute(text("SELECT id FROM metric_name WHERE name = :name"), {"name": metric}).scalar()
    if name is None:
        return
    values = {"source": source, "name": name, "since": since, "until": until}
    rows = tx.execute(text(_MEASURED), values).all()
    packed: dict[int, dict[int | None, float | None]] = {}
    for entity_id, _, at, value in packed_points(tx, [row[0] for row in rows], name):
        packed.setdefault(entity_id, {})[at] = value
    for entity_id, key, *known in rows:
        # A series' rows are told by the three of them that matter: packed ones beside them change nothing else.
        series = packed.get(entity_id, {}) | dict(zip(known[::2], known[1::2], strict=True))
        times = sorted(at for at in series if at is not None and at <= until)
        last = series[times[-1]] if times else None
        if last is None:
            continue
        old = next((series[at] for at in reversed(times) if at <= since), None)
        first_at = since if old is not None else next((at for at in times if at > since and series[at] is not None), 0)
        first = old if old is not None else series.get(first_at)
        if first is not None:
            yield key, first, first_at, last


def told_by(tx: Connection, revision: int) -> Iterator[Told]:
    """Every model of the catalog as a revision left it."""
    for model_id, status, fields, origins in tx.execute(text(_VERSIONS), {"revision": revision}):
        sources = {each.source for each in _origins.decode(origins).values()}
        yield Told(model_id, status == "active", _fields.decode(fields), tuple(sorted(sources)))


def began(tx: Connection) -> dict[str, int]:
    """When each source was first read, in microseconds."""
    return {name: int(at) for name, at in tx.execute(text(_BEGAN)) if at is not None}


def last_sync(tx: Connection, at: int) -> int:
    """The greatest id of the syncs that were observed at or before a time: an older reading gets a greater one."""
    sql = "SELECT coalesce(max(id), 0) FROM sync WHERE observed_at <= :at"
    return int(tx.execute(text(sql), {"at": at}).scalar_one())
