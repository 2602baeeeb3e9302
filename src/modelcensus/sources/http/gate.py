"""Politeness: so many requests at once to one host or for one source, so many starts per second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Gate:
    """Thread-safe, and meant to be shared by every client of one host. ``per_second`` None: no limit.

    ``shared`` gives the seconds until the next start that no other process has taken; None where nobody can tell now,
    and then this process goes by its own starts. Waiting at the gate is no part of a request's own time limits.
    """

    def __init__(
        self,
        concurrency: int,
        per_second: float | None = None,
        *,
        shared: Callable[[], float | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._slots = threading.BoundedSemaphore(concurrency)
        self._interval = 1 / per_second if per_second else 0.0
        self._shared = shared
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_start = 0.0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A place for one request, once there is one and its turn has come."""
        with self._slots:
            if self._interval and (wait := self._turn()) > 0:
                self._sleep(wait)
            yield

    def _turn(self) -> float:
        """Seconds until the next start; that one is taken."""
        others = self._shared() if self._shared else None
        with self._lock:
            now = self._clock()
            start = max(now, self._next_start) if others is None else now + others
            self._next_start = start + self._interval
            return start - now
