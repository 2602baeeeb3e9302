"""What live entities say of models, translated: kept so that an unchanged snapshot is not translated again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core import canonical
from modelcensus.core.catalog.listing import Listing, Offering, Snapshot
from modelcensus.store.blocks import Bodies, columns
from modelcensus.store.bulk import chunks, select_in
from modelcensus.store.catalog.rows import insert

_listing = msgspec.json.Decoder(Listing)
_offering = msgspec.json.Decoder(Offering)
_volatile = msgspec.json.Decoder(dict[str, Any])
_SCOPE = """(CAST(:source AS TEXT) IS NULL OR s.name = :source)"""
_PENDING = f"""SELECT e.id, e.key, b.hash, e.volatile,
    (SELECT max(v.observed_at) FROM snapshot v WHERE v.entity_id = e.id), {columns("b")}
FROM source s JOIN entity e ON e.source_id = s.id JOIN body b ON b.id = e.body_id
LEFT JOIN listing l ON l.entity_id = e.id
WHERE s.name = :source AND e.category = :category
AND (l.entity_id IS NULL OR l.hash <> b.hash OR l.translator_version <> :version) ORDER BY e.id"""
_GONE = "SELECT entity_id FROM listing WHERE entity_id IN (SELECT id FROM entity WHERE body_id IS NULL)"


class Pending(msgspec.Struct, frozen=True):
    """A live entity that is to be translated."""

    entity_id: int
    snapshot: Snapshot


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one snapshot: a listing, offerings, or the reason why it gives none, with a hint."""

    entity_id: int
    sha256: str
    listing: Listing | None = None
    offerings: tuple[Offering, ...] = ()
    reason: str | None = None
    hint: str | None = None


class Refused(msgspec.Struct, frozen=True):
    """An entity that gives no listing, and why: a filter leaves it out (``excluded``), or it cannot be translated."""

    source: str
    category: str
    key: str
    reason: str
    hint: str | None
    excluded: bool


def pending(tx: Connection, source: str, category: str, version: int) -> Iterator[Pending]:
    """Live entities of a category that are new, altered, or were translated by another version, in order of their id.

    Numbers are exact (int or Decimal). A change of volatile numbers alone makes nothing pending.
    """
    values = {"source": source, "category": category, "version": version}
    bodies = Bodies(tx)
    rows = tx.execute(text(_PENDING), values).all()
    bodies.expect(row[6] for row in rows)
    for row in rows:
        snapshot = Snapshot(
            source=source, category=category, key=row[1], sha256=bytes(row[2]).hex(), observed_at=row[4],
            data=canonical.decode(bodies.text((row[5], row[6], row[7])) or b""),
            volatile=_volatile.decode(row[3]) if row[3] else {},
        )  # fmt: skip
        yield Pending(row[0], snapshot)


def keep(tx: Connection, version: int, kept: Iterable[Kept]) -> int:
    """Store what was translated in place of what was there for these entities; how many."""
    count = 0
    columns = ("entity_id", "translator_version", "hash", "data", "excluded", "reason", "hint")
    for part in chunks(list(kept)):
        _drop(tx, [each.entity_id for each in part])
        insert(tx, "listing", columns, [
            (each.entity_id, version, bytes.fromhex(each.sha256), _json(each.listing) if each.listing else None,
             each.listing.excluded if each.listing else None, each.reason, each.hint)
            for each in part
        ])  # fmt: skip
        insert(tx, "offering", ("entity_id", "position", "model_key", "data"), [
            (each.entity_id, position, offering.model_key, _json(offering))
            for each in part for position, offering in enumerate(each.offerings)
        ])  # fmt: skip
        count += len(part)
    return count


def forget_vanished(tx: Connection) -> int:
    """Drop what vanished entities said; how many. Their snapshots stay, and what is published of them too."""
    gone = [row[0] for row in tx.execute(text(_GONE))]
    _drop(tx, gone)
    return len(gone)


def listings(tx: Connection, *, source: str | None = None, excluded: bool = False) -> Iterator[Listing]:
    """Every current listing, by source, category and key; with ``excluded`` those too that a filter leaves out."""
    kept = "" if excluded else "AND l.excluded IS NULL"
    sql = f"""SELECT l.data FROM listing l JOIN entity e ON e.id = l.entity_id JOIN source s ON s.id = e.source_id
    WHERE l.data IS NOT NULL AND {_SCOPE} {kept} ORDER BY s.name, e.category, e.key"""
    for row in tx.execute(text(sql), {"source": source}):
        yield _listing.decode(row[0])


def of_entities(tx: Connection, entity_ids: Sequence[int]) -> list[Listing]:
    """The current listings of these entities, but for those that a filter leaves out."""
    sql = "SELECT data FROM listing WHERE data IS NOT NULL AND excluded IS NULL AND entity_id $in"
    return [_listing.decode(row[0]) for row in select_in(tx, sql, "bigint", entity_ids)]


def offerings(tx: Connection, *, source: str | None = None, model_key: str | None = None) -> Iterator[Offering]:
    """Every current offering, by source, category, key and position."""
    sql = f"""SELECT o.data FROM offering o JOIN entity e ON e.id = o.entity_id JOIN source s ON s.id = e.source_id
    WHERE {_SCOPE} AND (CAST(:model AS TEXT) IS NULL OR o.model_key = :model)
    ORDER BY s.name, e.category, e.key, o.position"""
    for row in tx.execute(text(sql), {"source": source, "model": model_key}):
        yield _offering.decode(row[0])


def offered(tx: Connection) -> dict[tuple[str, str], int]:
    """How many offerings there are, by source and key of the model that they offer."""
    sql = """SELECT s.name, o.model_key, count(*) FROM offering o JOIN entity e ON e.id = o.entity_id
    JOIN source s ON s.id = e.source_id GROUP BY s.name, o.model_key"""
    return {(row[0], row[1]): row[2] for row in tx.execute(text(sql))}


def refused(tx: Connection, *, source: str | None = None, limit: int = 100) -> list[Refused]:
    """Live entities that give no listing though they are models, with the reason."""
    sql = f"""SELECT s.name, e.category, e.key, coalesce(l.reason, l.excluded), l.hint, l.excluded IS NOT NULL
    FROM listing l JOIN entity e ON e.id = l.entity_id JOIN source s ON s.id = e.source_id
    WHERE (l.reason IS NOT NULL OR l.excluded IS NOT NULL) AND {_SCOPE}
    ORDER BY s.name, e.category, e.key LIMIT :limit"""
    rows = tx.execute(text(sql), {"source": source, "limit": limit})
    return [Refused(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in rows]


def _drop(tx: Connection, entity_ids: Sequence[int]) -> None:
    # Offerings go with their listing (ON DELETE CASCADE). RETURNING, since ``select_in`` reads rows.
    select_in(tx, "DELETE FROM listing WHERE entity_id $in RETURNING entity_id", "bigint", entity_ids)


def _json(value: Listing | Offering) -> str:
    return msgspec.json.encode(value).decode()
