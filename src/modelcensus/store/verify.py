"""Check a census against itself: bodies and blocks by their hashes, syncs by the chain, today by history."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, text

from modelcensus.core.chain import START, link
from modelcensus.core.errors import StoreDamaged
from modelcensus.store.blocks import Unpacked, block_ids, unpacked
from modelcensus.store.bulk import select_in
from modelcensus.store.metric_blocks import unpacked_points
from modelcensus.store.syncs import sync_digest, written_by_all
from modelcensus.store.timeline import AS_OF

FOREVER = 2**62
_MOST = 20
"""Problems of one kind that are listed; the rest is counted."""


def bodies(tx: Connection, progress: Callable[[int], None]) -> Iterator[str]:
    """Bodies whose text does not have their hash, hashes that two have, and blocks that cannot be read."""
    sql = "SELECT id, hash, data FROM body WHERE block_id IS NULL ORDER BY id"
    rows = tx.execute(text(sql), execution_options={"stream_results": True})
    for part in rows.partitions(1000):
        for id_, hash_, data in part:
            if hashlib.sha256(data.encode()).digest() != bytes(hash_):
                yield f"body {id_}: its text does not have its hash {bytes(hash_).hex()[:12]}"
        progress(len(part))
    yield from _packed(tx, progress)
    twice = "SELECT min(id), max(id) FROM body GROUP BY hash HAVING count(*) > 1 ORDER BY 1"
    for first, other in tx.execute(text(twice)):
        yield f"body {other}: it has the hash of body {first}"


def _packed(tx: Connection, progress: Callable[[int], None]) -> Iterator[str]:
    counts = dict(block_ids(tx))
    sql = "SELECT id, hash, block_id, place FROM body WHERE block_id IS NOT NULL ORDER BY block_id, place"
    rows = tx.execute(text(sql), execution_options={"stream_results": True})
    in_order = (row for part in rows.partitions(1000) for row in part)
    for block_id, members in groupby(in_order, key=itemgetter(2)):
        found = [(id_, bytes(hash_), place) for id_, hash_, _, place in members]
        count = counts.pop(block_id, None)
        try:
            block = unpacked(tx, block_id)
        except StoreDamaged as error:
            yield f"block {block_id}: {error.message}; {len(found)} bodies are in it, from body {found[0][0]} on"
        else:
            yield from _unlike(block_id, block, found)
            if not count == len(found) == len(block.texts):
                yield f"block {block_id}: it holds {len(block.texts)} bodies, but {len(found)} are said to be in it"
        progress(len(found))
    for block_id in counts:
        yield f"block {block_id}: no body is said to be in it"


def _unlike(block_id: int, block: Unpacked, found: list[tuple[int, bytes, int]]) -> Iterator[str]:
    for id_, hash_, place in found:
        data = block.texts[place] if place < len(block.texts) else b""
        if hashlib.sha256(data).digest() != hash_:
            yield f"body {id_}: its text in block {block_id} does not have its hash {hash_.hex()[:12]}"


def points(tx: Connection) -> Iterator[str]:
    """Blocks of metric points that cannot be read, are not where they are said to be, or hold what is in rows too."""
    sql = "SELECT entity_id FROM metric_in_block WHERE block_id = :id ORDER BY entity_id"
    names = {row[0] for row in tx.execute(text("SELECT id FROM metric_name"))}
    for (block_id,) in tx.execute(text("SELECT id FROM metric_block ORDER BY id")).all():
        said = [row[0] for row in tx.execute(text(sql), {"id": block_id})]
        try:
            found = unpacked_points(tx, block_id)
        except StoreDamaged as error:
            yield f"metric block {block_id}: {error.message}; points of {len(said)} entities are in it"
            continue
        if sorted({point[0] for point in found}) != said:
            yield f"metric block {block_id}: it holds points of other entities than are said to be in it"
        if not {point[1] for point in found} <= names:
            yield f"metric block {block_id}: it has points of a metric without a name"
        rows = select_in(tx, "SELECT entity_id, name_id, observed_at FROM metric WHERE entity_id $in", "bigint", said)
        if twice := {point[:3] for point in found} & {(row[0], row[1], row[2]) for row in rows}:
            yield f"metric block {block_id}: {len(twice)} of its points are in rows too"


def chain(tx: Connection, progress: Callable[[int], None]) -> Iterator[str]:
    """Syncs that are missing, not sealed, or do not match their digest or the link before them."""
    previous = START
    expected = 1
    rows = list(tx.execute(text("SELECT id, digest, chain FROM sync ORDER BY id")))
    wrote = written_by_all(tx)
    next_id, written = next(wrote, (0, iter(())))
    for id_, digest, sealed in rows:
        own = sync_digest(tx, id_, written if next_id == id_ else ())
        if next_id == id_:
            next_id, written = next(wrote, (0, iter(())))
        if id_ != expected:
            yield f"sync {expected}: missing from the log"
        expected = id_ + 1
        if digest is None or sealed is None:
            yield f"sync {id_}: was never sealed"
            continue
        if own != bytes(digest):
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
