"""The raw tables: sources, syncs, entities and their whole history."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    name TEXT {binary_order} NOT NULL UNIQUE CHECK (name <> ''),
    adapter TEXT NOT NULL
);

CREATE TABLE sync (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    source_id INTEGER NOT NULL REFERENCES source (id),
    reader TEXT NOT NULL,
    observed_at BIGINT NOT NULL CHECK (observed_at > 0),
    epoch BIGINT NOT NULL CHECK (
        epoch % 3600 = 0 AND epoch <= observed_at / 1000000 AND epoch > observed_at / 1000000 - 3600),
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL CHECK (finished_at >= started_at),
    status TEXT NOT NULL CHECK (status IN ('complete', 'partial', 'held', 'incomplete', 'failed')),
    origin TEXT NOT NULL,
    offline INTEGER NOT NULL CHECK (offline IN (0, 1)),
    payload_hash {bytes} CHECK (length(payload_hash) = 32),
    bytes_read BIGINT NOT NULL,
    entities BIGINT NOT NULL CHECK (entities >= 0),
    appeared BIGINT NOT NULL CHECK (appeared >= 0),
    altered BIGINT NOT NULL CHECK (altered >= 0),
    vanished BIGINT NOT NULL CHECK (vanished >= 0 AND (vanished = 0 OR status NOT IN ('incomplete', 'failed'))),
    reappeared BIGINT NOT NULL CHECK (reappeared >= 0),
    quarantined BIGINT NOT NULL CHECK (quarantined >= 0 AND (quarantined = 0 OR status <> 'complete')),
    error TEXT CHECK (error IS NOT NULL OR status <> 'failed'),
    hint TEXT,
    digest {bytes} CHECK (length(digest) = 32),
    chain {bytes} CHECK (length(chain) = 32)
);
CREATE INDEX sync_by_source ON sync (source_id, observed_at);

CREATE TABLE body (
    id {big_id} PRIMARY KEY,
    hash {bytes} NOT NULL UNIQUE CHECK (length(hash) = 32),
    data TEXT NOT NULL
);

CREATE TABLE entity (
    id {big_id} PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL CHECK (category IN ('model', 'endpoint', 'provider', 'author')),
    key TEXT {binary_order} NOT NULL CHECK (key <> ''),
    body_id BIGINT REFERENCES body (id),
    raw_hash {bytes} CHECK (length(raw_hash) = 32),
    volatile TEXT,
    UNIQUE (source_id, category, key)
);

CREATE TABLE snapshot (
    entity_id BIGINT NOT NULL REFERENCES entity (id),
    observed_at BIGINT NOT NULL CHECK (observed_at > 0),
    sync_id INTEGER NOT NULL REFERENCES sync (id),
    body_id BIGINT REFERENCES body (id),
    PRIMARY KEY (entity_id, observed_at, sync_id)
) {clustered};
CREATE INDEX snapshot_by_time ON snapshot (observed_at, entity_id);

CREATE TABLE coverage (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT NOT NULL,
    observed_at BIGINT NOT NULL,
    sync_id INTEGER NOT NULL REFERENCES sync (id),
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    unnamed BIGINT NOT NULL CHECK (unnamed >= 0),
    seen BIGINT NOT NULL CHECK (seen >= 0),
    live_before BIGINT NOT NULL CHECK (live_before >= 0),
    accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
    removes INTEGER NOT NULL CHECK (removes = 0 OR (removes = 1 AND complete = 1 AND unnamed = 0)),
    PRIMARY KEY (source_id, category, observed_at, sync_id)
) {clustered};

CREATE TABLE sighting (
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT NOT NULL,
    observed_at BIGINT NOT NULL,
    entity_id BIGINT NOT NULL REFERENCES entity (id),
    PRIMARY KEY (source_id, category, observed_at, entity_id)
) {clustered};

CREATE TABLE metric_name (
    id INTEGER PRIMARY KEY,
    name TEXT {binary_order} NOT NULL UNIQUE
);

CREATE TABLE metric (
    entity_id BIGINT NOT NULL REFERENCES entity (id),
    name_id INTEGER NOT NULL REFERENCES metric_name (id),
    observed_at BIGINT NOT NULL,
    value {real},
    PRIMARY KEY (entity_id, name_id, observed_at)
) {clustered};

CREATE TABLE quarantine (
    sync_id INTEGER NOT NULL REFERENCES sync (id),
    position INTEGER NOT NULL,
    fault TEXT NOT NULL,
    place TEXT NOT NULL,
    category TEXT,
    key TEXT,
    raw_hash {bytes} NOT NULL,
    raw {bytes} NOT NULL,
    PRIMARY KEY (sync_id, position)
);

CREATE TABLE validator (
    source_id INTEGER NOT NULL REFERENCES source (id),
    url TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    PRIMARY KEY (source_id, url)
);

CREATE VIEW change AS
SELECT s.entity_id, e.source_id, e.category, e.key, s.observed_at, s.sync_id,
    CASE WHEN p.entity_id IS NULL THEN 'appeared'
         WHEN s.body_id IS NULL THEN 'vanished'
         WHEN p.body_id IS NULL THEN 'reappeared'
         ELSE 'altered' END AS kind,
    p.body_id AS before_body_id, s.body_id AS after_body_id
FROM snapshot s
JOIN entity e ON e.id = s.entity_id
LEFT JOIN snapshot p ON p.entity_id = s.entity_id AND (p.observed_at, p.sync_id) = (
    SELECT q.observed_at, q.sync_id FROM snapshot q
    WHERE q.entity_id = s.entity_id AND q.observed_at < s.observed_at
    ORDER BY q.observed_at DESC, q.sync_id DESC LIMIT 1)
WHERE s.sync_id = (SELECT max(r.sync_id) FROM snapshot r
                   WHERE r.entity_id = s.entity_id AND r.observed_at = s.observed_at)
  AND s.body_id IS DISTINCT FROM p.body_id
"""

SQLITE = {"bytes": "BLOB", "big_id": "INTEGER", "binary_order": "", "clustered": "WITHOUT ROWID", "real": "REAL"}
POSTGRESQL = {
    "bytes": "BYTEA", "big_id": "BIGINT", "binary_order": 'COLLATE "C"', "clustered": "", "real": "DOUBLE PRECISION"
}  # fmt: skip

SQLITE_GUARDS = [
    "CREATE TRIGGER {t}_no_update BEFORE UPDATE ON {t} BEGIN SELECT RAISE(ABORT, '{t} is append-only'); END",
    "CREATE TRIGGER {t}_no_delete BEFORE DELETE ON {t} BEGIN SELECT RAISE(ABORT, '{t} is append-only'); END",
]
SQLITE_SEALED = (
    "CREATE TRIGGER sync_sealed BEFORE UPDATE ON sync WHEN OLD.chain IS NOT NULL "
    "BEGIN SELECT RAISE(ABORT, 'a sealed sync cannot be changed'); END",
    "CREATE TRIGGER sync_no_delete BEFORE DELETE ON sync BEGIN SELECT RAISE(ABORT, 'sync is append-only'); END",
)
POSTGRESQL_FUNCTION = """
CREATE FUNCTION modelcensus_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
POSTGRESQL_SEALED = (
    "CREATE TRIGGER sync_sealed BEFORE UPDATE ON sync FOR EACH ROW WHEN (OLD.chain IS NOT NULL) "
    "EXECUTE FUNCTION modelcensus_append_only()",
    "CREATE TRIGGER sync_no_delete BEFORE DELETE ON sync FOR EACH ROW EXECUTE FUNCTION modelcensus_append_only()",
)
APPEND_ONLY = ("body", "snapshot", "coverage", "quarantine")


def upgrade() -> None:
    """Create everything, with the constraints for what must never be."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in TABLES.format(**(SQLITE if on_sqlite else POSTGRESQL)).split(";\n"):
        op.get_bind().exec_driver_sql(statement.replace("%", "%" if on_sqlite else "%%"))
    for statement in _guards(on_sqlite):
        op.get_bind().exec_driver_sql(statement.replace("%", "%" if on_sqlite else "%%"))


def _guards(on_sqlite: bool) -> list[str]:
    if on_sqlite:
        guards = [guard.format(t=table) for table in APPEND_ONLY for guard in SQLITE_GUARDS]
        return [*guards, *SQLITE_SEALED]
    guards = [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION modelcensus_append_only()"
        for table in APPEND_ONLY
    ]
    return [POSTGRESQL_FUNCTION, *guards, *POSTGRESQL_SEALED]
