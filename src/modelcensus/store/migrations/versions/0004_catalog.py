"""The catalog: listings and offerings, aliases, models with all their versions, plans, revisions, curation, audit."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = """
CREATE TABLE listing (
    entity_id {big_id} PRIMARY KEY REFERENCES entity (id),
    translator_version INTEGER NOT NULL,
    hash {bytes} NOT NULL CHECK (length(hash) = 32),
    data TEXT,
    excluded TEXT,
    reason TEXT,
    hint TEXT,
    CHECK (data IS NULL OR reason IS NULL)
);

CREATE TABLE offering (
    entity_id BIGINT NOT NULL REFERENCES listing (entity_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    model_key TEXT {binary_order} NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (entity_id, position)
) {clustered};

CREATE TABLE alias (
    id {big_id} PRIMARY KEY,
    source TEXT {binary_order} NOT NULL,
    key TEXT {binary_order} NOT NULL,
    universal_model_id TEXT {binary_order} NOT NULL,
    relation TEXT NOT NULL CHECK (relation IN ('same', 'snapshot', 'variant', 'offering', 'moving')),
    evidence TEXT NOT NULL,
    confidence INTEGER NOT NULL CHECK (confidence BETWEEN 0 AND 100),
    decided_by TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX alias_current ON alias (source, key) WHERE valid_to IS NULL;
CREATE INDEX alias_by_model ON alias (universal_model_id);
CREATE INDEX alias_by_key ON alias (key);

CREATE TABLE link_decision (
    id {big_id} PRIMARY KEY,
    source TEXT {binary_order} NOT NULL,
    key TEXT {binary_order} NOT NULL,
    universal_model_id TEXT {binary_order},
    verb TEXT NOT NULL CHECK (verb IN ('link', 'unlink')),
    actor TEXT NOT NULL CHECK (actor <> ''),
    reason TEXT NOT NULL CHECK (reason <> ''),
    at BIGINT NOT NULL,
    CHECK (verb = 'unlink' OR universal_model_id IS NOT NULL)
);
CREATE INDEX link_decision_by_key ON link_decision (source, key);

CREATE TABLE plan (
    digest TEXT {binary_order} PRIMARY KEY CHECK (length(digest) = 64),
    base_revision INTEGER NOT NULL CHECK (base_revision >= 0),
    data TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'applied', 'rejected', 'stale')),
    proposed_by TEXT NOT NULL CHECK (proposed_by <> ''),
    proposed_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    reason TEXT,
    revision INTEGER,
    taken TEXT,
    CHECK ((state = 'applied') = (revision IS NOT NULL)),
    CHECK (state IN ('open', 'stale') OR decided_by IS NOT NULL)
);
CREATE INDEX plan_by_state ON plan (state, proposed_at);

CREATE TABLE audit (
    id {big_id} PRIMARY KEY CHECK (id > 0),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL CHECK (actor <> ''),
    act TEXT NOT NULL CHECK (act <> ''),
    target TEXT {binary_order} NOT NULL,
    before_data TEXT,
    after_data TEXT,
    reason TEXT,
    revision INTEGER
);
CREATE INDEX audit_by_target ON audit (target, id);
CREATE INDEX audit_by_revision ON audit (revision) WHERE revision IS NOT NULL;

CREATE TABLE revision (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    at BIGINT NOT NULL,
    plan TEXT {binary_order} NOT NULL UNIQUE REFERENCES plan (digest),
    actor TEXT NOT NULL,
    models INTEGER NOT NULL,
    catalog_digest {bytes} NOT NULL CHECK (length(catalog_digest) = 32),
    written_digest {bytes} NOT NULL CHECK (length(written_digest) = 32),
    audit_id BIGINT NOT NULL UNIQUE REFERENCES audit (id),
    audit_digest {bytes} NOT NULL CHECK (length(audit_digest) = 32),
    previous {bytes} NOT NULL CHECK (length(previous) = 32),
    chain {bytes} NOT NULL UNIQUE CHECK (length(chain) = 32)
);

CREATE TABLE model (
    id {big_id} PRIMARY KEY,
    universal_model_id TEXT {binary_order} NOT NULL UNIQUE CHECK (universal_model_id <> ''),
    status TEXT NOT NULL CHECK (status IN ('active', 'archived')),
    fields TEXT NOT NULL,
    origins TEXT NOT NULL,
    hash {bytes} NOT NULL CHECK (length(hash) = 32),
    since_revision INTEGER NOT NULL CHECK (since_revision > 0),
    changed_revision INTEGER NOT NULL CHECK (changed_revision >= since_revision),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    archived_at BIGINT,
    CHECK ((status = 'archived') = (archived_at IS NOT NULL))
);
CREATE INDEX model_by_change ON model (changed_revision);

CREATE TABLE model_version (
    model_id BIGINT NOT NULL REFERENCES model (id),
    revision INTEGER NOT NULL REFERENCES revision (number),
    status TEXT NOT NULL CHECK (status IN ('active', 'archived')),
    fields TEXT NOT NULL,
    origins TEXT NOT NULL,
    hash {bytes} NOT NULL CHECK (length(hash) = 32),
    since_revision INTEGER NOT NULL,
    PRIMARY KEY (model_id, revision)
) {clustered};
CREATE INDEX model_version_by_revision ON model_version (revision);

CREATE TABLE curation (
    universal_model_id TEXT {binary_order} PRIMARY KEY REFERENCES model (universal_model_id),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    is_curated INTEGER NOT NULL CHECK (is_curated IN (0, 1)),
    status TEXT NOT NULL CHECK (status IN ('new', 'active', 'disabled')),
    is_free INTEGER NOT NULL CHECK (is_free IN (0, 1)),
    is_pro INTEGER NOT NULL CHECK (is_pro IN (0, 1)),
    is_enterprise INTEGER NOT NULL CHECK (is_enterprise IN (0, 1)),
    display_name TEXT,
    notes TEXT,
    touched INTEGER NOT NULL CHECK (touched IN (0, 1)),
    CHECK ((enabled = 1) = (status = 'active'))
);

CREATE TABLE override (
    universal_model_id TEXT {binary_order} NOT NULL REFERENCES model (universal_model_id),
    path TEXT {binary_order} NOT NULL CHECK (path <> ''),
    data TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    owner TEXT NOT NULL CHECK (owner <> ''),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    upstream TEXT,
    PRIMARY KEY (universal_model_id, path)
);

CREATE VIEW enabled_model AS
SELECT m.id, m.universal_model_id, m.fields, c.is_curated, c.is_free, c.is_pro, c.is_enterprise, c.display_name
FROM model m JOIN curation c ON c.universal_model_id = m.universal_model_id
WHERE m.status = 'active' AND c.enabled = 1
"""

SQLITE = {"bytes": "BLOB", "big_id": "INTEGER", "binary_order": "", "clustered": "WITHOUT ROWID"}
POSTGRESQL = {"bytes": "BYTEA", "big_id": "BIGINT", "binary_order": 'COLLATE "C"', "clustered": ""}

APPEND_ONLY = ("model_version", "revision", "audit", "link_decision")
ENABLES = {
    "INSERT": "NEW.enabled = 1",
    "UPDATE": "NEW.enabled = 1 AND (OLD.enabled = 0 OR NEW.universal_model_id <> OLD.universal_model_id)",
}
"""When a row of ``curation`` switches a model on. A wish of before the archiving stays as the person left it."""
ARCHIVED = (
    "EXISTS (SELECT 1 FROM model m WHERE m.universal_model_id = NEW.universal_model_id AND m.status = 'archived')"
)
REFUSED = "an archived model cannot be enabled"

POSTGRESQL_STAYS_OFF = f"""
CREATE FUNCTION modelcensus_archived_stays_off() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF {ARCHIVED} THEN RAISE EXCEPTION '{REFUSED}'; END IF; RETURN NEW; END $$
"""


def upgrade() -> None:
    """Empty tables, and the triggers for what must never be."""
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    for statement in TABLES.format(**(SQLITE if on_sqlite else POSTGRESQL)).split(";\n"):
        connection.exec_driver_sql(statement)
    for statement in _sqlite_guards() if on_sqlite else _postgresql_guards():
        connection.exec_driver_sql(statement)


def _sqlite_guards() -> list[str]:
    append_only = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    stays_off = [
        f"CREATE TRIGGER curation_{verb.lower()}_archived BEFORE {verb} ON curation WHEN {condition} AND {ARCHIVED} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        for verb, condition in ENABLES.items()
    ]
    kept = [
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in ("model", "alias", "plan")
    ]
    ended = (
        "CREATE TRIGGER alias_ended BEFORE UPDATE ON alias WHEN OLD.valid_to IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'alias is append-only'); END"
    )
    return [*append_only, *stays_off, *kept, ended]


def _postgresql_guards() -> list[str]:
    refuse = "EXECUTE FUNCTION modelcensus_append_only()"
    append_only = [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}"
        for table in APPEND_ONLY
    ]
    stays_off = [
        f"CREATE TRIGGER curation_{verb.lower()}_archived BEFORE {verb} ON curation FOR EACH ROW WHEN ({condition}) "
        "EXECUTE FUNCTION modelcensus_archived_stays_off()"
        for verb, condition in ENABLES.items()
    ]
    kept = [
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {refuse}"
        for table in ("model", "alias", "plan")
    ]
    ended = f"CREATE TRIGGER alias_ended BEFORE UPDATE ON alias FOR EACH ROW WHEN (OLD.valid_to IS NOT NULL) {refuse}"
    return [POSTGRESQL_STAYS_OFF, *append_only, *stays_off, *kept, ended]
