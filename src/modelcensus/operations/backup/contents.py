"""What a backup holds, as records: what it begins with, what it ends with, and the numbers that prove both."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from modelcensus.core.chain import START
from modelcensus.store.tables import Table

FORMAT = "modelcensus-backup"
VERSION = 1
"""The version of the form itself; a program reads its own and older ones."""
MANIFEST, SUMMARY = "manifest.json", "summary.json"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The first file: what this is, and how its rows are to be read. ``made_at``: microseconds since 1970."""

    format: str
    version: int
    schema: str
    program: str
    made_at: int
    database: str
    tables: tuple[Table, ...]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some rows of a table: JSON, one row a line, each an array in the order of the table's columns."""

    name: str
    bytes: int
    sha256: str


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows of a table: how many, and the SHA-256 of their lines."""

    table: str
    rows: int
    sha256: str


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The end of a chain: the number of the last sync or revision (0 for none), and the chain's value after it."""

    number: int = 0
    chain: str = START.hex()


class Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The last file: it is there only if all others are. ``digest`` is of all rows and both chains."""

    manifest: str
    parts: tuple[Part, ...]
    tables: tuple[Rows, ...]
    syncs: Head
    revisions: Head
    digest: str

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(each.rows for each in self.tables)


def digest_of(tables: Sequence[Rows], syncs: Head, revisions: Head) -> str:
    """One number for the whole content, the same on either kind of database."""
    told = msgspec.json.encode([[msgspec.structs.astuple(each) for each in tables], syncs, revisions])
    return hashlib.sha256(told).hexdigest()


def part_name(table: str, number: int) -> str:
    """The name of a table's parts in the archive: ``tables/sync/000001.jsonl``."""
    return f"tables/{table}/{number:06}.jsonl"
