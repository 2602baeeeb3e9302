"""What the framework answers, on its way out: kept whole where it can be kept, else passed on."""

from __future__ import annotations

from starlette.types import Message, Send

from modelcensus.api.front.entries import SECURITY, Headers


class Out:
    """The way to the client: security headers and the request's id on every answer, and no body for HEAD.

    ``status`` is what was answered (0: nothing yet), ``size`` how many bytes of body; ``age`` is the data's for an
    answer that does not tell it.
    """

    __slots__ = ("_ended", "_head", "_id", "_send", "age", "size", "status")

    def __init__(self, send: Send, *, head: bool, request_id: bytes) -> None:
        self._send = send
        self._head = head
        self._id = (b"x-request-id", request_id)
        self._ended = False
        self.status = 0
        self.size = 0
        self.age: bytes | None = None

    async def __call__(self, message: Message) -> None:
        """Send one of ASGI's messages."""
        if self._ended:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), *SECURITY, self._id]
            if self.age is not None and self.status == 200 and all(name != b"x-data-age" for name, _ in headers):
                headers.append((b"x-data-age", self.age))
            await self._send({**message, "headers": headers})
            if self._head:
                self._ended = True
                await self._send({"type": "http.response.body", "body": b""})
            return
        self.size += len(message.get("body", b""))
        await self._send(message)

    async def ready(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole answer, with all its headers but the request's id."""
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, self._id]})
        if self._head:
            body = b""
        self.size = len(body)
        await self._send({"type": "http.response.body", "body": body})


class Capture:
    """Takes an answer in where it may be kept (``whole``), passes on to ``out`` any other.

    A 503 is held back (``failed``) where there are older bytes to give instead (``has_older``).
    """

    def __init__(self, out: Out | None, *, has_older: bool) -> None:
        self._out = out
        self._has_older = has_older
        self._parts: list[bytes] = []
        self._passing = False
        self.headers: Headers = []
        self.whole = False
        self.failed = False

    @property
    def body(self) -> bytes:
        """What was taken in."""
        return b"".join(self._parts)

    async def pass_on(self) -> None:
        """Give out what was held back."""
        if self._out is not None:
            await self._out({"type": "http.response.start", "status": 503, "headers": self.headers})
            await self._out({"type": "http.response.body", "body": self.body})

    async def __call__(self, message: Message) -> None:
        """Take one of ASGI's messages."""
        if message["type"] == "http.response.start":
            self.headers = [(name.lower(), value) for name, value in message.get("headers", ())]
            self.whole = message["status"] == 200 and _can_be_kept(self.headers)
            self.failed = message["status"] == 503 and self._has_older
            self._passing = not self.whole and not self.failed
        if not self._passing:
            self._parts.append(message.get("body", b""))
        elif self._out is not None:
            await self._out(message)


def _can_be_kept(headers: Headers) -> bool:
    said = dict(headers)
    streamed = said.get(b"content-type", b"").startswith(b"text/event-stream")
    return not streamed and b"no-store" not in said.get(b"cache-control", b"") and b"set-cookie" not in said
