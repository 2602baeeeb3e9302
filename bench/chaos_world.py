"""What the workers under fire live in: an upstream whose every answer is a new one, settings, and a database."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from bench.measure import environment
from modelcensus.settings import Settings
from modelcensus.sources.registry import installed
from modelcensus.upstream import Fault, Play, Received
from modelcensus.wiring import open_census

_FOREIGN = ("DATABASE_URL", "MODEL_SYNC_", "MODELCENSUS_", "OPENROUTER_", "REDIS_URL", "SLACK_", "ADMIN_")

Restart = Callable[[bool, float], None]
"""Restarts the database: True as after a crash, and so many seconds later."""


@dataclass
class Listings:
    """An upstream of models.dev's kind. Each answer tells its number, so that no two syncs record the same."""

    seconds: float
    """So long each answer takes: a sync is to last long enough to be hit."""
    asked: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, request: Received) -> Play:
        """The listing of the source that the path names."""
        source = request.path.strip("/").partition("/")[0]
        with self._lock:
            self.asked[source] += 1
            turn = self.asked[source]
        body = json.dumps({source: {"id": source, "name": source, "models": {"one": _model(turn)}}}).encode()
        return Play(body, fault=Fault.DELAY, seconds=self.seconds) if self.seconds else Play(body)


def _model(turn: int) -> dict[str, Any]:
    # No field that the catalog knows: what it publishes stays as it is, and the syncs stay short.
    return {"id": "one", "name": "One", "cost": {"input": 1.5, "output": 2.0}, "turn": turn}


def variables(database: str, upstream: str, sources: Sequence[str], **more: str) -> dict[str, str]:
    """The environment of workers that sync these sources each second, and nothing else."""
    kept = {name: value for name, value in environment().items() if not name.startswith(_FOREIGN)}
    off = {_source(name, "ENABLED"): "false" for name, each in installed().adapters.items() if each.own_source}
    mine: dict[str, str] = {}
    for name in sources:
        mine[_source(name, "ADAPTER")] = "modelsdev"
        mine[_source(name, "BASE_URL")] = f"{upstream}/{name}/"
        mine[_source(name, "REQUESTS_PER_SECOND")] = "1000"
    every = {"MODELS_SCHEDULE": "every 1s", "SCHEDULE": "0 2 1 1 *", "JITTER_SECONDS": "0", "CATCH_UP": "all",
             "RETRY_MS": "100"}  # fmt: skip
    sync = {f"MODELCENSUS_SYNC__{name}": value for name, value in every.items()}
    return {**kept, **off, **mine, **sync, "MODELCENSUS_DATABASE_URL": database, **more}


def _source(name: str, member: str) -> str:
    return f"MODELCENSUS_SOURCES__{name.upper().replace('-', '_')}__{member}"


_READ = """INSERT INTO due (source, due_at, documents, state, protocol, fence, attempts, next_at, started_at, ended_at)
VALUES (:source, :at, 'all', 'done', 1, 0, 0, :at, :at, :at)"""


def prepare(database: str, sources: Sequence[str] = ()) -> None:
    """Make the tables, and have what was committed survive the server's sudden end.

    These sources count as read a moment ago: the workers begin with what is due now, and have nothing to make up for.
    """
    with open_census(Settings(database_url=database)) as census, census.store.noting() as tx:
        for source in sources:
            tx.execute(text(_READ), {"source": source, "at": int(time.time()) * 1_000_000})
    if database.startswith("postgresql"):
        name = database.rpartition("/")[2]
        engine = create_engine(database, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as link:
            # The tests' server answers before the log is on its way to the disk.
            link.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = on'))


class Eyes:
    """Looks into the database beside everybody else, with a connection of its own for each look."""

    def __init__(self, database: str) -> None:
        waits = {"timeout": 20} if database.startswith("sqlite") else {"connect_timeout": 10}
        self._engine = create_engine(database, poolclass=NullPool, connect_args=waits)

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        """What a query gives; the database must be there."""
        with self._engine.connect() as link:
            return list(link.execute(text(sql), dict(values or {})))

    def glance(self, sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
        """The same, but nothing where the database is away."""
        try:
            return self.rows(sql, values)
        except DBAPIError:
            return []


@contextmanager
def sqlite_database() -> Iterator[tuple[str, None]]:
    """A new SQLite file; there is nothing to restart."""
    with TemporaryDirectory(prefix="modelcensus-bench-") as folder:
        yield f"sqlite:///{os.path.join(folder, 'census.db')}", None


@contextmanager
def own_postgres() -> Iterator[tuple[str, Restart]]:
    """A database on a server of our own, and what restarts the server."""
    # Imported here: only a checkout has the tests.
    from tests.postgres import PostgresServer

    with PostgresServer() as server:
        yield server.create_database(), lambda crash, away: server.restart(crash=crash, away=away)
