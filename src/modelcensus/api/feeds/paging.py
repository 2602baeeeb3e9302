"""Parts of OpenRouter's list, as its clients ask for them: pages, and models by what they answer in or take.

The whole list is ready bytes; a part of it is the same rows, as they are.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import msgspec


class Asked(msgspec.Struct, frozen=True):
    """What part is asked for: rows from ``offset`` on; every row answers in one of ``outputs`` and takes all of
    ``parameters``, where any are named."""

    offset: int = 0
    limit: int | None = None
    outputs: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()


ALL = Asked()


class _Shape(msgspec.Struct):
    output_modalities: list[str] = []


class _Row(msgspec.Struct):
    architecture: _Shape = msgspec.field(default_factory=_Shape)
    supported_parameters: list[str] = []


class _List(msgspec.Struct):
    data: list[msgspec.Raw]


_list = msgspec.json.Decoder(_List)
_row = msgspec.json.Decoder(_Row)


def named(words: str | None) -> frozenset[str]:
    """The words of a list with commas; ``all`` asks for no particular ones, as does nothing."""
    found = frozenset(word.strip() for word in (words or "").split(",")) - {""}
    return frozenset() if "all" in found else found


def page(document: bytes, asked: Asked, query: str) -> bytes:
    """The part of the list; ``next`` goes on from it, by the same ``query``, relative to the address that was asked."""
    rows = _list.decode(document).data
    if asked.outputs or asked.parameters:
        rows = [row for row in rows if _is_wanted(_row.decode(row), asked)]
    end = len(rows) if asked.limit is None else asked.offset + asked.limit
    following = _following(query, end) if end < len(rows) else None
    return msgspec.json.encode(
        {"data": rows[asked.offset : end], "links": {"next": following}, "total_count": len(rows)}
    )


def _is_wanted(row: _Row, asked: Asked) -> bool:
    gives = not asked.outputs or not asked.outputs.isdisjoint(row.architecture.output_modalities)
    return gives and asked.parameters.issubset(row.supported_parameters)


def _following(query: str, offset: int) -> str:
    # Relative, so that it stays right behind a proxy and below a path that holds a token or a time.
    kept = [(name, value) for name, value in parse_qsl(query) if name != "offset"]
    return f"?{urlencode([*kept, ('offset', str(offset))])}"
