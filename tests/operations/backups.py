"""Backups taken apart, altered, and put together again, with hashes that are right for what they hold then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from modelcensus.operations.backup.backing_up import BackedUp, back_up
from modelcensus.operations.backup.contents import (
    MANIFEST,
    SUMMARY,
    Manifest,
    Part,
    Rows,
    Summary,
    digest_of,
    part_name,
)
from modelcensus.operations.backup.packing import Packer, unpacked
from modelcensus.operations.backup.restoring import Restored, restore
from modelcensus.operations.census import Census
from modelcensus.store.engine import open_store
from modelcensus.store.tables import Table
from tests.api.shop import stocked
from tests.builders import as_json, census_at, count, openrouter, read

ODD_TEXT = "ünï\n\t\\x \u2028 \\. \\N 😀"
"""What a line of JSON or a COPY could trip over."""
Files = list[tuple[str, bytes]]


def full(census: Census) -> None:
    """Two revisions of a catalog, metrics, a quarantined entity, and rows of what people own."""
    stocked(census)
    read(census, openrouter({"id": "lab/m1", "name": 7, "benchmarks": {"x": 0.1}}, b'{"id": 5}'), 30)
    with census.store.writing() as tx:
        tx.exec_driver_sql(f"INSERT INTO curation VALUES ('lab/cheap', 1, 1, 'active', 0, 1, 1, NULL, '{ODD_TEXT}', 1)")
        tx.exec_driver_sql("INSERT INTO bucket (host, tokens, filled_at) VALUES ('a', 0.1, 1), ('Z', 1e300, 2)")


def backed_up(url: str, path: Path) -> BackedUp:
    """A backup of the census at a database."""
    with census_at(url) as census:
        return back_up(census, path)


def counted(url: str, table: str) -> int:
    """How many rows a table of a database has."""
    with opened(url) as store:
        return count(store, table)


@contextmanager
def opened(url: str) -> Iterator[Any]:
    """The store of an existing census, closed at the end."""
    store = open_store(url, create=False)
    try:
        yield store
    finally:
        store.close()


def files_of(path: Path) -> Files:
    """All files of a backup."""
    with path.open("rb") as file:
        return list(unpacked(file))


def packed(path: Path, files: Files) -> Path:
    """An archive of files, whatever they are."""
    with path.open("wb") as file:
        packer = Packer(file, 0)
        for name, body in files:
            packer.add(name, body)
        packer.finish()
    return path


def forged(path: Path, good: Path, change: Callable[[str, bytes], Sequence[tuple[str, bytes]]]) -> Path:
    """A copy of a backup whose files are changed, and whose hashes and digest are right all the same."""
    files = [changed for name, body in files_of(good) if name != SUMMARY for changed in change(name, body)]
    closing = msgspec.json.decode(dict(files_of(good))[SUMMARY], type=Summary)
    return packed(path, [*files, (SUMMARY, sealed(files, closing))])


def sealed(files: Files, closing: Summary) -> bytes:
    """The summary that fits to files."""
    opening = dict(files)[MANIFEST]
    names = [table["name"] for table in msgspec.json.decode(opening)["tables"]]
    parts = tuple(Part(name, len(body), sha256(body)) for name, body in files if name != MANIFEST)
    told = []
    for table in names:
        body = b"".join(body for name, body in files if name.startswith(f"tables/{table}/"))
        told.append(Rows(table, body.count(b"\n"), sha256(body)))
    summary = msgspec.structs.replace(
        closing, manifest=sha256(opening), parts=parts, tables=tuple(told),
        digest=digest_of(told, closing.syncs, closing.revisions),
    )  # fmt: skip
    return msgspec.json.encode(summary)


def as_of_version(path: Path, good: Path, schema: str, tables: Sequence[Table]) -> Path:
    """A backup as an older version would have made it: only its tables, and of these only its columns."""
    files = files_of(good)
    manifest = msgspec.json.decode(files[0][1], type=Manifest)
    closing = msgspec.json.decode(files[-1][1], type=Summary)
    older: Files = [
        (MANIFEST, msgspec.json.encode(msgspec.structs.replace(manifest, schema=schema, tables=tuple(tables))))
    ]
    newer = {table.name: [column.name for column in table.columns] for table in manifest.tables}
    for table in tables:
        names = newer[table.name]
        lines = b"".join(body for name, body in files if name.startswith(f"tables/{table.name}/")).splitlines()
        wanted = [names.index(column.name) for column in table.columns if column.name in names]
        if lines and table.name != "validator":
            rows = (msgspec.json.decode(line) for line in lines)
            body = b"".join(as_json([row[place] for place in wanted]) + b"\n" for row in rows)
            older.append((part_name(table.name, 1), body))
    return packed(
        path, [*older, (SUMMARY, sealed(older, msgspec.structs.replace(closing, revisions=type(closing.revisions)())))]
    )


def sha256(body: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def restored(path: Path, url: str, **options: Any) -> Restored:
    """The census of a backup at another database."""
    return restore(path, url, **options)
