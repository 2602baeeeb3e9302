"""Listening to server-sent events as a client does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2


@dataclass(frozen=True)
class Heard:
    """One event: its fields as they came; without ``data`` it only moves the cursor."""

    id: str | None
    event: str | None
    data: Any


@dataclass
class Stream:
    """An open stream."""

    response: httpx2.Response
    _lines: Iterator[str]

    def frames(self) -> Iterator[Heard]:
        """Whatever comes, comments left out."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                data = fields.get("data")
                yield Heard(fields.get("id"), fields.get("event"), json.loads(data) if data else None)
                fields = {}

    def events(self, count: int) -> list[Heard]:
        """The next so many events."""
        found: list[Heard] = []
        for frame in self.frames():
            if frame.event:
                found.append(frame)
            if len(found) == count:
                break
        return found

    def comment(self) -> str:
        """The next comment, whatever comes before it."""
        return next(line for line in self._lines if line.startswith(":"))

    def cursor(self) -> str | None:
        """The id of the next frame."""
        return next(self.frames()).id


@contextmanager
def listening(address: str, query: str = "", headers: Mapping[str, str] | None = None) -> Iterator[Stream]:
    """A stream of changes, given up at the end of the block."""
    with (
        httpx2.Client(trust_env=False, timeout=5) as client,
        client.stream("GET", f"{address}/api/changes/stream{query}", headers=dict(headers or {})) as response,
    ):
        yield Stream(response, response.iter_lines())
