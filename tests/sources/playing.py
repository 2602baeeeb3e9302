"""Sources of any adapter at an upstream on this machine, and what is collected from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from modelcensus.core.records import SyncRecord
from modelcensus.operations import browse
from modelcensus.operations.census import Census, Source
from modelcensus.operations.collect import collect
from modelcensus.sources.adapter import Adapter
from modelcensus.sources.connect import connect
from modelcensus.upstream import Fault, Play, Upstream
from modelcensus.upstream.play import Received
from tests.builders import as_json, census_at

KEY = "sk-example-0123"
QUICK = {"attempts": 1, "connect_seconds": 2, "read_seconds": 2, "total_seconds": 5}

Said = Any
"""What an upstream answers: a JSON value, raw bytes, a fault, a play; or a function of the query that gives one."""


class Table:
    """An open census and one source of an adapter, at an upstream whose answers may change."""

    def __init__(self, census: Census, source: Source, up: Upstream) -> None:
        self.census, self.source, self.up = census, source, up
        self.said: Said = Fault.SERVER_ERROR

    def sync(self, said: Said) -> SyncRecord:
        """One sync, of what the upstream says from now on."""
        self.said = said
        return collect(self.census, self.source)

    def live(self) -> set[str]:
        """Keys of the live entities."""
        return {version.key for version in browse.as_of(self.census.store, self.census.clock())}

    def text(self, key: str) -> str:
        """The live data of one entity, as its canonical text."""
        versions = browse.as_of(self.census.store, self.census.clock())
        return bytes(next(version.data for version in versions if version.key == key) or b"").decode()

    @property
    def queries(self) -> list[dict[str, str]]:
        """The query of every request so far."""
        return [_query(request) for request in self.up.requests]


@contextmanager
def table(
    url: str, adapter: Adapter, *, key: str | None = KEY, base: str = "/v1/", options: Mapping[str, str] | None = None
) -> Iterator[Table]:
    """A census at the database ``url`` whose only source reads from an upstream of ours."""
    laid: list[Table] = []

    def play(request: Received) -> Play:
        said = laid[0].said
        said = said(_query(request)) if callable(said) else said
        if isinstance(said, Play):
            return said
        if isinstance(said, Fault):
            return Play(b"{}", fault=said, seconds=0.01)
        return Play(said if isinstance(said, bytes) else as_json(said))

    with Upstream(play) as up, census_at(url) as census:
        address = up.url + base
        source = Source(
            name=adapter.name, adapter=adapter, base_url=address, has_key=key is not None, enabled=True,
            options={**adapter.defaults, **(options or {})}, key_setting=f"sources.{adapter.name}.key",
            connect=lambda: connect(adapter, address, key=key, proxy=None, limits=QUICK),
        )  # fmt: skip
        laid.append(Table(census, source, up))
        yield laid[0]


def _query(request: Received) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(request.query).items()}
