"""Pack metric points into blocks, take them out again, let some go; each block is proven before it stays."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from sqlalchemy import Connection, text

from modelcensus.core.errors import StoreDamaged
from modelcensus.store.blocks_packing import LEVEL
from modelcensus.store.bulk import chunks, insert, select_in
from modelcensus.store.metric_blocks import Point, blocks_of, columns, unpacked_points

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

POINTS = 4096
"""Points after which a block is full: what has to be unpacked for one series."""
COLUMNS = ("entity_id", "name_id", "observed_at", "value")
_DROPPED = "DELETE FROM metric WHERE entity_id = :entity AND name_id = :name AND observed_at = :at"
_PACKED = """SELECT DISTINCT i.entity_id FROM metric_in_block i JOIN metric_block k ON k.id = i.block_id
WHERE i.entity_id BETWEEN :first AND :last AND k.oldest < :before ORDER BY i.entity_id"""
_SOME = 200
"""Entities whose points are looked at together."""


def parts(tx: Connection, before: int) -> Iterator[tuple[range, int]]:
    """Ranges of entity ids with points before a time (microseconds), and how many: about a block each."""
    sql = "SELECT entity_id, count(*) FROM metric WHERE observed_at < :before GROUP BY entity_id ORDER BY entity_id"
    first, last, total = 0, 0, 0
    for entity_id, points in tx.execute(text(sql), {"before": before}).all():
        first = first if total else entity_id
        last = entity_id
        total += points
        if total >= POINTS:
            yield range(first, last + 1), total
            total = 0
    if total:
        yield range(first, last + 1), total


def pack_points(tx: Connection, ids: range, before: int) -> int:
    """Move points of these entities before a time from their rows into blocks. How many. Raises ``StoreDamaged``."""
    where = "entity_id BETWEEN :first AND :last AND observed_at < :before"
    scope = {"first": ids[0], "last": ids[-1], "before": before}
    sql = f"SELECT {', '.join(COLUMNS)} FROM metric WHERE {where} ORDER BY entity_id, name_id, observed_at"
    points: list[Point] = [(row[0], row[1], row[2], row[3]) for row in tx.execute(text(sql), scope)]
    keep_points(tx, points)
    gone = int(tx.execute(text(f"DELETE FROM metric WHERE {where}"), scope).rowcount)
    if gone != len(points):
        raise StoreDamaged("metric points moved while they were packed; nothing was changed", "run it again")
    return gone


def keep_points(tx: Connection, points: Sequence[Point]) -> None:
    """Store ordered points in new blocks, each read back before the caller commits. Raises ``StoreDamaged``."""
    for part in chunks(points, 2 * POINTS):
        content = columns(part)
        data = zstd.compress(content, level=LEVEL)
        block_id = int(tx.execute(text("SELECT coalesce(max(id), 0) + 1 FROM metric_block")).scalar() or 1)
        sql = """INSERT INTO metric_block (id, hash, points, oldest, size, data)
        VALUES (:id, :hash, :points, :oldest, :size, :data)"""
        values = {"id": block_id, "hash": hashlib.sha256(content).digest(), "points": len(part), "size": len(content)}
        tx.execute(text(sql), {**values, "oldest": min(point[2] for point in part), "data": data})
        members = [(entity_id, block_id) for entity_id in dict.fromkeys(point[0] for point in part)]
        insert(tx, "metric_in_block", ("entity_id", "block_id"), members)
        if unpacked_points(tx, block_id) != list(part):
            raise StoreDamaged(
                f"block {block_id} of metric points is not what was written; it was taken back",
                "report it, with the version of zstd",
            )


def take_out(tx: Connection, entity_ids: Sequence[int]) -> None:
    """Put the points of every block of these entities back into rows. Raises ``StoreDamaged``."""
    for block_id in blocks_of(tx, entity_ids):
        insert(tx, "metric", COLUMNS, unpacked_points(tx, block_id))
        _drop(tx, block_id)


def thin(tx: Connection, ids: range, before: int, goes: Callable[[int, int], bool]) -> int:
    """Let go of points of series that have packed ones from before a time (microseconds): in rows and in blocks.

    ``goes`` is given the times of a point and of the next one of its series. How many went. Raises ``StoreDamaged``.
    """
    scope = {"first": ids.start, "last": ids.stop - 1, "before": before}
    entity_ids = [row[0] for row in tx.execute(text(_PACKED), scope)]
    return sum(_thin(tx, some, goes) for some in chunks(entity_ids, _SOME))


def _thin(tx: Connection, entity_ids: Sequence[int], goes: Callable[[int, int], bool]) -> int:
    sql = "SELECT entity_id, name_id, observed_at FROM metric WHERE entity_id $in"
    plain = {(row[0], row[1], row[2]) for row in select_in(tx, sql, "bigint", entity_ids)}
    wanted = set(entity_ids)
    blocks = {block_id: unpacked_points(tx, block_id) for block_id in blocks_of(tx, entity_ids)}
    packed = {point[:3] for points in blocks.values() for point in points if point[0] in wanted}
    gone = {
        (*own, at)
        for own, members in groupby(sorted(plain | packed), itemgetter(0, 1))
        for at, later in pairwise(member[2] for member in members)
        if goes(at, later)
    }
    if plain & gone:
        tx.execute(text(_DROPPED), [dict(zip(("entity", "name", "at"), point, strict=True)) for point in plain & gone])
    for block_id, points in blocks.items():
        left = [point for point in points if point[:3] not in gone]
        if len(left) < len(points):
            _drop(tx, block_id)
            keep_points(tx, left)
    return len(gone)


def _drop(tx: Connection, block_id: int) -> None:
    tx.execute(text("DELETE FROM metric_in_block WHERE block_id = :id"), {"id": block_id})
    tx.execute(text("DELETE FROM metric_block WHERE id = :id"), {"id": block_id})
