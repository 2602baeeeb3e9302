"""Pack bodies into blocks: which ones, in which order, with which dictionary; each block is proven before it stays.

Versions of one entity, and entities with like names, lie together: a block of 128 KiB then packs to a twenty-fifth.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.errors import StoreDamaged
from modelcensus.store.blocks import LARGEST, SEPARATOR, inflated, loaded_dictionary, unpacked
from modelcensus.store.bulk import select_in
from modelcensus.store.seen import Seen

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 19
BLOCK_BYTES = 131_072
"""Text after which a block is full: what has to be unpacked for one body."""
DICTIONARY_BYTES = 65_536
SAMPLES = 64
"""Fewer bodies than this teach a dictionary nothing."""
SAMPLE_BYTES = 16_777_216
_CANDIDATES = """SELECT e.source_id, e.category, e.id, v.body_id, {length} FROM entity e
JOIN snapshot v ON v.entity_id = e.id JOIN body b ON b.id = v.body_id AND b.block_id IS NULL
ORDER BY e.source_id, e.category, e.key, v.observed_at, v.sync_id"""


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A body that is to be packed, by the entity that had it first; ``size``: bytes of its text."""

    source_id: int
    category: str
    entity_id: int
    body_id: int
    size: int


class Plain(msgspec.Struct, frozen=True, gc=False):
    """A body whose text is in its own row."""

    id: int
    hash: bytes
    data: bytes

    @property
    def sound(self) -> bool:
        """Whether its text has its hash, and can lie between separators."""
        return hashlib.sha256(self.data).digest() == self.hash and SEPARATOR not in self.data


class Dictionary(msgspec.Struct, frozen=True):
    """A stored dictionary, ready for use."""

    id: int
    content: zstd.ZstdDict


class Packed(msgspec.Struct, frozen=True):
    """A block to be stored: its bodies in their places, the hash and size of their texts, and the frame."""

    bodies: tuple[Plain, ...]
    hash: bytes
    size: int
    data: bytes
    dictionary_id: int | None


def candidates(tx: Connection, before: int) -> Iterator[Candidate]:
    """Bodies that are not packed and that no version from ``before`` (microseconds) on has, in the order of packing."""
    taken = Seen()
    young = "SELECT DISTINCT body_id FROM snapshot WHERE observed_at >= :before AND body_id IS NOT NULL"
    for (id_,) in tx.execute(text(young), {"before": before}):
        taken.add(id_)
    length = "length(CAST(b.data AS BLOB))" if tx.dialect.name == "sqlite" else "octet_length(b.data)"
    rows = tx.execute(text(_CANDIDATES.format(length=length)), execution_options={"stream_results": True})
    for part in rows.partitions(1000):
        for row in part:
            if row[4] < LARGEST and taken.add(row[3]):
                yield Candidate(*row)


def plain(tx: Connection, ids: Sequence[int]) -> list[Plain]:
    """Those of these bodies that are not packed, in the order of ``ids``."""
    rows = select_in(tx, "SELECT id, hash, data FROM body WHERE block_id IS NULL AND id $in", "bigint", ids)
    found = {row[0]: Plain(row[0], bytes(row[1]), row[2].encode()) for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def dictionary_of(tx: Connection, source_id: int, category: str) -> Dictionary | None:
    """The newest dictionary of a category of a source."""
    sql = """SELECT id, data FROM dictionary WHERE source_id = :source AND category = :category
    ORDER BY id DESC LIMIT 1"""
    row = tx.execute(text(sql), {"source": source_id, "category": category}).first()
    return Dictionary(row[0], loaded_dictionary(bytes(row[1]))) if row else None


def trained(samples: Sequence[bytes]) -> bytes | None:
    """A dictionary learned from texts, packed as it is stored; None where they are too few or too short to teach."""
    if len(samples) < SAMPLES:
        return None
    size = min(DICTIONARY_BYTES, sum(map(len, samples)) // 10)
    try:
        return zstd.compress(zstd.train_dict(list(samples), size).dict_content, level=LEVEL)
    except (zstd.ZstdError, ValueError):
        return None


def keep_dictionary(tx: Connection, source_id: int, category: str, packed: bytes) -> Dictionary:
    """Store a dictionary."""
    id_ = _next(tx, "dictionary")
    sql = "INSERT INTO dictionary (id, source_id, category, hash, data) VALUES (:id, :source, :category, :hash, :data)"
    values = {"id": id_, "source": source_id, "category": category, "data": packed}
    tx.execute(text(sql), {**values, "hash": hashlib.sha256(packed).digest()})
    return Dictionary(id_, loaded_dictionary(packed))


def packed(bodies: Sequence[Plain], dictionary: Dictionary | None) -> Packed:
    """A block of these bodies, unpacked again to see that nothing is lost. Raises ``StoreDamaged``."""
    content = SEPARATOR.join(body.data for body in bodies)
    known = dictionary.content if dictionary else None
    data = zstd.compress(content, level=LEVEL, zstd_dict=known)
    try:
        same = inflated(data, len(content), known) == content
    except (zstd.ZstdError, ValueError):
        same = False
    if not same:
        raise StoreDamaged(
            "bodies do not unpack to what was packed; nothing was changed", "report it, with the version of zstd"
        )
    digest = hashlib.sha256(content).digest()
    return Packed(tuple(bodies), digest, len(content), data, dictionary.id if dictionary else None)


def move(tx: Connection, block: Packed) -> int | None:
    """Store a block and move its bodies there; its id, or None where somebody else has packed one of them by now.

    It is read back and every body held against its hash before the caller commits. Raises ``StoreDamaged``.
    """
    ids = [body.id for body in block.bodies]
    still = select_in(tx, "SELECT id FROM body WHERE block_id IS NULL AND id $in", "bigint", ids)
    if len(still) != len(ids):
        return None
    block_id = _next(tx, "block")
    sql = """INSERT INTO block (id, hash, bodies, size, dictionary_id, data)
    VALUES (:id, :hash, :bodies, :size, :dictionary, :data)"""
    values: dict[str, Any] = {"id": block_id, "hash": block.hash, "bodies": len(ids), "size": block.size}
    tx.execute(text(sql), {**values, "dictionary": block.dictionary_id, "data": block.data})
    _point(tx, block_id, ids)
    texts = unpacked(tx, block_id).texts
    places = select_in(tx, "SELECT id, hash, place FROM body WHERE block_id = $p AND id $in", "bigint", ids, block_id)
    if len(places) != len(ids) or any(
        hashlib.sha256(texts[place]).digest() != bytes(hash_) for _, hash_, place in places
    ):
        raise StoreDamaged(
            f"block {block_id} is not what was written; it was taken back", "run 'modelcensus verify', check the disk"
        )
    return block_id


def forget_raw(tx: Connection) -> None:
    """Forget by what bytes entities that have vanished would be recognised: who returns is parsed whatever they are."""
    tx.execute(text("UPDATE entity SET raw_hash = NULL WHERE body_id IS NULL AND raw_hash IS NOT NULL"))


def _point(tx: Connection, block_id: int, ids: Sequence[int]) -> None:
    if tx.dialect.name == "sqlite":
        rows = [(block_id, place, id_) for place, id_ in enumerate(ids)]
        tx.exec_driver_sql("UPDATE body SET data = '', block_id = ?, place = ? WHERE id = ?", rows)
        return
    sql = """UPDATE body SET data = '', block_id = %s, place = u.place
    FROM unnest(%s::bigint[], %s::integer[]) AS u (id, place) WHERE body.id = u.id"""
    tx.exec_driver_sql(sql, (block_id, list(ids), list(range(len(ids)))))


def _next(tx: Connection, table: str) -> int:
    return int(tx.execute(text(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")).scalar() or 1)
