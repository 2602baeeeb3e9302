"""Many rows with documents in them: executemany on SQLite, one JSON array a statement on PostgreSQL.

``store/bulk.py`` sends arrays, for which psycopg escapes every quote of every document in Python, which took most of an
apply of 10,000 models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.store import bulk

_NUMBERS = frozenset({
    "id", "entity_id", "position", "translator_version", "confidence", "valid_from", "valid_to", "since_revision",
    "changed_revision", "created_at", "updated_at", "archived_at",
})  # fmt: skip
_BYTES = frozenset({"hash"})
"""All other columns are text."""


def insert(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert all rows."""
    if tx.dialect.name == "sqlite":
        bulk.insert(tx, table, columns, rows)
        return
    names, values = ", ".join(columns), ", ".join(map(_value, columns))
    for part in bulk.chunks(rows):
        tx.exec_driver_sql(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM {_records(columns)}", (_json(columns, part),)
        )


def update(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Set ``columns`` of the rows whose ``id`` is each tuple's last value."""
    if tx.dialect.name == "sqlite":
        bulk.update(tx, table, columns, rows)
        return
    sets = ", ".join(f"{name} = {_value(name)}" for name in columns)
    named = (*columns, "id")
    for part in bulk.chunks(rows):
        tx.exec_driver_sql(
            f"UPDATE {table} SET {sets} FROM {_records(named)} WHERE {table}.id = u.id", (_json(named, part),)
        )


def _records(columns: Sequence[str]) -> str:
    typed = ", ".join(f"{name} {'bigint' if name in _NUMBERS else 'text'}" for name in columns)
    return f"json_to_recordset(%s::json) AS u ({typed})"


def _value(column: str) -> str:
    return f"decode(u.{column}, 'hex')" if column in _BYTES else f"u.{column}"


def _json(columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> str:
    records = [
        {name: value.hex() if isinstance(value, bytes) else value for name, value in zip(columns, row, strict=True)}
        for row in rows
    ]
    return msgspec.json.encode(records).decode()
