"""The file of a backup: a tar archive, packed by Zstandard, written and read from its beginning to its end.

``tar --zstd -xf FILE`` unpacks it. Only plain files with short names are written, and only those are read: nothing that
is in an archive decides where something is written or how much memory it takes. The forms:
https://www.gnu.org/software/tar/manual/html_node/Standard.html and https://www.rfc-editor.org/rfc/rfc8878.
"""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Iterator
from typing import IO, Protocol, cast

from modelcensus.core.errors import InvalidInput

if sys.version_info >= (3, 14):
    from compression.zstd import CompressionParameter, DecompressionParameter, ZstdError, ZstdFile
else:
    from backports.zstd import CompressionParameter, DecompressionParameter, ZstdError, ZstdFile

MAX_FILE_BYTES = 512 * 1024 * 1024
"""What one file in the archive may have; a part is some MiB, and one row of many MiB is a part of its own."""
MAX_RATIO = 1000
"""What a packed byte may become; a census shrinks to a tenth or a thirtieth."""
_FREE_BYTES = 256 * 1024 * 1024
_BLOCK = tarfile.BLOCKSIZE
_LEVEL = 6
_MAX_WINDOW_LOG = 27
DAMAGED = "it is damaged or cut short: take another copy"


class Sink(Protocol):
    """What takes bytes."""

    def write(self, part: bytes, /) -> object:
        """Take them all."""

    def flush(self) -> object:
        """Hand them on."""

    def close(self) -> None:
        """Take no more."""


class Packer:
    """Writes one file after another into a packed archive."""

    def __init__(self, file: Sink, made_at: int) -> None:
        options: dict[int, int] = {
            CompressionParameter.checksum_flag: 1,
            CompressionParameter.compression_level: _LEVEL,
        }
        self._packed = ZstdFile(file, "wb", options=options)
        self._seconds = made_at // 1_000_000

    def add(self, name: str, body: bytes) -> None:
        """Add a file. Raises ``InvalidInput`` for one that no archive may hold."""
        if len(body) > MAX_FILE_BYTES:
            raise InvalidInput(
                f"a row of {len(body) >> 20} MiB is too large for a backup ({name})",
                f"at most {MAX_FILE_BYTES >> 20} MiB; copy the database with its own tools",
            )
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = len(body), self._seconds, 0o600
        self._packed.write(member.tobuf(tarfile.USTAR_FORMAT))
        self._packed.write(body)
        self._packed.write(bytes(-len(body) % _BLOCK))

    def finish(self) -> None:
        """Write the end; the file below stays open."""
        self._packed.write(bytes(2 * _BLOCK))
        self._packed.close()


def unpacked(file: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of an archive. Raises ``InvalidInput`` for one that is not whole."""
    try:
        with ZstdFile(file, options={DecompressionParameter.window_log_max: _MAX_WINDOW_LOG}) as packed:
            yield from _files(_Bounded(cast(IO[bytes], packed), file))
    except EOFError as error:
        raise InvalidInput("the backup ends before its end", DAMAGED) from error
    except ZstdError as error:
        raise InvalidInput(f"the backup cannot be unpacked: {error}", DAMAGED) from error


class _Bounded:
    """Reads so many bytes or raises, and no more in all than the packed ones can have been made from."""

    def __init__(self, stream: IO[bytes], below: IO[bytes]) -> None:
        self._stream = stream
        self._below = below
        self._read = 0

    def exactly(self, size: int) -> bytes:
        found = io.BytesIO()
        while (missing := size - found.tell()) and (part := self._stream.read(min(missing, 1 << 20))):
            found.write(part)
            self._read += len(part)
            if self._read > _FREE_BYTES + MAX_RATIO * self._below.tell():
                raise InvalidInput(
                    f"the backup unpacks to more than {MAX_RATIO} times its size", "it was not made by this program"
                )
        if found.tell() < size:
            raise EOFError
        return found.getvalue()

    def ended(self) -> bool:
        return not self._stream.read(1)


def _files(stream: _Bounded) -> Iterator[tuple[str, bytes]]:
    while (head := stream.exactly(_BLOCK)) != bytes(_BLOCK):
        try:
            member = tarfile.TarInfo.frombuf(head, "ascii", "strict")
        except (tarfile.TarError, ValueError) as error:
            raise InvalidInput("the backup holds no archive of files", DAMAGED) from error
        if member.type != tarfile.REGTYPE or not 0 <= member.size <= MAX_FILE_BYTES:
            raise InvalidInput("the backup holds what no backup holds", "it was not made by this program")
        body = stream.exactly(member.size)
        stream.exactly(-member.size % _BLOCK)
        yield member.name, body
    if stream.exactly(_BLOCK) != bytes(_BLOCK) or not stream.ended():
        raise InvalidInput("the backup has something behind its end", DAMAGED)
