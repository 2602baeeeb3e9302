"""Errors as RFC 9457 problem details, each with a next step."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from fastapi import Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from modelcensus.core.errors import (
    AlreadyRunning,
    CensusError,
    CoolingDown,
    FeedRefused,
    Forbidden,
    InvalidInput,
    NotFound,
    NotNow,
    SettingsError,
    StalePlan,
    StoreError,
    Unauthenticated,
)

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[CensusError], int], ...] = (
    (NotFound, 404),
    (StalePlan, 409),
    (InvalidInput, 400),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (AlreadyRunning, 409),
    (CoolingDown, 429),
    (FeedRefused, 404),
    (StoreError, 503),
    (SettingsError, 503),
)
"""The first kind that an error is."""
_HINTS = {
    404: "see /openapi.json for every path",
    405: "see /openapi.json for every path",
    413: "send it in parts",
    415: "send 'Content-Type: application/json'",
}
"""What to do next where the framework refuses."""


class Problem(msgspec.Struct, frozen=True):
    """What went wrong: ``title`` in one line, ``detail`` what to do next.

    ``run`` is the sync that is in the way, ``retry_after`` the seconds to wait, ``moved`` the models that changed since
    a plan was made, ``request_id`` the request's id in the server's log.
    """

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    run: str | msgspec.UnsetType = msgspec.UNSET
    retry_after: int | msgspec.UnsetType = msgspec.UNSET
    moved: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    request_id: str | msgspec.UnsetType = msgspec.UNSET


def problem_of(error: Exception, request_id: str | None = None) -> Problem:
    """What an error means to whoever asked over HTTP. An error that is not ours stays in the server's log."""
    problem = _problem_of(error)
    return msgspec.structs.replace(problem, request_id=request_id) if request_id else problem


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, CensusError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        late = error if isinstance(error, NotNow) else None
        return Problem(
            error.brief if isinstance(error, StoreError) else error.message, status, error.hint,
            run=late.run if late and late.run else msgspec.UNSET,
            retry_after=late.retry_after if late and late.retry_after is not None else msgspec.UNSET,
            moved=error.moved if isinstance(error, StalePlan) else msgspec.UNSET,
        )  # fmt: skip
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        return Problem(f"{first['loc'][-1]}: {first['msg']}", 422, "see /openapi.json for every parameter")
    if isinstance(error, HTTPException):
        return Problem(str(error.detail), error.status_code, _HINTS.get(error.status_code, ""))
    return Problem(HTTPStatus(500).phrase, 500, "the server's log says more; please report it")


def answer(problem: Problem, more: Mapping[str, str] | None = None) -> Response:
    """One problem document, with the headers that its status asks for, and ``more``."""
    headers = dict(more or {})
    if problem.retry_after is not msgspec.UNSET:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="modelcensus"'
    return Response(msgspec.json.encode(problem), problem.status, headers, media_type=MEDIA_TYPE)
