"""Errors as RFC 9457 problem details, each with a next step."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from fastapi import Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from modelcensus.core.errors import CensusError, InvalidInput, NotFound, StoreError

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[CensusError], int], ...] = ((NotFound, 404), (InvalidInput, 400), (StoreError, 503))


class Problem(msgspec.Struct, frozen=True):
    """What went wrong: ``title`` in one line, ``detail`` what to do next."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


def problem_of(error: Exception) -> Problem:
    """What an error means to whoever asked over HTTP. An error that is not ours stays in the server's log."""
    if isinstance(error, CensusError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        return Problem(error.message, status, error.hint)
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        return Problem(f"{first['loc'][-1]}: {first['msg']}", 422, "see /openapi.json for every parameter")
    if isinstance(error, HTTPException):
        hint = "see /openapi.json for every path" if error.status_code in (404, 405) else ""
        return Problem(str(error.detail), error.status_code, hint)
    return Problem(HTTPStatus(500).phrase, 500, "the server's log says more; please report it")


def answer(problem: Problem) -> Response:
    """One problem document."""
    return Response(msgspec.json.encode(problem), problem.status, media_type=MEDIA_TYPE)
