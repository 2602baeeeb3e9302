"""Volatile numbers of an entity, as a flat series name -> value."""

from __future__ import annotations

from typing import Any

import msgspec

MAX_NAMES = 500
"""Series one entity may have; what is beyond is left out, so that a hostile payload cannot flood the table."""
MAX_NAME_CHARS = 300


def numbers(document: bytes | str | None) -> dict[str, float]:
    """Numeric leaves of a volatile JSON document by dotted path, e.g. ``benchmarks.artificial_analysis.coding_index``.

    Elements of arrays are named by their own text members where these tell them apart, else by position.
    """
    found: dict[str, float] = {}
    if document:
        _collect("", msgspec.json.decode(document), found)
    return found


def _collect(path: str, value: Any, found: dict[str, float]) -> None:
    if isinstance(value, dict):
        children = [(f"{path}.{name}" if path else name, member) for name, member in value.items()]
    elif isinstance(value, list):
        labels = [_label(item, index) for index, item in enumerate(value)]
        unique = len(set(labels)) == len(labels)
        children = [(f"{path}[{labels[index] if unique else index}]", item) for index, item in enumerate(value)]
    else:
        children = [(path, value)]
    for name, child in children:
        # By exact type, since true is no number; leaves are most of a document and need no call of their own.
        kind = type(child)
        if kind is float or kind is int:
            if len(found) < MAX_NAMES and len(name) <= MAX_NAME_CHARS:
                found[name] = float(child)
        elif kind is dict or kind is list:
            _collect(name, child, found)


def _label(item: Any, index: int) -> str:
    if not isinstance(item, dict):
        return str(index)
    texts = [value for value in item.values() if isinstance(value, str)]
    return ",".join(texts) or str(index)
