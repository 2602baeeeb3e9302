"""Read a backup with distrust: every name, size, number and hash in it is checked before anything is done with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import msgspec

from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.operations.backup.contents import (
    FORMAT,
    MANIFEST,
    SUMMARY,
    VERSION,
    Manifest,
    Part,
    Rows,
    Summary,
    digest_of,
    part_name,
)
from modelcensus.operations.backup.packing import DAMAGED, unpacked
from modelcensus.operations.census import Progress, silent
from modelcensus.store.engine import HEAD, KNOWN
from modelcensus.store.tables import Kind, Row, Table, tables_of

Piece = tuple[Table, bytes]
_PART = re.compile(r"tables/([a-z0-9_]{1,60})/[0-9]{6,9}\.jsonl", re.ASCII)
_FOREIGN = "use a file that 'modelcensus backup' wrote"
_TYPES: dict[Kind, Any] = {
    "integer": Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None,
    "text": str | None,
    "bytes": bytes | None,
    "float": float | None,
}


class _Said(msgspec.Struct, frozen=True):
    """What every version of the form says of itself."""

    format: str
    version: int
    schema: str


def check(path: Path, progress: Progress = silent) -> tuple[Manifest, Summary]:
    """Read a backup to its end, and compare all hashes. Raises ``NotFound`` and ``InvalidInput``."""
    return walk(path, lambda _table, _body: None, lambda done, total: progress("checked (bytes)", done, total))


def walk(
    path: Path, take: Callable[[Table, bytes], None], passed: Callable[[int, int], None]
) -> tuple[Manifest, Summary]:
    """Hand over each part with its table, in the order of the tables; manifest and summary, once all is proven.

    Parts are handed over before the summary proves them. ``passed``: bytes of the file so far, and in all.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            files = unpacked(file)
            opening = next(files, ("", b""))
            manifest = _manifest(*opening)
            reading = _Reading(manifest)
            for name, body in files:
                if name == SUMMARY:
                    return manifest, _ended(reading, files, opening[1], body)
                take(reading.table_of(name, body), body)
                passed(file.tell(), size)
    except FileNotFoundError as error:
        raise NotFound(f"there is no backup {path}", "check the path") from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", _FOREIGN) from error
    raise InvalidInput(f"{path} has no summary at its end", DAMAGED)


def rows_in(table: Table, body: bytes) -> Iterator[Row]:
    """The rows of a part. Raises ``InvalidInput`` for one that is no row of its table."""
    fields = tuple(_TYPES[column.kind] for column in table.columns)
    decoder = msgspec.json.Decoder(tuple.__class_getitem__(fields))
    for line in BytesIO(body):
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidInput(f"the backup holds what is no row of {table.name}: {error}", _FOREIGN) from error


def _manifest(name: str, body: bytes) -> Manifest:
    try:
        said = msgspec.json.decode(body, type=_Said) if name == MANIFEST else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = None
    if said is None or said.format != FORMAT:
        raise InvalidInput("the file is no backup of a census", _FOREIGN)
    if said.version > VERSION or (said.schema.isascii() and said.schema.isdigit() and said.schema > HEAD):
        raise InvalidInput(
            f"the backup was made by a newer version of modelcensus (schema {said.schema[:20]}, known up to {HEAD})",
            "upgrade modelcensus, then restore it",
        )
    manifest: Manifest = _decoded(body, Manifest)
    if said.schema not in KNOWN or set(manifest.tables) != set(tables_of(said.schema)):
        raise InvalidInput("the backup holds other tables than a census of its version has", _FOREIGN)
    if len(manifest.tables) != len(tables_of(said.schema)):
        raise InvalidInput("the backup names a table twice", _FOREIGN)
    return manifest


def _decoded(body: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"the backup's {kind.__name__.lower()} cannot be read: {error}", _FOREIGN) from error


def _ended(reading: _Reading, files: Iterator[tuple[str, bytes]], opening: bytes, closing: bytes) -> Summary:
    if next(files, None) is not None:
        raise InvalidInput("the backup has something behind its summary", DAMAGED)
    summary: Summary = _decoded(closing, Summary)
    found = reading.told()
    if hashlib.sha256(opening).hexdigest() != summary.manifest or tuple(reading.parts) != summary.parts:
        raise InvalidInput("a part of the backup does not have its hash", DAMAGED)
    if found != summary.tables or digest_of(found, summary.syncs, summary.revisions) != summary.digest:
        raise InvalidInput("the backup does not have its digest", DAMAGED)
    return summary


class _Reading:
    """What was read so far: parts in the one order in which they can be."""

    def __init__(self, manifest: Manifest) -> None:
        self._tables = manifest.tables
        self._names = {table.name: place for place, table in enumerate(manifest.tables)}
        self._hashes = [hashlib.sha256() for _ in manifest.tables]
        self._rows = [0] * len(manifest.tables)
        self._place = 0
        self._number = 0
        self.parts: list[Part] = []

    def table_of(self, name: str, body: bytes) -> Table:
        """Which table a part is of. Raises ``InvalidInput`` for one that does not come next."""
        match = _PART.fullmatch(name)
        place = self._names.get(match[1], -1) if match else -1
        number = self._number + 1 if place == self._place else 1
        if place < self._place or name != part_name(self._tables[place].name, number) or not body.endswith(b"\n"):
            raise InvalidInput("the backup has a file where none belongs", _FOREIGN)
        self._place, self._number = place, number
        self._hashes[place].update(body)
        self._rows[place] += body.count(b"\n")
        self.parts.append(Part(name, len(body), hashlib.sha256(body).hexdigest()))
        return self._tables[place]

    def told(self) -> tuple[Rows, ...]:
        """What came of each table."""
        return tuple(
            Rows(table.name, rows, hash_.hexdigest())
            for table, rows, hash_ in zip(self._tables, self._rows, self._hashes, strict=True)
        )
