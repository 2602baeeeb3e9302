"""A server that keeps model definitions as Langfuse does: pages, keys, no update, no second definition of one name."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PUBLIC, SECRET = "pk-lf-1", "sk-lf-of-the-tests"
_PATH = "/api/public/models"


@dataclass
class Server:
    """What it holds, and what it was asked (method and path)."""

    url: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fails_with: int | None = None
    made: int = 0

    def add(self, **body: Any) -> None:
        """A definition as the server tells it."""
        self.made += 1
        usual = {
            "id": f"id/{self.made}", "isLangfuseManaged": False, "startDate": None, "inputPrice": None,
            "outputPrice": None, "totalPrice": None, "prices": {}, "pricingTiers": [],
        }  # fmt: skip
        self.rows.append({**usual, **body})

    @property
    def names(self) -> list[str]:
        """Of all definitions."""
        return sorted(row["modelName"] for row in self.rows)

    @property
    def writes(self) -> list[str]:
        """Which requests changed something, by method."""
        return [each.split()[0] for each in self.asked if not each.startswith("GET")]


@contextmanager
def langfuse() -> Iterator[Server]:
    """A server on a free port of this machine."""
    kept = Server()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            kept.asked.append(f"{self.command} {self.path}")
            expected = "Basic " + b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()
            if self.headers.get("authorization") != expected:
                return self.answer(401, {"message": f"no: {self.headers.get('authorization')}"})
            if kept.fails_with is not None:
                return self.answer(kept.fails_with, {"message": f"no, {SECRET}"})
            parts = urlsplit(self.path)
            if self.command == "GET" and parts.path == _PATH:
                asked = {name: int(value[0]) for name, value in parse_qs(parts.query).items()}
                start = (asked["page"] - 1) * asked["limit"]
                return self.answer(200, {"data": kept.rows[start : start + asked["limit"]], "meta": {}})
            if self.command == "POST" and parts.path == _PATH:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if body["modelName"] in kept.names:
                    return self.answer(400, {"message": "unique constraint"})
                kept.add(**body)
                return self.answer(200, kept.rows[-1])
            if self.command == "DELETE" and parts.path.startswith(_PATH):
                wanted = unquote(parts.path.removeprefix(f"{_PATH}/"))
                before = len(kept.rows)
                kept.rows = [row for row in kept.rows if row["id"] != wanted]
                return self.answer(200 if len(kept.rows) < before else 404, {"message": "deleted"})
            return self.answer(404, {})

        do_GET = do_POST = do_DELETE = handle_one  # noqa: N815  # the base class's names

        def answer(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()
