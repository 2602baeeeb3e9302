"""The shape of an entity: its paths, their JSON types, and the values of its enumerations.

A path is written as in ``core.check``: ``pricing.prompt``, ``links["a b"]``, ``[]`` for the elements of an array and
``*`` for the members of an object whose names are data. Everything is bounded, for an upstream may send anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from modelcensus.core import canonical

MAX_DEPTH = 6
"""Levels of members and elements that are looked into. What lies deeper is not watched."""
MAX_PATHS = 3000
"""Paths with their types that one entity, or one category, may show."""
MAX_CHARS = 200
"""Characters of a path or value that are kept."""

NULL, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT = "null", "boolean", "number", "string", "array", "object"
_TYPES: dict[type, str] = {
    type(None): NULL, bool: BOOLEAN, int: NUMBER, float: NUMBER, Decimal: NUMBER, str: STRING, list: ARRAY,
    dict: OBJECT,
}  # fmt: skip
_PLAIN = re.compile(r"[^.\[\]\"\s*]+")
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


class Shape(msgspec.Struct, frozen=True):
    """``fields``: (path, type) of everything in one entity; ``values``: (path, value as text) of its enumerations."""

    fields: frozenset[tuple[str, str]] = frozenset()
    values: frozenset[tuple[str, str]] = frozenset()


def decoded(data: bytes) -> Any:
    """The value of a recorded entity, numbers exact; twice as fast as ``canonical.decode``, which is the fallback.

    Raises ``Malformed`` for what was never recorded by this program.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
        return canonical.decode(data)


def shape_of(
    value: Any, *, maps: frozenset[str] = frozenset(), enums: frozenset[str] = frozenset(), max_paths: int = MAX_PATHS
) -> Shape:
    """The shape of one entity. ``maps``: paths of objects whose members' names are data; ``enums``: paths of
    fields with few values.

    An entity with more than ``max_paths`` fields shows the first of them, always the same ones.
    """
    fields: set[tuple[str, str]] = set()
    values: set[tuple[str, str]] = set()

    def walk(inner: Iterable[tuple[str, Any]], depth: int) -> None:
        for path, value in inner:
            if len(fields) >= max_paths:
                return
            kind = _TYPES.get(type(value), STRING)
            fields.add((path, kind))
            if kind is OBJECT:
                if depth < MAX_DEPTH:
                    star = path in maps
                    walk([(member_path(path, "*" if star else n, star), v) for n, v in value.items()], depth + 1)
            elif kind is ARRAY:
                if depth < MAX_DEPTH:
                    below = element_path(path)
                    walk([(below, item) for item in value], depth + 1)
            elif path in enums and kind is not NULL:
                values.add((path, value_text(value)))

    if isinstance(value, dict):
        walk([(member_path("", name), member) for name, member in value.items()], 1)
    return Shape(frozenset(fields), frozenset(values))


@lru_cache(maxsize=16384)
def member_path(parent: str, name: str, star: bool = False) -> str:
    """The path of a member; a name that would be misread is quoted. ``star``: the name is the sign for all names."""
    if star or (_PLAIN.fullmatch(name) and not _UNSAFE.search(name)):
        return f"{parent}.{name}"[:MAX_CHARS] if parent else name[:MAX_CHARS]
    return f"{parent}[{safe(_encoder.encode(name[:MAX_CHARS]).decode())}]"[:MAX_CHARS]


def element_path(parent: str) -> str:
    """The path of an array's elements."""
    return f"{parent}[]"[:MAX_CHARS]


def parent_path(path: str) -> str:
    """The path of what holds the field; empty for a field of the entity itself."""
    if path.endswith("[]"):
        return path[:-2]
    if path.endswith('"]') and '["' in path:
        return path[: path.rindex('["')]
    return path.rpartition(".")[0]


@lru_cache(maxsize=4096)
def _text(value: str, most: int) -> str:
    text = safe(value[: most + 1])
    return text if len(text) <= most else text[: most - 1] + "…"


def value_text(value: Any, most: int = MAX_CHARS) -> str:
    """A value as short, safe text: strings as they are, others as JSON, what could act on a terminal escaped."""
    return _text(value if isinstance(value, str) else _encoder.encode(value).decode(), most)


def safe(text: str) -> str:
    """Text in which control, direction and hidden characters are escaped as in JSON."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
