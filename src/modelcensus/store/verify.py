"""Check a census against itself: every body against its hash, every sync against the chain, today against history."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, text

from modelcensus.core.chain import START, link
from modelcensus.store.syncs import sync_digest
from modelcensus.store.timeline import AS_OF

FOREVER = 2**62
_MOST = 20
"""Problems of one kind that are listed; the rest is counted."""


def bodies(tx: Connection, progress: Callable[[int], None]) -> Iterator[str]:
    """Bodies whose text does not have their hash."""
    rows = tx.execute(text("SELECT id, hash, data FROM body ORDER BY id"), execution_options={"stream_results": True})
    for part in rows.partitions(1000):
        for id_, hash_, data in part:
            if hashlib.sha256(data.encode()).digest() != bytes(hash_):
                yield f"body {id_}: its text does not have its hash {bytes(hash_).hex()[:12]}"
        progress(len(part))


def chain(tx: Connection, progress: Callable[[int], None]) -> Iterator[str]:
    """Syncs that are missing, not sealed, or do not match their digest or the link before them."""
    previous = START
    expected = 1
    rows = list(tx.execute(text("SELECT id, digest, chain FROM sync ORDER BY id")))
    for id_, digest, sealed in rows:
        if id_ != expected:
            yield f"sync {expected}: missing from the log"
        expected = id_ + 1
        if digest is None or sealed is None:
            yield f"sync {id_}: was never sealed"
            continue
        if sync_digest(tx, id_) != bytes(digest):
            yield f"sync {id_}: what it wrote was altered"
        if link(previous, bytes(digest)) != bytes(sealed):
            yield f"sync {id_}: its link does not follow from sync {id_ - 1}"
        previous = bytes(sealed)
        progress(1)


def current(tx: Connection) -> Iterator[str]:
    """Entities whose current state is not what history says, and snapshots no sync accounts for."""
    latest = AS_OF.format(entity="e.id", time=str(FOREVER))
    sql = f"SELECT e.id, e.key FROM entity e WHERE e.body_id IS DISTINCT FROM {latest} LIMIT {_MOST}"
    for id_, key in tx.execute(text(sql)):
        yield f"entity {id_} ({key}): its current state is not its latest version; run 'modelcensus rebuild'"
    early = """SELECT s.entity_id, s.sync_id FROM snapshot s JOIN sync y ON y.id = s.sync_id
    WHERE s.observed_at < y.observed_at LIMIT 20"""
    for entity_id, sync_id in tx.execute(text(early)):
        yield f"snapshot of entity {entity_id}: lies before sync {sync_id} that wrote it"


def rebuild(tx: Connection) -> int:
    """Recompute the current state of every entity from its history. How many were wrong."""
    latest = AS_OF.format(entity="entity.id", time=str(FOREVER))
    wrong = int(tx.execute(text(f"SELECT count(*) FROM entity WHERE body_id IS DISTINCT FROM {latest}")).scalar() or 0)
    if wrong:
        tx.execute(
            text(f"UPDATE entity SET body_id = {latest}, raw_hash = NULL WHERE body_id IS DISTINCT FROM {latest}")
        )
    return wrong


def links(tx: Connection, sync_id: int) -> bytes | None:
    """The chain's value after one sync."""
    found = tx.execute(text("SELECT chain FROM sync WHERE id = :id"), {"id": sync_id}).scalar()
    return bytes(found) if found else None


def head(tx: Connection) -> tuple[int, bytes]:
    """Number and chain value of the last sync; (0, START) for an empty census."""
    row = tx.execute(text("SELECT id, chain FROM sync ORDER BY id DESC LIMIT 1")).first()
    return (row[0], bytes(row[1]) if row[1] else START) if row else (0, START)
