"""In front of everything: request ids, prefixes, ready answers, HEAD, security headers, logs, metrics and traces."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from time import perf_counter
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modelcensus.api import problems
from modelcensus.api.front import asks, logs
from modelcensus.api.front.asks import REQUEST_ID, Ask
from modelcensus.api.front.capture import Out
from modelcensus.api.front.encodings import IDENTITY, chosen, knows
from modelcensus.api.front.entries import Entry, Form, Headers, Key
from modelcensus.api.front.metrics import Metrics
from modelcensus.api.front.prefixes import Public
from modelcensus.api.front.ready import Ready, can_be_ready, route_of
from modelcensus.api.front.tracing import Tracing
from modelcensus.core.access import Caller
from modelcensus.core.errors import CensusError, StoreError, Unauthenticated
from modelcensus.serving.context import Context

_log = logging.getLogger("modelcensus.server")
_READS = frozenset({"GET", "HEAD"})
_HOT = 32
_LOOK_SECONDS = 0.5
_OLDER: Headers = [
    (b"warning", b'110 modelcensus "the database does not answer; this is the last good answer"'),
    (b"x-census-stale", b"true"),
]


class Held(NamedTuple):
    """A ready answer to one request."""

    entry: Entry
    status: int
    headers: Headers
    body: bytes


class Front:
    """The application as the server sees it.

    ``public`` are the paths that prefixes may lead to, ``kept`` those whose answers are kept ready.
    """

    def __init__(
        self, app: ASGIApp, context: Context, ready: Ready, public: Public, kept: Public, metrics: Metrics
    ) -> None:
        self._app = app
        self._identity = context.identity
        self._shelf = context.shelf
        self._clock = context.census.clock
        self._ready = ready
        self._public = public
        self._kept = kept
        self._metrics = metrics
        self._log = logs.requests_log(context.settings.api.log)
        endpoint = context.settings.api.otel_endpoint
        self._tracing = Tracing(endpoint) if endpoint else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's event, as ASGI has it."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        method: str = scope["method"]
        ask = asks.read(scope)
        out = Out(send, head=ask.head, request_id=ask.id)
        span = self._tracing.begun(method, scope["headers"]) if self._tracing else None
        route = "unmatched"
        try:
            asks.resolve_prefixes(ask, self._public)
            may_be_ready = method in _READS and not ask.signed_in
            held = self._at_hand(ask) if may_be_ready else None
            if held is not None:
                route = held.entry.route
                await out.ready(held.status, held.headers, held.body)
            elif may_be_ready and self._kept.has(ask.path) and can_be_ready(ask.path, ask.query, self._clock):
                route = await self._from_memory(ask, receive, out)
            else:
                route = await self._through(ask, receive, out)
        except CensusError as error:
            await self._refuse(ask, error, receive, out)
        except Exception as error:
            await self._failed(ask, error, receive, out)
        seconds = perf_counter() - began
        self._metrics.answered(route, method, out.status, seconds)
        if self._log is not None:
            self._log(method=method, path=ask.shown, status=out.status, ms=round(seconds * 1000, 2), bytes=out.size,
                      request_id=ask.id.decode("latin-1"))  # fmt: skip
        if self._tracing is not None:
            self._tracing.ended(span, method=method, route=route, path=ask.shown, status=out.status,
                                request_id=ask.id.decode("latin-1"))  # fmt: skip

    def _at_hand(self, ask: Ask) -> Held | None:
        """What can be answered without waiting for anything."""
        try:
            caller = self._identity.at_hand(ask.authorization)
            moment = self._ready.stamps.at_hand()
        except (Unauthenticated, StoreError):
            return None
        if caller is None or moment is None:
            return None
        entry = self._ready.entries.get(Key(ask.path, ask.query, caller.tier))
        if entry is None or not self._ready.is_current(entry.issue, moment):
            return None
        form = entry.forms.get(chosen(ask.accepted) if ask.accepted else IDENTITY)
        if form is None:
            return None
        self._metrics.came_from["memory"] += 1
        return _held(ask, entry, form, moment.now)

    async def _from_memory(self, ask: Ask, receive: Receive, out: Out) -> str:
        try:
            caller = await self._caller(ask)
        except (Unauthenticated, StoreError):
            return await self._through(ask, receive, out)  # which refuses in the same words
        key, entries = Key(ask.path, ask.query, caller.tier), self._ready.entries
        older: Headers = []
        try:
            moment = await self._ready.stamps.now()
            entry = entries.get(key)
            place = "memory"
            if entry is None or not self._ready.is_current(entry.issue, moment):
                entry = await self._ready.filled(key, ask, moment, receive, out)
                if entry is None:
                    return "unmatched"
                place = "shared" if entry.shared else "framework"
        except StoreError:
            entry = entries.get(key)
            if entry is None or out.status:
                raise
            place, older = "older", _OLDER
        self._metrics.came_from[place] += 1
        encoding = chosen(ask.accepted)
        form = entry.forms.get(encoding)
        if form is None:
            form = await self._ready.beside(entry.form, encoding)
        held = _held(ask, entry, form, self._clock())
        await out.ready(held.status, held.headers + older, held.body)
        return entry.route

    async def _caller(self, ask: Ask) -> Caller:
        found = self._identity.at_hand(ask.authorization)
        return found if found is not None else await self._ready.beside(self._identity.caller, ask.authorization)

    async def _through(self, ask: Ask, receive: Receive, out: Out) -> str:
        """By way of the framework; the template of the path that answered."""
        request_id = ask.id.decode("latin-1")
        scope = {**ask.scope, REQUEST_ID: request_id}
        if ask.head:
            scope["method"] = "GET"
        last = self._shelf.last
        if last is not None and last.observed_at and self._kept.has(ask.path):
            out.age = b"%d" % max(0, (self._clock() - last.observed_at) // 1_000_000)
        with logs.during(request_id):
            await self._app(scope, receive, out)
        return route_of(scope)

    async def _refuse(self, ask: Ask, error: CensusError, receive: Receive, out: Out) -> None:
        if out.status == 0:
            problem = problems.problem_of(error, ask.id.decode("latin-1"))
            await problems.answer(problem)(ask.scope, receive, out)

    async def _failed(self, ask: Ask, error: Exception, receive: Receive, out: Out) -> None:
        """An error that is not ours: its story goes to the log alone."""
        request_id = ask.id.decode("latin-1")
        with logs.during(request_id):
            _log.error("a request failed: %s", ask.shown, exc_info=error)
        if out.status == 0:
            await problems.answer(problems.problem_of(error, request_id))(ask.scope, receive, out)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        warming = asyncio.create_task(self._keep_warm())

        async def out(message: Message) -> None:
            # Once the server is told that all has ended it waits for nothing any more.
            if message["type"] in ("lifespan.shutdown.complete", "lifespan.shutdown.failed"):
                await self._end(warming)
            await send(message)

        try:
            await self._app(scope, receive, out)
        finally:
            if not warming.done():
                await self._end(warming)

    async def _end(self, warming: asyncio.Task[None]) -> None:
        warming.cancel()
        with suppress(asyncio.CancelledError):
            await warming
        await self._ready.close()
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.close)

    async def _keep_warm(self) -> None:
        """After something has moved, make what is asked for most before the next one asks."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            hot = self._ready.entries.hottest(_HOT)
            try:
                for entry in hot:
                    if not self._ready.is_current(entry.issue, await self._ready.stamps.now()):
                        await self._ready.refill(entry)
            except CensusError:
                pass  # the next one who asks is told
            except Exception:
                # Whatever it is: tomorrow's answers are to be warm as well.
                _log.exception("warming: an error that should not be")


def _held(ask: Ask, entry: Entry, form: Form, now: int) -> Held:
    """The answer to a request, or 304 if whoever asks has it: by its tag, else by its time (RFC 9110, 13.2.2)."""
    entry.asked += 1
    age: Headers = []
    if entry.observed_at:
        age.append((b"x-data-age", b"%d" % max(0, (now - entry.observed_at) // 1_000_000)))
    if knows(ask.known, form.tag) if ask.known is not None else ask.since is not None and ask.since == entry.modified:
        return Held(entry, 304, form.unchanged + age, b"")
    return Held(entry, 200, form.headers + age, form.body)
