"""A real server on a free port of this machine, for tests of API and pages."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import httpx2
import uvicorn
from starlette.types import ASGIApp

from modelcensus.operations.census import Census
from modelcensus.server import application, listen
from modelcensus.settings import ApiSettings, Settings

QUIET = ApiSettings(live=False, log="off")
"""No upstream is asked on behalf of a caller, and no request is logged."""


@contextmanager
def served(census: Census, settings: Settings | None = None, app: ASGIApp | None = None) -> Iterator[str]:
    """Serve a census, or another ``app`` of it, in a thread; the address, without a slash at its end."""
    with listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(
            uvicorn.Config(
                app or application(census, settings or Settings(api=QUIET)), log_config=None, log_level="critical"
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


def ask(address: str, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> httpx2.Response:
    """One request, redirects not followed, no proxy."""
    with httpx2.Client(trust_env=False, timeout=20) as client:
        return client.request(method, address + path, headers=dict(headers or {}))


def destroy(sqlite_url: str) -> None:
    """Take a table away, which open connections notice as well."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute("ALTER TABLE sync RENAME TO lost")


def page_text(address: str, path: str, status: int = 200) -> str:
    """The text of a page, whose status must be this one."""
    answer = ask(address, path)
    assert answer.status_code == status, answer.text
    return answer.text


def data(address: str, path: str) -> Any:
    """The ``data`` of a JSON answer that must be good."""
    answer = ask(address, path)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]
