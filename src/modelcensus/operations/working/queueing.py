"""The queue on DBOS: which due time is carried out by which worker, and what dead workers left goes to living ones.

Import this only where a worker runs: DBOS takes seconds to load. What is true of a due time is in the table ``due``;
DBOS carries out, resumes and shares out, and may well offer one twice. See https://docs.dbos.dev/python/reference/.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from time import monotonic

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import make_url

from modelcensus.core.working import workflow_id
from modelcensus.operations.working.dispatching import Open

SCHEMA = "dbos_modelcensus"
"""The schema of DBOS' tables on PostgreSQL."""
_QUEUE = "modelcensus"
_POLL_SECONDS = 0.25
"""Each look of each worker is a handful of statements: more often costs a processor, less often a backlog's pace."""
_LOOK_SECONDS = 2.0
"""What has been enqueued and was not begun is looked at again after so long."""
_ACTIVE = ["ENQUEUED", "DELAYED", "PENDING"]
_KEPT_SECONDS = 86_400.0

Attempt = Callable[[str, int], float | None]
_attempts: list[Attempt] = []
"""The one of this process: workflows are functions of a module, and DBOS is one a process."""


@DBOS.workflow(name="sync", max_recovery_attempts=None)
def _sync(source: str, due_at: int) -> None:
    """Try until it is over; what was tried is remembered by DBOS, also if another process goes on with it."""
    while (seconds := DBOS.run_step({"name": "attempt"}, _attempted, source, due_at)) is not None:
        DBOS.sleep(max(seconds, 0.05))


def _attempted(source: str, due_at: int) -> float | None:
    return _attempts[-1](source, due_at)


class Queue:
    """The queue in this process, as one ``worker`` of several with the same ``protocol``."""

    def __init__(
        self, url: str, *, worker: str, protocol: int, concurrency: int, lease_seconds: float, attempt: Attempt
    ) -> None:
        self._config = _config(url, worker, protocol, lease_seconds)
        self._version = str(protocol)
        self._concurrency = concurrency
        self._attempt = attempt
        self._offered: dict[tuple[str, int, int, bool], float] = {}

    def start(self) -> None:
        """Begin to take from the queue; makes or upgrades DBOS' tables. What it raises is DBOS' own."""
        _attempts[:] = [self._attempt]
        DBOS(config=self._config)
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE, worker_concurrency=self._concurrency, polling_interval_sec=_POLL_SECONDS,
            on_conflict="always_update",
        )  # fmt: skip

    def stop(self) -> None:
        """Take no more. What is taken in this moment all the same is resumed by others."""
        logging.getLogger("dbos").setLevel(logging.CRITICAL)  # it complains of just that
        DBOS.destroy()

    def offer(self, found: Iterable[Open], living: Callable[[], set[str]]) -> None:
        """Have these carried out by whoever is free. ``living``: the workers that are heard of."""
        now = monotonic()
        fresh: dict[tuple[str, int, int, bool], float] = {}
        for each in found:
            key = (each.row.source, each.row.due_at, each.row.fence, each.abandoned)
            fresh[key] = self._offered.get(key, 0.0)
            if now - fresh[key] < _LOOK_SECONDS and fresh[key]:
                continue
            if fresh[key] or each.abandoned or each.row.fence:
                self._again(each, living())
            else:
                self._enqueue(workflow_id(each.row.source, each.row.due_at), each)
            fresh[key] = now
        self._offered = fresh

    def _again(self, each: Open, living: set[str]) -> None:
        """See to it that one of its workflows is alive: in the queue, or with a worker that is."""
        first = workflow_id(each.row.source, each.row.due_at)
        known = DBOS.list_workflows(workflow_id_prefix=first, load_input=False, load_output=False)
        mine = [flow for flow in known if flow.workflow_id == first or flow.workflow_id.startswith(f"{first}:")]
        ours = [flow for flow in mine if flow.status in _ACTIVE and flow.app_version in (self._version, None)]
        dead = [flow.workflow_id for flow in ours if flow.status == "PENDING" and flow.executor_id not in living]
        if dead:
            DBOS.resume_workflows(dead, queue_name=_QUEUE)
        elif not ours:
            # The first ones ended without an end of the due time, or are of a protocol that nobody speaks any more.
            self._enqueue(f"{first}:{len(mine)}" if mine else first, each)

    def _enqueue(self, name: str, each: Open) -> None:
        with SetWorkflowID(name):
            DBOS.enqueue_workflow(_QUEUE, _sync, each.row.source, each.row.due_at)

    def reap(self, living: set[str]) -> int:
        """Resume whatever dead workers had begun; how much that was."""
        pending = DBOS.list_workflows(
            status="PENDING", app_version=self._version, load_input=False, load_output=False, limit=1000
        )
        dead = [flow.workflow_id for flow in pending if flow.executor_id not in living]
        if dead:
            DBOS.resume_workflows(dead, queue_name=_QUEUE)
        return len(dead)

    def forget(self, now_seconds: float) -> int:
        """Forget workflows that ended a day ago, a thousand at a time; how many."""
        old = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"], load_input=False, load_output=False, limit=1000
        )
        gone = [
            flow.workflow_id for flow in old if flow.updated_at and flow.updated_at / 1000 < now_seconds - _KEPT_SECONDS
        ]
        if gone:
            DBOS.delete_workflows(gone)
        return len(gone)


def queue_file(census: Path) -> Path:
    """The file of DBOS' tables beside that of a SQLite census."""
    return census.with_name(f"{census.stem}-queue{census.suffix or '.db'}")


def _config(url: str, worker: str, protocol: int, lease_seconds: float) -> DBOSConfig:
    config: DBOSConfig = {
        "name": "modelcensus",
        "application_version": str(protocol),
        "executor_id": worker,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "ERROR",
        "enable_otlp": False,
        "use_listen_notify": False,
        "sys_db_idle_transaction_timeout_sec": max(lease_seconds, 5.0),
    }
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = queue_file(Path(parsed.database or ""))
        with closing(sqlite3.connect(file, timeout=30)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        config["system_database_url"] = f"sqlite:///{file}"
    else:
        plain = parsed.set(drivername="postgresql+psycopg")
        config["system_database_url"] = plain.render_as_string(hide_password=False)
        config["dbos_system_schema"] = SCHEMA
    return config
