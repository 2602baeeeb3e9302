"""All tables of a version of the schema, and their rows: out of one database and into another.

The tables are read off an empty database that the migrations made, so none can be forgotten, and whatever else lives in
a database (the tables of the worker's library, of other programs) is none of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Inspector, create_engine, inspect, text
from sqlalchemy.types import Float, Integer, LargeBinary, Text, TypeEngine

from modelcensus.store.engine import upgrade, version_of

Kind = Literal["integer", "text", "bytes", "float"]
_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (Integer, "integer"), (Text, "text"), (LargeBinary, "bytes"), (Float, "float")
)  # fmt: skip
_VERSIONS = "alembic_version"
_FIRST_ROWS = 10
_PIECE_BYTES = 4 * 1024 * 1024
_MOST_ROWS = 5000

Row = Sequence[Any]


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column: bytes are texts in base64 where a row is told in JSON."""

    name: str
    kind: Kind


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table, its columns in order, and the names of those that order its rows."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


@cache
def tables_of(version: str) -> tuple[Table, ...]:
    """Every table of a version of the schema; whatever a table refers to comes before it."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade(connection, version)
            seen = inspect(connection)
            names = sorted(set(seen.get_table_names()) - {_VERSIONS})
            referred = {
                name: sorted({str(key["referred_table"]) for key in seen.get_foreign_keys(name)} - {name})
                for name in names
            }
            order = TopologicalSorter(referred).static_order()
            return tuple(_table(seen, name) for name in order)
    finally:
        engine.dispose()


def _table(seen: Inspector, name: str) -> Table:
    columns = tuple(Column(str(each["name"]), _kind(name, each["type"])) for each in seen.get_columns(name))
    key = tuple(str(each) for each in seen.get_pk_constraint(name)["constrained_columns"])
    return Table(name, columns, key or tuple(each.name for each in columns))


def _kind(table: str, type_: TypeEngine[Any]) -> Kind:
    for each, kind in _KINDS:
        if isinstance(type_, each):
            return kind
    raise TypeError(f"{table}: a column of the type {type_} cannot be carried to another database")


def count(tx: Connection, table: Table) -> int:
    """How many rows there are."""
    return int(tx.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one())


def pieces(tx: Connection, table: Table, encode: Callable[[Row], bytes]) -> Iterator[list[bytes]]:
    """All rows in the order of the key, which is the same on every database: some MiB of them at a time."""
    cursor = _cursor(tx, _select(tx, table))
    try:
        wanted = _FIRST_ROWS
        while found := cursor.fetchmany(wanted):
            lines = [encode(row) for row in found]
            yield lines
            size = sum(map(len, lines)) // len(lines)
            # Grown slowly, since a wide row may follow many narrow ones.
            wanted = max(1, min(_MOST_ROWS, _PIECE_BYTES // max(size, 1), wanted * 10))
    finally:
        cursor.close()


def _cursor(tx: Connection, sql: str) -> Any:
    # The drivers' own cursors: a row costs a third of what it does with a layer between.
    driver: Any = tx.connection.driver_connection
    if tx.dialect.name == "sqlite":
        return driver.execute(sql)
    cursor = driver.cursor(name="modelcensus_backup")
    cursor.execute(sql)
    return cursor


def _select(tx: Connection, table: Table) -> str:
    kinds = {each.name: each.kind for each in table.columns}
    by_bytes = ' COLLATE "C"' if tx.dialect.name == "postgresql" else ""
    order = ", ".join(f'"{name}"{by_bytes if kinds[name] == "text" else ""}' for name in table.key)
    return f'SELECT {_names(table)} FROM "{table.name}" ORDER BY {order}'


def load(tx: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Write rows as they are. Raises the driver's errors."""
    driver: Any = tx.connection.driver_connection
    if tx.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        driver.executemany(f'INSERT INTO "{table.name}" ({_names(table)}) VALUES ({marks})', rows)
        return
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({_names(table)}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _names(table: Table) -> str:
    return ", ".join(f'"{each.name}"' for each in table.columns)


def ours(tx: Connection) -> list[str]:
    """Names of our tables that a database has, of whatever version of the schema."""
    known = {table.name for table in tables_of("head")} | {_VERSIONS}
    return sorted(known & set(inspect(tx).get_table_names()))


def made_empty(tx: Connection, version: str) -> bool:
    """Make the tables of a version in a database that has none of ours, or whose tables of that version are empty.

    False, and nothing done, where there is anything in it. What a migration put into its own tables is no content.
    """
    if ours(tx):
        tables = tables_of(version)
        if version_of(tx) != version or not {table.name for table in tables} <= set(ours(tx)):
            return False
        if tx.dialect.name == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in tables)
            tx.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        if any(count(tx, table) > first for table, first in zip(tables, _first_rows(version), strict=True)):
            return False
    else:
        upgrade(tx, version)
    return True


@cache
def _first_rows(version: str) -> tuple[int, ...]:
    """How many rows the migrations themselves put into each table."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade(connection, version)
            return tuple(count(connection, table) for table in tables_of(version))
    finally:
        engine.dispose()


def guards_off(tx: Connection, tables: Sequence[Table]) -> Callable[[], None]:
    """Switch the triggers off that keep history as it is, and delete first rows; the function switches them on.

    A restored row was checked when it was first written: by today's state the triggers might refuse it.
    """
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        triggers = list(tx.execute(text("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")))
        for name, _ in triggers:
            tx.exec_driver_sql(f'DROP TRIGGER "{name}"')
        on = [sql for _, sql in triggers]
    else:
        for table in tables:
            tx.exec_driver_sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
        on = [f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER' for table in tables]
    for table in reversed(tables):
        tx.exec_driver_sql(f'DELETE FROM "{table.name}"')

    def switch_on() -> None:
        for statement in on:
            tx.exec_driver_sql(statement.replace("%", "%%") if tx.dialect.name == "postgresql" else statement)

    return switch_on


def unmet(tx: Connection) -> list[str]:
    """Tables with rows that refer to what is not there. PostgreSQL refuses such a row when it is written."""
    if tx.dialect.name == "postgresql":
        return []
    return sorted({str(row[0]) for row in tx.exec_driver_sql("PRAGMA foreign_key_check")})


def continue_numbers(tx: Connection) -> None:
    """Let PostgreSQL's sequences go on after the highest number that is in their columns."""
    if tx.dialect.name != "postgresql":
        return
    for table in tables_of("head"):
        for column in table.columns:
            owned = text("SELECT pg_get_serial_sequence(:table, :column)")
            sequence = tx.execute(owned, {"table": f'"{table.name}"', "column": column.name}).scalar()
            if sequence is None:
                continue
            highest = f'(SELECT max("{column.name}") FROM "{table.name}")'
            tx.execute(text(f"SELECT setval('{sequence}', coalesce({highest}, 1), {highest} IS NOT NULL)"))
