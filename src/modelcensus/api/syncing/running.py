"""Administrators start syncs, and see how they go."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request, Response

from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.bodies import body, takes
from modelcensus.api.problems import MEDIA_TYPE
from modelcensus.api.schemas import many, one
from modelcensus.core.access import Role
from modelcensus.core.document import encode
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.run import Run, RunError, RunProgress, RunResult, RunState, SourceRun, Trigger
from modelcensus.operations.triggering.runs import Runs
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Admin, needs
from modelcensus.serving.joining import join

MOST_SECONDS = 300
RUN_ID = "^[0-9a-f]{24}$"


class SyncOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to sync: ``sources`` (none: all that are ready), and for how many seconds to ``wait`` for the result."""

    sources: Annotated[list[str], msgspec.Meta(max_length=1000)] | None = None
    wait: Annotated[float, msgspec.Meta(ge=0, le=MOST_SECONDS)] | None = None


class SyncOverview(msgspec.Struct, frozen=True, kw_only=True):
    """What runs now, what ended last, and the settings: ``schedule`` is the worker's, a cron expression in UTC."""

    running: tuple[Run, ...]
    last: Run | None
    enabled: bool
    schedule: str
    cooldown_minutes: float


RECORDS: tuple[type[msgspec.Struct], ...] = (
    Run, RunError, RunProgress, RunResult, SourceRun, SyncOrder, SyncOverview,
)  # fmt: skip

Sources = Annotated[
    list[Annotated[str, Query(min_length=1, max_length=200)]] | None,
    Query(max_length=50, description="A source; may be given again. None: all that are ready."),
]
Wait = Annotated[
    float | None,
    Query(ge=0, le=MOST_SECONDS, allow_inf_nan=False, description="Seconds to wait for the result; 0 answers at once."),
]
Prefer = Annotated[str | None, Header(description="`respond-async` answers at once, as `wait=0` does (RFC 7240).")]
Order = Annotated[SyncOrder, body(SyncOrder, may_be_empty=True)]
RunId = Annotated[str | None, Query(description="`next` of the page before.", json_schema_extra={"pattern": RUN_ID})]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]
NEXT = {"description": "`after` of the next page, or null on the last one.", "type": ["string", "null"]}
_WAITING: dict[str, Any] = {
    "Retry-After": {"description": "Seconds after which to come back.", "schema": {"type": "integer", "minimum": 1}}
}
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def started(record: str, later: str) -> dict[Any, Any]:
    """The responses of a path that starts a run: its result, or what it answers while that is under way."""
    answers: dict[Any, Any] = one(record)["responses"]
    schema = {"$ref": f"#/components/schemas/{later}"}
    return {
        **answers,
        200: {**answers[200], "description": "The run has ended: what came of it"},
        202: {"description": "The run goes on", "content": {"application/json": {"schema": schema}}},
    }


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter(tags=["syncing"], dependencies=[Depends(only_known_parameters)])
    _add_start(router, context, "/api/admin/sync-models", "Sync sources now")
    _add_start(router, context, "/admin/sync-models", "Sync sources now, as /api/admin/sync-models")
    looks = APIRouter(tags=["syncing"], dependencies=[Depends(needs(Role.VIEWER)), Depends(only_known_parameters)])
    _add_looks(looks, context)
    join(router, looks)
    return router


def waited(runs: Runs, run: str, seconds: float) -> tuple[Run, RunResult | None]:
    """A run after at most so many seconds, and its result if it has ended."""
    found = runs.wait(run, seconds) if seconds else runs.find(run)
    return found, None if found.state is RunState.RUNNING else found.result


def fresh(value: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    """One JSON answer that nobody keeps."""
    return Response(encode(value), status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")


def _add_start(router: APIRouter, context: Context, path: str, summary: str) -> None:
    answers = started("RunResult", "Run")
    answers[202]["headers"] = {"Location": {"description": "Where to ask after it.", "schema": {"type": "string"}}}
    answers[409] = {"description": "One of them is being synced: `run` says by which run"}
    answers[429] = {"description": "One of them was synced a moment ago"}
    for status in (409, 429):
        answers[status] |= {"content": _PROBLEM, "headers": _WAITING}

    @router.post(path, summary=summary, **takes(SyncOrder, {"responses": answers}, may_be_empty=True))
    def post_sync(
        caller: Admin, order: Order, sources: Sources = None, wait: Wait = None,
        prefer: Prefer = None,
    ) -> Response:  # fmt: skip
        wanted, seconds = _order(order, sources, wait, prefer, context.settings.sync.wait_seconds)
        run = context.runs.begin(wanted, trigger=Trigger.HTTP, actor=caller.name).run
        found, result = waited(context.runs, run.id, seconds)
        if result:
            return fresh(result, 200)
        return fresh(found, 202, {"Location": f"/api/admin/syncs/{run.id}"})


def _add_looks(router: APIRouter, context: Context) -> None:
    runs, sync = context.runs, context.settings.sync

    @router.get("/api/admin/sync-models", summary="The last run, and what runs now", **one("SyncOverview"))
    def get_overview(request: Request) -> Response:
        last = runs.newest(running=False, limit=1)
        overview = SyncOverview(
            running=tuple(run for run in runs.newest(running=True) if run.state is RunState.RUNNING),
            last=last[0] if last else None, enabled=sync.enabled, schedule=sync.schedule,
            cooldown_minutes=sync.cooldown_minutes,
        )  # fmt: skip
        return answer(request, overview)

    @router.get("/api/admin/syncs", summary="Runs, newest first", **many("Run", next=NEXT))
    def get_runs(request: Request, after: RunId = None, limit: Limit = 50) -> Response:
        if after is not None and not re.fullmatch(RUN_ID, after):
            raise InvalidInput("that is no 'next' of a page of runs", "give it back as it was, or start without one")
        found = runs.newest(before=after, limit=limit + 1)
        more = found[limit - 1].id if len(found) > limit else None
        return answer(request, {"data": found[:limit], "next": more})

    @router.get("/api/admin/syncs/{run}", summary="One run, and what came of it", **one("Run"))
    def get_run(request: Request, run: str) -> Response:
        return answer(request, runs.find(checked(run)))


def checked(run: str) -> str:
    """An id as runs have it. Raises ``NotFound``."""
    if not re.fullmatch(RUN_ID, run):
        raise NotFound("there is no such run", "see all runs: /api/admin/syncs")
    return run


def _order(
    order: SyncOrder, sources: list[str] | None, wait: float | None, prefer: str | None, otherwise: float
) -> tuple[list[str] | None, float]:
    """Which sources, and for how long to wait; the body and the query may say so, but not both of the same."""
    if (order.sources is not None and sources is not None) or (order.wait is not None and wait is not None):
        raise InvalidInput("the body and the query both say it", "give each of sources and wait once")
    seconds = wait if wait is not None else order.wait
    if seconds is None:
        seconds = 0.0 if "respond-async" in (prefer or "").lower() else otherwise
    return (sources if sources is not None else order.sources), seconds
