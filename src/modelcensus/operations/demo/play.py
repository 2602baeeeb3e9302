"""Play it: a day at a time, every source, through the real upstream and the real ``collect``."""

from __future__ import annotations

import shlex
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec

from modelcensus.core.errors import InvalidInput
from modelcensus.core.records import SyncStatus
from modelcensus.core.times import iso, to_micros
from modelcensus.operations.browse import census_stats, changes
from modelcensus.operations.census import Census, Source
from modelcensus.operations.collect import collect
from modelcensus.operations.demo.feed import DemoDay, DemoSummary, entry
from modelcensus.operations.demo.mischief import calendar
from modelcensus.operations.demo.proof import Proof, Truth, truth_of
from modelcensus.operations.demo.shapes import PATHS, written
from modelcensus.operations.demo.world import BENCHMARKS, DESCRIPTIONS, LISTED, OPENROUTER, World
from modelcensus.operations.verify import verify
from modelcensus.sources.http import HttpClient, HttpLimits
from modelcensus.sources.registry import ADAPTERS
from modelcensus.store.engine import Store, open_store
from modelcensus.upstream import Play, Upstream

FIRST_DAY = datetime(2026, 3, 2, 3, tzinfo=UTC)
MOST_DAYS = 366
# Small enough that a hang, a bomb and a down day cost little; a good answer has time even on a busy machine.
_LIMITS = HttpLimits(
    connect_seconds=5.0, read_seconds=1.5, total_seconds=5.0, max_decoded_bytes=4 * 1024 * 1024, attempts=3,
    backoff_initial=0.01, backoff_max=0.05, retry_after_max=1.0,
)  # fmt: skip

_RECORDS_ALL = (SyncStatus.COMPLETE, SyncStatus.PARTIAL)


class _Played(msgspec.Struct, frozen=True):
    """A sync to be held against the truth of its day."""

    source: str
    observed_at: int
    truth: Truth
    status: SyncStatus


class Demo:
    """A demonstration on an open, empty store. Run it once with ``run``, then ask for its ``summary``.

    The same ``days`` and ``seed`` give the same feed. ``kept`` names the database where it stays.
    """

    def __init__(self, store: Store, *, days: int = 28, seed: int = 1, kept: Path | None = None) -> None:
        self.days = days
        self.seed = seed
        self._store = store
        self._kept = kept
        self._now = FIRST_DAY
        self._world = World(Random(f"world {seed}"), days)
        self._calendar = calendar(days, Random(f"mischief {seed}"))
        self._played: list[_Played] = []
        self._feed: list[DemoDay] = []

    def run(self) -> Iterator[DemoDay]:
        """Play all days; each sync as soon as it is recorded. Raises ``StoreError``."""
        with Upstream({}) as upstream:
            sources = {name: _source(name, upstream) for name in LISTED}
            census = Census(store=self._store, sources=sources, now=lambda: self._now)
            self._world.begin()
            for day in range(1, self.days + 1):
                self._now = FIRST_DAY + timedelta(days=day - 1)
                happened = self._world.step(day, self._now.date().isoformat()) if day > 1 else {}
                for source in sources.values():
                    told = self._sync(census, source, upstream, day, happened)
                    self._feed.append(told)
                    yield told

    def _sync(
        self, census: Census, source: Source, upstream: Upstream, day: int, happened: dict[str, list[str]]
    ) -> DemoDay:
        body = written(source.name, self._world.in_catalog(source.name))
        mischief = self._calendar.get((day, source.name))
        plays = mischief.plays(body) if mischief else [Play(body, conditional=True)]
        upstream.play(f"/{source.name}/{PATHS[source.name]}", plays)
        asked = len(upstream.requests)
        before = next((told for told in reversed(self._feed) if told.source == source.name), None)
        record = collect(census, source)
        self._played.append(
            _Played(source.name, record.observed_at, truth_of(source.adapter.document(None), body), record.status)
        )
        return entry(
            record,
            day=day,
            happened={word: self._here(source.name, word, ids) for word, ids in happened.items()},
            mischief=mischief,
            requests=len(upstream.requests) - asked,
            catches_up=before is not None and before.status not in _RECORDS_ALL,
        )

    def _here(self, source: str, word: str, ids: list[str]) -> int:
        if word in (BENCHMARKS, DESCRIPTIONS) and source != OPENROUTER:
            return 0
        models = [self._world.models.get(id_) or self._world.gone[id_][1] for id_ in ids]
        return sum(source in model.listed for model in models)

    def summary(self) -> DemoSummary:
        """Count, verify, and hold every day's as-of against the truth of that day."""
        proof = Proof(self._store)
        for played in self._played:
            proof.compare(played.source, played.observed_at, played.truth, played.status)
        counted = census_stats(self._store)
        faulty = [told for told in self._feed if told.mischief]
        return DemoSummary(
            days=self.days, seed=self.seed, syncs=len(self._feed),
            by_status={str(status): count for status, count in sorted(Counter(t.status for t in self._feed).items())},
            entities=counted.live, versions=counted.snapshots, changes=sum(1 for _ in changes(self._store)),
            metrics=counted.metrics, quarantined=counted.quarantined,
            faults_played=tuple(told.mischief for told in faulty if told.mischief),
            faults_survived=sum(told.as_expected for told in faulty), proved_equal=proof.equal,
            proof_failed=proof.failed, false_removals=proof.false_removals, problems=verify(self._store).problems,
            database=str(self._kept) if self._kept else None, hints=self._hints(),
        )  # fmt: skip

    def _hints(self) -> tuple[str, ...]:
        if self._kept is None:
            return (f"keep the census to look at it: modelcensus demo --seed {self.seed} --keep demo.db",)
        most = Counter(change.key for change in changes(self._store, source=OPENROUTER)).most_common(1)
        middle, last = (FIRST_DAY + timedelta(days=day) for day in ((self.days - 1) // 2, self.days - 1))
        commands = (
            f"history {most[0][0]} --source {OPENROUTER}",
            f"list --as-of {iso(to_micros(middle))} --source {OPENROUTER}",
            f"changes --since {iso(to_micros(last - timedelta(days=2)))}",
            f"diff --from {iso(to_micros(middle))} --to {iso(to_micros(last))}",
            "serve",
        )
        return tuple(f"modelcensus --database {shlex.quote(f'sqlite:///{self._kept}')} {each}" for each in commands)


@contextmanager
def open_demo(*, days: int = 28, seed: int = 1, keep: Path | None = None) -> Iterator[Demo]:
    """A demonstration in a temporary folder that is removed afterwards, or in the new file ``keep``.

    Raises ``InvalidInput`` if the file exists or the days make no sense, ``StoreError`` if it cannot be written.
    """
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"{days} days cannot be played", f"choose 1 to {MOST_DAYS} days")
    if keep is not None and keep.exists():
        raise InvalidInput(f"{keep} exists already", "choose a new file, or remove that one first")
    with ExitStack() as stack:
        place = keep.resolve() if keep else _temporary(stack) / "demo.db"
        store = open_store(f"sqlite:///{place}")
        stack.callback(store.close)
        yield Demo(store, days=days, seed=seed, kept=place if keep else None)


def _temporary(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modelcensus-demo-")))


def _source(name: str, upstream: Upstream) -> Source:
    # Without the installed package's data: a source that is down must be seen to be down.
    adapter = msgspec.structs.replace(ADAPTERS[name], offline=None)
    base_url = f"{upstream.url}/{name}/"
    return Source(
        name=name,
        adapter=adapter,
        base_url=base_url,
        has_key=False,
        enabled=True,
        options=adapter.defaults,
        connect=lambda: HttpClient(base_url, limits=_LIMITS),
    )
