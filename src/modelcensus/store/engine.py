"""Open a census database: connect, migrate, and refuse what we do not understand."""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from modelcensus.core.errors import NotFound, SettingsError, StoreNewer
from modelcensus.store.faults import shown, translated

HEAD = "0010"
"""The newest migration that this program knows."""
KNOWN = frozenset({"0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010"})
"""Every version of the schema that it can bring forward."""
_WRITER_LOCK = 7_368_001
"""PostgreSQL advisory lock of whoever records: one writer at a time makes the recorded order one order."""
_CACHE_KIB = 65_536
_PAGE_BYTES = 2048
"""Of new SQLite files: of a hundred tables and indexes most are empty, and each has a page at least."""


class Store:
    """An open census database.

    ``reading()`` gives a connection in one consistent view, ``writing()`` one in the only writing transaction, which
    commits at the end of the block and leaves nothing behind if the block fails. Raises ``StoreError``s.
    """

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self._engine = engine

    @property
    def shown_url(self) -> str:
        """The database's address without its password."""
        return shown(self.url)

    @property
    def file(self) -> Path | None:
        """The file of a SQLite census."""
        name = self._engine.url.database
        return Path(name) if name and self._engine.url.get_backend_name() == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database."""
        with translated(self.url), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in the one writing transaction."""
        with translated(self.url), self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})
                yield connection

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """A connection in a short writing transaction on tables that are no part of the recorded order.

        On PostgreSQL it does not wait for whoever records; SQLite has one writer only.
        """
        with translated(self.url), self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def apart(self) -> Iterator[Connection]:
        """A connection for one writing statement that is a transaction by itself.

        On PostgreSQL a process that is frozen right after it holds no lock.
        """
        with translated(self.url), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                yield connection.execution_options(isolation_level="AUTOCOMMIT")
                return
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    def alone(self) -> Any:
        """A driver's connection of the caller's own, outside the pool and in no transaction; the caller closes it."""
        with translated(self.url):
            pooled = self._engine.raw_connection()
            connection = pooled.driver_connection
            pooled.detach()
        return connection

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def open_store(url: str, *, timeout_seconds: float = 30.0, create: bool = True) -> Store:
    """Open the census at a SQLAlchemy URL, creating or upgrading it if ``create``.

    Raises ``SettingsError`` for a URL we cannot use, ``NotFound`` if there is none and ``create`` is False,
    ``StoreNewer`` for a database written by a newer program, and other ``StoreError``s.
    """
    store = _connected(url, timeout_seconds, create)
    with translated(url):
        try:
            _migrate(store, create)
        except BaseException:
            store.close()
            raise
    return store


def open_bare(url: str, *, timeout_seconds: float = 30.0) -> Store:
    """Open a database as it is, whatever is in it; a SQLite file is made if there is none. Raises as ``open_store``."""
    return _connected(url, timeout_seconds, create=True)


def _connected(url: str, timeout_seconds: float, create: bool) -> Store:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError(
            "the setting database_url is not a database address",
            "write sqlite:///data/modelcensus.db or postgresql://user:password@host/name",
        ) from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise SettingsError(f"'{backend}' databases are not supported", "use sqlite:/// or postgresql://")
    with translated(url):
        if backend == "sqlite":
            _prepare_folder(parsed.database, create)
        return Store(url, _engine(parsed, timeout_seconds))


def _prepare_folder(database: str | None, create: bool) -> None:
    if not database or database == ":memory:":
        raise SettingsError("a census in memory would be lost", "name a file: sqlite:///data/modelcensus.db")
    path = Path(database)
    if not path.exists() and not create:
        raise NotFound(f"there is no census at {path}", "run 'modelcensus sync' to start one, or set database_url")
    if path.parent.exists() and not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    path.parent.mkdir(parents=True, exist_ok=True)


def _engine(url: Any, timeout_seconds: float) -> Engine:
    try:
        if url.get_backend_name() == "postgresql":
            milliseconds = int(timeout_seconds * 1000)
            return create_engine(
                url,
                pool_pre_ping=True,
                connect_args={
                    "connect_timeout": 10,
                    "options": f"-c lock_timeout={milliseconds} -c timezone=UTC",
                    # A plan made while a table was empty reads all of it once it is full: plan each statement anew.
                    "prepare_threshold": None,
                },
            )
    except NoSuchModuleError as error:
        raise SettingsError(f"no driver for {url.drivername}", "use sqlite:/// or postgresql://") from error
    # One connection is kept: closing the last one makes SQLite write its whole log back, which costs more than a sync.
    engine = create_engine(url, pool_size=1, max_overflow=-1, connect_args={"timeout": timeout_seconds})
    event.listen(engine, "connect", partial(_on_sqlite_connect, timeout_seconds))
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(timeout_seconds: float, connection: Any, _record: Any) -> None:
    # The driver's own transaction handling begins late and commits early; ours is explicit (see _on_sqlite_begin).
    connection.isolation_level = None
    connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    _write_ahead(connection, time.monotonic() + timeout_seconds)
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = FILE",
        f"cache_size = -{_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any, deadline: float) -> None:
    """Switch a file to its write-ahead log. SQLite does not wait for who writes at this, so we do."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _on_sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(store: Store, create: bool) -> None:
    with store.reading() as connection:
        version = version_of(connection)
    if version == HEAD:
        return
    if version is not None and version not in KNOWN:
        raise StoreNewer(
            f"the database was written by a newer version of modelcensus (schema {version}, known up to {HEAD})",
            "upgrade modelcensus: 'pip install --upgrade modelcensus', or git pull and 'make setup'",
        )
    if version is None and not create:
        raise NotFound(f"there is no census in {store.shown_url}", "run 'modelcensus sync' to start one")
    with store.writing() as connection:
        if version_of(connection) != HEAD:
            upgrade(connection)


def version_of(connection: Connection) -> str | None:
    """The version of the schema; None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Bring a database forward to a version of the schema, in the open transaction."""
    # Imported here: only a new or old database pays for Alembic's start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "modelcensus.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
