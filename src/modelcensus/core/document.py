"""Records as JSON documents for machines: one shape for the API, the command line and exports."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from modelcensus.core.times import iso

_encoder = msgspec.json.Encoder(decimal_format="number")
_TIMES = frozenset(
    {"observed_at", "started_at", "finished_at", "first_observed_at", "last_observed_at", "last_good_at", "written_at"}
)


def document(value: Any) -> Any:
    """A record, or a list of them, ready for ``encode``: times as ISO 8601 text, entity data as it is."""
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value).items()
        return {name: _field(name, member) for name, member in fields if member is not msgspec.UNSET}
    if isinstance(value, (list, tuple)):
        return [document(item) for item in value]
    if isinstance(value, dict):
        return {name: document(member) for name, member in value.items()}
    return value.value if isinstance(value, Enum) else value


def encode(value: Any) -> bytes:
    """JSON bytes of a record or document; numbers in entity data keep their exact text."""
    return _encoder.encode(document(value))


def _field(name: str, value: Any) -> Any:
    if isinstance(value, int) and name in _TIMES:
        return iso(value)
    if isinstance(value, int) and name == "epoch":
        return iso(value * 1_000_000)
    return document(value)
