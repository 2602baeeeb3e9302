"""The worker of a process: it looks at what is due, carries it out, and says that it lives."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Sequence
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core.errors import CensusError
from modelcensus.core.working import PROTOCOL, WorkerRow
from modelcensus.operations.census import Census
from modelcensus.operations.triggering.syncing import Retry
from modelcensus.operations.working import dispatching
from modelcensus.operations.working.carrying import Carrier
from modelcensus.operations.working.chores import DAY_SECONDS, Chore, Round, chores
from modelcensus.operations.working.claiming import Terms
from modelcensus.settings import Settings
from modelcensus.store import working
from modelcensus.store.fenced import WorkerStore

if TYPE_CHECKING:
    from modelcensus.operations.working.queueing import Queue

TICK_SECONDS = 1.0
"""A worker looks so often at what is due."""
_REAP_SECONDS = 2.0
_BEATS = 5
"""So many beats go into a lease."""
_LONGEST_BEAT = 5.0
_IDLE_SECONDS = 5.0
"""A transaction that stands still for this long, or a lease if that is longer, is ended by the server."""
_GRACE_SECONDS = 3.0
_JOIN_SECONDS = 10.0
_END_SECONDS = 20.0
"""A worker that is asked to stop is waited for so long; what it still has then is open again once its lease is over."""
_log = logging.getLogger("modelcensus.worker")


class Worker:
    """One worker, in threads of this process; there can be one in a process, and any number on a census.

    ``delay`` seconds pass before it begins. ``once``: it ends by itself when nothing is left that could be begun.
    ``protocol`` and ``tick`` are for tests.
    """

    def __init__(
        self, census: Census, settings: Settings, *, name: str | None = None, once: bool = False, delay: float = 0.0,
        protocol: int = PROTOCOL, tick: float = TICK_SECONDS, todo: Sequence[Chore] | None = None,
    ) -> None:  # fmt: skip
        lease = settings.worker.lease_seconds
        self._census = msgspec.structs.replace(census, store=WorkerStore(census.store, max(lease, _IDLE_SECONDS)))
        self._settings = settings
        self._once, self._delay, self._tick = once, delay, tick
        host = socket.gethostname()
        self.row = WorkerRow(
            id=f"{name or host}-{os.getpid()}-{secrets.token_hex(4)}", name=name or host, host=host, pid=os.getpid(),
            protocol=protocol, started_at=census.clock(), beat_at=census.clock(),
        )  # fmt: skip
        terms = Terms(worker=self.row.id, protocol=protocol, lease_seconds=lease, attempts=settings.worker.attempts)
        retry = Retry(settings.sync.retry_attempts, settings.sync.retry_ms / 1000)
        self._carrier = Carrier(self._census, terms, retry, settings.worker.timeout_minutes * 60)
        self._todo = chores(self._census, settings) if todo is None else todo
        self._stopping, self._wake, self._silent, self.ended = Event(), Event(), Event(), Event()
        # Daemons: at the end of the process what they had is open again, see ``stop``.
        self._main = Thread(target=self._run, name="worker", daemon=True)
        self._heart = Thread(target=self._beat, name="worker heart", daemon=True)
        self._errands = Thread(target=self._turn, name="worker chores", daemon=True)
        self._trouble = ""

    def start(self) -> None:
        """Begin, in threads of its own: what it needs takes seconds to load."""
        for thread in (self._main, self._heart, self._errands):
            thread.start()

    def stop(self) -> None:
        """End; syncs that do not end soon are open again, for other workers. Takes seconds at most."""
        self.ask_to_stop()
        for thread in (self._main, self._heart):
            thread.join(_JOIN_SECONDS)

    def ask_to_stop(self) -> None:
        """Have it end soon; may be called by a signal."""
        self._stopping.set()
        self._wake.set()

    def wait(self) -> None:
        """Until it has ended by itself, or has had its time to end after ``ask_to_stop``."""
        self._stopping.wait()
        self.ended.wait(_END_SECONDS)

    def _run(self) -> None:
        queue: Queue | None = None
        try:
            self._stopping.wait(self._delay)
            queue = self._queue()
            if queue is not None:
                self._look(queue)
        finally:
            self._stopping.set()
            self._carrier.stop(_GRACE_SECONDS)
            self._silent.set()
            self._heart.join(_JOIN_SECONDS)
            self._leave(queue)
            self.ended.set()

    def _queue(self) -> Queue | None:
        """The queue, once the database lets it start; None if the worker is to stop before."""
        while not self._stopping.is_set():
            try:
                # Imported here, in a thread of its own: nothing that needs no worker is to wait for it.
                from modelcensus.operations.working.queueing import Queue

                queue = Queue(
                    self._census.store.url, worker=self.row.id, protocol=self.row.protocol,
                    concurrency=self._settings.worker.concurrency,
                    lease_seconds=self._settings.worker.lease_seconds, attempt=self._attempt,
                )  # fmt: skip
                queue.start()
                _log.info("worker %s began", self.row.id)
                return queue
            except Exception as error:  # DBOS' own errors are of many kinds
                self._complain(error)
                self._stopping.wait(self._tick)
        return None

    def _look(self, queue: Queue) -> None:
        daily = Chore("forget old workflows", DAY_SECONDS, lambda: queue.forget(self._census.clock() / 1e6))
        beside = Chore("resume what dead workers left", _REAP_SECONDS, lambda: queue.reap(self._living()))
        rounds = Round([daily, beside], monotonic())
        while not self._stopping.is_set():
            try:
                dispatching.enter(self._census, self._settings, self.row.protocol)
                found = dispatching.ready(self._census, self.row.protocol, self._settings.worker.lease_seconds)
                queue.offer(found, self._living)
                self._trouble = ""
                if self._once and not found and not self._carrier.busy:
                    return
            except Exception as error:
                # Whatever it is, the thread must live: tomorrow's syncs are due as well.
                self._complain(error)
            rounds.turn(monotonic())
            self._wake.wait(self._tick)
            self._wake.clear()

    def _turn(self) -> None:
        # A thread of its own: a receiver of notices that does not answer must not make a sync late.
        self._stopping.wait(self._delay)
        rounds = Round(self._todo, monotonic())
        while not self._stopping.wait(self._tick):
            rounds.turn(monotonic())

    def _attempt(self, source: str, due_at: int) -> float | None:
        try:
            return self._carrier.attempt(source, due_at)
        finally:
            self._wake.set()  # the next time of the same source waits for it

    def _living(self) -> set[str]:
        return dispatching.living(self._census, self._settings.worker.lease_seconds) | {self.row.id}

    def _beat(self) -> None:
        pause = min(self._settings.worker.lease_seconds / _BEATS, _LONGEST_BEAT)
        while not self._silent.is_set():
            try:
                with self._census.store.noting() as tx:
                    mine = working.beat(tx, self.row, self._census.clock())
                self._carrier.heard(mine)
            except CensusError as error:
                self._complain(error)
            self._silent.wait(pause)

    def _leave(self, queue: Queue | None) -> None:
        try:
            with self._census.store.noting() as tx:
                working.leave(tx, self.row.id)
        except CensusError as error:
            self._complain(error)
        if queue is not None:
            # Beside: it waits for its own threads, some of which wait for a database that may be away.
            ending = Thread(target=queue.stop, name="queue end", daemon=True)
            ending.start()
            ending.join(_JOIN_SECONDS / 2)
        self._census.store.close()

    def _complain(self, error: Exception) -> None:
        told = str(error) if isinstance(error, CensusError) else f"{type(error).__name__}: {error}"
        if told != self._trouble:
            self._trouble = told
            _log.warning("worker %s: %s", self.row.id, told, exc_info=not isinstance(error, CensusError))
