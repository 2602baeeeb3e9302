"""Packed metric points, lists of what old syncs wrote; on SQLite a short index over the hashes of bodies."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Connection

revision = "0009"
down_revision = "0008"

TABLES = """
CREATE TABLE metric_block (
    id {big_id} PRIMARY KEY,
    hash {bytes} NOT NULL CHECK (length(hash) = 32),
    points BIGINT NOT NULL CHECK (points > 0),
    oldest BIGINT NOT NULL,
    size BIGINT NOT NULL CHECK (size > 0),
    data {bytes} NOT NULL
);

CREATE TABLE metric_in_block (
    entity_id BIGINT NOT NULL REFERENCES entity (id),
    block_id BIGINT NOT NULL REFERENCES metric_block (id),
    PRIMARY KEY (entity_id, block_id)
) {clustered};

CREATE TABLE moment (
    sync_id INTEGER NOT NULL REFERENCES sync (id),
    observed_at BIGINT NOT NULL,
    entities {bytes} NOT NULL,
    PRIMARY KEY (sync_id, observed_at)
) {clustered}
"""
SQLITE_GUARD = """CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is never altered'); END"""
POSTGRESQL_GUARD = """CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION modelcensus_append_only()"""

GUARDED = (("metric_block", "UPDATE"), ("metric_in_block", "UPDATE"), ("moment", "UPDATE"), ("moment", "DELETE"))
"""Points may be let go of; what a sync wrote may not."""

FULL = "hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)"
ONCE = "hash BLOB NOT NULL CHECK (length(hash) = 32)"
SHORT_INDEX = (
    "UPDATE sqlite_schema SET sql = replace(sql, '{full}', '{once}') WHERE type = 'table' AND name = 'body'",
    "UPDATE sqlite_schema SET name = 'body_by_full_hash', sql = 'CREATE INDEX body_by_full_hash ON body (hash)'"
    " WHERE type = 'index' AND name = 'sqlite_autoindex_body_1'",
)
UNIQUE = """CREATE TRIGGER body_unique BEFORE INSERT ON body WHEN EXISTS (
    SELECT 1 FROM body b WHERE substr(b.hash, 1, 4) = substr(NEW.hash, 1, 4) AND b.hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: body.hash'); END"""


def upgrade() -> None:
    """Make what this version adds; no row is written anew."""
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    names = {"bytes": "BYTEA", "big_id": "BIGINT", "clustered": ""}
    if on_sqlite:
        names = {"bytes": "BLOB", "big_id": "INTEGER", "clustered": "WITHOUT ROWID"}
    for statement in TABLES.format(**names).split(";\n"):
        connection.exec_driver_sql(statement)
    guard = SQLITE_GUARD if on_sqlite else POSTGRESQL_GUARD
    for table, verb in GUARDED:
        connection.exec_driver_sql(guard.format(table=table, verb=verb, name=verb.lower()))
    if on_sqlite:
        _shorten(connection)


def downgrade() -> None:
    """Data is never taken away: restore a backup instead."""


def _shorten(connection: Connection) -> None:
    # SQLite cannot drop the index of a constraint. Made an ordinary one it can be, and no body is written again.
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    for statement in SHORT_INDEX:
        connection.exec_driver_sql(statement.format(full=FULL, once=ONCE))
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
    connection.exec_driver_sql("DROP INDEX body_by_full_hash")
    connection.exec_driver_sql("CREATE INDEX body_by_hash ON body (substr(hash, 1, 4))")
    connection.exec_driver_sql(UNIQUE)
