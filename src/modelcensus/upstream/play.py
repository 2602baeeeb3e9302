"""What the local upstream is told to answer, and what it remembers of each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from urllib.parse import parse_qs

from modelcensus.upstream.faults import Fault
from modelcensus.upstream.shaping import Wire, shaped


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came: header names in lower case, ``at`` in monotonic seconds.

    ``base`` is the server's URL, ``peer`` the client's port: the same for requests on one connection.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    at: float
    base: str
    peer: int = 0

    def number(self, name: str, otherwise: int) -> int:
        """The query's value of ``name`` as a number, or ``otherwise``."""
        value = parse_qs(self.query).get(name, [""])[-1]
        return int(value) if value.isdecimal() else otherwise


@dataclass(frozen=True, slots=True)
class Play:
    """One scripted answer: a good body, and how it misbehaves.

    ``seconds`` is the length of a delay, the pause of a drip or the Retry-After. With ``conditional`` it has an ETag
    and answers 304 to whoever has that body. ``last_modified`` is sent as it is, and compared as it is.
    """

    body: bytes | Callable[[Received], bytes] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    conditional: bool = False
    last_modified: str | None = None
    seconds: float = 1.0
    location: str | None = None
    bomb_bytes: int = 64 * 1024 * 1024

    def answer(self, request: Received) -> Wire:
        """What goes over the wire for ``request``."""
        body = self.body if isinstance(self.body, bytes) else self.body(request)
        validators = self._validators(body)
        if self.fault is None and self._has_it(request, validators):
            return Wire(status=304, headers=validators)
        wire = shaped(
            body,
            self.fault,
            path=request.path,
            location=self.location,
            seconds=self.seconds,
            bomb_bytes=self.bomb_bytes,
        )
        status = self.status if self.fault is None else wire.status
        return replace(wire, status=status, headers={**wire.headers, **validators, **self.headers})

    def _validators(self, body: bytes) -> dict[str, str]:
        found = {"ETag": f'"{sha256(body).hexdigest()[:32]}"'} if self.conditional else {}
        if self.last_modified:
            found["Last-Modified"] = self.last_modified
        return found

    def _has_it(self, request: Received, validators: Mapping[str, str]) -> bool:
        etag, asked = validators.get("ETag"), request.headers.get("if-none-match")
        if etag and asked:
            return etag in asked
        since = request.headers.get("if-modified-since")
        return asked is None and self.last_modified is not None and since == self.last_modified
