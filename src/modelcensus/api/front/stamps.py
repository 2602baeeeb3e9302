"""The stamp of now for many requests at once: each is told of whatever was committed before it came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from modelcensus.core.catalog.edition import Stamp
from modelcensus.core.errors import StoreError, StoreUnreachable
from modelcensus.store.watch import Watch

_PATIENCE = 2.0
_PAUSE = 1.0
_SILENT = ("the database does not answer", "look at its server's log")


class Moment(NamedTuple):
    """The stamp, and when it was read (microseconds)."""

    stamp: Stamp
    now: int


class Stamps:
    """Asks the watch, once for all requests that are there. No request is told of a moment before it came:

    A quick watch is asked by the first request of a turn of the event loop. What comes later is queued behind the end
    of the turn, which is queued before the watch is asked. Of any other watch one question at a time is under way, in
    a thread, and a request shares the first that begins after it came. While the database does not answer, it is asked
    again once a second only, and every request hears so at once.
    """

    def __init__(self, watch: Watch, clock: Callable[[], int]) -> None:
        self._watch = watch
        self._clock = clock
        self._shared: Moment | None = None
        self._next: asyncio.Future[Moment] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._down: StoreError | None = None
        self._down_until = 0.0

    def at_hand(self) -> Moment | None:
        """The moment, where that needs no waiting. Raises ``StoreError``."""
        if self._shared is None and self._watch.quick:
            asyncio.get_running_loop().call_soon(self._end_turn)
            self._shared = Moment(self._watch.stamp(), self._clock())
        return self._shared

    async def now(self) -> Moment:
        """The moment. Raises ``StoreError``."""
        found = self.at_hand()
        if found is not None:
            return found
        if self._down is not None and (time.monotonic() < self._down_until or self._asking is not None):
            raise self._down
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask())
        try:
            return await asyncio.wait_for(asyncio.shield(self._next), _PATIENCE)
        except TimeoutError:
            error = StoreUnreachable(*_SILENT)
            self._mark_down(error)
            raise error from None

    def close(self) -> None:
        """Let go of the connection."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
        self._watch.close()

    def _end_turn(self) -> None:
        self._shared = None

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        self._thread = self._thread or ThreadPoolExecutor(1, "stamps")
        try:
            while self._next is not None:
                asked, self._next = self._next, None
                try:
                    stamp = await loop.run_in_executor(self._thread, self._watch.stamp)
                except StoreError as error:
                    self._mark_down(error)
                    _fail(asked, error)
                else:
                    self._down = None
                    if not asked.done():
                        asked.set_result(Moment(stamp, self._clock()))
        finally:
            self._asking = None

    def _mark_down(self, error: StoreError) -> None:
        self._down, self._down_until = error, time.monotonic() + _PAUSE
        if self._next is not None:
            waiting, self._next = self._next, None
            _fail(waiting, error)


def _fail(asked: asyncio.Future[Moment], error: StoreError) -> None:
    if not asked.done():
        asked.set_exception(error)
        asked.exception()  # nobody may be waiting any more
