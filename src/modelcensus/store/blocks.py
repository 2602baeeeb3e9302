"""Bodies that are packed together: the one place where a row of ``body`` becomes its text.

A body's text is in its own row, or, once packed, at its place in a block: texts joined by newlines (canonical JSON has
none) in one zstd frame (RFC 8878), whose content the block's hash names. Queries select ``COLUMNS`` of a body.
"""

from __future__ import annotations

import hashlib
import sys
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from threading import Lock

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.errors import StoreDamaged
from modelcensus.store.bulk import select_in

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CACHE_BYTES = 33_554_432
"""Unpacked blocks that a process keeps at most, by the bytes of their texts."""
LARGEST = 268_435_456
"""Bytes that a block unpacks to at most; a larger one is not believed."""
SEPARATOR = b"\n"
Stored = tuple[str | None, int | None, int | None]
"""A body as its row has it: text (empty where it is packed, None where there is no body), block, place."""
_BLOCK = """SELECT k.hash, k.size, k.data, d.hash, d.data FROM block k LEFT JOIN dictionary d ON d.id = k.dictionary_id
WHERE k.id = :id"""


def columns(alias: str) -> str:
    """SQL: the three columns of a body that ``Bodies.text`` takes."""
    return f"{alias}.data, {alias}.block_id, {alias}.place"


class Unpacked(msgspec.Struct, frozen=True):
    """The texts of a block in their places, and how many bytes they are."""

    texts: list[bytes]
    size: int


class Cache:
    """The unpacked blocks that were used last, by the hash of their content; bounded in bytes, shared by threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._blocks: OrderedDict[bytes, Unpacked] = OrderedDict()
        self.size = 0

    def get(self, key: bytes) -> Unpacked | None:
        """A block that is kept, which is now the one used last."""
        with self._lock:
            found = self._blocks.get(key)
            if found is not None:
                self._blocks.move_to_end(key)
            return found

    def put(self, key: bytes, block: Unpacked) -> None:
        """Keep a block, and let go of those used longest ago; one over the limit is not kept."""
        with self._lock:
            if key in self._blocks or block.size > self._limit:
                return
            self._blocks[key] = block
            self.size += block.size
            while self.size > self._limit:
                _, gone = self._blocks.popitem(last=False)
                self.size -= gone.size


_cache = Cache(CACHE_BYTES)
_dictionaries: OrderedDict[bytes, zstd.ZstdDict] = OrderedDict()
_DICTIONARIES = 64


class Bodies:
    """The texts of bodies, within one transaction."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._hashes: dict[int, bytes] = {}
        self._last: tuple[int, Unpacked] | None = None

    def text(self, stored: Stored) -> bytes | None:
        """The canonical JSON of a body; None where there is none. Raises ``StoreDamaged``, which names the block."""
        data, block_id, place = stored
        if data is None:
            return None
        if block_id is None or place is None:
            return data.encode()
        texts = self._block(block_id).texts
        if not 0 <= place < len(texts):
            raise damaged(block_id, f"it has no place {place}")
        return texts[place]

    def expect(self, block_ids: Iterable[int | None]) -> None:
        """Learn at once which blocks rows to come are in: one query instead of one for each block."""
        wanted = {id_ for id_ in block_ids if id_ is not None} - self._hashes.keys()
        if wanted:
            rows = select_in(self._tx, "SELECT id, hash FROM block WHERE id $in", "bigint", sorted(wanted))
            self._hashes.update((id_, bytes(hash_)) for id_, hash_ in rows)

    def _block(self, block_id: int) -> Unpacked:
        if self._last and self._last[0] == block_id:
            return self._last[1]
        self.expect((block_id,))
        key = self._hashes.get(block_id)
        found = _cache.get(key) if key else None
        if found is None:
            found = unpacked(self._tx, block_id)
            if key:
                _cache.put(key, found)
        self._last = (block_id, found)
        return found


def unpacked(tx: Connection, block_id: int) -> Unpacked:
    """A block read from the database and held against its hash. Raises ``StoreDamaged``."""
    row = tx.execute(text(_BLOCK), {"id": block_id}).first()
    if row is None:
        raise damaged(block_id, "it is gone")
    hash_, size, data, dictionary_hash, dictionary = row
    try:
        known = _dictionary(bytes(dictionary_hash), bytes(dictionary)) if dictionary_hash is not None else None
        content = inflated(bytes(data), size, known)
    except (zstd.ZstdError, ValueError) as error:
        raise damaged(block_id, str(error)) from error
    if hashlib.sha256(content).digest() != bytes(hash_):
        raise damaged(block_id, "its content does not have its hash")
    return Unpacked(content.split(SEPARATOR), len(content))


def inflated(packed: bytes, size: int, dictionary: zstd.ZstdDict | None) -> bytes:
    """A frame unpacked to exactly ``size`` bytes. Raises ``ZstdError`` and ``ValueError``."""
    if not 0 <= size <= LARGEST:
        raise ValueError(f"{size} bytes are more than a block may have")
    decompressor = zstd.ZstdDecompressor(zstd_dict=dictionary)
    content: bytes = decompressor.decompress(packed, max_length=size + 1)
    if len(content) != size or not decompressor.eof or decompressor.unused_data:
        raise ValueError(f"it does not unpack to its {size} bytes")
    return content


def damaged(block_id: int, why: str) -> StoreDamaged:
    """The error of a block that cannot be read."""
    return StoreDamaged(
        f"block {block_id} of packed bodies cannot be read: {why}", "run 'modelcensus verify', then restore a backup"
    )


def block_ids(tx: Connection) -> Iterator[tuple[int, int]]:
    """(id, number of bodies) of every block, by id."""
    for row in tx.execute(text("SELECT id, bodies FROM block ORDER BY id")).all():
        yield row[0], row[1]


def loaded_dictionary(packed: bytes) -> zstd.ZstdDict:
    """A dictionary as it is stored, itself packed. Raises ``ZstdError`` and ``ValueError``."""
    decompressor = zstd.ZstdDecompressor()
    content = decompressor.decompress(packed, max_length=1_048_576)
    if not decompressor.eof:
        raise ValueError("its dictionary is cut short")
    return zstd.ZstdDict(content)


def _dictionary(hash_: bytes, packed: bytes) -> zstd.ZstdDict:
    found = _dictionaries.get(hash_)
    if found is None:
        if hashlib.sha256(packed).digest() != hash_:
            raise ValueError("its dictionary does not have its hash")
        found = _dictionaries[hash_] = loaded_dictionary(packed)
        while len(_dictionaries) > _DICTIONARIES:
            _dictionaries.pop(next(iter(_dictionaries)), None)
    return found
