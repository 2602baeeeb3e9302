"""Examples: exchanges with an upstream, kept in a file, and the player that answers a reader with them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec

from modelcensus.core.errors import InvalidInput
from modelcensus.upstream.disfigure import DISFIGURED, disfigured
from modelcensus.upstream.faults import Fault
from modelcensus.upstream.play import Play, Received
from modelcensus.upstream.shaping import shaped

MAX_BYTES = 4 * 1024 * 1024
_BOMB_BYTES = 8 * 1024 * 1024
_encoder = msgspec.json.Encoder(decimal_format="number")
_BASE = "{base_url}"
_OF_FILES = frozenset(
    {
        Fault.EMPTY_BODY,
        Fault.HTML,
        Fault.ERROR_OBJECT,
        Fault.PARTIAL_CONTENT,
        Fault.TRUNCATED_JSON,
        Fault.UTF16,
        Fault.UTF16_UNDECLARED,
        Fault.LATIN1,
        Fault.LATIN1_UNDECLARED,
        Fault.UTF8_CALLED_LATIN1,
        Fault.BYTE_ORDER_MARK,
    }
)
_WHOLE_BODY = frozenset({Fault.EMPTY_LIST, Fault.WRONG_TOP_LEVEL, Fault.INVALID_UTF8})


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer and what it answers: a path, and what the query must hold (None: what it must not).

    ``body`` is JSON as it is sent, ``text`` anything else; ``send`` are further headers.
    """

    path: str
    query: dict[str, str | list[str] | None] = {}
    status: int = 200
    send: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw()
    text: str | None = None

    @property
    def content(self) -> bytes:
        """The body in bytes, ``{base_url}`` not yet replaced."""
        return self.text.encode() if self.text is not None else bytes(self.body)

    def fits(self, request: Received) -> bool:
        """Whether it answers this request."""
        if unquote(self.path) != unquote(request.path):
            return False
        given = parse_qs(request.query, keep_blank_values=True)
        return all(_holds(given.get(name), wanted) for name, wanted in self.query.items())


def _holds(values: list[str] | None, wanted: str | list[str] | None) -> bool:
    if wanted is None or values is None:
        return wanted is values
    return values == wanted if isinstance(wanted, list) else wanted in values


class ExampleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that an adapter without an upstream reads."""

    name: str
    text: str


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A small catalog as its upstream would send it, and the entities that it holds: category -> key -> data.

    ``base`` is the path of the base URL; ``key`` the one that upstream asks for; ``options`` are the source's own.
    """

    about: str
    expected: dict[str, dict[str, msgspec.Raw]]
    base: str = "/"
    key: str | None = None
    options: dict[str, str] = {}
    exchanges: tuple[Exchange, ...] = ()
    file: ExampleFile | None = None


def load_example(path: Path) -> Example:
    """The example in a file. Raises ``InvalidInput`` that says what is wrong with it."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"the example {path.name} cannot be read: {error.strerror}", "give the adapter one"
        ) from None
    if len(text) > MAX_BYTES:
        raise InvalidInput(f"the example {path.name} is over 4 MiB", "a few entities and pages are enough")
    try:
        example = msgspec.json.decode(text, type=Example)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"the example {path.name} is wrong: {error}", "compare it with docs/howto/add-a-source.md"
        ) from None
    if bool(example.exchanges) == bool(example.file) or not any(example.expected.values()):
        raise InvalidInput(
            f"the example {path.name} needs either exchanges or a file, and expected entities",
            "compare it with docs/howto/add-a-source.md",
        )
    return example


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A fault that hits the exchanges of these numbers, or the request of this number (both from 0).

    ``times``: how often; None is every time. ``seconds``: see ``Play``.
    """

    fault: Fault
    exchanges: frozenset[int] | None = None
    request: int | None = None
    times: int | None = None
    seconds: float = 1.0


@dataclass(slots=True)
class Player:
    """Answers requests with an example's exchanges; a script for ``Upstream``. Thread-safe.

    The exchange of which most of the query fits answers; 404 where none does. With a ``key_header`` every request
    must carry the example's key in it, else 401. ``conditional``: answers have an ETag, and 304 where it is known.
    ``bodies`` replaces what some exchanges send, ``instead`` whole exchanges by others. ``latency``: seconds before
    each answer. After ``most`` requests it only says 503.
    """

    example: Example
    key_header: str | None = None
    conditional: bool = False
    latency: float = 0.0
    strike: Strike | None = None
    bodies: Mapping[int, bytes] = field(default_factory=dict)
    instead: Mapping[int, int] = field(default_factory=dict)
    most: int | None = None
    requests: list[Received] = field(default_factory=list)
    answered: list[int | None] = field(default_factory=list)
    _struck: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Received) -> Play:
        """The play for one request."""
        if self.latency:
            time.sleep(self.latency)
        with self._lock:
            number = len(self.requests)
            found = self._exchange(request)
            self.requests.append(request)
            self.answered.append(found)
            fault = self._fault(found, number)
        if self.most is not None and number >= self.most:
            return Play(b'{"error":{"message":"enough"}}', status=503)
        if not self._has_key(request):
            return Play(b'{"error":{"message":"this key is not known here"}}', status=401)
        if found is None:
            return Play(b'{"error":{"message":"no such page here"}}', status=404, fault=fault)
        return self._play(self.example.exchanges[found], self.body(found, request.base), request.base, fault)

    def body(self, number: int, base: str) -> bytes:
        """What exchange ``number`` sends from the server at ``base``."""
        content = self.bodies.get(number, self.example.exchanges[number].content)
        return content.replace(_BASE.encode(), self.base_url(base).encode())

    def base_url(self, base: str) -> str:
        """The source's base URL on the server at ``base``, without a slash at the end."""
        return base + self.example.base.rstrip("/")

    def file_body(self, fault: Fault | None) -> bytes:
        """What the example's file holds, with a fault where that makes sense for a file."""
        body = self.example.file.text.encode() if self.example.file else b""
        if fault in DISFIGURED:
            return struck(body, fault)
        return shaped(body, fault).body if fault in _OF_FILES else body

    def expected(self, base: str) -> dict[tuple[str, str], bytes]:
        """(category, key) -> the data as JSON that the example promises, from the server at ``base``."""
        url = self.base_url(base)
        return {
            (category, key.replace(_BASE, url)): bytes(data).replace(_BASE.encode(), url.encode())
            for category, entities in self.example.expected.items()
            for key, data in entities.items()
        }

    def _exchange(self, request: Received) -> int | None:
        fitting = [number for number, each in enumerate(self.example.exchanges) if each.fits(request)]
        best = max(fitting, key=lambda number: (len(self.example.exchanges[number].query), -number), default=None)
        return best if best is None else self.instead.get(best, best)

    def _has_key(self, request: Received) -> bool:
        if self.key_header is None or self.example.key is None:
            return True
        bearer = self.key_header.lower() == "authorization"
        wanted = f"Bearer {self.example.key}" if bearer else self.example.key
        return request.headers.get(self.key_header.lower()) == wanted

    def _fault(self, exchange: int | None, number: int) -> Fault | None:
        strike = self.strike
        if strike is None or (strike.times is not None and self._struck >= strike.times):
            return None
        if strike.request not in (None, number) or (strike.exchanges is not None and exchange not in strike.exchanges):
            return None
        self._struck += 1
        return strike.fault

    def _play(self, exchange: Exchange, body: bytes, base: str, fault: Fault | None) -> Play:
        headers = {name: value.replace(_BASE, self.base_url(base)) for name, value in exchange.send.items()}
        if fault is not None and fault in DISFIGURED:
            return Play(struck(body, fault), exchange.status, headers)
        seconds = self.strike.seconds if self.strike else 0.0
        return Play(body, exchange.status, headers, fault, self.conditional, seconds=seconds, bomb_bytes=_BOMB_BYTES)


def struck(body: bytes, fault: Fault) -> bytes:
    """``body`` with one of the ``DISFIGURED`` faults, wherever in it the list of entities stands.

    What is no JSON, or holds no list of objects, is disfigured as a whole if it can be, else left alone.
    """
    if fault in _WHOLE_BODY:
        return disfigured(body, fault)
    try:
        top = json.loads(body)
    except ValueError:
        return body
    place = _place(top)
    if place is None:
        return disfigured(body, fault) if _is_catalog(top) else body
    holder = top
    for name in place[:-1]:
        holder = holder[name]
    listing = _text(holder[place[-1]])
    holder[place[-1]] = "@@listing@@"
    return _text(top).replace(b'"@@listing@@"', disfigured(listing, fault))


def rearranged(body: bytes) -> bytes:
    """``body`` with the entities of its list, or the members of its catalog, in the opposite order.

    JSON lines and CSV keep their first line. What holds no list stays as it is.
    """
    try:
        top = json.loads(body, parse_float=Decimal)
    except ValueError:
        head, *lines = body.decode("utf-8", "replace").splitlines(keepends=True) or [""]
        return (head + "".join(reversed(lines))).encode() if all(line.endswith("\n") for line in lines) else body
    place = _place(top)
    if place is None:
        if isinstance(top, list):
            return _encoder.encode(top[::-1])
        return _encoder.encode(dict(reversed(top.items()))) if _is_catalog(top) else body
    holder = top
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = holder[place[-1]][::-1]
    return _encoder.encode(top)


def _place(top: Any) -> tuple[str, ...] | None:
    """Where the list of entities stands in an envelope: a member, or a member of ``data``."""
    if not isinstance(top, dict):
        return None
    for name, value in top.items():
        if isinstance(value, list) and all(isinstance(each, dict) for each in value):
            return (name,)
    inner = _place(top["data"]) if isinstance(top.get("data"), dict) else None
    return ("data", *inner) if inner else None


def _is_catalog(top: Any) -> bool:
    values = top.values() if isinstance(top, dict) else top if isinstance(top, list) else ()
    return bool(values) and all(isinstance(value, dict) for value in values)


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
