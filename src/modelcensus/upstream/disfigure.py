"""Bodies that are wrong as JSON or as a catalog, made from a good one."""

from __future__ import annotations

import json
import re
from typing import Any

from modelcensus.upstream.faults import Fault

# The first letter after a colon and a quote: inside a string value, so the JSON stays JSON.
MIDDLE_LETTER = re.compile(r'(:\s*"[^"\\]?)')
_DEEP = "@@deep@@"

DISFIGURED = frozenset(
    {
        Fault.HALF_LIST,
        Fault.NO_ENTITIES,
        Fault.DUPLICATED,
        Fault.NUMBER_FOR_STRING,
        Fault.LIST_FOR_OBJECT,
        Fault.WRONG_TOP_LEVEL,
        Fault.EMPTY_LIST,
        Fault.NAN,
        Fault.DUPLICATE_MEMBERS,
        Fault.NESTED_100,
        Fault.NESTED_100K,
        Fault.INVALID_UTF8,
    }
)


def disfigured(body: bytes, fault: Fault) -> bytes:
    """``body`` (a list, ``{"data": [...]}`` or an object of entities by key) with one of the ``DISFIGURED`` faults."""
    if fault is Fault.EMPTY_LIST:
        return b"[]"
    if fault is Fault.WRONG_TOP_LEVEL:
        return b'"a text where a catalog was"'
    if fault is Fault.INVALID_UTF8:
        at = MIDDLE_LETTER.search(body.decode())
        split = len(body.decode()[: at.end()].encode()) if at else 0
        return body[:split] + b"\xff\xfe\xc3" + body[split:]
    top = json.loads(body)
    items = _items(top)
    if fault is Fault.HALF_LIST:
        return _rebuilt(top, items[: len(items) // 2])
    if fault is Fault.NO_ENTITIES:
        return _rebuilt(top, [])
    if not items:
        return body
    (key, first), rest = items[0], items[1:]
    if fault is Fault.DUPLICATED:
        return _rebuilt(top, [(key, first), *items])
    return _rebuilt(top, [(key, _entity(first, fault)), *rest])


def _entity(first: str, fault: Fault) -> str:
    """The first entity as JSON text, with the fault in it."""
    entity: dict[str, Any] = json.loads(first)
    match fault:
        case Fault.LIST_FOR_OBJECT:
            return f"[{first}]"
        case Fault.NUMBER_FOR_STRING:
            name = next((name for name, value in entity.items() if isinstance(value, str)), "id")
            return _text(entity | {name: 12345})
        case Fault.NAN:
            return _text(entity | {"not_a_number": float("nan"), "infinite": float("inf")})
        case Fault.DUPLICATE_MEMBERS:
            return first[:-1] + f', {_text(next(iter(entity), "id"))}: "another value"}}'
    depth = 100 if fault is Fault.NESTED_100 else 100_000
    return _text(entity | {"deep": _DEEP}).replace(f'"{_DEEP}"', "[" * depth + "]" * depth)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _items(top: Any) -> list[tuple[str, str]]:
    """Key (empty in a list) and JSON text of each entity."""
    if isinstance(top, dict) and isinstance(top.get("data"), list):
        top = top["data"]
    if isinstance(top, dict):
        return [(key, _text(value)) for key, value in top.items()]
    return [("", _text(value)) for value in top]


def _rebuilt(top: Any, items: list[tuple[str, str]]) -> bytes:
    if isinstance(top, dict) and isinstance(top.get("data"), list):
        shell = _text(top | {"data": "@@data@@"})
        return shell.replace('"@@data@@"', "[" + ", ".join(text for _, text in items) + "]").encode()
    if isinstance(top, dict):
        return ("{" + ", ".join(f"{_text(key)}: {text}" for key, text in items) + "}").encode()
    return ("[" + ", ".join(text for _, text in items) + "]").encode()
