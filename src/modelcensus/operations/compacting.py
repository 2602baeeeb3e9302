"""Compact: pack bodies that no recent version has, and metric points of the past, into blocks, while syncs go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from modelcensus.operations.census import Progress, silent
from modelcensus.store import blocks_packing as packing
from modelcensus.store import metric_packing, stats
from modelcensus.store.blocks_packing import Candidate, Dictionary
from modelcensus.store.blocks_space import give_back
from modelcensus.store.engine import Store
from modelcensus.store.moments import list_moments

WHAT = "bodies packed"
POINTS = "metric points packed"


class Compacted(msgspec.Struct, frozen=True, kw_only=True):
    """What a run packed, or with ``dry_run`` would.

    ``text_bytes``: of the texts; ``packed_bytes``: of their blocks; ``points``: of metric series. ``damaged``: ids of
    bodies without their hash, which stay as they are; ``given_back`` False: the freed space is still in the file, and
    will be reused; ``size_before`` and ``size_after``: bytes of the database.
    """

    dry_run: bool
    bodies: int
    blocks: int
    text_bytes: int
    packed_bytes: int
    points: int
    damaged: tuple[int, ...]
    given_back: bool
    size_before: int
    size_after: int


class _Count(msgspec.Struct):
    bodies: int = 0
    blocks: int = 0
    text: int = 0
    packed: int = 0
    points: int = 0


def compact(
    store: Store, *, before: int, dry_run: bool = False, full: bool = False, progress: Progress = silent
) -> Compacted:
    """Pack every body that no version observed from ``before`` (microseconds) on has, and every metric point from
    before it; give the space back.

    Each block is its own short writing transaction: whenever it is stopped, nothing is lost, and the next run goes on.
    Nothing that can be asked gives another answer. Raises ``StoreError``.
    """
    with store.reading() as tx:
        size = stats.stats(tx, store.url, store.shown_url).size_bytes
        found = list(packing.candidates(tx, before))
        points = list(metric_packing.parts(tx, before))
    parts = [list(part) for _, part in groupby(found, key=lambda each: (each.source_id, each.category))]
    count, damaged = _Count(), list[int]()
    if dry_run:
        count = _Count(len(found), sum(len(list(_cut(part))) for part in parts), sum(each.size for each in found))
        count.points = sum(each for _, each in points)
        return _told(count, damaged, dry_run, True, size, size)
    progress(WHAT, 0, len(found))
    for part in parts:
        dictionary = _dictionary(store, part)
        for ids in _cut(part):
            _pack(store, ids, dictionary, count, damaged)
            progress(WHAT, count.bodies, len(found))
    for entities, _ in points:
        with store.writing() as tx:
            count.points += metric_packing.pack_points(tx, entities, before)
        progress(POINTS, count.points, sum(each for _, each in points))
    with store.writing() as tx:
        packing.forget_raw(tx)
        if store.file is not None:
            list_moments(tx, before)
    given_back = give_back(store, full=full)
    with store.reading() as tx:
        after = stats.stats(tx, store.url, store.shown_url).size_bytes
    return _told(count, damaged, dry_run, given_back, size, after)


def _told(
    count: _Count, damaged: list[int], dry_run: bool, given_back: bool, size_before: int, size_after: int
) -> Compacted:
    return Compacted(
        dry_run=dry_run, bodies=count.bodies, blocks=count.blocks, text_bytes=count.text, packed_bytes=count.packed,
        points=count.points, damaged=tuple(damaged), given_back=given_back,
        size_before=size_before, size_after=size_after,
    )  # fmt: skip


def _pack(store: Store, ids: list[int], dictionary: Dictionary | None, count: _Count, damaged: list[int]) -> None:
    with store.reading() as tx:
        bodies = packing.plain(tx, ids)
    damaged += [body.id for body in bodies if not body.sound]
    sound = [body for body in bodies if body.sound]
    if not sound:
        return
    block = packing.packed(sound, dictionary)
    with store.writing() as tx:
        moved = packing.move(tx, block)
    if moved is not None:
        count.bodies += len(sound)
        count.blocks += 1
        count.text += sum(len(body.data) for body in sound)
        count.packed += len(block.data)


def _cut(part: Iterable[Candidate]) -> Iterator[list[int]]:
    """The ids of one block after another."""
    ids: list[int] = []
    size = 0
    for each in part:
        ids.append(each.body_id)
        size += each.size
        if size >= packing.BLOCK_BYTES:
            yield ids
            ids, size = [], 0
    if ids:
        yield ids


def _dictionary(store: Store, part: list[Candidate]) -> Dictionary | None:
    """The dictionary of a category of a source; the first run with enough bodies trains it by their latest ones."""
    first = part[0]
    with store.reading() as tx:
        found = packing.dictionary_of(tx, first.source_id, first.category)
        if found is not None:
            return found
        latest = list({each.entity_id: each for each in part}.values())
        step = sum(each.size for each in latest) // packing.SAMPLE_BYTES + 1
        samples = [body.data for body in packing.plain(tx, [each.body_id for each in latest[::step]])]
    learned = packing.trained(samples)
    if learned is None:
        return None
    with store.writing() as tx:
        return packing.keep_dictionary(tx, first.source_id, first.category, learned)
