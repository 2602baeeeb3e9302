"""Volatile numbers of an entity, as a flat series name -> value."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

MAX_NAMES = 500
"""Series one entity may have; what is beyond is left out, so that a hostile payload cannot flood the table."""
MAX_NAME_CHARS = 300


def numbers(document: bytes | str | None) -> dict[str, float]:
    """Numeric leaves of a volatile JSON document by dotted path, e.g. ``benchmarks.artificial_analysis.coding_index``.

    Elements of arrays are named by their own text members where these tell them apart, else by position.
    """
    found: dict[str, float] = {}
    if document:
        _collect(json.loads(document), "", found)
    return found


def _collect(value: Any, path: str, found: dict[str, float]) -> None:
    if isinstance(value, dict):
        for name, member in value.items():
            _collect(member, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list):
        labels = [_label(item, index) for index, item in enumerate(value)]
        unique = len(set(labels)) == len(labels)
        for index, item in enumerate(value):
            _collect(item, f"{path}[{labels[index] if unique else index}]", found)
    elif _is_number(value) and len(found) < MAX_NAMES and len(path) <= MAX_NAME_CHARS:
        found[path] = float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _label(item: Any, index: int) -> str:
    if not isinstance(item, dict):
        return str(index)
    texts = [value for value in item.values() if isinstance(value, str)]
    return ",".join(texts) or str(index)
