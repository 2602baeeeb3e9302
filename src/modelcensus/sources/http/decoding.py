"""Unpacking a body in bounded steps, and reading it as UTF-8.

httpx2's own decoders are not used: they accept a gzip or brotli stream that ends half-way, drop all but the first
gzip member, and let an unknown coding through undecoded. A half answer must never look like a whole one.
"""

from __future__ import annotations

import codecs
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # the package ships no types

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

ACCEPT_ENCODING = "zstd, br, gzip, deflate"
MAX_CODINGS = 3
_STEP = 1024 * 1024
# RFC 9659: over HTTP a zstd window is at most 8 MiB; more would let the upstream choose our memory.
_ZSTD_WINDOW_LOG = 23


class Garbled(Exception):
    """The body is not what its Content-Encoding says, or ends half-way."""


class Oversized(Exception):
    """The decoded body is over the limit."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def complete(self) -> bool: ...


class _Zlib:
    """gzip (any number of members) and deflate (with or without the zlib header)."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._inner = zlib.decompressobj(wbits)
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inner.eof:
                if self._wbits != zlib.MAX_WBITS | 16:
                    raise Garbled("more bytes after the end of the deflate stream")
                self._inner = zlib.decompressobj(self._wbits)
            yield self._decompress(data)
            data = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail
            while not data and not self._inner.eof and (rest := self._inner.decompress(b"", _STEP)):
                yield rest

    def _decompress(self, data: bytes) -> bytes:
        first, self._started = not self._started, True
        try:
            return self._inner.decompress(data, _STEP)
        except zlib.error:
            if not first or self._wbits != zlib.MAX_WBITS:
                raise
            # Some servers call a raw deflate stream "deflate"; browsers accept both.
            self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inner.decompress(data, _STEP)

    def complete(self) -> bool:
        return self._inner.eof


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inner.is_finished():
            raise Garbled("more bytes after the end of the br stream")
        piece: bytes = self._inner.process(data, output_buffer_limit=_STEP // 2)
        while piece:
            yield piece
            piece = self._inner.process(b"", output_buffer_limit=_STEP // 2)

    def complete(self) -> bool:
        return bool(self._inner.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._inner = self._fresh()

    def _fresh(self) -> ZstdDecompressor:
        return ZstdDecompressor(options={DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inner.eof:
                self._inner = self._fresh()
            yield self._inner.decompress(data, _STEP)
            while not self._inner.eof and not self._inner.needs_input:
                yield self._inner.decompress(b"", _STEP)
            data = self._inner.unused_data if self._inner.eof else b""

    def complete(self) -> bool:
        return self._inner.eof


def _decoder(coding: str) -> _Decoder:
    match coding:
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
    raise Garbled(f"it is packed as {coding[:20]!r}, which was not asked for")


def _unpack_one(pieces: Iterable[bytes], coding: str, limit: int) -> Iterator[bytes]:
    decoder, total, fed = _decoder(coding), 0, False
    try:
        for packed in pieces:
            if not packed:
                continue
            fed = True
            for piece in decoder.feed(packed):
                total += len(piece)
                if total > limit:
                    raise Oversized
                yield piece
    except (zlib.error, brotli.error, ZstdError) as error:
        raise Garbled(f"its {coding} packing is broken") from error
    if fed and not decoder.complete():
        raise Garbled(f"its {coding} packing ends half-way")


def unpacked(pieces: Iterable[bytes], content_encoding: str, limit: int) -> Iterator[bytes]:
    """The decoded bytes of a packed stream, at most about 1 MiB at a time and ``limit`` in all (each layer).

    Raises ``Garbled`` for broken, half or unknown packing and ``Oversized`` above the limit.
    """
    codings = [name.strip().lower() for name in content_encoding.split(",")]
    codings = [name for name in codings if name not in ("", "identity")]
    if len(codings) > MAX_CODINGS:
        raise Garbled(f"it is packed {len(codings)} times over")
    for coding in reversed(codings):
        pieces = _unpack_one(pieces, coding, limit)
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise Oversized
        yield piece


_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A closed list: Python also has codecs (unicode_escape, idna ...) that an upstream must not choose for us.
_WIDE = {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
_NARROW = {"iso8859-1", "iso8859-2", "iso8859-15", "cp1250", "cp1251", "cp1252", "koi8-r"}
_NARROW |= {"shift_jis", "euc_jp", "euc_kr", "gbk", "gb18030", "big5"}
_CHARSET_NAME = re.compile(r"[A-Za-z0-9_:.-]{1,30}")


def as_utf8(body: bytes, charset: str | None) -> bytes:
    """``body`` as UTF-8 where that is certain, else as it is.

    A byte order mark decides first. A body that is valid UTF-8 stays, whatever was declared (JSON is UTF-8, and
    servers declare latin-1 by default). Only then a declared, known charset is used, strictly; if it does not fit,
    the bytes are given as they are and the reader finds them invalid.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _recoded(body[len(mark) :], name, body)
    try:
        name = codecs.lookup(charset).name if charset and _CHARSET_NAME.fullmatch(charset) else "utf-8"
    except LookupError:
        return body
    if name in _WIDE and b"\0" in body[:4]:
        return _recoded(body, name, body)
    if name in _NARROW and not _is_utf8(body):
        return _recoded(body, name, body)
    return body


def _recoded(body: bytes, name: str, otherwise: bytes) -> bytes:
    try:
        return body if name == "utf-8" else body.decode(name).encode()
    except UnicodeError:
        return otherwise


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeError:
        return False
    return True
