"""One run followed as it goes: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Header, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from modelcensus.api.answering import only_known_parameters
from modelcensus.api.schemas import PROBLEMS
from modelcensus.api.syncing.running import checked
from modelcensus.core.access import Role
from modelcensus.core.document import encode
from modelcensus.core.errors import StoreError
from modelcensus.core.run import Run, RunState
from modelcensus.operations.triggering.runs import Runs
from modelcensus.serving.context import Context
from modelcensus.serving.guard import needs

HEARTBEAT_SECONDS = 15
_LOOK_SECONDS = 1.0
_SEND_SECONDS = 30
_DONE = "done"

LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The id of the last event that you have.")
]
_TEXT: dict[str, Any] = {
    "description": "A stream: events `progress` with how far the run is, at most one a second, then one `done` with the"
    " run, and the end. A comment every 15 seconds.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
_ENOUGH: dict[int | str, dict[str, Any]] = {
    204: {"description": "You have the event `done` already: there is nothing more"}
}


def routes(context: Context) -> APIRouter:
    """This path."""
    known = [Depends(needs(Role.VIEWER)), Depends(only_known_parameters)]
    router = APIRouter(dependencies=known, tags=["syncing"])

    @router.get(
        "/api/admin/syncs/{run}/events", summary="One run as it goes (server-sent events)",
        response_class=EventSourceResponse, responses={**PROBLEMS, **_ENOUGH, 200: _TEXT},
    )  # fmt: skip
    def get_events(run: str, last_event_id: LastEventId = None) -> Response:
        found = context.runs.find(checked(run))
        if last_event_id == _DONE and found.state is not RunState.RUNNING:
            return Response(status_code=204)  # Browsers do not come back after this.
        return EventSourceResponse(
            _told(context.runs, found, _number(last_event_id)), ping=HEARTBEAT_SECONDS, send_timeout=_SEND_SECONDS,
            headers={"Cache-Control": "no-store"},
        )  # fmt: skip

    return router


async def _told(runs: Runs, run: Run, seen: int) -> AsyncIterator[ServerSentEvent]:
    """Progress that is newer than ``seen``, then the end. The run's row is what all processes share."""
    while True:
        if run.progress and run.progress.number > seen:
            seen = run.progress.number
            yield _event(run.progress, str(seen), "progress")
        if run.state is not RunState.RUNNING:
            yield _event(run, _DONE, _DONE)
            return
        await anyio.sleep(_LOOK_SECONDS)
        try:
            run = await run_in_threadpool(runs.find, run.id)
        except StoreError:
            continue  # The next look may find the database again.


def _event(value: Any, number: str, name: str) -> ServerSentEvent:
    return ServerSentEvent(encode(value).decode(), id=number, event=name, sep="\n")


def _number(last_event_id: str | None) -> int:
    text = last_event_id or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
