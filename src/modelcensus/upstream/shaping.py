"""A good body and a fault make what goes over the wire: pure functions, no socket."""

from __future__ import annotations

import gzip
import sys
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from enum import Enum
from functools import cache
from math import inf

import brotli  # type: ignore[import-untyped]  # the package ships no types

from modelcensus.upstream.disfigure import DISFIGURED, MIDDLE_LETTER, disfigured
from modelcensus.upstream.faults import Fault

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

JSON = "application/json"
_MIB = 1024 * 1024


class End(Enum):
    """What happens to the connection after the last byte."""

    KEEP = "kept for the next request"
    CLOSE = "closed"
    RESET = "reset"
    HANG = "held open until the server stops"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What the server sends, and how. ``length`` is the Content-Length it says (None: it says none).

    ``raw`` bytes, if any, are sent instead of a status line and headers. ``delay`` is seconds before the first byte,
    ``drip`` seconds after each byte of the body (or of the headers too), ``sent`` how many body bytes really go out.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": JSON})
    body: bytes = b""
    length: int | None = None
    sent: int | None = None
    chunked: bool = False
    raw: bytes | None = None
    delay: float = 0.0
    drip: float = 0.0
    drip_headers: bool = False
    end: End = End.KEEP


_STATUSES = {
    Fault.BAD_REQUEST: 400,
    Fault.UNAUTHORIZED: 401,
    Fault.FORBIDDEN: 403,
    Fault.NOT_FOUND: 404,
    Fault.REQUEST_TIMEOUT: 408,
    Fault.TOO_MANY: 429,
    Fault.TOO_MANY_UNTIL: 429,
    Fault.SERVER_ERROR: 500,
    Fault.BAD_GATEWAY: 502,
    Fault.UNAVAILABLE: 503,
    Fault.GATEWAY_TIMEOUT: 504,
}
_ERROR = b'{"error":{"message":"this went wrong on purpose","code":%d}}'
_PAGE = b"<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
_LOCATIONS = {
    Fault.REDIRECT: "/elsewhere",
    Fault.REDIRECT_NOWHERE: "",
    Fault.REDIRECT_FILE: "file:///etc/passwd",
    Fault.REDIRECT_METADATA: "http://169.254.169.254/latest/meta-data/",
    Fault.REDIRECT_PRIVATE: "http://10.0.0.1/",
}


def shaped(
    body: bytes,
    fault: Fault | None = None,
    *,
    path: str = "/",
    location: str | None = None,
    seconds: float = 1.0,
    bomb_bytes: int = 64 * _MIB,
    now: float | None = None,
) -> Wire:
    """What goes over the wire for a good ``body`` and a ``fault``.

    ``seconds`` is the delay, the pause of a drip, or the Retry-After; ``location`` replaces the target of a redirect;
    ``path`` is where a redirect loop leads; ``bomb_bytes`` is what a bomb unpacks to; ``now`` is in Unix seconds.
    """
    good = Wire(body=body, length=len(body))
    if fault is None:
        return good
    if fault in DISFIGURED:
        return _plain(disfigured(body, fault))
    if fault in _STATUSES:
        return _status(fault, seconds, time.time() if now is None else now)
    if fault is Fault.REDIRECT_LOOP or fault in _LOCATIONS:
        target = path if fault is Fault.REDIRECT_LOOP else location or _LOCATIONS[fault]
        return Wire(status=302, headers={"Location": target} if target else {}, length=0)
    return _on_the_wire(good, fault, seconds) or _packed(body, fault, bomb_bytes) or _special(body, fault)


def _plain(body: bytes, content_type: str = JSON, status: int = 200) -> Wire:
    return Wire(status=status, headers={"Content-Type": content_type}, body=body, length=len(body))


def _status(fault: Fault, seconds: float, now: float) -> Wire:
    status = _STATUSES[fault]
    if fault is Fault.BAD_GATEWAY:
        return _plain(_PAGE, "text/html; charset=utf-8", status)
    wire = _plain(_ERROR % status, status=status)
    if fault in (Fault.TOO_MANY, Fault.UNAVAILABLE):
        return replace(wire, headers={**wire.headers, "Retry-After": f"{seconds:g}"})
    if fault is Fault.TOO_MANY_UNTIL:
        return replace(wire, headers={**wire.headers, "Retry-After": formatdate(now + seconds, usegmt=True)})
    return wire


def _on_the_wire(good: Wire, fault: Fault, seconds: float) -> Wire | None:
    size, half = len(good.body), len(good.body) // 2
    match fault:
        case Fault.DELAY:
            return replace(good, delay=seconds)
        case Fault.DRIP:
            return replace(good, drip=seconds)
        case Fault.DRIP_HEADERS:
            return replace(good, drip=seconds, drip_headers=True)
        case Fault.HANG_BEFORE_HEADERS:
            return replace(good, delay=inf)
        case Fault.HANG_IN_BODY:
            return replace(good, sent=half, end=End.HANG)
        case Fault.CUT_WITH_LENGTH:
            return replace(good, sent=half, end=End.CLOSE)
        case Fault.CUT_WITHOUT_LENGTH:
            return replace(good, sent=half, length=None, end=End.CLOSE)
        case Fault.CUT_CHUNKED:
            return replace(good, sent=half, length=None, chunked=True, end=End.CLOSE)
        case Fault.LENGTH_TOO_LONG:
            return replace(good, length=size + 10, end=End.CLOSE)
        case Fault.LENGTH_TOO_SHORT:
            return replace(good, length=half, end=End.CLOSE)
        case Fault.RESET:
            return replace(good, sent=half, end=End.RESET)
        case Fault.CLOSE_AT_ONCE:
            return Wire(raw=b"", end=End.CLOSE)
        case Fault.NOT_HTTP:
            return Wire(raw=b"\x16\x03\x01 this is not HTTP\r\n\r\n", end=End.CLOSE)
    return None


def _packed(body: bytes, fault: Fault, bomb_bytes: int) -> Wire | None:
    name, _, way = fault.name.partition("_")
    coding = {"GZIP": "gzip", "DEFLATE": "deflate", "BROTLI": "br", "ZSTD": "zstd", "UNKNOWN": "x-nobody"}.get(name)
    if coding is None:
        return None
    if way == "BOMB":
        packed = bomb(coding, bomb_bytes)
    else:
        packed = body if way in ("CLAIMED", "CODING") else pack([body], coding)
    if way == "HALF":
        packed = packed[: len(packed) // 2]
    if way == "BROKEN":
        middle = len(packed) // 2
        packed = packed[:middle] + bytes(byte ^ 0xFF for byte in packed[middle : middle + 8]) + packed[middle + 8 :]
    return replace(_plain(packed), headers={"Content-Type": JSON, "Content-Encoding": coding})


def _special(body: bytes, fault: Fault) -> Wire:
    accented = MIDDLE_LETTER.sub(lambda found: found.group(1) + "é", body.decode("utf-8", "replace"), count=1)
    match fault:
        case Fault.ERROR_OBJECT:
            return _plain(_ERROR % 500)
        case Fault.NOT_MODIFIED_UNASKED:
            return Wire(status=304, headers={})
        case Fault.NO_CONTENT:
            return Wire(status=204, headers={})
        case Fault.PARTIAL_CONTENT:
            return _plain(body[: len(body) // 2], status=206)
        case Fault.EMPTY_BODY:
            return _plain(b"")
        case Fault.HTML:
            return _plain(_PAGE, "text/html; charset=utf-8")
        case Fault.TRUNCATED_JSON:
            return _plain(body[: len(body) // 2])
        case Fault.UTF16:
            return _plain(body.decode().encode("utf-16-le"), f"{JSON}; charset=utf-16le")
        case Fault.UTF16_UNDECLARED:
            return _plain(body.decode().encode("utf-16"), f"{JSON}; charset=utf-8")
        case Fault.LATIN1:
            return _plain(accented.encode("latin-1", "replace"), f"{JSON}; charset=ISO-8859-1")
        case Fault.LATIN1_UNDECLARED:
            return _plain(accented.encode("latin-1", "replace"), f"{JSON}; charset=utf-8")
        case Fault.UTF8_CALLED_LATIN1:
            return _plain(accented.encode(), f"{JSON}; charset=ISO-8859-1")
        case Fault.BYTE_ORDER_MARK:
            return _plain(b"\xef\xbb\xbf" + body)
    raise NotImplementedError(fault.name)


def pack(pieces: Iterable[bytes], coding: str) -> bytes:
    """``pieces`` packed with gzip, deflate, br or zstd, piece by piece."""
    if coding == "br":
        compressor = brotli.Compressor(quality=5)
        return b"".join([compressor.process(piece) for piece in pieces] + [compressor.finish()])
    if coding == "zstd":
        packer = zstd.ZstdCompressor(level=3)
        return b"".join([*(packer.compress(piece) for piece in pieces), packer.flush()])
    if coding in ("gzip", "deflate"):
        zipper = zlib.compressobj(6, wbits=zlib.MAX_WBITS | (16 if coding == "gzip" else 0))
        return b"".join([*(zipper.compress(piece) for piece in pieces), zipper.flush()])
    raise ValueError(coding)


@cache
def bomb(coding: str, unpacked_bytes: int) -> bytes:
    """A small body that unpacks to ``unpacked_bytes`` of spaces; made in bounded memory."""
    spaces = b" " * _MIB
    return pack((spaces[: min(_MIB, unpacked_bytes - at)] for at in range(0, unpacked_bytes, _MIB)), coding)


def unpack_file(name: str, data: bytes) -> bytes:
    """The content of a recorded file by its name: gzip (``.gz``), zstd (``.zst``) or plain."""
    if name.endswith(".gz"):
        return gzip.decompress(data)
    if name.endswith(".zst"):
        return zstd.decompress(data)
    return data
