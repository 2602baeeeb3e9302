"""A real HTTP server on 127.0.0.1 that plays scripted answers, good and bad."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from modelcensus.upstream.play import Play, Received
from modelcensus.upstream.shaping import End, Wire

Script = Sequence[Play] | Callable[[Received], Play]
Routes = Mapping[str, Script] | Callable[[Received], Play]

_MISSING = Play(b'{"error":{"message":"no such path here","code":404}}', status=404)
_LONGEST_HANG = 600.0
_PIECE = 64 * 1024


class Upstream:
    """Serves ``routes`` (path -> plays, or a function of the request) on a free port of 127.0.0.1.

    Each request to a path takes its next play; the last one repeats. A context manager; ``close`` takes well under a
    second, whatever hangs. ``kept_requests`` bounds what is remembered.
    """

    def __init__(self, routes: Routes, *, port: int = 0, kept_requests: int = 10_000) -> None:
        self._lock = threading.Lock()
        self._script: Callable[[Received], Play] | None = routes if callable(routes) else None
        self._routes: dict[str, Script] = {} if callable(routes) else dict(routes)
        self._played: dict[str, int] = {}
        self._requests: deque[Received] = deque(maxlen=kept_requests)
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Received]:
        """Every request so far, oldest first."""
        with self._lock:
            return list(self._requests)

    def play(self, path: str, script: Script) -> None:
        """Answer ``path`` with ``script`` from now on, from its first play."""
        with self._lock:
            self._routes[path] = script
            self._played.pop(path, None)

    def next_wire(self, request: Received) -> Wire:
        """Remember ``request`` and take the next play for it."""
        with self._lock:
            self._requests.append(request)
            script = self._script or self._routes.get(request.path, (_MISSING,))
            if not callable(script):
                turn = self._played.get(request.path, 0)
                self._played[request.path] = turn + 1
                play = script[min(turn, len(script) - 1)]
        return (script(request) if callable(script) else play).answer(request)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and break every open connection."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.break_connections()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], upstream: Upstream) -> None:
        self.upstream = upstream
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # The inherited one asks the name service for this machine's name, which may take seconds.
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def break_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it is gone already

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is what half of the faults are about; it is no news.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two sends; with Nagle the second waits 40 ms for the acknowledgement of the first.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        upstream = self.server.upstream
        request = Received(
            method=self.command,
            path=path,
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            at=time.monotonic(),
            base=upstream.url,
            peer=self.client_address[1],
        )
        self._send(upstream.next_wire(request))

    do_HEAD = do_GET  # noqa: N815  # http.server's name

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Say nothing: what came is in ``Upstream.requests``."""

    def _send(self, wire: Wire) -> None:
        stopping = self.server.upstream.stopping
        if wire.delay and stopping.wait(min(wire.delay, _LONGEST_HANG)):
            self.close_connection = True
            return
        head = _head(wire) if wire.raw is None else wire.raw
        self._write(head, wire.drip if wire.drip_headers else 0.0)
        if self.command != "HEAD":
            self._write_body(wire)
        if wire.end is End.HANG:
            stopping.wait(_LONGEST_HANG)
        if wire.end is not End.KEEP or (wire.length is None and not wire.chunked and wire.status not in (204, 304)):
            self.close_connection = True
        if wire.end is End.RESET:
            self._reset()

    def _write_body(self, wire: Wire) -> None:
        body = wire.body if wire.sent is None else wire.body[: wire.sent]
        if not wire.chunked:
            self._write(body, wire.drip)
            return
        for at in range(0, len(body), _PIECE):
            piece = body[at : at + _PIECE]
            self._write(b"%x\r\n%s\r\n" % (len(piece), piece), wire.drip)
        if wire.sent is None:
            self._write(b"0\r\n\r\n", 0.0)

    def _write(self, data: bytes, drip: float) -> None:
        if not drip:
            self.connection.sendall(data)
            return
        for byte in data:
            self.connection.sendall(bytes((byte,)))
            if self.server.upstream.stopping.wait(drip):
                raise ConnectionAbortedError("the server stops")

    def _reset(self) -> None:
        time.sleep(0.02)  # let the half body arrive: a reset also throws away what the client has not read yet
        linger_zero = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
        # The files of this handler keep the socket open, so it is closed below them.
        os.close(self.connection.detach())


def _head(wire: Wire) -> bytes:
    try:
        phrase = HTTPStatus(wire.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {wire.status} {phrase}", *(f"{name}: {value}" for name, value in wire.headers.items())]
    if wire.chunked:
        lines.append("Transfer-Encoding: chunked")
    elif wire.length is not None:
        lines.append(f"Content-Length: {wire.length}")
    if wire.end is not End.KEEP:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
