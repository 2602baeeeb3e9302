"""The watch: one task that notices new revisions, for every stream that waits for them."""

from __future__ import annotations

import asyncio
import logging

from starlette.concurrency import run_in_threadpool

from modelcensus.core.errors import StoreError
from modelcensus.operations.catalog.editions import stamp
from modelcensus.store.engine import Store

POLL_SECONDS = 1.0
_log = logging.getLogger("modelcensus.stream")


class Watch:
    """Asks for the revision once a second as long as somebody waits. For one event loop."""

    def __init__(self, store: Store, seconds: float = POLL_SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._revision = -1
        self._moved: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        self._waiting = 0

    async def beyond(self, revision: int) -> int:
        """The catalog's revision, as soon as it is another one than this."""
        self._waiting += 1
        try:
            if self._task is None or self._task.done():
                self._moved = asyncio.Event()
                self._task = asyncio.create_task(self._look(self._moved))
            while self._revision in (-1, revision):
                if self._moved is not None:
                    await self._moved.wait()
            return self._revision
        finally:
            self._waiting -= 1
            if not self._waiting and self._task is not None:
                self._task.cancel()
                self._task = None
                self._revision = -1

    async def _look(self, moved: asyncio.Event) -> None:
        while True:
            try:
                now = (await run_in_threadpool(stamp, self._store)).revision
            except StoreError as error:
                # The streams stay: when the database is back they go on where they were.
                _log.debug("the revision cannot be read: %s", error)
            else:
                if now != self._revision:
                    self._revision = now
                    moved.set()
                    moved = self._moved = asyncio.Event()
            await asyncio.sleep(self._seconds)
