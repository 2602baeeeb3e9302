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
from typing import IO, Any, cast

import msgspec

from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.times import time_in_name

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
_TIMES = ("observed_at", "fetched_at", "captured_at", "recorded_at", "timestamp", "time", "at", "date", "epoch")
_PAYLOADS = ("payload", "body", "response", "data", "content")


class Blob(msgspec.Struct, frozen=True):
    """One recorded reading: where it is, when it was observed (None if nothing says), and how to get its bytes."""

    name: str
    observed_at: int | None
    read: Callable[[], bytes]


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
        yield from _lines(path, held)
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


def _lines(path: Path, held: ExitStack) -> Iterator[Blob]:
    """One reading a line: an object with a time and a payload."""
    file = _spooled(path, held)
    number = start = 0
    while line := file.readline(MAX_BYTES + 1):
        number += 1
        name = f"{path.name}:{number}"
        if len(line) > MAX_BYTES:
            raise InvalidInput(f"{name}: a line of more than {MAX_BYTES >> 20} MiB", "split the file")
        if line.strip():
            yield Blob(name, _line_time(line), _line_payload(file, start, len(line), name))
        start += len(line)
        file.seek(start)


def _members(line: bytes) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _line_time(line: bytes) -> int | None:
    members = _members(line)
    for name in _TIMES:
        if name in members:
            try:
                return _moment(msgspec.json.decode(members[name]))
            except (msgspec.DecodeError, UnicodeDecodeError):
                return None
    return None


def _moment(value: Any) -> int | None:
    if isinstance(value, str):
        return time_in_name(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return int(value * (1_000_000 if value < 1e11 else 1000))
    return None


def _line_payload(file: IO[bytes], start: int, length: int, name: str) -> Callable[[], bytes]:
    def read() -> bytes:
        file.seek(start)
        members = _members(file.read(length))
        for member in _PAYLOADS:
            if member in members:
                raw = bytes(members[member])
                # A payload kept as text is JSON inside a JSON string.
                return _text(raw, name) if raw[:1] == b'"' else raw
        raise InvalidInput(f"{name}: no payload", f"a line is an object with a time and one of: {', '.join(_PAYLOADS)}")

    return read


def _text(raw: bytes, name: str) -> bytes:
    try:
        return msgspec.json.decode(raw, type=str).encode()
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidInput(f"{name}: its payload is not UTF-8 text", "the file is damaged: fetch it again") from error
