"""What a look at the census' health asks the database: whether it answers at all, its clock, its last entries."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from threading import Lock
from typing import Any

import msgspec
from sqlalchemy import Connection, make_url, text

from modelcensus.core.chain import START, link
from modelcensus.core.errors import StoreUnreachable
from modelcensus.core.working import WorkerRow
from modelcensus.store.engine import Store
from modelcensus.store.faults import shown, translated
from modelcensus.store.syncs import sync_digest

_SCHEMA = "SELECT version_num FROM alembic_version"
_STAMP = "SELECT coalesce(max(id), 0) FROM sync"
_CLOCKS = {
    "sqlite": "SELECT CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000",
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
}
_SERVER = {
    "connect_timeout": 3, "options": "-c statement_timeout=3000", "keepalives_idle": 5, "keepalives_interval": 2,
    "keepalives_count": 3, "tcp_user_timeout": 5000,
}  # fmt: skip
"""How a server is asked: a connection that is dead is noticed within seconds
(https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS)."""


class Probe:
    """Asks the database over a connection of its own, outside the pool that requests may have used up.

    A file is opened each time, so that one that was taken away is noticed; a server's connection is kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._connection: Any = None

    def schema(self) -> str:
        """The version of the schema; the database has answered from a table. May take long. Raises ``StoreError``."""
        with self._lock, translated(self._store.url):
            if self._store.file is not None:
                return self._of_file()
            if self._connection is not None:
                try:
                    return self._asked(self._connection)
                except Exception:  # the server may have been started again meanwhile: asked once more below
                    self._let_go()
            self._connection = self._connected()
            try:
                return self._asked(self._connection)
            except Exception:
                self._let_go()
                raise

    def close(self) -> None:
        """Let go of the connection, unless a question is still waiting on it."""
        if self._lock.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._lock.release()

    def _of_file(self) -> str:
        file = self._store.file
        if file is None or not file.is_file():
            raise StoreUnreachable(
                "the database file is gone",
                "bring it back, or restore a backup, and start the program again",
                detail=f" ({shown(self._store.url)})",
            )
        address = f"{file.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=0.2, isolation_level=None)) as connection:
            return self._asked(connection)

    def _connected(self) -> Any:
        import psycopg  # imported here: whoever has a file need not load the driver

        url = make_url(self._store.url)
        _, given = url.get_dialect()().create_connect_args(url)
        connection = psycopg.connect(**{**given, **_SERVER}, autocommit=True)
        connection.prepare_threshold = None
        return connection

    def _asked(self, connection: Any) -> str:
        connection.execute(_STAMP).fetchone()
        row = connection.execute(_SCHEMA).fetchone()
        return str(row[0]) if row else ""

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # it is being thrown away; what it says of that matters to nobody
                connection.close()


class LastSync(msgspec.Struct, frozen=True, kw_only=True):
    """The sync that was recorded last, and what is wrong with its link in the chain, if anything."""

    id: int
    problem: str | None


def last_link(tx: Connection) -> LastSync | None:
    """The last sync, held against its own digest and the link before it; None in an empty census."""
    row = tx.execute(text("SELECT id, digest, chain FROM sync ORDER BY id DESC LIMIT 1")).first()
    if row is None:
        return None
    id_, digest, sealed = row
    if digest is None or sealed is None:
        return LastSync(id=id_, problem="was never sealed")
    before = tx.execute(text("SELECT chain FROM sync WHERE id = :id"), {"id": id_ - 1}).scalar()
    if id_ > 1 and before is None:
        return LastSync(id=id_, problem=f"does not follow from sync {id_ - 1}, which is missing")
    if sync_digest(tx, id_) != bytes(digest):
        return LastSync(id=id_, problem="is not what it was when it was recorded")
    if link(bytes(before) if before else START, bytes(digest)) != bytes(sealed):
        return LastSync(id=id_, problem=f"does not follow from sync {id_ - 1}")
    return LastSync(id=id_, problem=None)


def clock(tx: Connection) -> int:
    """The database's clock, in microseconds since 1970; of a file it is this machine's."""
    return int(tx.execute(text(_CLOCKS[tx.dialect.name])).scalar() or 0)


def last_good(tx: Connection) -> dict[tuple[str, str], int]:
    """When each document of each source was last read whole: (source, document) -> microseconds since 1970."""
    sql = """SELECT s.name, y.reader, max(y.observed_at) FROM sync y JOIN source s ON s.id = y.source_id
    WHERE y.status IN ('complete', 'partial') GROUP BY s.name, y.reader"""
    found: dict[tuple[str, str], int] = {}
    for name, reader, at in tx.execute(text(sql)):
        place = (name, reader.rpartition("/")[2].rpartition("@")[0])
        found[place] = max(at, found.get(place, 0))
    return found


def newest_sync(tx: Connection) -> tuple[str, int] | None:
    """Source and time of the sync with the latest time, whenever it was recorded."""
    sql = """SELECT s.name, y.observed_at FROM sync y JOIN source s ON s.id = y.source_id
    ORDER BY y.observed_at DESC, y.id DESC LIMIT 1"""
    row = tx.execute(text(sql)).first()
    return (row[0], row[1]) if row else None


def workers(tx: Connection) -> list[WorkerRow]:
    """Every worker that has a row, by name."""
    names = WorkerRow.__struct_fields__
    rows = tx.execute(text(f"SELECT {', '.join(names)} FROM worker ORDER BY name, id"))
    return [WorkerRow(**dict(zip(names, row, strict=True))) for row in rows]


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    """A source's due times that no worker begins any more: how many, since when, and why the last one does not."""

    source: str
    count: int
    since: int
    problem: str | None


def quarantined(tx: Connection) -> list[Quarantine]:
    """By source, what is in quarantine."""
    sql = "SELECT source, due_at, problem FROM due WHERE state = 'quarantined' ORDER BY source, due_at"
    found: dict[str, Quarantine] = {}
    for source, due_at, problem in tx.execute(text(sql)):
        known = found.get(source)
        found[source] = Quarantine(
            source=source,
            count=known.count + 1 if known else 1,
            since=known.since if known else due_at,
            problem=problem,
        )
    return list(found.values())
