"""Inngest starts syncs, by its clock and by an event: https://www.inngest.com/docs/reference/python/client/overview

Its official SDK checks the signatures. Each function is a few short steps, so no request of Inngest's waits for a whole
sync, and any replica can answer the next one.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import inngest
import inngest.fast_api
import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from modelcensus.api.syncing.cron import OFF, CronAnswer, skip
from modelcensus.core.document import document
from modelcensus.core.errors import CensusError, InvalidInput, NotNow, StoreError
from modelcensus.core.run import RunState, Trigger
from modelcensus.serving.context import Context

PATH = "/api/inngest"
EVENT = "modelcensus/sync.requested"
_MAX_BYTES = 4 * 1024 * 1024
_LOOKS = 240
_PAUSE = timedelta(seconds=15)
"""A run is looked at so often, with such a pause between: for an hour."""


class _Client(inngest.Inngest):
    """The SDK takes the fallback key from the environment only."""

    def __init__(self, fallback: str | None, **given: Any) -> None:
        super().__init__(**given)
        self._fallback = fallback

    @property
    def signing_key_fallback(self) -> str | None:
        return self._fallback


def routes(context: Context) -> APIRouter:
    """This path. It is not in /openapi.json: what it takes and answers is between Inngest and its SDK."""
    given = context.settings.inngest
    client = _Client(
        given.signing_key_fallback, app_id=given.app_id, event_key=given.event_key, signing_key=given.signing_key,
        is_production=not given.dev,
    )  # fmt: skip
    # A throw-away application: the SDK adds its paths to one, and these are taken over.
    paths = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    inngest.fast_api.serve(
        # Unsigned, anybody could have this server call Inngest's.
        paths, client, _functions(context, client), serve_path=PATH, enable_unauthed_sync=given.dev,
    )  # fmt: skip
    router = APIRouter(dependencies=[Depends(_bounded)])
    for route in paths.routes:
        if isinstance(route, APIRoute):
            router.add_api_route(
                route.path, route.endpoint, methods=sorted(route.methods or ()), include_in_schema=False
            )
    return router


async def _bounded(request: Request) -> None:
    """A dependency: the body is read here, up to a bound; the SDK reads all of it before it checks who sent it."""
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > _MAX_BYTES:
            raise HTTPException(413, f"the body is larger than {_MAX_BYTES:,} bytes")
    request._body = b"".join(parts)  # where Request.body() keeps it


def _functions(context: Context, client: inngest.Inngest) -> list[inngest.Function[Any]]:
    @client.create_function(
        fn_id="sync-models", name="Sync models",
        trigger=[
            inngest.TriggerCron(cron=context.settings.inngest.schedule), inngest.TriggerEvent(event=EVENT),
        ],
    )  # fmt: skip
    def sync_models(ctx: inngest.ContextSync) -> Any:
        # Inngest's own clock sends an event too, with data of its own.
        wanted = ctx.event.data.get("sources") if ctx.event.name == EVENT else None
        began: Any = ctx.step.run("begin", partial(_begin, context, wanted))
        if began["skipped"]:
            return began
        for _ in range(_LOOKS):
            ended: Any = ctx.step.run("look", partial(_look, context, str(began["run"])))
            if ended is not None:
                return {**began, "result": ended}
            ctx.step.sleep("pause", _PAUSE)
        return began

    return [sync_models]


def _begin(context: Context, wanted: Any) -> Any:
    if not context.settings.sync.enabled:
        return document(CronAnswer(skipped=True, reason=OFF))
    try:
        sources = None if wanted is None else msgspec.convert(wanted, list[str])
        claim = context.runs.begin(sources, trigger=Trigger.INNGEST, actor="inngest", partly=True)
    except NotNow as late:
        return document(skip(late))
    except msgspec.ValidationError as error:
        raise _final(InvalidInput(f"data.sources of the event: {error}", "send a list of names")) from error
    except StoreError:
        raise  # Inngest tries again.
    except CensusError as error:
        raise _final(error) from error
    left_out = {name: error.message for name, error in claim.refused.items()}
    return document(CronAnswer(skipped=False, run=claim.run.id, left_out=left_out))


def _look(context: Context, run: str) -> Any:
    """What came of the run, or None while it goes on."""
    found = context.runs.wait(run, context.settings.sync.wait_seconds)
    if found.state is RunState.RUNNING:
        return None
    return document(found.result) if found.result else {"run": run, "success": False, "state": found.state.value}


def _final(error: CensusError) -> inngest.NonRetriableError:
    return inngest.NonRetriableError(f"{error.message}; {error.hint}")
