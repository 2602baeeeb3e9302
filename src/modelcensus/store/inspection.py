"""How far a source's syncs have been inspected, and which entities the next one touched.

Everything here is a projection of what is recorded: emptied, it fills again. ``inspected`` holds the version of each
live entity that has been looked at, so that whatever interrupts an inspection, nothing is counted twice or left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection, text

from modelcensus.store.blocks import Bodies, columns
from modelcensus.store.bulk import chunks, insert, select_in
from modelcensus.store.moments import indexed

_BODIES = 100
"""Bodies that are read at once: they may be large."""


class Mark(msgspec.Struct):
    """How far a source is inspected: the last whole sync, and the last entity of the one after it."""

    source_id: int
    sync_id: int = 0
    entity_id: int = 0


class NextSync(msgspec.Struct, frozen=True):
    """A sync to inspect. ``document``: what it read; ``in_order``: nothing observed later was there before it."""

    id: int
    observed_at: int
    document: str
    payload_hash: bytes | None
    quarantined: int
    in_order: bool


class CategoryState(msgspec.Struct):
    """What is known of one category of a source.

    ``rules``: hash of what the adapter declares; ``baselined``: a whole reading has been seen; ``changed``: findings
    are not what the last score says; ``live``: entities inspected; ``rebuilt_to``: the last key of a rebuilding.
    """

    rules: bytes
    baselined: bool = False
    changed: bool = True
    live: int = 0
    rebuilt_to: str | None = None


class Touched(msgspec.Struct, frozen=True, gc=False):
    """An entity that a sync touched: the body that was inspected before, and its body after the sync."""

    entity_id: int
    category: str
    key: str
    before: int | None
    after: int | None


def mark_of(tx: Connection, source: str) -> Mark | None:
    """How far a source is inspected; None for a source that never recorded anything."""
    sql = """SELECT s.id, i.sync_id, i.entity_id FROM source s LEFT JOIN inspection i ON i.source_id = s.id
    WHERE s.name = :source"""
    row = tx.execute(text(sql), {"source": source}).first()
    return Mark(row[0], row[1] or 0, row[2] or 0) if row else None


def keep_mark(tx: Connection, mark: Mark) -> None:
    """Write down how far a source is inspected."""
    sql = """INSERT INTO inspection (source_id, sync_id, entity_id) VALUES (:source_id, :sync_id, :entity_id)
    ON CONFLICT (source_id) DO UPDATE SET sync_id = excluded.sync_id, entity_id = excluded.entity_id"""
    tx.execute(text(sql), msgspec.structs.asdict(mark))


def next_sync(tx: Connection, mark: Mark) -> NextSync | None:
    """The source's first sync that is not inspected in full."""
    return _sync(tx, mark, "SELECT min(n.id) FROM sync n WHERE n.source_id = :source AND n.id > :done")


def last_sync(tx: Connection, mark: Mark) -> NextSync | None:
    """The source's last sync that is inspected in full."""
    return _sync(tx, mark, "SELECT max(n.id) FROM sync n WHERE n.source_id = :source AND n.id <= :done")


def _sync(tx: Connection, mark: Mark, which: str) -> NextSync | None:
    sql = f"""SELECT y.id, y.observed_at, y.reader, y.payload_hash, y.quarantined, EXISTS (
        SELECT 1 FROM sync l WHERE l.source_id = y.source_id AND l.observed_at > y.observed_at AND l.id < y.id)
    FROM sync y WHERE y.id = ({which})"""
    row = tx.execute(text(sql), {"source": mark.source_id, "done": mark.sync_id}).first()
    if row is None:
        return None
    document = row[2].rpartition("/")[2].rpartition("@")[0]
    return NextSync(row[0], row[1], document, bytes(row[3]) if row[3] else None, row[4], not row[5])


def payload_of(tx: Connection, sync_id: int) -> bytes | None:
    """The payload's hash of a sync."""
    found = tx.execute(text("SELECT payload_hash FROM sync WHERE id = :id"), {"id": sync_id}).scalar()
    return bytes(found) if found else None


def covered(tx: Connection, source_id: int, sync: NextSync) -> dict[str, bool]:
    """The categories that a sync read, and whether in full."""
    sql = (
        "SELECT category, complete FROM coverage WHERE source_id = :source AND sync_id = :sync AND observed_at = :time"
    )
    rows = tx.execute(text(sql), {"source": source_id, "sync": sync.id, "time": sync.observed_at})
    return {category: bool(complete) for category, complete in rows}


def categories(tx: Connection, source_id: int) -> dict[str, CategoryState]:
    """The state of each category of a source."""
    sql = """SELECT category, rules, baselined, changed, live, rebuilt_to FROM inspection_category
    WHERE source_id = :source"""
    return {
        row[0]: CategoryState(bytes(row[1]), bool(row[2]), bool(row[3]), row[4], row[5])
        for row in tx.execute(text(sql), {"source": source_id})
    }


def keep_category(tx: Connection, source_id: int, category: str, state: CategoryState) -> None:
    """Write down the state of a category."""
    sql = """INSERT INTO inspection_category (source_id, category, rules, baselined, changed, live, rebuilt_to)
    VALUES (:source, :category, :rules, :baselined, :changed, :live, :rebuilt_to)
    ON CONFLICT (source_id, category) DO UPDATE SET rules = excluded.rules, baselined = excluded.baselined,
    changed = excluded.changed, live = excluded.live, rebuilt_to = excluded.rebuilt_to"""
    tx.execute(
        text(sql),
        {
            "source": source_id, "category": category, "rules": state.rules, "baselined": int(state.baselined),
            "changed": int(state.changed), "live": state.live, "rebuilt_to": state.rebuilt_to,
        },
    )  # fmt: skip


def touched(tx: Connection, mark: Mark, sync: NextSync, limit: int) -> list[Touched]:
    """The next entities that a sync touched, by id, from after the mark on.

    In recorded order: of a reading older than what was there, only what it changed of the present.
    """
    newer = indexed(tx, sync.id)
    if sync.in_order:
        sql = f"""SELECT s.entity_id, s.body_id FROM snapshot s
        WHERE s.observed_at = :time AND s.entity_id > :after AND s.sync_id = :sync AND {newer}
        ORDER BY s.entity_id LIMIT :limit"""
    else:
        sql = f"""SELECT d.entity_id, (SELECT q.body_id FROM snapshot q WHERE q.entity_id = d.entity_id
            AND q.sync_id <= :sync ORDER BY q.observed_at DESC, q.sync_id DESC LIMIT 1)
        FROM (SELECT DISTINCT entity_id FROM snapshot WHERE sync_id = :sync AND observed_at >= :time
              AND {newer} AND entity_id > :after ORDER BY entity_id LIMIT :limit) d ORDER BY d.entity_id"""
    values = {"time": sync.observed_at, "after": mark.entity_id, "sync": sync.id, "limit": limit}
    after = dict(map(tuple, tx.execute(text(sql), values)))
    return [
        Touched(entity_id, category, key, before, after[entity_id])
        for entity_id, category, key, before in _entities(tx, list(after))
    ]


def _entities(tx: Connection, ids: Sequence[int]) -> list[tuple[int, str, str, int | None]]:
    sql = """SELECT e.id, e.category, e.key, i.body_id FROM entity e LEFT JOIN inspected i ON i.entity_id = e.id
    WHERE e.id $in ORDER BY e.id"""
    return [(row[0], row[1], row[2], row[3]) for row in select_in(tx, sql, "bigint", ids)]


def inspected_after(tx: Connection, source_id: int, category: str, key: str, limit: int) -> list[Touched]:
    """The next inspected entities of a category by key, as if each had just appeared."""
    sql = """SELECT e.id, e.category, e.key, i.body_id FROM entity e JOIN inspected i ON i.entity_id = e.id
    WHERE e.source_id = :source AND e.category = :category AND e.key > :key ORDER BY e.key LIMIT :limit"""
    rows = tx.execute(text(sql), {"source": source_id, "category": category, "key": key, "limit": limit})
    return [Touched(row[0], row[1], row[2], None, row[3]) for row in rows]


def bodies(tx: Connection, ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """(id, canonical JSON) of bodies, a few at a time."""
    texts = Bodies(tx)
    for part in chunks(ids, _BODIES):
        rows = select_in(tx, f"SELECT b.id, {columns('b')} FROM body b WHERE b.id $in", "bigint", part)
        texts.expect(row[2] for row in rows)
        for id_, data, block_id, place in rows:
            yield id_, texts.text((data, block_id, place)) or b""


def keep_inspected(tx: Connection, entities: Sequence[Touched]) -> None:
    """Write down which version of each entity has been looked at."""
    known = [each.entity_id for each in entities if each.before is not None]
    select_in(tx, "DELETE FROM inspected WHERE entity_id $in RETURNING entity_id", "bigint", known)
    live = [(each.entity_id, each.after) for each in entities if each.after is not None]
    insert(tx, "inspected", ("entity_id", "body_id"), live)
