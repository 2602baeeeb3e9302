"""Records as JSON documents for machines: one shape for the API, the command line and exports."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec

from modelcensus.core.times import iso

TIMES = frozenset(
    {"observed_at", "started_at", "finished_at", "first_observed_at", "last_observed_at", "last_good_at", "written_at"}
)
"""Fields of records that hold microseconds since 1970 and become ISO 8601 text."""
EPOCHS = frozenset({"epoch"})
"""Fields of records that hold seconds since 1970 and become ISO 8601 text."""
_encoder = msgspec.json.Encoder(decimal_format="number")


def document(value: Any) -> Any:
    """A record, or a list of them, ready for ``encode``: times as ISO 8601, entity data as it is, absent left out."""
    if isinstance(value, msgspec.Struct):
        return {name: _field(name, member) for name, member in _members(value)}
    if isinstance(value, (list, tuple)):
        return [document(item) for item in value]
    if isinstance(value, dict):
        return {name: document(member) for name, member in value.items()}
    return value.value if isinstance(value, Enum) else value


def encode(value: Any) -> bytes:
    """JSON bytes of a record or document; numbers in entity data keep their exact text."""
    return _encoder.encode(document(value))


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
    if isinstance(value, int) and name in TIMES:
        return iso(value)
    if isinstance(value, int) and name in EPOCHS:
        return iso(value * 1_000_000)
    return document(value)
