"""Blocks of packed bodies, and metrics rolled up."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

BLOCKS = """
CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    category TEXT {binary_order} NOT NULL,
    hash {bytes} NOT NULL UNIQUE CHECK (length(hash) = 32),
    data {bytes} NOT NULL
);

CREATE TABLE block (
    id {big_id} PRIMARY KEY,
    hash {bytes} NOT NULL CHECK (length(hash) = 32),
    bodies INTEGER NOT NULL CHECK (bodies > 0),
    size BIGINT NOT NULL CHECK (size > 0),
    dictionary_id INTEGER REFERENCES dictionary (id),
    data {bytes} NOT NULL
);

ALTER TABLE body ADD COLUMN block_id BIGINT REFERENCES block (id);

ALTER TABLE body ADD COLUMN place INTEGER CHECK (
    (place IS NULL) = (block_id IS NULL) AND (block_id IS NULL) = (data <> '') AND place >= 0)
"""
MOVES = """NEW.id = OLD.id AND NEW.hash = OLD.hash AND NEW.data = '' AND OLD.block_id IS NULL
AND NEW.block_id IS NOT NULL
AND EXISTS (SELECT 1 FROM block k WHERE k.id = NEW.block_id AND NEW.place < k.bodies)"""
"""The one change of a body that is allowed: its text, until now in its row, moves to a place in a block."""

SQLITE_BLOCK_GUARDS = (
    "DROP TRIGGER body_no_update",
    f"CREATE TRIGGER body_no_update BEFORE UPDATE ON body WHEN ({MOVES}) IS NOT TRUE "
    "BEGIN SELECT RAISE(ABORT, 'body is append-only'); END",
    *(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in ("block", "dictionary")
        for verb in ("UPDATE", "DELETE")
    ),
)
POSTGRESQL_BLOCK_GUARDS = (
    f"""CREATE FUNCTION modelcensus_body_moves() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF ({MOVES}) IS NOT TRUE THEN RAISE EXCEPTION 'body is append-only'; END IF; RETURN NEW; END $$""",
    "DROP TRIGGER body_append_only ON body",
    "CREATE TRIGGER body_no_update BEFORE UPDATE ON body FOR EACH ROW EXECUTE FUNCTION modelcensus_body_moves()",
    "CREATE TRIGGER body_no_delete BEFORE DELETE ON body FOR EACH ROW EXECUTE FUNCTION modelcensus_append_only()",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION modelcensus_append_only()"
        for table in ("block", "dictionary")
    ),
)


def upgrade() -> None:
    """Make what this version adds."""
    _make_blocks()


def downgrade() -> None:
    """Data is never taken away: restore a backup instead."""


def _make_blocks() -> None:
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    names = {"bytes": "BLOB", "big_id": "INTEGER", "binary_order": ""}
    if not on_sqlite:
        names = {"bytes": "BYTEA", "big_id": "BIGINT", "binary_order": 'COLLATE "C"'}
    for statement in BLOCKS.format(**names).split(";\n"):
        connection.exec_driver_sql(statement)
    for statement in SQLITE_BLOCK_GUARDS if on_sqlite else POSTGRESQL_BLOCK_GUARDS:
        connection.exec_driver_sql(statement)
