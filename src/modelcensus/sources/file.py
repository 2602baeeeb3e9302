"""One's own models, from a local or mounted file: JSON, JSON lines or CSV, plain or packed by gzip or zstd."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from modelcensus.core import envelope, scan, table
from modelcensus.core.errors import NotThere, SourceError, TooLarge, UpstreamBroken
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Slice, Split, key_problem, slice_by_id
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call, Option
from modelcensus.sources.paged import taken_apart

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


MAX_BYTES = 64 * 1024 * 1024
"""Bytes that a file may have, packed and unpacked."""

_CODINGS = {".gz": "gzip", ".zst": "zstd"}
_MEMBERS = ("data", "models")
_SETTING = "the option path of this source (sources.NAME.options.path)"


def fetch(ask: Ask) -> Iterator[Answer]:
    """The whole file as one answer. Raises ``SourceError``."""
    # Imported here: the HTTP client would slow every start of the program, and this source needs only its value.
    from modelcensus.sources.http import Answer

    text = ask.options.get("path") or ""
    if not text.strip():
        raise SourceError("no file is named", f"set {_SETTING}")
    if not text.isprintable():
        raise SourceError("the path has a character that cannot be printed", f"correct {_SETTING}")
    path = Path(text).expanduser()
    body = _unpacked(_read(path), path)
    if problem := table.header_problem(body) if _is_table(body) else None:
        raise UpstreamBroken(f"{path.name}: {problem}", "correct the first line of the file; see docs/sources/file.md")
    yield Answer(url=f"file {path.name}", status=200, body=body)


def _read(path: Path) -> bytes:
    try:
        # A named pipe must not make us wait for a writer.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotThere(f"there is no file {path}", f"correct {_SETTING}, or mount the file") from None
    except OSError as error:
        problem = f"{str(path)[:200]} cannot be read: {error.strerror}"
        raise SourceError(problem, f"look at what {_SETTING} names") from None
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise SourceError(f"{path} is a folder or device, not a file", f"correct {_SETTING}")
        with os.fdopen(handle, "rb", closefd=False) as file:
            body = file.read(MAX_BYTES + 1)
        after = os.fstat(handle)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}", f"look at what {_SETTING} names") from None
    finally:
        os.close(handle)
    if len(body) > MAX_BYTES:
        raise _too_large(path)
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise UpstreamBroken(f"{path} was written to while it was read", "write it under another name, then rename it")
    return body


def _unpacked(body: bytes, path: Path) -> bytes:
    coding = _CODINGS.get(path.suffix.lower())
    if coding is None:
        return body
    # Imported here, as above: only a packed file needs it.
    from modelcensus.sources.http.decoding import Garbled, Oversized, unpacked

    try:
        return b"".join(unpacked(iter([body]), coding, MAX_BYTES))
    except Oversized:
        raise _too_large(path) from None
    except Garbled as error:
        raise UpstreamBroken(
            f"{path} is no whole {coding} file: {error}", "pack it again, or write it unpacked"
        ) from None


def _too_large(path: Path) -> TooLarge:
    return TooLarge(
        f"{path} has more than {MAX_BYTES // 1024 // 1024} MiB", f"split it into several sources, or correct {_SETTING}"
    )


def split(body: bytes) -> Split:
    """Any of the formats, told apart by the first byte: ``[`` or ``{`` is JSON, all else CSV with a header."""
    if _is_table(body):
        return table.split(body)
    body = scan.trim(body)
    if _is_lines(body):
        return _lines(body)
    if scan.kind(body) == "array":
        return _listed(envelope.open_listing(body, ""))
    outer = scan.members(body)
    for member in _MEMBERS:
        if member in outer.names and scan.kind(outer.items[outer.names.index(member)]) == "array":
            return _listed(envelope.open_listing(body, member))
    if "id" in outer.names and scan.kind(outer.items[outer.names.index("id")]) == "other":
        return _lines(body)
    return _by_name(body, outer)


def _is_table(body: bytes) -> bool:
    return scan.kind(scan.trim(body)) == "other"


def _is_lines(body: bytes) -> bool:
    """Whether there is one object on each line: so it looks where two lines in a row begin with a brace."""
    first, _, rest = body.partition(b"\n")
    return first.rstrip().endswith(b"}") and rest.lstrip()[:1] == b"{"


def _lines(body: bytes) -> Split:
    lines = [line for line in map(bytes.strip, body.split(b"\n")) if line]
    closed = scan.kind(lines[-1]) != "object" or scan.members(lines[-1]).closed
    return _listed(envelope.Listing(lines, closed=closed))


def _listed(listing: envelope.Listing) -> Split:
    return taken_apart(listing, slice_by_id(listing.items, "model"), more=False)


def _by_name(body: bytes, models: scan.Children) -> Split:
    objects = {name for name, raw in zip(models.names, models.items, strict=True) if scan.kind(raw) == "object"}
    # What a download that failed leaves in a file must not be taken for a model named "error".
    if models.items and objects <= {"error"}:
        fault = Fault(FaultKind.WRONG_TOP_LEVEL, "neither a list of models nor an object of them", body[:4096])
        return Split(faults=[fault], truncated=True)
    found = Split(truncated=not models.closed)
    for name, raw in zip(models.names, models.items, strict=True):
        if problem := key_problem(name):
            found.faults.append(Fault(FaultKind.BAD_KEY, problem, bytes(raw), "model"))
        elif scan.kind(raw) != "object":
            found.faults.append(Fault(FaultKind.NOT_AN_OBJECT, name, bytes(raw), "model", name))
        else:
            found.slices.append(Slice("model", name, raw))
    return found


ADAPTER = Adapter(
    name="file",
    title="File",
    base_url="",
    calls=(Call(document=Document(category="model", covers=("model",), split=split), fetch=fetch, conditional=False),),
    options=(Option("path", None, "the file to read; relative to the current folder"),),
    documentation="https://www.rfc-editor.org/rfc/rfc4180",
    example=EXAMPLES / "file.json",
)
