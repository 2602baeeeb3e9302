"""Records as JSON documents for machines: one shape for the API, the command line and exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, get_type_hints

import msgspec

from modelcensus.core.catalog.units import decimal_text
from modelcensus.core.times import iso

_TIMES = frozenset({"at", "as_of", "until", "valid_from", "valid_to"})
EPOCHS = frozenset({"epoch"})
"""Fields of records that hold seconds since 1970 and become ISO 8601 text."""


def is_time(name: str) -> bool:
    """Whether a record's whole number of this name is microseconds since 1970, and becomes ISO 8601 text."""
    return name.endswith("_at") or name in _TIMES


_encoder = msgspec.json.Encoder(decimal_format="number")


def document(value: Any) -> Any:
    """A record, or a list of them, ready for ``encode``: times as ISO 8601, entity data as it is, absent left out."""
    if isinstance(value, msgspec.Struct):
        exact = money_fields(type(value))
        return {
            name: decimal_text(member) if name in exact and member is not None else _field(name, member)
            for name, member in _members(value)
        }
    if isinstance(value, (list, tuple)):
        return [document(item) for item in value]
    if isinstance(value, Mapping):
        return {name: document(member) for name, member in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(document, value))
    if isinstance(value, bytes):
        return value.hex()
    return value.value if isinstance(value, Enum) else value


def encode(value: Any) -> bytes:
    """JSON bytes of a record or document; numbers in entity data keep their exact text."""
    return _encoder.encode(document(value))


@cache
def money_fields(kind: type[msgspec.Struct]) -> frozenset[str]:
    """Fields of a record that are declared as decimals: they become exact text, as money is everywhere in the catalog.

    Numbers in entities' own data stay numbers, with every digit that they came with.
    """
    hints = get_type_hints(kind)
    return frozenset(name for name, hint in hints.items() if hint in (Decimal, Decimal | None))


def _members(record: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """The fields that are shown: all that are set, without defaults where the record says so."""
    defaults: dict[str, Any] = {}
    if record.__struct_config__.omit_defaults:
        known = record.__struct_defaults__
        defaults = dict(zip(record.__struct_fields__[-len(known) :], known, strict=True)) if known else {}
    for name, member in msgspec.structs.asdict(record).items():
        if member is not msgspec.UNSET and not (name in defaults and member is defaults[name]):
            yield name, member


def _field(name: str, value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and is_time(name):
        return iso(value)
    if isinstance(value, int) and name in EPOCHS:
        return iso(value * 1_000_000)
    return document(value)
