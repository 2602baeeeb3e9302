"""Metric points of the past that are packed together: the one place where a block of them becomes points.

A block holds whole runs of series as columns of JSON (RFC 8259) in one zstd frame (RFC 8878), whose content the block's
hash names. ``metric_in_block`` says which entities have points in it. A point is in a block or in ``metric``, never in
both.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from operator import itemgetter

from sqlalchemy import Connection, text

from modelcensus.core.errors import StoreDamaged
from modelcensus.store.blocks import inflated
from modelcensus.store.bulk import select_in

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Point = tuple[int, int, int, float | None]
"""Entity id, id of the metric's name, time (microseconds), value."""
Wanted = Callable[[int, int], bool]
"""Whether a series is asked for, by entity id and the id of the metric's name."""
_series = itemgetter(0, 1)
_BLOCK = "SELECT hash, points, size, data FROM metric_block WHERE id = :id"


def columns(points: Sequence[Point]) -> bytes:
    """Points, ordered by entity, name and time, as text in which like stands beside like."""
    times = sorted({point[2] for point in points})
    places = {time: place for place, time in enumerate(times)}
    heads: list[int] = []
    steps: list[int] = []
    values: list[float | None] = []
    for (entity_id, name_id), members in groupby(points, _series):
        series = list(members)
        heads += (entity_id, name_id, len(series))
        steps += _steps([places[point[2]] for point in series])
        values += [point[3] for point in series]
    return json.dumps([_steps(times), heads, steps, values], separators=(",", ":")).encode()


def points_of(content: bytes, wanted: Wanted | None = None) -> list[Point]:
    """The points that ``columns`` made such a text of, or those of some series.

    Raises ``ValueError`` and its like for another text.
    """
    apart, heads, steps, values = json.loads(content)
    if not sum(heads[2::3]) == len(steps) == len(values):
        raise ValueError("it has not as many points as its series")
    times = list(accumulate(apart))
    found: list[Point] = []
    start = 0
    for entity_id, name_id, length in zip(*[iter(heads)] * 3, strict=True):
        own = slice(start, start + length)
        if wanted is None or wanted(entity_id, name_id):
            places = accumulate(steps[own])
            found += [
                (entity_id, name_id, times[place], value) for place, value in zip(places, values[own], strict=True)
            ]
        start += length
    return found


def _steps(numbers: Sequence[int]) -> list[int]:
    return [number - before for number, before in zip(numbers, [0, *numbers], strict=False)]


def unpacked_points(tx: Connection, block_id: int, wanted: Wanted | None = None) -> list[Point]:
    """The points of a block, which is held against its hash, or those of some series. Raises ``StoreDamaged``."""
    row = tx.execute(text(_BLOCK), {"id": block_id}).first()
    if row is None:
        raise damaged_points(block_id, "it is gone")
    hash_, points, size, data = row
    try:
        content = inflated(bytes(data), size, None)
    except (zstd.ZstdError, ValueError) as error:
        raise damaged_points(block_id, str(error)) from error
    if hashlib.sha256(content).digest() != bytes(hash_):
        raise damaged_points(block_id, "its content does not have its hash")
    try:
        found = points_of(content, wanted)
    except (ValueError, TypeError, IndexError) as error:
        raise damaged_points(block_id, str(error)) from error
    if wanted is None and len(found) != points:
        raise damaged_points(block_id, f"it has {len(found)} points, not {points}")
    return found


def damaged_points(block_id: int, why: str) -> StoreDamaged:
    """The error of a block of points that cannot be read."""
    return StoreDamaged(
        f"block {block_id} of metric points cannot be read: {why}", "run 'modelcensus verify', then restore a backup"
    )


def packed_points(tx: Connection, entity_ids: Sequence[int], name_id: int | None = None) -> Iterator[Point]:
    """The packed points of these entities, of one name or all. Raises ``StoreDamaged``."""
    asked = set(entity_ids)

    def wanted(entity: int, name: int) -> bool:
        return entity in asked and name_id in (None, name)

    for block_id in blocks_of(tx, entity_ids):
        yield from unpacked_points(tx, block_id, wanted)


def blocks_of(tx: Connection, entity_ids: Sequence[int]) -> list[int]:
    """Ids of the blocks with points of these entities."""
    rows = select_in(tx, "SELECT DISTINCT block_id FROM metric_in_block WHERE entity_id $in", "bigint", entity_ids)
    return sorted({row[0] for row in rows})


def latest(points: Iterable[Point], time: int) -> dict[tuple[int, int], tuple[int, float | None]]:
    """(time, value) of the last point of each series at or before a time, by entity and name."""
    found: dict[tuple[int, int], tuple[int, float | None]] = {}
    for entity_id, name_id, at, value in points:
        if at <= time and ((entity_id, name_id) not in found or found[entity_id, name_id][0] < at):
            found[entity_id, name_id] = (at, value)
    return found
