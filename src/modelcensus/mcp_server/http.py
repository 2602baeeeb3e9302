"""The tools over streamable HTTP, without sessions: each POST is answered with JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import Forbidden
from modelcensus.operations.catalog.public import PublicCatalog

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

PATH = "/mcp"
_MOST_BYTES = 256 * 1024
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class ToolsOverHttp:
    """An ASGI application. ``tier_of`` says whose models an ``Authorization`` header opens, or raises.

    The SDK is loaded with the first request: it takes most of a second, which a server that nobody asks need not spend.
    """

    def __init__(
        self, public: PublicCatalog, tier_of: Callable[[str | None], Tier], public_url: str | None = None
    ) -> None:
        self._public = public
        self._tier_of = tier_of
        self._origin = _origin(public_url) if public_url else None
        self._lock = asyncio.Lock()
        self._app: ASGIApp | None = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises ``NotAllowed`` for wrong credentials, and for pages of other sites."""
        headers = Headers(scope=scope)
        if scope["method"] != "POST":
            # Without sessions there is no stream to open and none to close.
            raise HTTPException(405, "only POST is answered here", {"Allow": "POST"})
        self._check_origin(headers.get("origin"))
        given = headers.getlist("authorization")
        # Joined as HTTP says: of several, none may win by its place.
        tier = await run_in_threadpool(self._tier_of, ", ".join(given) if given else None)
        app = await self._started()
        await app({**scope, "modelcensus.tier": tier}, receive, send)

    def _check_origin(self, origin: str | None) -> None:
        """Only browsers send an origin, and with each POST: a page that rebinds a name to this machine shows itself."""
        if origin is None:
            return
        place = _origin(origin)
        if place is not None and (place == self._origin or place[1] in _OWN_MACHINE):
            return
        raise Forbidden("pages of other sites may not use the tools", "set api.public_url if this is your own site")

    async def _started(self) -> ASGIApp:
        async with self._lock:
            if self._app is None:
                server = await run_in_threadpool(self._loaded)
                self._app, self._running = await _serving(server)
            return self._app

    def _loaded(self) -> MCPServer[object]:
        # Imported here: see the class.
        from modelcensus.mcp_server.tools import tools_on

        return tools_on(self._public, Tier.FREE)


async def _serving(server: MCPServer[object]) -> tuple[ASGIApp, asyncio.Task[None]]:
    """The SDK's application and the task that it lives in, which ends with the event loop."""
    from mcp.server.transport_security import TransportSecuritySettings

    server.streamable_http_app(
        json_response=True, stateless_http=True, max_request_body_size=_MOST_BYTES,
        # Ours is _check_origin: the names under which a server is reached are its proxy's to know.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )  # fmt: skip
    ready = asyncio.Event()

    async def run() -> None:
        async with server.session_manager.run():
            ready.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        task.result()
    return server.session_manager.handle_request, task


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no address."""
    try:
        parts = urlsplit(url)
        return (parts.scheme, parts.hostname, parts.port) if parts.hostname else None
    except ValueError:
        return None
