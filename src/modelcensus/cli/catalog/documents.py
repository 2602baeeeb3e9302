"""The catalog's values as JSON for programs: times as ISO 8601 at every depth, money exact, the unknown left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from modelcensus.cli import output
from modelcensus.core.times import iso

_TIMES = frozenset({"at", "valid_from", "valid_to"})


def document(record: Any) -> None:
    """Print one JSON document."""
    output.document(ready(record))


def lines(records: Iterable[Any]) -> int:
    """Print each as one line of JSON; how many there are."""
    return output.drain(output.json_lines(map(ready, records)))


def ready(record: Any) -> Any:
    """A record with everything in it as JSON-ready values."""
    if isinstance(record, msgspec.Struct):
        pairs = ((name, getattr(record, name)) for name in record.__struct_fields__)
        return {name: _member(name, thing) for name, thing in pairs if thing is not msgspec.UNSET}
    if isinstance(record, Mapping):
        return {name: ready(thing) for name, thing in record.items()}
    if isinstance(record, list | tuple | set | frozenset):
        return [ready(each) for each in record]
    return record.hex() if isinstance(record, bytes) else record


def _member(name: str, thing: Any) -> Any:
    time = name in _TIMES or name.endswith("_at")
    if time and isinstance(thing, int) and not isinstance(thing, bool):
        return iso(thing)
    return ready(thing)
