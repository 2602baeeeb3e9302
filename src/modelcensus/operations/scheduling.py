"""What is due: which source is to be read, when, and how much of it. Nothing here keeps or starts anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from heapq import merge
from itertools import groupby, islice
from typing import Literal

import msgspec

from modelcensus.core.errors import InvalidInput, SettingsError
from modelcensus.core.run import Run, RunState
from modelcensus.core.schedule import Schedule, jitter, schedule, time_zone
from modelcensus.operations.census import Census, Source
from modelcensus.operations.triggering.slots import as_seen
from modelcensus.settings import SourceSettings, SyncSettings
from modelcensus.store import runs

Documents = Literal["models", "all"]
"""What is read of a source: its models and their endpoints, or everything."""
MODELS = ("model", "endpoint")
"""The categories of what the hourly schedule reads."""
MOST = 1000
"""With ``catch_up`` all, so many missed times of one source are due at once, the oldest first; the rest after them."""
LATE = 60_000_000
"""A time that lies further back than this when somebody looks was missed. Microseconds."""
_FOR_EVER = 2**62


class Due(msgspec.Struct, frozen=True):
    """A source that is to be read: due at a time of its schedule, begun a little later, always as much for a source.

    ``due_at`` names the slot: whoever sees it due sees the same. Microseconds since 1970.
    """

    source: str
    due_at: int
    starts_at: int
    documents: Documents


class LastRun(msgspec.Struct, frozen=True, kw_only=True):
    """The run that a source was in last. ``success`` is None while it runs, and where it had no end."""

    run: str
    trigger: str
    state: RunState
    started_at: int
    ended_at: int | None
    success: bool | None


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """The schedules of one source, what comes next, and what was last. ``off`` says why nothing is due."""

    source: str
    schedule: str
    models_schedule: str | None
    time_zone: str
    jitter_seconds: float
    off: str | None
    next: tuple[Due, ...]
    last: LastRun | None


class _Plan(msgspec.Struct, frozen=True):
    """The schedules of one source. ``models`` is None where the hourly one would read nothing, or all there is."""

    source: str
    all: Schedule
    models: Schedule | None
    jitter: int

    def missed(self, after: int, until: int) -> Iterator[Due]:
        """What is due later than ``after`` and not later than ``until``, each time once, by time."""
        both: list[Iterator[tuple[int, Documents]]] = [((at, "all") for at in self.all.between(after, until))]
        if self.models:
            both.append((at, "models") for at in self.models.between(after, until))
        for _, same in groupby(merge(*both), key=lambda each: each[0]):
            # "all" comes before "models".
            yield self.due(*next(same))

    def latest(self, until: int) -> int:
        """The latest time at which anything is due, not later than ``until``."""
        return max(each.latest_at_or_before(until) for each in (self.all, self.models) if each)

    def due(self, at: int, documents: Documents) -> Due:
        return Due(starts_at=at + self.jitter, source=self.source, due_at=at, documents=documents)


def due(
    census: Census, sync: SyncSettings, sources: Mapping[str, SourceSettings], last: Mapping[str, int | None], now: int
) -> list[Due]:
    """What is to be begun now, by time.

    ``last`` is, by source, the ``due_at`` that was begun last; without one it was never read. ``sync.catch_up`` says
    what becomes of several missed times. A source that is off or not ready is never due. Raises ``SettingsError``.
    """
    found: list[Due] = []
    if not sync.enabled:
        return found
    for source in census.sources.values():
        if source.ready:
            plan = _plan(source, sync, sources)
            found += _due(plan, sync.catch_up, last.get(source.name), now - plan.jitter)
    return _by_time(found)


def upcoming(
    census: Census, sync: SyncSettings, sources: Mapping[str, SourceSettings], now: int, count: int
) -> list[Due]:
    """What begins later than now, by time: of each source that is ready the next ``count``.

    Raises ``SettingsError``.
    """
    if not sync.enabled:
        return []
    ready = [source for source in census.sources.values() if source.ready]
    return _by_time(each for source in ready for each in _next(_plan(source, sync, sources), now, count))


def outlook(
    census: Census, sync: SyncSettings, sources: Mapping[str, SourceSettings], now: int, count: int
) -> list[Outlook]:
    """The schedules of every source with their next ``count`` times. Raises ``SettingsError``, ``StoreError``."""
    last = last_runs(census, now)
    found = []
    for source in census.sources.values():
        plan = _plan(source, sync, sources)
        off = _off(source, sync)
        timing, models_timing = _timings(source.name, sync, sources)
        found.append(
            Outlook(
                source=source.name,
                schedule=timing,
                models_schedule=models_timing if plan.models else None,
                time_zone=sync.time_zone,
                jitter_seconds=round(plan.jitter / 1e6, 3),
                off=off,
                next=() if off else tuple(_next(plan, now, count)),
                last=last.get(source.name),
            )
        )
    return found


def last_runs(census: Census, now: int) -> dict[str, LastRun]:
    """The last run of each source that ever had one, whoever triggered it. Raises ``StoreError``."""
    with census.store.reading() as tx:
        held = {slot.source: slot.run for slot in runs.slots(tx, tuple(census.sources))}
        found = {run: runs.find(tx, run) for run in set(held.values())}
    return {source: _last(source, as_seen(run, now)) for source, name in held.items() if (run := found[name])}


def _last(source: str, run: Run) -> LastRun:
    parts = {part.source: part for part in run.result.sources} if run.result else {}
    return LastRun(
        run=run.id, trigger=run.trigger.value, state=run.state, started_at=run.started_at, ended_at=run.ended_at,
        success=parts[source].success if source in parts else None,
    )  # fmt: skip


def _due(plan: _Plan, catch_up: str, last: int | None, until: int) -> list[Due]:
    latest = plan.latest(until)
    if last is not None and latest <= last:
        return []
    if catch_up == "once":
        # One run for all that was missed; it reads everything if any of them was to.
        everything = last is None or plan.all.latest_at_or_before(until) > last
        return [plan.due(latest, "all" if everything or not plan.models else "models")]
    recent = until - LATE
    if last is None:
        # Nothing was missed of a source that was never read: what is due now counts, once.
        return list(plan.missed(recent, until))[-1:]
    return list(islice(plan.missed(max(last, recent) if catch_up == "skip" else last, until), MOST))


def _by_time(found: Iterable[Due]) -> list[Due]:
    return sorted(found, key=lambda each: (each.starts_at, each.source))


def _next(plan: _Plan, now: int, count: int) -> Iterator[Due]:
    return islice(plan.missed(now - plan.jitter, _FOR_EVER), count)


def _off(source: Source, sync: SyncSettings) -> str | None:
    if not sync.enabled:
        return "the setting sync.enabled is off"
    if not source.enabled:
        return f"switched off by sources.{source.name}.enabled"
    return None if source.ready else f"it has no key: {source.key_setting}"


def _plan(source: Source, sync: SyncSettings, sources: Mapping[str, SourceSettings]) -> _Plan:
    timing, models_timing = _timings(source.name, sync, sources)
    own = sources.get(source.name, SourceSettings())
    made = partial(_schedule, zone=sync.time_zone)
    everything = made(timing, f"sources.{source.name}.schedule" if own.schedule else "sync.schedule")
    models = made(
        models_timing, f"sources.{source.name}.models_schedule" if own.models_schedule else "sync.models_schedule"
    )
    has = any(call.document.category in MODELS for call in source.adapter.calls)
    return _Plan(source.name, everything, models if has else None, jitter(source.name, sync.jitter_seconds))


def _timings(name: str, sync: SyncSettings, sources: Mapping[str, SourceSettings]) -> tuple[str, str]:
    own = sources.get(name, SourceSettings())
    return own.schedule or sync.schedule, own.models_schedule or sync.models_schedule


def _schedule(timing: str, setting: str, zone: str) -> Schedule:
    try:
        time_zone(zone)
    except InvalidInput as error:
        raise SettingsError(f"sync.time_zone: {error.message}", error.hint) from error
    try:
        return schedule(timing, zone)
    except InvalidInput as error:
        raise SettingsError(f"{setting}: {error.message}", error.hint) from error
