"""Sessions: browsers in which somebody has signed in. The cookie itself is never kept."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = """
CREATE TABLE session (
    hash {blob} PRIMARY KEY CHECK (length(hash) = 32),
    kind TEXT NOT NULL CHECK (kind IN ('admin', 'token', 'jwt')),
    mark TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    tier TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL CHECK (expires_at > created_at)
);
CREATE INDEX session_by_end ON session (expires_at)
"""

BLOB = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def upgrade() -> None:
    """An empty table."""
    connection = op.get_bind()
    for statement in TABLES.format(blob=BLOB[connection.dialect.name]).split(";\n"):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    """Data is never taken away: restore a backup instead."""
