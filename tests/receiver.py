"""A receiver of webhooks on this machine: a real HTTP server that answers as it is told and keeps what it got."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Its ``webhook-id``."""
        return self.headers["webhook-id"]

    @property
    def data(self) -> Any:
        """What its payload tells."""
        return json.loads(self.body)["data"]

    def verified(self, secret: str) -> Any:
        """The payload, once its signature is right; else ``WebhookVerificationError``."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Reply:
    """What to answer: ``before`` is called first."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    before: Callable[[], None] = lambda: None


@dataclass
class Receiver:
    """The address, what came, and what will be answered: each of ``replies`` once, then 204."""

    url: str
    got: list[Got] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)


@contextmanager
def receiving(*replies: Reply) -> Iterator[Receiver]:
    """A receiver until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append(Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            reply = receiver.replies.pop(0) if receiver.replies else Reply()
            reply.before()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # a sender may be gone by now
                self.end_headers()
                self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}", replies=list(replies))
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
