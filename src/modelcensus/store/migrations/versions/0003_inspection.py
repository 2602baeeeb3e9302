"""What is known of the shape and quality of the recorded entities: projections, filled after each sync."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
CREATE TABLE inspection (
    source_id INTEGER PRIMARY KEY REFERENCES source (id),
    sync_id INTEGER NOT NULL,
    entity_id BIGINT NOT NULL
);

CREATE TABLE inspection_category (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL,
    rules {bytes} NOT NULL,
    baselined INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    live BIGINT NOT NULL,
    rebuilt_to TEXT,
    PRIMARY KEY (source_id, category)
);

CREATE TABLE inspected (
    entity_id {big_id} PRIMARY KEY,
    body_id BIGINT NOT NULL
);

CREATE TABLE shape_field (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL,
    path TEXT {binary_order} NOT NULL,
    type TEXT {binary_order} NOT NULL,
    live BIGINT NOT NULL CHECK (live >= 0),
    peak BIGINT NOT NULL,
    entity_id BIGINT,
    first_sync INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY (source_id, category, path, type)
) {clustered};

CREATE TABLE shape_value (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL,
    path TEXT {binary_order} NOT NULL,
    said TEXT {binary_order} NOT NULL,
    entity_id BIGINT NOT NULL,
    first_sync INTEGER NOT NULL,
    PRIMARY KEY (source_id, category, path, said)
) {clustered};

CREATE TABLE drift (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('new', 'missing', 'retyped', 'value')),
    path TEXT {binary_order} NOT NULL,
    what TEXT {binary_order} NOT NULL,
    detail TEXT NOT NULL,
    entity_id BIGINT,
    sync_id INTEGER NOT NULL,
    observed_at BIGINT NOT NULL,
    times INTEGER NOT NULL CHECK (times > 0),
    last_sync INTEGER NOT NULL,
    last_observed_at BIGINT NOT NULL,
    PRIMARY KEY (source_id, category, kind, path, what)
);

CREATE TABLE finding (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL,
    entity_id BIGINT NOT NULL,
    rule TEXT {binary_order} NOT NULL,
    path TEXT {binary_order} NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
    detail TEXT NOT NULL,
    since_sync INTEGER NOT NULL,
    PRIMARY KEY (source_id, category, entity_id, rule, path)
) {clustered};

CREATE TABLE finding_link (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL,
    rule TEXT {binary_order} NOT NULL,
    said TEXT {binary_order} NOT NULL,
    entity_id BIGINT NOT NULL,
    path TEXT {binary_order} NOT NULL,
    PRIMARY KEY (source_id, category, rule, said, entity_id)
) {clustered};
CREATE INDEX finding_link_by_entity ON finding_link (entity_id);

CREATE TABLE quality (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL,
    sync_id INTEGER NOT NULL,
    entities BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    warnings BIGINT NOT NULL,
    flawed BIGINT NOT NULL,
    doubtful BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    score_tenths INTEGER CHECK (score_tenths BETWEEN 0 AND 1000),
    PRIMARY KEY (source_id, category, sync_id)
) {clustered}
"""

SQLITE = {"bytes": "BLOB", "big_id": "INTEGER", "binary_order": "", "clustered": "WITHOUT ROWID"}
POSTGRESQL = {"bytes": "BYTEA", "big_id": "BIGINT", "binary_order": 'COLLATE "C"', "clustered": ""}


def upgrade() -> None:
    """Empty tables: what is recorded already is inspected after the next sync."""
    words = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in TABLES.format(**words).split(";\n"):
        op.get_bind().exec_driver_sql(statement)
