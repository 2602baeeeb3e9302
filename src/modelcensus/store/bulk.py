"""Many rows at once, in each database's fastest way: executemany on SQLite, ``unnest`` arrays on PostgreSQL."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

CHUNK = 2000
"""Rows per statement: large enough to be cheap, small enough to bound memory and SQLite's parameters."""

_TYPES: dict[str, str] = {
    "hash": "bytea", "raw_hash": "bytea", "raw": "bytea", "data": "text", "category": "text", "key": "text",
    "volatile": "text", "value": "double precision", "name": "text", "fault": "text", "place": "text",
    "rule": "text", "path": "text", "kind": "text", "severity": "text", "detail": "text", "said": "text",
}  # fmt: skip
"""PostgreSQL types of the columns that are not whole numbers."""


def insert(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert all rows."""
    if not rows:
        return
    names = ", ".join(columns)
    if tx.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        tx.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))
        return
    for part in chunks(rows):
        tx.exec_driver_sql(
            f"INSERT INTO {table} ({names}) SELECT * FROM unnest({_arrays(columns)})",
            tuple(map(list, zip(*part, strict=True))),
        )


def update(tx: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Set ``columns`` of the rows whose ``id`` is each tuple's last value."""
    if not rows:
        return
    if tx.dialect.name == "sqlite":
        sets = ", ".join(f"{name} = ?" for name in columns)
        tx.exec_driver_sql(f"UPDATE {table} SET {sets} WHERE id = ?", list(rows))
        return
    sets = ", ".join(f"{name} = u.{name}" for name in columns)
    names = ", ".join([*columns, "id"])
    for part in chunks(rows):
        tx.exec_driver_sql(
            f"UPDATE {table} SET {sets} FROM unnest({_arrays([*columns, 'id'])}) AS u ({names})"
            f" WHERE {table}.id = u.id",
            tuple(map(list, zip(*part, strict=True))),
        )


def select_in(tx: Connection, sql: str, kind: str, values: Sequence[Any], *params: Any) -> Sequence[Any]:
    """Rows of ``sql``: ``$in`` is membership in ``values`` (of the PostgreSQL type ``kind``), ``$p`` a parameter.

    ``$in`` must come after every ``$p``.
    """
    rows: list[Any] = []
    on_sqlite = tx.dialect.name == "sqlite"
    for part in chunks(values):
        membership = f"IN ({', '.join('?' * len(part))})" if on_sqlite else f"= ANY(%s::{kind}[])"
        statement = string.Template(sql).substitute({"in": membership, "p": "?" if on_sqlite else "%s"})
        arguments = (*params, *part) if on_sqlite else (*params, list(part))
        rows.extend(tx.exec_driver_sql(statement, arguments).all())
    return rows


def entities_by_key(
    tx: Connection, columns: str, keys: Sequence[str], *, source_id: int, category: str
) -> Sequence[Any]:
    """``columns`` of the entities ``e`` among ``keys``.

    PostgreSQL is made to probe the unique index once for each key (LATERAL with LIMIT cannot be planned otherwise):
    in the transaction that first fills a table it has no statistics, and would read all of it for every chunk.
    """
    if tx.dialect.name == "sqlite":
        sql = f"SELECT {columns} FROM entity e WHERE e.source_id = $p AND e.category = $p AND e.key $in"
        return select_in(tx, sql, "text", keys, source_id, category)
    rows: list[Any] = []
    sql = f"""SELECT {columns} FROM unnest(%s::text[]) AS k (key) CROSS JOIN LATERAL (
        SELECT * FROM entity WHERE source_id = %s AND category = %s AND entity.key = k.key LIMIT 1) e"""
    for part in chunks(keys):
        rows.extend(tx.exec_driver_sql(sql, (list(part), source_id, category)))
    return rows


def bodies_by_hash(tx: Connection, hashes: Sequence[bytes]) -> Iterator[tuple[bytes, int]]:
    """(hash, id) of the bodies with these hashes; on SQLite, which indexes beginnings, of any that begin like them."""
    sql, wanted = "SELECT hash, id FROM body WHERE hash $in", hashes
    if tx.dialect.name == "sqlite":
        sql, wanted = "SELECT hash, id FROM body WHERE substr(hash, 1, 4) $in", [hash_[:4] for hash_ in hashes]
    for hash_, id_ in select_in(tx, sql, "bytea", wanted):
        yield bytes(hash_), id_


def chunks(rows: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """``rows`` in parts of at most ``size``."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _arrays(columns: Sequence[str]) -> str:
    return ", ".join(f"%s::{_TYPES.get(name, 'bigint')}[]" for name in columns)
