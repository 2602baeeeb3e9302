"""The web server: API and pages on one address."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI

from modelcensus import __version__
from modelcensus.api import problems
from modelcensus.api.routes import routes
from modelcensus.core.errors import InvalidInput
from modelcensus.operations.census import Census
from modelcensus.web.pages import pages, static_files


def application(census: Census) -> FastAPI:
    """The ASGI application on an open census."""
    # The stock documentation pages load scripts from elsewhere; /openapi.json has all they would say.
    app = FastAPI(title="Model Census", version=__version__, docs_url=None, redoc_url=None)
    problems.install(app)
    app.include_router(routes(census))
    app.include_router(pages(census))
    app.mount("/static", static_files(), name="static")
    return app


def serve(census: Census, host: str, port: int) -> None:
    """Serve until stopped. Raises ``InvalidInput`` if the address cannot be used."""
    config = uvicorn.Config(application(census), host=host, port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    try:
        listening = config.bind_socket()
    except SystemExit as error:
        hint = "another program has it: choose another with --port"
        raise InvalidInput(f"{host}:{port} cannot be used", hint) from error
    with listening:
        server.run(sockets=[listening])
