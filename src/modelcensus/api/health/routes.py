"""``/healthz`` and ``/readyz`` for whoever watches the process, ``/api/admin/health`` for whoever keeps the census."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from modelcensus.api import problems
from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.front.asks import REQUEST_ID
from modelcensus.api.front.entries import Entries
from modelcensus.api.schemas import PROBLEMS, one
from modelcensus.core.access import Role
from modelcensus.core.errors import StoreError, StoreUnreachable
from modelcensus.core.health import Health
from modelcensus.operations.health.looking import look
from modelcensus.operations.health.vital import PATIENCE_SECONDS, Vital, check_schema, silent
from modelcensus.serving.context import Context
from modelcensus.serving.guard import needs

RECORDS: tuple[type[msgspec.Struct], ...] = (Health,)
"""What these paths answer with, for /openapi.json."""
_UNKEPT = {"Cache-Control": "no-store"}
_DATABASE, _MEMORY = "database", "memory"


def routes(context: Context, entries: Entries) -> APIRouter:
    """These paths. ``entries`` are the answers that are held ready, which also serve without a database."""
    router = APIRouter(tags=["health"])
    _add_signs_of_life(router, context.vital, entries)
    _add_look(router, context)
    return router


def _add_signs_of_life(router: APIRouter, vital: Vital, entries: Entries) -> None:
    # Coroutines, and errors answered on the spot: requests that hang on the database may have taken every thread.
    @router.get("/healthz", summary="Whether the process lives and the database answers", responses=_described())
    async def get_healthz(request: Request) -> Response:
        try:
            await _schema(vital)
        except StoreError as error:
            return _refused(request, error)
        return _well({})

    @router.get(
        "/readyz",
        summary="Whether it can serve: from the database, or from answers that it holds ready",
        responses=_described(serves={"enum": [_DATABASE, _MEMORY]}),
    )
    async def get_readyz(request: Request) -> Response:
        try:
            schema = await _schema(vital)
        except StoreError as error:
            return _well({"serves": _MEMORY}) if len(entries) else _refused(request, error)
        try:
            check_schema(schema)
        except StoreError as error:
            return _refused(request, error)
        return _well({"serves": _DATABASE})


def _add_look(router: APIRouter, context: Context) -> None:
    guards = [Depends(needs(Role.VIEWER)), Depends(only_known_parameters)]

    @router.get(
        "/api/admin/health",
        summary="Everything that was looked at, the worst first, with what to do",
        dependencies=guards,
        **one("Health"),
    )
    def get_health(request: Request) -> Response:
        return answer(request, look(context.census, context.settings))


async def _schema(vital: Vital) -> str:
    """The schema's version. Raises ``StoreError``, also where there is no answer in time."""
    asked = asyncio.wrap_future(vital.ask())
    # The question goes on for whoever asks next: only the waiting for it ends.
    done, _ = await asyncio.wait({asked}, timeout=PATIENCE_SECONDS)
    if not done:
        raise silent(PATIENCE_SECONDS)
    try:
        return asked.result()
    except StoreError:
        raise
    except Exception as error:  # any other trouble means no less that it does not answer
        raise StoreUnreachable(
            f"the database cannot be asked ({type(error).__name__})", "see the server's log, and 'modelcensus health'"
        ) from error


def _well(more: Mapping[str, str]) -> Response:
    return Response(msgspec.json.encode({"status": "ok", **more}), headers=_UNKEPT, media_type="application/json")


def _refused(request: Request, error: StoreError) -> Response:
    return problems.answer(problems.problem_of(error, request.scope.get(REQUEST_ID)), _UNKEPT)


def _described(**more: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    schema = {
        "type": "object", "required": ["status", *more], "properties": {"status": {"const": "ok"}, **more},
    }  # fmt: skip
    return {200: {"content": {"application/json": {"schema": schema}}}, 503: PROBLEMS[503]}
