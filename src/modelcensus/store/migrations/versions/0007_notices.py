"""Incidents and the notices of them."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = """
CREATE TABLE incident (
    key TEXT {binary_order} PRIMARY KEY CHECK (key <> ''),
    kind TEXT NOT NULL CHECK (kind <> ''),
    found_at BIGINT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX incident_by_time ON incident (found_at);

CREATE TABLE notice (
    incident_key TEXT {binary_order} NOT NULL REFERENCES incident (key) ON DELETE CASCADE,
    target TEXT {binary_order} NOT NULL CHECK (target <> ''),
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    message TEXT,
    PRIMARY KEY (incident_key, target),
    CHECK ((sent_at IS NULL) = (message IS NULL))
);
CREATE INDEX notice_waiting ON notice (target, created_at) WHERE sent_at IS NULL;
CREATE INDEX notice_by_sending ON notice (target, sent_at) WHERE sent_at IS NOT NULL;

CREATE TABLE notice_target (
    name TEXT {binary_order} PRIMARY KEY CHECK (name <> ''),
    claim TEXT,
    free_at BIGINT NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    last_error TEXT
);

CREATE TABLE notice_position (
    watch TEXT {binary_order} PRIMARY KEY CHECK (watch <> ''),
    reached TEXT NOT NULL
)
"""

BINARY_ORDER = {"sqlite": "", "postgresql": 'COLLATE "C"'}


def upgrade() -> None:
    """Empty tables."""
    connection = op.get_bind()
    for statement in TABLES.format(binary_order=BINARY_ORDER[connection.dialect.name]).split(";\n"):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Data is never taken away: restore a backup instead."""
