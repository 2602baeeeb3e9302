"""The one-slot rule: a source is synced by one living run at a time, over HTTP only after a moment of rest."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import Connection

from modelcensus.core.errors import AlreadyRunning, CoolingDown, InvalidInput, NotNow
from modelcensus.core.run import Run, RunState, Trigger
from modelcensus.core.times import iso
from modelcensus.operations.census import Census
from modelcensus.store import runs
from modelcensus.store.runs import Slot

BEAT_SECONDS = 3.0
"""A run's process says so often that it lives."""
LOST_SECONDS = 60.0
"""A run that has not been heard of for so long is lost."""
_SECOND_LOOK = 1.0
"""On SQLite a heartbeat waits for whoever writes: once they are done it gets so many seconds to come."""
_COME_BACK = 15
"""Seconds after which to ask again whether a run is over."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A run that holds the slots of its sources; ``refused`` says of each other source that was wanted why not now."""

    run: Run
    refused: dict[str, NotNow]


def claim(
    census: Census,
    sources: Sequence[str],
    *,
    trigger: Trigger,
    actor: str,
    cooldown: float = 0.0,
    partly: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    random_hex: Callable[[int], str] = secrets.token_hex,
) -> Claim:
    """Take the slots of all these sources in one transaction; with ``partly`` those that can be had.

    ``cooldown``: seconds for which a source rests after a run. Raises ``AlreadyRunning`` or ``CoolingDown`` if one
    cannot be had, with ``partly`` if none can; ``StoreError``.
    """
    if not sources:
        raise InvalidInput("no source is ready", "enable one or set its key; see 'modelcensus sources'")
    names = tuple(dict.fromkeys(sources))
    # Looked at before anything is locked: on SQLite a claim would wait for the sync that is in the way.
    with census.store.reading() as tx:
        found = _by_source(tx, names)
    now = census.clock()
    _check(names, _refused(found, now, cooldown), partly)
    gone = {slot.run: slot.beat_at for slot in found.values() if _is_lost(slot, now)}
    if gone:
        sleep(_SECOND_LOOK)
    with census.store.noting() as tx:
        runs.alone(tx)
        found = _by_source(tx, names)
        now = census.clock()
        for slot in found.values():
            # Not heard of in the meantime either; one that is stale only now is told to wait.
            if _is_lost(slot, now) and gone.get(slot.run) == slot.beat_at:
                runs.lose(tx, slot.run)
        refused = _refused(_by_source(tx, names), now, cooldown, lost_too=True)
        _check(names, refused, partly)
        free = tuple(name for name in names if name not in refused)
        run = new_run(now, trigger, actor, free, random_hex)
        runs.begin(tx, run)
    return Claim(run=run, refused=refused)


def bury(census: Census, sources: Sequence[str], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Free the slots of these sources whose runs are lost, also at a second look. Raises ``StoreError``."""
    with census.store.reading() as tx:
        found = _by_source(tx, sources)
    gone = {slot.run: slot.beat_at for slot in found.values() if _is_lost(slot, census.clock())}
    if not gone:
        return
    sleep(_SECOND_LOOK)
    with census.store.noting() as tx:
        runs.alone(tx)
        for slot in _by_source(tx, sources).values():
            if _is_lost(slot, census.clock()) and gone.get(slot.run) == slot.beat_at:
                runs.lose(tx, slot.run)


def new_run(now: int, trigger: Trigger, actor: str, sources: tuple[str, ...], random_hex: Callable[[int], str]) -> Run:
    """A run that begins now. Later runs have greater ids, for whoever pages through them."""
    return Run(
        id=f"{now:014x}{random_hex(5)}", trigger=trigger, actor=actor, sources=sources, state=RunState.RUNNING,
        started_at=now, beat_at=now,
    )  # fmt: skip


def as_seen(run: Run, now: int) -> Run:
    """A run as whoever looks sees it: one that has not been heard of for long is lost, though nobody wrote that yet."""
    if run.state is RunState.RUNNING and now - run.beat_at > LOST_SECONDS * 1e6:
        return msgspec.structs.replace(run, state=RunState.LOST, ended_at=run.beat_at)
    return run


def _by_source(tx: Connection, names: Sequence[str]) -> dict[str, Slot]:
    return {slot.source: slot for slot in runs.slots(tx, names)}


def _is_lost(slot: Slot, now: int) -> bool:
    return slot.released_at is None and now - slot.beat_at > LOST_SECONDS * 1e6


def _check(names: Sequence[str], refused: dict[str, NotNow], partly: bool) -> None:
    """Raises the first refusal, a running sync before a moment of rest, unless some sources are free and that will do.

    One that is running is named first: its end is what there is to wait for.
    """
    if not refused or (partly and len(refused) < len(names)):
        return
    raise min(refused.values(), key=lambda error: not isinstance(error, AlreadyRunning))


def _refused(found: dict[str, Slot], now: int, cooldown: float, *, lost_too: bool = False) -> dict[str, NotNow]:
    refused: dict[str, NotNow] = {}
    for name, slot in found.items():
        if slot.released_at is None:
            if lost_too or not _is_lost(slot, now):
                since = iso(slot.claimed_at // 1_000_000 * 1_000_000)
                refused[name] = AlreadyRunning(
                    f"{name} is being synced since {since}, by the run {slot.run}",
                    f"wait for its end: see /api/admin/syncs/{slot.run}", run=slot.run, retry_after=_COME_BACK,
                )  # fmt: skip
        elif (left := slot.released_at / 1e6 + cooldown - now / 1e6) > 0:
            seconds = max(int(-(-left // 1)), 1)
            refused[name] = CoolingDown(
                f"{name} was synced a moment ago, by the run {slot.run}",
                f"wait {seconds} seconds, or lower the setting sync.cooldown_minutes", run=slot.run,
                retry_after=seconds,
            )  # fmt: skip
    return refused
