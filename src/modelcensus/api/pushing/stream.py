"""Changes as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Annotated, Any

import anyio
import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from modelcensus.api.answering import only_known_parameters
from modelcensus.api.problems import Problem
from modelcensus.api.problems import answer as answer_problem
from modelcensus.api.pushing.watch import POLL_SECONDS, Watch
from modelcensus.api.schemas import PROBLEMS
from modelcensus.core.catalog.event import Event
from modelcensus.core.catalog.model import StepKind, Tier
from modelcensus.core.document import encode
from modelcensus.core.errors import CensusError, Unauthenticated
from modelcensus.operations.catalog.events import EventPage, event_page, place_of
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Anyone

MOST_STREAMS = 100
HEARTBEAT_SECONDS = 15
_RETRY_MILLISECONDS = 3000
_SEND_SECONDS = 30
_FAREWELL_SECONDS = 2
_RETRY_AFTER_SECONDS = 30
_AT_ONCE = 200
_SCAN = 2000
_CURSOR = "^(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,8})$"

After = Annotated[
    str | None,
    Query(description="The id of the last event that you have.", json_schema_extra={"pattern": _CURSOR}),
]
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID", description="As `after`; browsers send it by themselves, and it goes before.",
        json_schema_extra={"pattern": _CURSOR},
    ),
]  # fmt: skip
Provider = Annotated[str | None, Query(max_length=500, description="Only models of this provider.")]
Field = Annotated[
    str | None, Query(max_length=200, description="Only where this field, or one of its group (`price`), moved.")
]
Kind = Annotated[StepKind | None, Query(description="Only this kind of change.")]
Model = Annotated[str | None, Query(max_length=500, description="Only this model.")]

_TEXT: dict[str, Any] = {
    "description": "A stream that does not end: one event for each change, its `id` the cursor, its `event` the kind,"
    " its `data` the change as /api/changes gives it. A comment every 15 seconds.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
_FULL: dict[int | str, dict[str, Any]] = {
    503: {**PROBLEMS[503], "description": "The database cannot be used, or there are too many streams"}
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream is to tell."""

    provider: str | None = None
    field: str | None = None
    kind: StepKind | None = None
    model: str | None = None


class Streams:
    """All open streams of this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._watch = Watch(context.census.store)
        self.open = 0

    @property
    def full(self) -> bool:
        """Whether there may be no more."""
        return self.open >= MOST_STREAMS

    async def told(
        self, request: Request, tier: Tier, wanted: Wanted, after: str, ending: anyio.Event
    ) -> AsyncIterator[ServerSentEvent]:
        """What one stream says: where it stands, what came since then, and then whatever comes, until ``ending``."""
        self.open += 1
        try:
            # An id without data is no event, but a browser that loses the stream now comes back with it.
            yield ServerSentEvent(id=after, retry=_RETRY_MILLISECONDS)
            revision = -1
            while True:
                found = await _unless(ending, self._watch.beyond(revision))
                if found is None:
                    return
                revision = found
                try:
                    # Rights may have ended since the stream was opened.
                    tier = await run_in_threadpool(self._tier, request.headers.getlist("authorization"))
                    more = True
                    while more:
                        page = await self._page(tier, wanted, after)
                        for event in page.events:
                            yield _said(event)
                        if page.reached != after and (not page.events or page.events[-1].id != page.reached):
                            yield ServerSentEvent(id=page.reached)
                        after, more = page.reached, page.more
                except Unauthenticated:
                    return
                except CensusError:
                    # The database does not answer: what it owes is asked for again.
                    revision = -1
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            self.open -= 1

    def head(self) -> str:
        """The cursor of now. Raises ``StoreError``."""
        census, access = self._context.census, self._context.settings.access
        return event_page(census.store, access, limit=1, newest_first=True, scan=1).head

    async def _page(self, tier: Tier, wanted: Wanted, after: str) -> EventPage:
        census, access = self._context.census, self._context.settings.access
        return await run_in_threadpool(
            event_page, census.store, access, after=after, tier=tier, limit=_AT_ONCE, scan=_SCAN,
            **msgspec.structs.asdict(wanted),
        )  # fmt: skip

    def _tier(self, authorization: list[str]) -> Tier:
        return self._context.identity.caller(", ".join(authorization) if authorization else None).tier


def routes(context: Context) -> APIRouter:
    """This path."""
    router = APIRouter(prefix="/api", dependencies=[Depends(only_known_parameters)], tags=["catalog"])
    streams = Streams(context)

    @router.get(
        "/changes/stream", summary="What happened to models, as it happens (server-sent events)",
        response_class=EventSourceResponse, responses={**PROBLEMS, **_FULL, 200: _TEXT},
    )  # fmt: skip
    def get_stream(
        request: Request, caller: Anyone, after: After = None, last_event_id: LastEventId = None,
        provider: Provider = None, field: Field = None, kind: Kind = None, model: Model = None,
    ) -> Response:  # fmt: skip
        start = last_event_id or after or streams.head()
        place_of(start)
        if streams.full:
            return answer_problem(_too_many())
        wanted = Wanted(provider=provider, field=field, kind=kind, model=model)
        ending = anyio.Event()
        return EventSourceResponse(
            streams.told(request, caller.tier, wanted, start, ending), ping=HEARTBEAT_SECONDS,
            send_timeout=_SEND_SECONDS, shutdown_event=ending, shutdown_grace_period=_FAREWELL_SECONDS,
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )  # fmt: skip

    return router


async def _unless(ending: anyio.Event, waited: Coroutine[Any, Any, int]) -> int | None:
    """What is waited for; None where the server stops first."""
    work, end = asyncio.create_task(waited), asyncio.create_task(ending.wait())
    try:
        await asyncio.wait((work, end), return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        work.cancel()
        end.cancel()


def _said(event: Event) -> ServerSentEvent:
    return ServerSentEvent(encode(event).decode(), id=event.id, event=event.kind.value)


def _too_many() -> Problem:
    return Problem(
        f"{MOST_STREAMS} streams are open already, which is as many as there may be", 503,
        "try again later, or ask /api/changes from time to time", retry_after=_RETRY_AFTER_SECONDS,
    )  # fmt: skip
