"""Space that packing has freed: given back to the disk where that can be done while others work."""

from __future__ import annotations

import sqlite3

from modelcensus.store.engine import Store
from modelcensus.store.faults import translated

WORTH = 0.05
"""Part of a SQLite file that must be free for a rewrite to be worth it."""

READERS_MS = 2000
"""How long to wait for readers of the file as it was; its log is cut when they are done."""


def give_back(store: Store, *, full: bool = False) -> bool:
    """Give freed space back; False where another process is in the way, which a later call makes good.

    SQLite: VACUUM rewrites the file through its log; readers go on, writers wait, a crash leaves it as it was
    (https://sqlite.org/lang_vacuum.html). PostgreSQL: VACUUM lets new rows reuse the space; ``full`` rewrites the table
    and returns the space to the disk, while nobody else can use bodies or metrics
    (https://www.postgresql.org/docs/current/sql-vacuum.html). Raises ``StoreError``.
    """
    connection = store.alone()
    try:
        with translated(store.url):
            if store.file is None:
                connection.autocommit = True
                connection.execute(f"VACUUM ({'FULL, ' if full else ''}ANALYZE) body, metric")
                return True
            return _rewrite(connection)
    finally:
        connection.close()


def _rewrite(connection: sqlite3.Connection) -> bool:
    try:
        if _free(connection) > WORTH:
            connection.execute("VACUUM")
        connection.execute(f"PRAGMA busy_timeout = {READERS_MS}")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return False
        raise
    return not busy


def _free(connection: sqlite3.Connection) -> float:
    """The part of the file that is free: whole pages, and what packing left empty inside those of bodies and points."""
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    free = connection.execute("PRAGMA freelist_count").fetchone()[0] * size
    try:
        free += connection.execute(
            "SELECT coalesce(sum(unused), 0) FROM dbstat WHERE name IN ('body', 'metric')"
        ).fetchone()[0]
    except sqlite3.OperationalError:
        # Not every SQLite is built with it (https://sqlite.org/dbstat.html): then it is rewritten each time.
        return 1.0
    return float(free / (pages * size))
