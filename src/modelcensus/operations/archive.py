"""Recorded readings on disk: one file, a folder, a tar, or JSON lines; plain, gzip or zstd."""

from __future__ import annotations

import gzip
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

import msgspec

from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.times import time_in_name
from modelcensus.operations import jsonlines

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdError, ZstdFile
else:
    from backports.zstd import DecompressionParameter, ZstdError, ZstdFile

MAX_BYTES = 256 * 1024 * 1024
"""What one reading may have when unpacked."""
MAX_ARCHIVE_BYTES = 16 * 1024 * 1024 * 1024
"""What a packed archive of many readings may have when unpacked."""
_STEP = 1024 * 1024
_MAX_WINDOW_LOG = 27
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_READABLE = (".json", ".gz", ".zst", ".tar", ".tgz", ".jsonl", ".ndjson")


class Blob(msgspec.Struct, frozen=True):
    """One recorded reading: where it is, when it was observed (None if nothing says), and how to get its bytes.

    ``by_entity``: the bytes are lines of single entities, as ``jsonlines.entities`` reads them, and not a payload.
    """

    name: str
    observed_at: int | None
    read: Callable[[], bytes]
    by_entity: bool = False


def blobs(path: Path, held: ExitStack) -> Iterator[Blob]:
    """The readings at a path in no particular order. Raises ``NotFound`` and ``InvalidInput``.

    Archives stay open, so that their readings can be read, until ``held`` is closed.
    """
    if not path.exists():
        raise NotFound(f"there is no file or folder {path}", "check the path")
    if path.is_dir():
        found = sorted(entry for entry in path.rglob("*") if entry.is_file() and entry.suffix in _READABLE)
        if not found:
            raise NotFound(f"the folder {path} has no readings", f"readings are files ending in {', '.join(_READABLE)}")
        for entry in found:
            yield from _file(entry, held)
    else:
        yield from _file(path, held)


def _file(path: Path, held: ExitStack) -> Iterator[Blob]:
    names = path.name.lower()
    if any(part in names for part in (".tar", ".tgz")):
        yield from _tar(path, held)
    elif ".jsonl" in names or ".ndjson" in names:
        file = _spooled(path, held)
        for name, observed_at, read, by_entity in jsonlines.readings(file, path.name, MAX_BYTES):
            yield Blob(name, observed_at, read, by_entity)
    else:
        yield Blob(path.name, time_in_name(path.name), lambda: _unpacked(path))


def _unpacked(path: Path) -> bytes:
    with path.open("rb") as file:
        return _drain(file, path.name)


def _drain(file: IO[bytes], name: str) -> bytes:
    """All of a file, unpacked, up to the limit."""
    parts: list[bytes] = []
    size = 0
    with _opened(file) as stream:
        for part in _parts(stream, name):
            size += len(part)
            if size > MAX_BYTES:
                raise InvalidInput(f"{name}: more than {MAX_BYTES >> 20} MiB when unpacked", "import smaller readings")
            parts.append(part)
    return b"".join(parts)


def _opened(file: IO[bytes]) -> IO[bytes]:
    head = file.read(4)
    file.seek(0)
    if head.startswith(_GZIP):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if head == _ZSTD:
        return cast(IO[bytes], ZstdFile(file, options={DecompressionParameter.window_log_max: _MAX_WINDOW_LOG}))
    return file


def _parts(stream: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        while part := stream.read(_STEP):
            yield part
    except EOFError:
        # Cut short: what was read is a truncated reading, which is recorded as one.
        return
    except (OSError, zlib.error, ZstdError) as error:
        raise InvalidInput(f"{name}: cannot be unpacked ({error})", "the file is damaged: fetch it again") from error


def _spooled(path: Path, held: ExitStack) -> IO[bytes]:
    """An unpacked, seekable copy of an archive; the archive itself if it is not packed."""
    file = held.enter_context(path.open("rb"))
    stream = _opened(file)
    if stream is file:
        return file
    copy = held.enter_context(tempfile.TemporaryFile(prefix="modelcensus-"))  # noqa: SIM115  # held closes it
    size = 0
    with stream:
        for part in _parts(stream, path.name):
            size += len(part)
            if size > MAX_ARCHIVE_BYTES:
                raise InvalidInput(f"{path.name}: more than {MAX_ARCHIVE_BYTES >> 30} GiB when unpacked", "split it")
            copy.write(part)
    copy.seek(0)
    return copy


def _tar(path: Path, held: ExitStack) -> Iterator[Blob]:
    file = _spooled(path, held)
    try:
        archive = held.enter_context(tarfile.open(fileobj=file, mode="r:"))  # noqa: SIM115  # held closes it
        members = [member for member in archive.getmembers() if member.isfile()]
    except tarfile.TarError as error:
        raise InvalidInput(
            f"{path.name}: not a tar archive ({error})", "the file is damaged: fetch it again"
        ) from error
    for member in members:
        # The nearest name that carries a time: the file's own, else a folder's.
        parts = reversed(Path(member.name).parts)
        times = (time_in_name(part) for part in parts)
        observed_at = next((time for time in times if time is not None), None)
        yield Blob(f"{path.name}:{member.name}", observed_at, _member(archive, member))


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        file = archive.extractfile(member)
        return _drain(file, member.name) if file else b""

    return read
