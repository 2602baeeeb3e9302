"""The API's own: tokens, runs and slots, webhooks and deliveries, copies of feeds, refreshes; why syncs fail."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = """
ALTER TABLE sync ADD COLUMN problem TEXT;

CREATE TABLE token (
    id TEXT {binary_order} PRIMARY KEY,
    name TEXT {binary_order} NOT NULL CHECK (name <> ''),
    hash {bytes} NOT NULL UNIQUE CHECK (length(hash) = 32),
    role TEXT NOT NULL CHECK (role IN ('reader', 'viewer', 'curator', 'admin')),
    tier TEXT NOT NULL CHECK (tier IN ('free', 'pro', 'enterprise')),
    created_by TEXT NOT NULL CHECK (created_by <> ''),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    revoked_by TEXT,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX token_by_name ON token (name) WHERE revoked_at IS NULL;

CREATE TABLE run (
    id TEXT {binary_order} PRIMARY KEY,
    trigger_name TEXT NOT NULL CHECK (trigger_name <> ''),
    actor TEXT NOT NULL CHECK (actor <> ''),
    sources TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'lost')),
    started_at BIGINT NOT NULL,
    beat_at BIGINT NOT NULL,
    ended_at BIGINT,
    progress TEXT,
    result TEXT,
    CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE INDEX run_by_start ON run (started_at);

CREATE TABLE slot (
    source TEXT {binary_order} PRIMARY KEY CHECK (source <> ''),
    run_id TEXT {binary_order} NOT NULL REFERENCES run (id),
    claimed_at BIGINT NOT NULL,
    released_at BIGINT
);

CREATE TABLE webhook (
    id TEXT {binary_order} PRIMARY KEY,
    url TEXT NOT NULL CHECK (url <> ''),
    salt {bytes} NOT NULL CHECK (length(salt) = 16),
    filters TEXT NOT NULL,
    created_by TEXT NOT NULL CHECK (created_by <> ''),
    created_at BIGINT NOT NULL,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    reached_revision INTEGER NOT NULL CHECK (reached_revision >= 0)
);

CREATE TABLE delivery (
    id TEXT {binary_order} PRIMARY KEY,
    webhook_id TEXT {binary_order} NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'dead')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    created_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    ended_at BIGINT,
    last_status INTEGER,
    last_error TEXT,
    CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX delivery_due ON delivery (next_at) WHERE state = 'pending';
CREATE INDEX delivery_by_webhook ON delivery (webhook_id, created_at);

CREATE TABLE feed_copy (
    name TEXT {binary_order} NOT NULL,
    tier TEXT NOT NULL,
    revision INTEGER NOT NULL,
    made_at BIGINT NOT NULL,
    body {bytes} NOT NULL,
    PRIMARY KEY (name, tier)
);

CREATE TABLE feed_refusal (
    name TEXT {binary_order} NOT NULL,
    tier TEXT NOT NULL,
    revision INTEGER NOT NULL,
    refused_at BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    PRIMARY KEY (name, tier)
);

CREATE TABLE refreshed (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    times BIGINT NOT NULL
);
INSERT INTO refreshed (one, times) VALUES (1, 0)
"""

SQLITE = {"bytes": "BLOB", "binary_order": ""}
POSTGRESQL = {"bytes": "BYTEA", "binary_order": 'COLLATE "C"'}


def upgrade() -> None:
    """Empty tables, and the one row that counts refreshes."""
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    for statement in TABLES.format(**(SQLITE if on_sqlite else POSTGRESQL)).split(";\n"):
        connection.exec_driver_sql(statement)
