"""The web server: API and pages on one address."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp

from modelcensus.api import problems, schemas
from modelcensus.api.admin import routes as admin
from modelcensus.api.catalog import routes as catalog
from modelcensus.api.feeds import routes as feeds
from modelcensus.api.front.asks import ERROR, REQUEST_ID
from modelcensus.api.front.assembly import front_of, metrics_of
from modelcensus.api.front.assembly import routes as metrics_routes
from modelcensus.api.front.entries import Entries
from modelcensus.api.health import routes as health
from modelcensus.api.methods import OtherMethods
from modelcensus.api.noticing import routes as noticing
from modelcensus.api.pushing import routes as pushing
from modelcensus.api.routes import routes
from modelcensus.api.syncing import routes as syncing
from modelcensus.api.trends import routes as trends
from modelcensus.core.errors import CensusError, InvalidInput
from modelcensus.feeds.registry import FEEDS
from modelcensus.logs.telling import telling
from modelcensus.mcp_server.http import PATH as TOOLS_PATH
from modelcensus.mcp_server.http import ToolsOverHttp
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.operations.census import Census
from modelcensus.serving.context import Background, Context, context_on
from modelcensus.serving.joining import join
from modelcensus.settings import Settings
from modelcensus.version import __version__
from modelcensus.web.rendering.assets import Assets
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.routes import KEPT, refused
from modelcensus.web.routes import routes as page_routes
from modelcensus.wiring import plan_of_logs
from modelcensus.worker import Worker

_FEEDS = tuple(path for feed in FEEDS.values() for path in feed.paths)
_MACHINES = (
    "/api/", "/v1/", "/feeds/", "/admin/sync-models", "/healthz", "/readyz", "/metrics", "/openapi.json", TOOLS_PATH,
    *_FEEDS,
)  # fmt: skip
_GRACE_SECONDS = 5
_WORKER_SECONDS = 3.0
"""The worker begins so long after the server: it takes a processor for seconds to load."""
_ROOMS = (catalog, trends, feeds, admin, syncing, pushing, noticing)


def application(
    census: Census, settings: Settings | None = None, beside: Sequence[Background] = (),
    origins: Mapping[str, str] | None = None,
) -> ASGIApp:  # fmt: skip
    """The ASGI application on an open census; what works ``beside`` it starts and stops with it.

    ``origins``: where each setting came from, for administrators to see.
    """
    # The stock documentation pages load scripts from elsewhere; /openapi.json has all they would say.
    app = FastAPI(title="Model Census", version=__version__, docs_url=None, redoc_url=None, lifespan=_running)
    pages = Pages(census)
    _answer_errors(app, pages)
    context = context_on(census, settings or Settings())
    context = app.state.context = replace(context, background=(*context.background, *beside), origins=origins or {})
    for room in _ROOMS:
        join(app.router, room.routes(context))
    join(app.router, routes(census))
    entries = Entries(context.settings.cache.max_bytes)
    join(app.router, health.routes(context, entries))
    metrics = metrics_of(context, entries)
    join(app.router, metrics_routes(metrics))
    app.router.routes.append(Route(TOOLS_PATH, _tools(context), include_in_schema=False))
    join(app.router, page_routes(context, pages))
    app.router.routes.insert(0, OtherMethods(app))
    app.mount("/static", Assets(), name="static")
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    _describe(app)
    return front_of(app, context, entries, metrics, KEPT)


def _tools(context: Context) -> ToolsOverHttp:
    """The tools for agents, each showing what the caller's tier sees."""
    public = PublicCatalog(context.census, context.settings.access, context.shelf, Names(context.census))
    return ToolsOverHttp(
        public, lambda authorization: context.identity.caller(authorization).tier, context.settings.api.public_url
    )


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    """What works beside the requests, started before the first and stopped after the last."""
    background: tuple[Background, ...] = app.state.context.background
    try:
        for each in background:
            await run_in_threadpool(each.start)
        yield
    finally:
        for each in reversed(background):
            await run_in_threadpool(each.stop)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to an address. Raises ``InvalidInput`` if it cannot be used."""
    if not 0 <= port <= 65535:
        raise InvalidInput(f"there is no port {port}", "choose one from 1 to 65535 with --port")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # The protocol is named: only then does asyncio send small answers at once, not after Nagle's 40 ms.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
    census: Census, settings: Settings, host: str, port: int, ready: Callable[[str], None] = lambda _: None,
    origins: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Serve until SIGINT or SIGTERM, then return. ``ready`` is told the address once it can be asked.

    Port 0 takes a free one. Raises ``InvalidInput`` if the address cannot be used.
    """
    with listen(host, port) as listening:
        app = application(census, settings, _beside(census, settings), origins)
        config = uvicorn.Config(
            app, log_config=None, log_level="error", access_log=False, server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )  # fmt: skip
        shown = f"[{host}]" if ":" in host else host
        server = uvicorn.Server(config)
        with telling(plan_of_logs(settings, serving=True)), _only_stopping(server):
            # Bound and listening: what is asked from now on waits in the queue until the loop runs.
            ready(f"http://{shown}:{listening.getsockname()[1]}")
            server.run(sockets=[listening])


def _beside(census: Census, settings: Settings) -> list[Background]:
    wanted = settings.worker.serve and settings.sync.enabled
    return [Worker(census, settings, delay=_WORKER_SECONDS)] if wanted else []


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
        request.scope[ERROR] = error
        problem = problems.problem_of(error, request.scope.get(REQUEST_ID))
        if request.url.path.startswith(_MACHINES):
            return problems.answer(problem, getattr(error, "headers", None))  # Allow, of a 405
        return refused(pages, request, error, problem.status, problem.title, problem.detail)

    for kind in (CensusError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, on_error)


def _describe(app: FastAPI) -> None:
    """Put the records' schemas into /openapi.json."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        description = plain()
        description.setdefault("components", {}).setdefault("schemas", {}).update(
            schemas.components(record for room in (*_ROOMS, health) for record in room.RECORDS)
        )
        return description

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way to extend it
