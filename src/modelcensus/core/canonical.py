"""The one canonical form of a JSON entity, and the hash that names it.

Form 1: UTF-8, no insignificant white space, members sorted by code point, the shortest string escapes, and numbers by
their exact value (``1``, ``1.0`` and ``1e0`` are one number; ``0.10`` is ``0.1``; nothing passes through a binary
float, so 30-digit integers and small prices stay what they were). It differs from what upstream sent in spelling only,
never in value; where a value would be lost (duplicate members, NaN) the entity is refused instead.
"""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NoReturn

import msgspec

from modelcensus.core.faults import Fault, FaultKind

FORM = 1
MAX_DEPTH = 64
"""Levels of nesting that an entity may have. Real ones have at most 8."""
MAX_MAGNITUDE = 308
"""Powers of ten, up or down, that a number may have: what a double can hold."""
MAX_NUMBER_CHARS = 1000

_EXACT = Context(prec=MAX_NUMBER_CHARS + MAX_MAGNITUDE)
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[{\]}]")
_encoder = msgspec.json.Encoder(order="deterministic", decimal_format="number")


class Malformed(ValueError):
    """An entity has no canonical form; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.hint)
        self.fault = fault


def _refuse(kind: FaultKind, place: str = "$") -> NoReturn:
    raise Malformed(Fault(kind=kind, place=place))


@lru_cache(maxsize=8192)
def _number(text: str) -> int | Decimal:
    if len(text) > MAX_NUMBER_CHARS:
        _refuse(FaultKind.NUMBER_OUT_OF_RANGE, text[:40])
    try:
        value = Decimal(text)
    except InvalidOperation:
        _refuse(FaultKind.NUMBER_OUT_OF_RANGE, text[:40])
    if value and abs(value.adjusted()) > MAX_MAGNITUDE:
        _refuse(FaultKind.NUMBER_OUT_OF_RANGE, text[:40])
    if value == value.to_integral_value(context=_EXACT):
        return int(value)
    return value.normalize(_EXACT)


def _integer(text: str) -> int:
    if len(text) > MAX_MAGNITUDE:
        _refuse(FaultKind.NUMBER_OUT_OF_RANGE, text[:40])
    return int(text)


def _constant(text: str) -> NoReturn:
    _refuse(FaultKind.NOT_FINITE, text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        _refuse(FaultKind.DUPLICATE_MEMBER, next(name for name in names if names.count(name) > 1))
    return members


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_integer, parse_constant=_constant
)


def depth(raw: bytes) -> int:
    """Levels of nesting in ``raw``, found without recursion."""
    deepest = level = 0
    for match in _BRACKETS.finditer(_STRINGS.sub(b"", raw)):
        level += 1 if match[0] in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


def decode(raw: bytes) -> Any:
    """The value of one JSON text, numbers exact (int or Decimal).

    Raises ``Malformed`` for what has no canonical form: bad syntax, bad UTF-8, NaN, infinities, numbers beyond a
    double's range, duplicate members, nesting deeper than ``MAX_DEPTH``.
    """
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and depth(raw) > MAX_DEPTH:
        _refuse(FaultKind.TOO_DEEP)
    try:
        return _decoder.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed(Fault(FaultKind.INVALID_UTF8, f"byte {error.start}")) from error
    except json.JSONDecodeError as error:
        raise Malformed(Fault(FaultKind.MALFORMED_JSON, f"character {error.pos}")) from error
    except RecursionError as error:
        raise Malformed(Fault(FaultKind.TOO_DEEP, "$")) from error


def encode(value: Any) -> bytes:
    """The canonical bytes of a decoded value. Raises ``Malformed`` for text that UTF-8 cannot hold."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError as error:
        raise Malformed(Fault(FaultKind.INVALID_UTF8, "lone surrogate")) from error


def canonicalise(raw: bytes) -> bytes:
    """``raw`` JSON in canonical form."""
    return encode(decode(raw))


def digest(data: bytes | msgspec.Raw) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()
