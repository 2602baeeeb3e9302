"""Constant bytes, the floor of ``bench.load``: ``python -m bench.constant uvicorn|granian SIZE PORT``."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

BODY = b"x" * int(sys.argv[2]) if len(sys.argv) > 2 else b""
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def constant(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application that does nothing else."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})


def _uvicorn(port: int) -> None:
    import uvicorn

    uvicorn.run(constant, host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False)


def _granian(port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    async def run() -> None:
        server = Server(
            constant, port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False
        )  # fmt: skip
        await server.serve()

    asyncio.run(run())


if __name__ == "__main__":
    {"uvicorn": _uvicorn, "granian": _granian}[sys.argv[1]](int(sys.argv[3]))
