"""Workers, the times at which sources are due, what each of them has recorded, and what hosts may still be asked."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE TABLE worker (
    id TEXT {binary_order} PRIMARY KEY CHECK (id <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    host TEXT NOT NULL,
    pid BIGINT NOT NULL,
    protocol INTEGER NOT NULL CHECK (protocol > 0),
    started_at BIGINT NOT NULL,
    beat_at BIGINT NOT NULL
);

CREATE TABLE due (
    source TEXT {binary_order} NOT NULL CHECK (source <> ''),
    due_at BIGINT NOT NULL,
    documents TEXT NOT NULL CHECK (documents IN ('models', 'all')),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'quarantined')),
    protocol INTEGER NOT NULL CHECK (protocol > 0),
    fence BIGINT NOT NULL CHECK (fence >= 0),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    next_at BIGINT NOT NULL,
    worker TEXT {binary_order},
    beat_at BIGINT,
    run_id TEXT {binary_order} REFERENCES run (id),
    stop TEXT,
    problem TEXT,
    started_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (source, due_at),
    CHECK ((state IN ('waiting', 'running')) = (ended_at IS NULL)),
    CHECK (state <> 'running' OR (worker IS NOT NULL AND beat_at IS NOT NULL AND run_id IS NOT NULL))
);
CREATE INDEX due_open ON due (next_at) WHERE state IN ('waiting', 'running');

CREATE TABLE due_sync (
    source TEXT {binary_order} NOT NULL,
    due_at BIGINT NOT NULL,
    document TEXT NOT NULL,
    sync_id INTEGER NOT NULL UNIQUE,
    fence BIGINT NOT NULL,
    PRIMARY KEY (source, due_at, document),
    FOREIGN KEY (source, due_at) REFERENCES due (source, due_at)
);

CREATE TABLE bucket (
    host TEXT {binary_order} PRIMARY KEY CHECK (host <> ''),
    tokens DOUBLE PRECISION NOT NULL,
    filled_at BIGINT NOT NULL
)
"""

SQLITE = {"binary_order": ""}
POSTGRESQL = {"binary_order": 'COLLATE "C"'}


def upgrade() -> None:
    """Empty tables."""
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    for statement in TABLES.format(**(SQLITE if on_sqlite else POSTGRESQL)).split(";\n"):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Data is never taken away: restore a backup instead."""
