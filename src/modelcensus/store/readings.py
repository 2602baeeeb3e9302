"""What is already recorded of readings: to skip what is known, and to ask upstream only for what is new."""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

_WILD = re.compile("[%_!]")


def recorded_payload(tx: Connection, source: str, categories: tuple[str, ...], observed_at: int) -> list[bytes | None]:
    """Payload hashes of the readings of these categories that were observed at exactly this time."""
    sql = """SELECT DISTINCT y.payload_hash FROM coverage c JOIN sync y ON y.id = c.sync_id
    JOIN source s ON s.id = c.source_id
    WHERE s.name = :source AND c.category = :category AND c.observed_at = :time AND y.observed_at = c.observed_at"""
    found: list[bytes | None] = []
    for category in categories:
        rows = tx.execute(text(sql), {"source": source, "category": category, "time": observed_at})
        found += [bytes(row[0]) if row[0] else None for row in rows]
    return found


def last_payload(tx: Connection, source: str, reader: str) -> tuple[int, bytes] | None:
    """(observed time, payload hash) of a document's latest reading, if the same reader read it whole; else None."""
    sql = """SELECT y.observed_at, y.payload_hash, y.status, y.reader FROM sync y JOIN source s ON s.id = y.source_id
    WHERE s.name = :source AND y.status <> 'failed' AND substr(y.reader, 1, :length) = :document
    ORDER BY y.observed_at DESC, y.id DESC LIMIT 1"""
    document = reader.rpartition("@")[0] + "@"
    row = tx.execute(text(sql), {"source": source, "document": document, "length": len(document)}).first()
    if row is None or row[1] is None or row[2] != "complete" or row[3] != reader:
        return None
    return int(row[0]), bytes(row[1])


def live_keys(tx: Connection, source: str, category: str) -> frozenset[str]:
    """Keys of the live entities of one category."""
    sql = """SELECT e.key FROM entity e JOIN source s ON s.id = e.source_id
    WHERE s.name = :source AND e.category = :category AND e.body_id IS NOT NULL"""
    return frozenset(row[0] for row in tx.execute(text(sql), {"source": source, "category": category}))


def live_page(tx: Connection, source: str, category: str, *, part: str, after: str, limit: int) -> list[str]:
    """Keys of live entities of one category in the order of their bytes, after such a key.

    ``part``: only those that have it, in any case.
    """
    sql = """SELECT e.key FROM entity e JOIN source s ON s.id = e.source_id
    WHERE s.name = :source AND e.category = :category AND e.body_id IS NOT NULL AND e.key > :after
    AND (:part = '%%' OR lower(e.key) LIKE :part ESCAPE '!') ORDER BY e.key LIMIT :limit"""
    like = "%" + _WILD.sub(r"!\g<0>", part.lower()) + "%"
    values = {"source": source, "category": category, "after": after, "part": like, "limit": limit}
    return [row[0] for row in tx.execute(text(sql), values)]


def validators(tx: Connection, source: str, document: str) -> dict[str, tuple[str | None, str | None]]:
    """(ETag, Last-Modified) by URL, of the latest whole reading of a document."""
    sql = """SELECT v.url, v.etag, v.last_modified FROM validator v JOIN source s ON s.id = v.source_id
    WHERE s.name = :source AND v.document = :document"""
    found = tx.execute(text(sql), {"source": source, "document": document})
    return {row[0]: (row[1], row[2]) for row in found}


def keep_validators(
    tx: Connection, source_id: int, document: str, fresh: dict[str, tuple[str | None, str | None]]
) -> None:
    """Replace a document's validators. Empty after a reading that was not whole: it must be read again in full."""
    tx.execute(
        text("DELETE FROM validator WHERE source_id = :source AND document = :document"),
        {"source": source_id, "document": document},
    )
    for url, (etag, last_modified) in fresh.items():
        if etag or last_modified:
            tx.execute(
                text(
                    "INSERT INTO validator (source_id, document, url, etag, last_modified) VALUES (:s, :d, :u, :e, :m)"
                ),
                {"s": source_id, "d": document, "u": url, "e": etag, "m": last_modified},
            )
