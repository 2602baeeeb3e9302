"""Sources with several documents: validators by document, and orphans as a kind of entity of their own."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

OLD = "category IN ('model', 'endpoint', 'provider', 'author')"
NEW = "category IN ('model', 'endpoint', 'provider', 'author', 'orphan')"

VALIDATOR = """CREATE TABLE validator (
    source_id INTEGER NOT NULL REFERENCES source (id),
    document TEXT NOT NULL,
    url TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    PRIMARY KEY (source_id, document, url)
)"""


def upgrade() -> None:
    """What upstream gave to recognise an answer again is forgotten once: the next reading is a full one."""
    connection = op.get_bind()
    connection.exec_driver_sql("DROP TABLE validator")
    connection.exec_driver_sql(VALIDATOR)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE entity DROP CONSTRAINT entity_category_check")
        connection.exec_driver_sql(f"ALTER TABLE entity ADD CONSTRAINT entity_category_check CHECK ({NEW})")
        return
    # SQLite has no statement for it; a wider CHECK leaves every row as it is (https://sqlite.org/lang_altertable.html).
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'entity'", (OLD, NEW)
    )
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
