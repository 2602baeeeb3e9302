"""Recorded readings as JSON lines: a whole payload a line, or one entity a line as older recorders keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple

import msgspec

from modelcensus.core.errors import InvalidInput
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Slice, Split, key_problem
from modelcensus.core.times import time_in_name

_TIMES = ("observed_at", "fetched_at", "captured_at", "recorded_at", "timestamp", "time", "at", "date", "epoch")
_PAYLOADS = ("payload", "body", "response", "data", "content")
_Members = dict[str, msgspec.Raw]


class Line(NamedTuple):
    """One reading: a name to tell of it, its time (None if nothing says), its bytes, and whether these are entities."""

    name: str
    observed_at: int | None
    read: Callable[[], bytes]
    by_entity: bool


def readings(file: IO[bytes], name: str, max_bytes: int) -> Iterator[Line]:
    """Each line with a payload, and each group of lines that are entities of one time. Raises ``InvalidInput``."""
    groups: dict[int, list[tuple[int, int]]] = {}
    number = start = 0
    while line := file.readline(max_bytes + 1):
        number += 1
        if len(line) > max_bytes:
            raise InvalidInput(f"{name}:{number}: a line of more than {max_bytes >> 20} MiB", "split the file")
        members = _members(line)
        moment = _time(members)
        if "key" in members and "data" in members and moment is not None:
            groups.setdefault(moment, []).append((start, len(line)))
        elif line.strip():
            yield Line(f"{name}:{number}", moment, _payload(file, start, len(line), f"{name}:{number}"), False)
        start += len(line)
        file.seek(start)
    for moment, places in groups.items():
        yield Line(f"{name} ({len(places)} entities)", moment, _joined(file, places), True)


def entities(body: bytes, document: Document) -> Split:
    """Lines such as ``{"category": "model", "key": "lab/one", "epoch": 1772366400, "data": {...}}`` as entities.

    They tell what was there, not what was gone, so the reading counts as cut short and removes nothing.
    """
    found = Split(truncated=True)
    for number, line in enumerate(body.splitlines(), start=1):
        members = _members(line)
        category = _text(members.get("category")) or document.category
        key = _text(members.get("key"))
        if category not in document.covers:
            found.faults.append(Fault(FaultKind.BAD_KEY, f"line {number}: category {category}", line))
        elif key is None or key_problem(key):
            found.faults.append(Fault(FaultKind.BAD_KEY, f"line {number}: {key_problem(key)}", line, category))
        else:
            found.slices.append(Slice(category, key, members["data"]))
    return found


def _members(line: bytes) -> _Members:
    try:
        return msgspec.json.decode(line, type=_Members)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _text(raw: msgspec.Raw | None) -> str | None:
    try:
        return msgspec.json.decode(raw, type=str) if raw is not None else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _time(members: _Members) -> int | None:
    for name in _TIMES:
        if name in members:
            try:
                return _moment(msgspec.json.decode(members[name]))
            except (msgspec.DecodeError, UnicodeDecodeError):
                return None
    return None


def _moment(value: Any) -> int | None:
    if isinstance(value, str):
        return time_in_name(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return int(value * (1_000_000 if value < 1e11 else 1000))
    return None


def _joined(file: IO[bytes], places: list[tuple[int, int]]) -> Callable[[], bytes]:
    def read() -> bytes:
        parts = []
        for start, length in places:
            file.seek(start)
            parts.append(file.read(length).strip())
        return b"\n".join(parts)

    return read


def _payload(file: IO[bytes], start: int, length: int, name: str) -> Callable[[], bytes]:
    def read() -> bytes:
        file.seek(start)
        members = _members(file.read(length))
        for member in _PAYLOADS:
            if member in members:
                raw = bytes(members[member])
                # A payload kept as text is JSON inside a JSON string.
                return _unquoted(raw, name) if raw[:1] == b'"' else raw
        raise InvalidInput(f"{name}: no payload", f"a line is an object with a time and one of: {', '.join(_PAYLOADS)}")

    return read


def _unquoted(raw: bytes, name: str) -> bytes:
    try:
        return msgspec.json.decode(raw, type=str).encode()
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidInput(f"{name}: its payload is not UTF-8 text", "the file is damaged: fetch it again") from error
