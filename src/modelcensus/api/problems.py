"""Errors as RFC 9457 problem details, each with a next step."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from modelcensus.core.document import encode
from modelcensus.core.errors import CensusError, InvalidInput, NotFound, SettingsError, StoreError, StoreLocked

_STATUS: tuple[tuple[type[CensusError], int], ...] = (
    (NotFound, 404),
    (InvalidInput, 400),
    (SettingsError, 500),
    (StoreLocked, 503),
    (StoreError, 503),
    (CensusError, 500),
)


def problem(status: int, title: str, hint: str = "") -> Response:
    """One problem document."""
    body = {"type": "about:blank", "title": title, "status": status} | ({"detail": hint} if hint else {})
    return Response(encode(body), status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem document."""

    @app.exception_handler(CensusError)
    def on_census_error(_request: Request, error: CensusError) -> Response:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        return problem(status, error.message, error.hint)

    @app.exception_handler(RequestValidationError)
    def on_bad_parameter(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return problem(422, f"{first['loc'][-1]}: {first['msg']}", "see /openapi.json for every parameter")

    @app.exception_handler(HTTPException)
    def on_http_error(_request: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), "see /openapi.json for every path")
