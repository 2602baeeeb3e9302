"""The known fields of each category, and the drift events."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Connection, text

from modelcensus.core.drift import HINTS, DriftEvent, DriftKind, Event, Field, Watch
from modelcensus.store.inspection import NextSync

_SCOPE = "source_id = :source AND category = :category"
_WILD = re.compile("[%_!]")


def fields(tx: Connection, source_id: int, category: str) -> dict[str, dict[str, Field]]:
    """The known fields of a category, by path and type."""
    sql = f"SELECT path, type, live, peak, entity_id, first_sync, gone FROM shape_field WHERE {_SCOPE}"
    found: dict[str, dict[str, Field]] = {}
    for path, kind, live, peak, entity_id, first_sync, gone in tx.execute(
        text(sql), {"source": source_id, "category": category}
    ):
        found.setdefault(path, {})[kind] = Field(live, peak, entity_id, first_sync, bool(gone))
    return found


def values(tx: Connection, source_id: int, category: str) -> dict[str, set[str]]:
    """The values seen of each enumeration of a category."""
    found: dict[str, set[str]] = {}
    rows = tx.execute(
        text(f"SELECT path, said FROM shape_value WHERE {_SCOPE}"), {"source": source_id, "category": category}
    )
    for path, said in rows:
        found.setdefault(path, set()).add(said)
    return found


def keep(tx: Connection, source_id: int, category: str, watch: Watch, sync: NextSync, *, repeats: bool = True) -> int:
    """Store what a watch has learned; how many events are new. Without ``repeats`` a known event is not counted up."""
    scope = {"source": source_id, "category": category}
    rows = [
        {**scope, "path": path, "type": kind, "live": field.live, "peak": field.peak, "entity": field.entity_id,
         "first": field.first_sync, "gone": int(field.gone)}
        for path, kind, field in watch.rows()
    ]  # fmt: skip
    if rows:
        tx.execute(text(_KEEP_FIELD), rows)
    fresh = [
        {**scope, "path": path, "said": said, "entity": entity_id, "sync": sync.id}
        for (path, said), entity_id in watch.fresh_values.items()
    ]
    if fresh:
        tx.execute(text(_KEEP_VALUE), fresh)
    return _keep_events(tx, scope, watch.events.values(), sync, repeats)


_KEEP_FIELD = """INSERT INTO shape_field (source_id, category, path, type, live, peak, entity_id, first_sync, gone)
VALUES (:source, :category, :path, :type, :live, :peak, :entity, :first, :gone)
ON CONFLICT (source_id, category, path, type) DO UPDATE SET live = excluded.live, peak = excluded.peak,
entity_id = excluded.entity_id, gone = excluded.gone"""
_KEEP_VALUE = """INSERT INTO shape_value (source_id, category, path, said, entity_id, first_sync)
VALUES (:source, :category, :path, :said, :entity, :sync) ON CONFLICT DO NOTHING"""
_AGAIN = f"""UPDATE drift SET times = times + 1, last_sync = :sync, last_observed_at = :time
WHERE {_SCOPE} AND kind = :kind AND path = :path AND what = :what AND last_sync < :sync"""
_NEW = """INSERT INTO drift (source_id, category, kind, path, what, detail, entity_id, sync_id, observed_at, times,
last_sync, last_observed_at)
VALUES (:source, :category, :kind, :path, :what, :detail, :entity, :sync, :time, 1, :sync, :time)
ON CONFLICT DO NOTHING"""


def _keep_events(
    tx: Connection, scope: dict[str, object], events: Iterable[Event], sync: NextSync, repeats: bool
) -> int:
    new = 0
    for event in events:
        row = {
            **scope, "kind": event.kind.value, "path": event.path, "what": event.what, "detail": event.detail,
            "entity": event.entity_id, "sync": sync.id, "time": sync.observed_at,
        }  # fmt: skip
        if not event.repeat and tx.execute(text(_NEW), row).rowcount:
            new += 1
        elif repeats:
            tx.execute(text(_AGAIN), row)
    return new


def forget_counts(tx: Connection, source_id: int, category: str) -> None:
    """Before a rebuilding: every field is still known, but how many entities have it is counted anew."""
    tx.execute(
        text(f"UPDATE shape_field SET live = 0, peak = 0 WHERE {_SCOPE}"), {"source": source_id, "category": category}
    )


def list_events(
    tx: Connection,
    *,
    source: str | None = None,
    since: int | None = None,
    kind: str | None = None,
    part: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[DriftEvent]:
    """Drift events that last happened at ``since`` or later, newest first.

    ``part``: of the field's path, in any case; ``offset`` skips so many.
    """
    sql = """SELECT s.name, d.category, d.kind, d.path, d.detail, e.key, d.sync_id, d.observed_at, d.times,
    d.last_observed_at FROM drift d JOIN source s ON s.id = d.source_id LEFT JOIN entity e ON e.id = d.entity_id
    WHERE (CAST(:source AS TEXT) IS NULL OR s.name = :source)
    AND (CAST(:since AS BIGINT) IS NULL OR d.last_observed_at >= :since)
    AND (CAST(:kind AS TEXT) IS NULL OR d.kind = :kind)
    AND (CAST(:part AS TEXT) IS NULL OR lower(d.path) LIKE :part ESCAPE '!')
    ORDER BY d.last_observed_at DESC, s.name, d.category, d.path, d.kind, d.what LIMIT :limit OFFSET :offset"""
    like = None if part is None else "%" + _WILD.sub(r"!\g<0>", part.lower()) + "%"
    rows = tx.execute(
        text(sql),
        {"source": source, "since": since, "kind": kind, "part": like, "limit": limit, "offset": offset},
    )
    return [
        DriftEvent(
            source=row[0], category=row[1], kind=DriftKind(row[2]), path=row[3], detail=row[4],
            hint=HINTS[DriftKind(row[2])], key=row[5], sync_id=row[6], observed_at=row[7], times=row[8],
            last_observed_at=row[9],
        )
        for row in rows
    ]  # fmt: skip
