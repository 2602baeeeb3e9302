"""Months worked out beside: the first look at a long past takes seconds, and nobody is kept waiting for it."""

from __future__ import annotations

import logging
from threading import Event, Lock, Thread

from modelcensus.core.errors import CensusError
from modelcensus.operations.trends.moving import Moving

_log = logging.getLogger(__name__)
_PATIENCE = 0.3
"""Seconds that a caller waits: a short past is worked out by then."""


class _Ended(Exception):
    """The server ends."""


class Ahead:
    """Has a thread remember months when somebody asks for them first; safe to use from several threads."""

    def __init__(self, moving: Moving) -> None:
        self._moving = moving
        self._lock = Lock()
        self._ending = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Nothing is worked out before somebody asks."""

    def stop(self) -> None:
        """End after the month that is being worked out."""
        self._ending.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def ready(self, months: int) -> bool:
        """Whether trends of the last so many months take but a moment. If not, they are being worked out."""
        if self._moving.at_hand(months):
            return True
        with self._lock:
            if not self._ending.is_set() and (self._thread is None or not self._thread.is_alive()):
                self._thread = Thread(target=self._work, args=(months,), name="trends")
                self._thread.start()
            thread = self._thread
        if thread is not None:
            thread.join(_PATIENCE)
        return self._moving.at_hand(months)

    def _work(self, months: int) -> None:
        try:
            self._moving.models(months, progress=self._go_on)
        except _Ended:
            return
        except CensusError as error:
            # Whoever asks for the trends is told it as well.
            _log.warning("trends cannot be worked out: %s", error)

    def _go_on(self, _what: str, _done: int, _of: int | None) -> None:
        if self._ending.is_set():
            raise _Ended
