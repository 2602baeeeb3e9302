"""Databases to work in: a new SQLite file, or a new database on a PostgreSQL server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import make_url


@contextmanager
def sqlite() -> Iterator[str]:
    """The URL of a SQLite file that does not exist yet."""
    with TemporaryDirectory(prefix="modelcensus-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'census.db'}"


@contextmanager
def postgres(server: str) -> Iterator[str]:
    """The URL of a new, empty database on a server; ``auto`` starts one as the tests do."""
    with ExitStack() as stack:
        if server == "auto":
            # Imported here: only this needs it, and only a checkout has the tests.
            from tests.postgres import PostgresServer

            started = stack.enter_context(PostgresServer())
            yield started.create_database()
            return
        name = f"bench_{uuid.uuid4().hex[:12]}"
        url = make_url(server).set(drivername="postgresql")
        link = stack.enter_context(psycopg.connect(url.render_as_string(hide_password=False), autocommit=True))
        link.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@contextmanager
def empty(kind: str, server: str | None) -> Iterator[str]:
    """An empty database of a kind: ``sqlite`` or ``postgresql``."""
    with sqlite() if kind == "sqlite" else postgres(server or "auto") as url:
        yield url


def kinds(server: str | None) -> list[str]:
    """The kinds to run on: PostgreSQL only where a server is named."""
    return ["sqlite", "postgresql"] if server else ["sqlite"]
