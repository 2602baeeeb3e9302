"""Pages on their way into the store: in memory while they are few, on disk when they are many."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

MEMORY_BYTES = 16 * 1024 * 1024


class Spool:
    """An append-only pile of pages, read back in order any number of times. A context manager."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES, prefix="modelcensus-")  # noqa: SIM115  # the spool closes it
        self._lengths: list[int] = []
        self._hash = hashlib.sha256()
        self.bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, page: bytes) -> None:
        """Put a page on the pile."""
        self._file.write(page)
        self._lengths.append(len(page))
        self._hash.update(page)
        self.bytes += len(page)

    def clear(self) -> None:
        """Take everything off the pile."""
        self._file.seek(0)
        self._file.truncate()
        self._lengths.clear()
        self._hash = hashlib.sha256()
        self.bytes = 0

    def pages(self) -> Iterator[bytes]:
        """The pages in the order they came."""
        self._file.seek(0)
        for length in self._lengths:
            yield self._file.read(length)

    def digest(self) -> bytes:
        """SHA-256 of all pages together."""
        return self._hash.digest()
