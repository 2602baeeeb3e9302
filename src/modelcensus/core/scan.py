"""Take JSON containers apart into raw slices: fast where the text is sound, tolerant where it is not.

The fast way is msgspec's. It gives up on a whole page for one bad byte, so the tolerant way finds the children of a
container by brackets and strings alone, without recursion, and leaves it to the caller to judge each child by itself.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[\]{},:]', re.DOTALL)
_CLOSES = {b"}": b"{", b"]": b"["}
_BOM = b"\xef\xbb\xbf"

_array = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Children(NamedTuple):
    """The children of a container in order; an array has no ``names``. ``closed`` is False if the text ends early."""

    names: list[str]
    items: list[msgspec.Raw] | list[bytes]
    closed: bool = True


def trim(body: bytes) -> bytes:
    """``body`` without a byte order mark and outer white space."""
    return body.removeprefix(_BOM).strip()


def kind(body: bytes | msgspec.Raw) -> str:
    """``object``, ``array`` or ``other``, by the first byte."""
    return {b"{": "object", b"[": "array"}.get(bytes(memoryview(body)[:1]), "other")


def elements(body: bytes | msgspec.Raw) -> Children:
    """The elements of a JSON array."""
    try:
        return Children([], _array.decode(body))
    except _BROKEN:
        return _scan(bytes(body))


def members(body: bytes | msgspec.Raw) -> Children:
    """The members of a JSON object, duplicates included."""
    try:
        found = _object.decode(body)
    except _BROKEN:
        return _scan(bytes(body))
    if not _accounts_for(body, found):
        return _scan(bytes(body))
    return Children(list(found), list(found.values()))


def _accounts_for(body: bytes | msgspec.Raw, found: dict[str, msgspec.Raw]) -> bool:
    """Whether members and separators make up all of ``body``: if not, a duplicate may hide in it."""
    values = sum(len(memoryview(raw)) for raw in found.values())
    spare = len(memoryview(body)) - values - sum(len(name.encode()) for name in found)
    compact = 2 + 2 * len(found) + len(found) + max(len(found) - 1, 0)
    return spare in (compact, compact + 2 * len(found) - 1)


def _scan(body: bytes) -> Children:
    """Children of the container that starts at the first byte, by brackets and strings alone.

    A closing bracket that does not match closes what is open inside it too, so one broken child does not swallow
    those after it.
    """
    names: list[str] = []
    items: list[bytes] = []
    stack: list[bytes] = []
    # Counted beside the stack: looking through it for each stray bracket would let an upstream cost us hours.
    opened = {b"{": 0, b"[": 0}
    start = 1
    in_object = body[:1] == b"{"
    name: str | None = None
    for token in _TOKENS.finditer(body):
        mark = token[0]
        if mark in (b"{", b"["):
            stack.append(mark)
            opened[mark] += 1
        elif mark in _CLOSES:
            if not opened[_CLOSES[mark]]:
                continue
            closed = b""
            while closed != _CLOSES[mark]:
                closed = stack.pop()
                opened[closed] -= 1
        if len(stack) > 1 or mark[:1] == b'"':
            continue
        if mark == b":" and len(stack) == 1 and in_object and name is None:
            name = _name(body[start : token.start()])
            start = token.end()
        elif (mark == b"," and len(stack) == 1) or not stack:
            _take(body[start : token.start()], name, names if in_object else None, items)
            name, start = None, token.end()
        if not stack:
            return Children(names, items)
    _take(body[start:], name, names if in_object else None, items)
    return Children(names, items, closed=False)


def _take(raw: bytes, name: str | None, names: list[str] | None, items: list[bytes]) -> None:
    raw = raw.strip()
    if names is not None:
        if name is None and not raw:
            return
        names.append(name or "")
        items.append(raw)
    elif raw:
        items.append(raw)


def _name(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw.strip(), type=str)
    except _BROKEN:
        return ""
