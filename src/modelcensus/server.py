"""The web server: API and pages on one address."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modelcensus.api import problems, schemas
from modelcensus.api.admin import routes as admin
from modelcensus.api.catalog import routes as catalog
from modelcensus.api.feeds import routes as feeds
from modelcensus.api.pushing import routes as pushing
from modelcensus.api.routes import health, routes
from modelcensus.api.context import context_on
from modelcensus.api.syncing import routes as syncing
from modelcensus.core.errors import CensusError, InvalidInput
from modelcensus.operations.census import Census
from modelcensus.settings import Settings
from modelcensus.version import __version__
from modelcensus.web.faults import fault_page
from modelcensus.web.pages import Pages, static_files

_MACHINES = ("/api/", "/healthz", "/openapi.json")
_GRACE_SECONDS = 5
_SECURITY_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
        b"frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


_ROOMS = (catalog, feeds, admin, syncing, pushing)


def application(census: Census, settings: Settings | None = None) -> ASGIApp:
    """The ASGI application on an open census."""
    # The stock documentation pages load scripts from elsewhere; /openapi.json has all they would say.
    app = FastAPI(title="Model Census", version=__version__, docs_url=None, redoc_url=None)
    pages = Pages(census)
    _answer_errors(app, pages)
    context = app.state.context = context_on(census, settings or Settings())
    for room in _ROOMS:
        app.include_router(room.routes(context))
    app.include_router(routes(census))
    app.include_router(health(census))
    app.include_router(pages.router())
    app.mount("/static", static_files(), name="static")
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    _describe(app)
    return _Front(app)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address. Raises ``InvalidInput`` if it cannot be used."""
    if not 0 <= port <= 65535:
        raise InvalidInput(f"there is no port {port}", "choose one from 1 to 65535 with --port")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InvalidInput(f"{host}:{port} is no address of this machine", "use --host 127.0.0.1") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
    except OSError as error:
        bound.close()
        raise InvalidInput(
            f"{host}:{port} cannot be used: {error.strerror}", "choose another one with --port"
        ) from error
    return bound


def serve(
    census: Census, settings: Settings, host: str, port: int, ready: Callable[[str], None] = lambda _: None
) -> None:
    """Serve until SIGINT or SIGTERM, then return. ``ready`` is told the address once it can be asked.

    Port 0 takes a free one. Raises ``InvalidInput`` if the address cannot be used.
    """
    with listen(host, port) as listening:
        config = uvicorn.Config(
            application(census, settings), log_config=None, log_level="error", access_log=False, server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )  # fmt: skip
        shown = f"[{host}]" if ":" in host else host
        server = uvicorn.Server(config)
        with _only_stopping(server):
            # Bound and listening: what is asked from now on waits in the queue until the loop runs.
            ready(f"http://{shown}:{listening.getsockname()[1]}")
            server.run(sockets=[listening])


@contextmanager
def _only_stopping(server: uvicorn.Server) -> Iterator[None]:
    """Let signals only stop the server, also before it runs: uvicorn raises them again at its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, server.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _answer_errors(app: FastAPI, pages: Pages) -> None:
    """Machines get a problem document, people a page."""

    def on_error(request: Request, error: Exception) -> Response:
        problem = problems.problem_of(error)
        if request.url.path.startswith(_MACHINES):
            return problems.answer(problem)
        return fault_page(pages.templates, problem.status, problem.title, problem.detail)

    for kind in (CensusError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, on_error)


def _describe(app: FastAPI) -> None:
    """Put the records' schemas into /openapi.json."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        description = plain()
        description.setdefault("components", {}).setdefault("schemas", {}).update(
            schemas.components(record for room in _ROOMS for record in room.RECORDS)
        )
        return description

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way to extend it


class _Front:
    """In front of everything: security headers on every answer, and HEAD wherever there is GET."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # uvicorn leaves the body out by the scope that it keeps.

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_SECURITY_HEADERS]
            await send(message)

        await self.app(scope, receive, send_with_headers)
