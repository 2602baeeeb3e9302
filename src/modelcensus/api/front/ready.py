"""Ready answers: each key is worked out by the framework once per edition, and sent from memory from then on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

from starlette.types import ASGIApp, Message, Receive, Scope

from modelcensus.api.front.asks import ERROR, REQUEST_ID, Ask
from modelcensus.api.front.capture import Capture, Out
from modelcensus.api.front.entries import Entries, Entry, Issue, Key
from modelcensus.api.front.shared import Shared
from modelcensus.api.front.stamps import Moment, Stamps
from modelcensus.core.access import Caller
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.errors import StoreError
from modelcensus.core.times import iso
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.serving.guard import CALLER

_TRIES = 3
_GRACE_SECONDS = 5.0
_LONGEST_QUERY = 2000
_TIMES = frozenset({"as_of", "at", "since", "until", "earlier", "later"})
_FIXED = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_OTHERS = ("/stream", "/access")
T = TypeVar("T")


class Ready:
    """Answers by key; every answer is made from one edition, and is no older than the request that it is given to."""

    def __init__(
        self, app: ASGIApp, shelf: Shelf, stamps: Stamps, entries: Entries, shared: Shared, clock: Callable[[], int]
    ) -> None:
        self._app = app
        self._shelf = shelf
        self.stamps = stamps
        self._shared = shared
        self._clock = clock
        self._edition: Edition | None = None
        self._filling: dict[Key, asyncio.Task[Entry | None]] = {}
        self._threads = ThreadPoolExecutor(16, "front")
        self.entries = entries
        self.issue: Issue | None = None

    def is_current(self, issue: Issue, moment: Moment) -> bool:
        """Whether an issue is the one of a moment."""
        return issue is self.issue and issue.stamp == moment.stamp and moment.now < issue.until

    async def filled(self, key: Key, ask: Ask, moment: Moment, receive: Receive, out: Out) -> Entry | None:
        """The answer to a key that is no older than a moment; None if it was passed on to ``out`` as it came.

        Raises ``StoreError``.
        """
        for _ in range(_TRIES):
            filling = self._filling.get(key)
            mine = filling is None
            if filling is None:
                filling = asyncio.create_task(self._fill(key, ask.id.decode("latin-1"), receive, out))
                self._filling[key] = filling
                filling.add_done_callback(lambda done: self._filled(key, done))
            entry = await asyncio.shield(filling)
            if mine or (entry is not None and entry.issue.stamp >= moment.stamp):
                return entry
            if entry is None:
                break
        return await self._fill(key, ask.id.decode("latin-1"), receive, out)

    async def refill(self, entry: Entry) -> None:
        """Make an answer anew, and the forms of it that were asked for, before somebody asks. Raises ``StoreError``."""
        if entry.key in self._filling:
            return
        filling = asyncio.create_task(self._fill(entry.key, "warming", _nothing, None))
        self._filling[entry.key] = filling
        filling.add_done_callback(lambda done: self._filled(entry.key, done))
        made = await asyncio.shield(filling)
        if made is not None:
            for name in list(entry.forms):
                await self.beside(made.form, name)

    async def beside(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do what may take a while in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def close(self) -> None:
        """Let go of threads and connections, once answers that are being made for nobody have let go of theirs."""
        if self._filling:
            await asyncio.wait(list(self._filling.values()), timeout=_GRACE_SECONDS)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.stamps.close()
        self._shared.close()

    def _filled(self, key: Key, done: asyncio.Task[Entry | None]) -> None:
        self._filling.pop(key, None)
        if not done.cancelled():
            done.exception()  # whoever waits is told; nobody may be

    async def _fill(self, key: Key, asked: str, receive: Receive, out: Out | None) -> Entry | None:
        before = self.entries.get(key)
        entry = None
        for _ in range(_TRIES):
            edition = await self.beside(self._shelf.current)
            issue = self._issue_of(edition)
            entry = await self._from_others(key, issue)
            if entry is None:
                scope = _scope(key, asked)
                entry = await self._worked_out(key, issue, scope, receive, out, older=before is not None)
                if entry is None:
                    return None
                if self._shelf.last is not edition or (await self.stamps.now()).stamp != edition.stamp:
                    continue  # it moved meanwhile, so that nobody knows of which edition this is
                if self._shared.used:
                    await self.beside(self._shared.put, entry)
            entry.asked = before.asked // 2 if before else 0
            self.entries.put(entry)
            return entry
        return entry

    async def _worked_out(
        self, key: Key, issue: Issue, scope: Scope, receive: Receive, out: Out | None, *, older: bool
    ) -> Entry | None:
        capture = Capture(out, has_older=older)
        await self._app(scope, receive, capture)
        if capture.failed:
            if isinstance(error := scope.get(ERROR), StoreError):
                raise error
            await capture.pass_on()
        if not capture.whole:
            return None
        age = dict(capture.headers).get(b"x-data-age")
        observed_at = None if age is None else self._clock() - int(age) * 1_000_000
        return Entry(key, issue, capture.body, capture.headers, route_of(scope), observed_at)

    async def _from_others(self, key: Key, issue: Issue) -> Entry | None:
        return await self.beside(self._shared.find, key, issue) if self._shared.used else None

    def _issue_of(self, edition: Edition) -> Issue:
        now = self._clock()
        if self._edition is not edition or self.issue is None or now >= self.issue.until:
            self._edition, self.issue = edition, Issue(edition, now)
        return self.issue


def can_be_ready(path: str, query: bytes, clock: Callable[[], int]) -> bool:
    """Whether the answer to a path and query hangs on edition and tier alone.

    It does not where a time is named that moves with the clock or is not past yet, for streams, and where it hangs on
    the caller.
    """
    if path.endswith(_OTHERS):
        return False
    if not query:
        return True
    if len(query) > _LONGEST_QUERY:
        return False
    asked = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    times = [value for name, value in asked if name in _TIMES]
    # Two days: wherever on Earth the day that is named ends, it has ended.
    return all(_FIXED.match(each) and each[:10] <= iso(clock() - 2 * 86_400_000_000)[:10] for each in times)


def route_of(scope: Scope) -> str:
    """The template of the path that answered."""
    return str(getattr(scope.get("route"), "path", None) or "unmatched")


def _scope(key: Key, request_id: str) -> Scope:
    """The request for the framework, made of a key and nothing else, so that the answer hangs on that alone."""
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": key.path, "raw_path": quote(key.path).encode(), "query_string": key.query, "root_path": "",
        "headers": [], "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0),
        # Nobody in particular: whatever the first who asks may do beside reading, the next one may not.
        CALLER: Caller(name="ready answers", tier=key.tier), REQUEST_ID: request_id,
    }  # fmt: skip


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
