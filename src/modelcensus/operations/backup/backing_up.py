"""Back up: every row of one moment of the census into one file, while syncs go on."""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.errors import InvalidInput
from modelcensus.core.times import from_micros
from modelcensus.operations.backup.contents import (
    FORMAT,
    MANIFEST,
    SUMMARY,
    VERSION,
    Head,
    Manifest,
    Part,
    Rows,
    Summary,
    digest_of,
    part_name,
)
from modelcensus.operations.backup.packing import Packer
from modelcensus.operations.census import Census, Progress, silent
from modelcensus.store import verify as checks
from modelcensus.store.engine import HEAD
from modelcensus.store.tables import Row, Table, count, pieces, tables_of
from modelcensus.version import __version__

_encoder = msgspec.json.Encoder()


class BackedUp(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was written. ``sha256`` and ``bytes`` are of the file; ``digest`` is of what it holds.

    ``syncs`` and ``revisions`` are the ends of both chains in it.
    """

    file: str
    bytes: int
    sha256: str
    made_at: int
    schema: str
    tables: int
    rows: int
    syncs: Head
    revisions: Head
    digest: str


def default_name(now: int) -> str:
    """What a backup is called if nobody says: ``modelcensus-20260301T120000Z.tar.zst``."""
    return f"modelcensus-{from_micros(now):%Y%m%dT%H%M%SZ}.tar.zst"


def back_up(census: Census, target: Path, *, progress: Progress = silent) -> BackedUp:
    """Write a backup to a file, which only its owner can read, whole or not at all; one that is there is replaced.

    Raises ``InvalidInput`` where the file cannot be written, and ``StoreError``.
    """
    beside: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            beside = Path(file.name)
            told = stream(census, file, name=str(target), progress=progress)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
        beside = None
        settled(target.parent)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror}", "name another file") from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)
    return told


def stream(census: Census, file: IO[bytes], *, name: str, progress: Progress = silent) -> BackedUp:
    """Write a backup to whatever takes bytes. Raises ``OSError``, ``StoreError``."""
    made_at = census.clock()
    tally = _Tally(file)
    packer = Packer(tally, made_at)
    with census.store.reading() as tx:
        manifest = Manifest(
            format=FORMAT, version=VERSION, schema=HEAD, program=__version__, made_at=made_at,
            database=tx.dialect.name, tables=tables_of(HEAD),
        )  # fmt: skip
        summary = _packed(tx, manifest, packer, progress)
    packer.finish()
    return BackedUp(
        file=name, bytes=tally.bytes, sha256=tally.hash.hexdigest(), made_at=made_at, schema=HEAD,
        tables=len(summary.tables), rows=summary.rows, syncs=summary.syncs, revisions=summary.revisions,
        digest=summary.digest,
    )  # fmt: skip


def _packed(tx: Connection, manifest: Manifest, packer: Packer, progress: Progress) -> Summary:
    opening = msgspec.json.format(_encoder.encode(manifest)) + b"\n"
    packer.add(MANIFEST, opening)
    total = sum(count(tx, table) for table in manifest.tables)
    parts: list[Part] = []
    told: list[Rows] = []
    done = 0
    for table in manifest.tables:
        told_rows = _Lines(table)
        for number, body in enumerate(told_rows.parts(tx), start=1):
            part = Part(part_name(table.name, number), len(body), hashlib.sha256(body).hexdigest())
            packer.add(part.name, body)
            parts.append(part)
            progress("rows", done + told_rows.rows, total)
        done += told_rows.rows
        told.append(told_rows.told())
    syncs, revisions = heads(tx, manifest.tables)
    summary = Summary(
        manifest=hashlib.sha256(opening).hexdigest(), parts=tuple(parts), tables=tuple(told), syncs=syncs,
        revisions=revisions, digest=digest_of(told, syncs, revisions),
    )  # fmt: skip
    packer.add(SUMMARY, msgspec.json.format(_encoder.encode(summary)) + b"\n")
    return summary


def told_of(tx: Connection, tables: tuple[Table, ...], progress: Progress = silent) -> Iterator[Rows]:
    """What a backup of these tables would tell of each."""
    total, done = sum(count(tx, table) for table in tables), 0
    for table in tables:
        lines = _Lines(table)
        for _ in lines.parts(tx):
            progress("compared", done + lines.rows, total)
        done += lines.rows
        yield lines.told()


def heads(tx: Connection, tables: tuple[Table, ...]) -> tuple[Head, Head]:
    """The ends of the chains of syncs and of revisions."""
    number, chain = checks.head(tx)
    last = None
    if any(table.name == "revision" for table in tables):
        last = tx.execute(text("SELECT number, chain FROM revision ORDER BY number DESC LIMIT 1")).first()
    return Head(number, chain.hex()), Head(last[0], bytes(last[1]).hex()) if last else Head()


def settled(folder: Path) -> None:
    """Have a folder's own entries on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Lines:
    """The rows of a table as lines of JSON, and what they came to."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._hash = hashlib.sha256()
        self._floats = [place for place, column in enumerate(table.columns) if column.kind == "float"]
        self.rows = 0

    def parts(self, tx: Connection) -> Iterator[bytes]:
        for lines in pieces(tx, self._table, self._line):
            body = b"\n".join(lines) + b"\n"
            self._hash.update(body)
            self.rows += len(lines)
            yield body

    def told(self) -> Rows:
        return Rows(self._table.name, self.rows, self._hash.hexdigest())

    def _line(self, row: Row) -> bytes:
        for place in self._floats:
            if row[place] is not None and not math.isfinite(row[place]):
                raise InvalidInput(
                    f"{self._table.name} holds {row[place]}, which is no number that can be carried over",
                    "correct the row by hand; no sync writes one",
                )
        return _encoder.encode(row)


class _Tally:
    """A file that counts and hashes what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.bytes = 0
        self.hash = hashlib.sha256()

    def write(self, part: bytes, /) -> int:
        self._file.write(part)
        self.hash.update(part)
        self.bytes += len(part)
        return len(part)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Whoever opened the file closes it."""
