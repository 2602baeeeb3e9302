"""The stage: a real census, and for each trial an upstream and a source of its own."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from modelcensus.core.canonical import Malformed, canonicalise
from modelcensus.core.errors import CensusError, InvalidInput
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.census import Census, Source
from modelcensus.operations.collect import collect_source
from modelcensus.operations.trial.difference import Entities, difference
from modelcensus.operations.trial.verdicts import Flaw
from modelcensus.operations.trial.watching import Watch
from modelcensus.sources.adapter import Adapter
from modelcensus.sources.connect import connect as connected
from modelcensus.sources.http import HttpClient
from modelcensus.store.engine import Store, open_store
from modelcensus.upstream import Received, Upstream
from modelcensus.upstream.exchanges import Example, Player, load_example

KEY = "trial-key-0123456789"
_MIB = 1024 * 1024
PATIENT = {
    "connect_seconds": 5, "read_seconds": 20, "total_seconds": 40, "attempts": 1, "backoff_initial": 0.01,
    "max_body_bytes": 4 * _MIB, "max_decoded_bytes": 4 * _MIB,
}  # fmt: skip
"""No second attempt; time enough for a busy machine, memory enough for an example."""


class Synced(msgspec.Struct, frozen=True):
    """One sync of a source: a record for each document, and the requests that it made."""

    records: list[SyncRecord]
    requests: list[Received]

    @property
    def whole(self) -> bool:
        """Whether every document came whole and without a word."""
        return all(record.status is SyncStatus.COMPLETE and record.error is None for record in self.records)

    def record(self, document: str) -> SyncRecord:
        """The record of a document; the last one if that was not reached."""
        return next((record for record in self.records if record.document == document), self.records[-1])


class Scene:
    """One trial's own upstream, player and source in the census. A context manager."""

    def __init__(self, adapter: Adapter, example: Example, store: Store, name: str, folder: Path) -> None:
        self.watch = Watch(adapter)
        self.adapter = self.watch.adapter
        self.example = example
        self.key = example.key or (KEY if adapter.key_header else None)
        self.player = Player(example, key_header=adapter.key_header)
        self.file = folder / name / example.file.name if example.file else None
        self.name = name
        self.census = Census(store=store, sources={}, now=lambda: datetime.now(UTC), journals=folder / "journals")
        self.upstream = Upstream(self.player)
        self.write(example.file.text.encode() if example.file else b"")

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the upstream."""
        self.upstream.close()

    def write(self, body: bytes) -> None:
        """What the example's file holds from now on, if it has one."""
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_bytes(body)

    @property
    def expected(self) -> Entities:
        """What the example promises. Raises ``Flaw`` for data that is no JSON object."""
        found: Entities = {}
        for place, data in self.player.expected(self.upstream.url).items():
            try:
                found[place] = canonicalise(data)
            except Malformed as error:
                raise Flaw(f"the example's expected {' '.join(place)} has no canonical form: {error}") from None
        return found

    def live(self) -> Entities:
        """What the census has of the source now."""
        found = browse.as_of(self.census.store, self.census.clock(), source=self.name)
        return {(each.category, each.key): bytes(each.data) for each in found if each.data is not None}

    def sync(
        self, *, key: str | None = "", calls: tuple[int, ...] = (), limits: Mapping[str, float] | None = None
    ) -> Synced:
        """Sync the source once: all calls, or those of these numbers.

        ``key``: another one than the example's, or None. Raises ``Flaw`` if the adapter's code fails, whatever became
        of the sync.
        """
        before = len(self.player.requests)
        self.watch.crashes.clear()
        source = self._source(self.key if key == "" else key, limits or {})
        categories = [self.adapter.calls[number].document.covers[0] for number in calls]
        try:
            records = list(collect_source(self.census, source, categories=categories))
        except CensusError as error:
            raise Flaw(
                f"the sync ended with {type(error).__name__}: {error}", "adapters raise SourceError only"
            ) from None
        except Exception as error:
            self.watch.tell()
            raise Flaw(f"the sync ended with {type(error).__name__}: {error}") from error
        self.watch.tell()
        return Synced(records, self.player.requests[before:])

    def whole(self) -> Synced:
        """Sync and expect exactly what the example promises. Raises ``Flaw``."""
        synced = self.sync()
        for record in synced.records:
            if record.status is not SyncStatus.COMPLETE or record.error:
                because = record.error or f"{record.quarantined} of its parts could not be understood"
                raise Flaw(
                    f"the sync of {record.document} ended {record.status.value}: {because}",
                    "compare the example's exchanges with what the adapter asks for",
                    tuple(f"asked: {each.path}?{each.query}" for each in synced.requests),
                )
        if lines := difference(self.expected, self.live()):
            raise Flaw(lines[0], "correct the adapter, or the example's 'expected'", tuple(lines[1:]))
        return synced

    def _source(self, key: str | None, limits: Mapping[str, Any]) -> Source:
        options = {each.name: each.default for each in self.adapter.options if each.default is not None}
        options |= self.example.options
        if self.file:
            options["path"] = str(self.file)
        base_url = self.player.base_url(self.upstream.url) + "/" if not self.file else ""

        def connect() -> HttpClient:
            return connected(self.adapter, base_url, key=key, proxy=None, limits={**PATIENT, **limits})

        return Source(
            name=self.name, adapter=self.adapter, base_url=base_url, has_key=bool(key), enabled=True, options=options,
            connect=connect, concurrency=self.adapter.concurrency or 8, key_setting=f"sources.{self.adapter.name}.key",
        )  # fmt: skip


class Stage:
    """The census of one run of the suite; ``scene`` gives each trial a source of its own in it."""

    def __init__(self, adapter: Adapter, example: Example, store: Store, folder: Path) -> None:
        # Its installed data is no part of what upstream says.
        self.adapter = msgspec.structs.replace(adapter, offline=None)
        self.example = example
        self._store = store
        self._folder = folder
        self._numbers = itertools.count(1)

    def scene(self) -> Scene:
        """A source that nothing is recorded of yet, with its upstream."""
        return Scene(self.adapter, self.example, self._store, f"trial-{next(self._numbers)}", self._folder)


@contextmanager
def staged(adapter: Adapter, database_url: str | None = None) -> Iterator[Stage]:
    """A stage for an adapter, on a database of its own or the given one. Raises ``InvalidInput`` and ``StoreError``."""
    if adapter.example is None:
        raise InvalidInput(
            f"the adapter '{adapter.name}' ships no example", "give it one: see docs/howto/add-a-source.md"
        )
    example = load_example(adapter.example)
    with tempfile.TemporaryDirectory(prefix="modelcensus-trial-", ignore_cleanup_errors=True) as folder:
        store = open_store(database_url or f"sqlite:///{Path(folder) / 'census.db'}", timeout_seconds=30, create=True)
        try:
            yield Stage(adapter, example, store, Path(folder))
        finally:
            with suppress(CensusError):
                store.close()
