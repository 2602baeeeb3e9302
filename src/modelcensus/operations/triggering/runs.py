"""Runs in this process: started in the background, waited for, and stopped with the server."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic

from modelcensus.core.errors import CoolingDown, Interrupted, InvalidInput, NotFound, StoreError
from modelcensus.core.run import Run, RunState, Trigger, error_from, run_result
from modelcensus.operations.census import Census
from modelcensus.operations.triggering import slots
from modelcensus.operations.triggering.pulse import Pulse
from modelcensus.operations.triggering.slots import Claim
from modelcensus.operations.triggering.syncing import Ended, Retry, carry_out
from modelcensus.settings import SyncSettings
from modelcensus.store import runs

_log = logging.getLogger(__name__)
_GRACE_SECONDS = 3.0
"""So long a run may go on when the server stops, and then so long again to come to a halt."""
_STOPPED = "the server stopped in the middle of it"
_TRIES = 3
_LOOK_SECONDS = 0.5
"""A run of another process is looked at so often, and a database that was busy asked again after so long."""


@dataclass
class _Living:
    pulse: Pulse
    ended: Event = field(default_factory=Event)


class Runs:
    """Starts runs and knows those of this process; what it tells of runs of others comes from the database."""

    def __init__(self, census: Census, sync: SyncSettings) -> None:
        self._census = census
        self._sync = sync
        self._lock = Lock()
        self._living: dict[str, _Living] = {}
        self._stopping = Event()

    def begin(
        self, sources: Sequence[str] | None = None, *, trigger: Trigger, actor: str, partly: bool = False,
        rests: bool = True,
    ) -> Claim:  # fmt: skip
        """Start syncing these sources (all that are ready) in the background; the run as it starts.

        ``partly``: those that can be synced now will do. ``rests``: a source that was synced a moment ago is refused.
        Raises ``AlreadyRunning``, ``CoolingDown``, ``NotFound`` for a source that nobody knows, ``InvalidInput``
        where there is nothing to sync, ``StoreError``.
        """
        if self._stopping.is_set():
            raise CoolingDown("the server is stopping", "trigger it again in a moment", retry_after=10)
        names = self._named(sources)
        cooldown = self._sync.cooldown_minutes * 60 if rests else 0.0
        claim = slots.claim(self._census, names, trigger=trigger, actor=actor, cooldown=cooldown, partly=partly)
        living = _Living(Pulse(self._census, claim.run))
        with self._lock:
            self._living[claim.run.id] = living
        # A daemon: at the end of the process its slots are free already, see ``stop``.
        Thread(target=self._carry_out, args=(claim.run, living), name=f"run {claim.run.id}", daemon=True).start()
        return claim

    def wait(self, run: str, seconds: float) -> Run:
        """The run as it is once it has ended, or after so many seconds. Raises ``NotFound``, ``StoreError``."""
        until = monotonic() + seconds
        living = self._living.get(run)
        if living:
            living.ended.wait(seconds)
        found = self.find(run)
        while found.state is RunState.RUNNING and (left := until - monotonic()) > 0 and not self._stopping.is_set():
            self._stopping.wait(min(_LOOK_SECONDS, left))
            found = self.find(run)
        return found

    def find(self, run: str) -> Run:
        """The run of an id, of whatever process. Raises ``NotFound``, ``StoreError``."""
        found = None
        if "\0" not in run:
            with self._census.store.reading() as tx:
                found = runs.find(tx, run)
        if found is None:
            raise NotFound(f"there is no run '{run[:80]}'", "see all runs: /api/admin/syncs")
        return slots.as_seen(found, self._census.clock())

    def newest(
        self, *, running: bool | None = None, source: str | None = None, state: RunState | None = None,
        before: str | None = None, limit: int = 50,
    ) -> list[Run]:  # fmt: skip
        """Runs of all processes, newest first. ``running``: only those that do, or do not; ``source``: only runs of it;
        ``state``: only those that stand so. Raises ``StoreError``."""
        now = self._census.clock()
        late = now - int(slots.LOST_SECONDS * 1e6)
        with self._census.store.reading() as tx:
            found = runs.newest(
                tx, running=running, source=source, state=state, late=late, before=before, limit=limit
            )  # fmt: skip
        return [slots.as_seen(run, now) for run in found]

    def cancel(self, run: str, actor: str) -> bool:
        """Have a run of this process stop at the next moment at which it can; False if it is none of its."""
        with self._lock:
            living = self._living.get(run)
        if living is None:
            return False
        _log.info("a run is to stop", extra={"run": run, "actor": actor})
        living.pulse.stop(f"stopped by {actor}")
        return True

    @property
    def living(self) -> tuple[str, ...]:
        """Ids of the runs whose threads are still at work in this process."""
        with self._lock:
            return tuple(self._living)

    def start(self) -> None:
        """Nothing is to be done before the first trigger comes."""

    def stop(self, grace: float = _GRACE_SECONDS) -> None:
        """Let the runs of this process end if they do soon, then interrupt them; those that do not hear it are failed.

        Their slots are free after this, and nothing is half-recorded: what a sync writes is one transaction.
        """
        self._stopping.set()
        with self._lock:
            living = dict(self._living)
        until = monotonic() + grace
        for each in living.values():
            each.ended.wait(max(until - monotonic(), 0))
        late = {run: each for run, each in living.items() if not each.ended.is_set()}
        for each in late.values():
            each.pulse.stop(_STOPPED)
        until = monotonic() + grace
        for run, each in late.items():
            if not each.ended.wait(max(until - monotonic(), 0)):
                self._give_up(run)
                each.ended.set()

    def _named(self, sources: Sequence[str] | None) -> list[str]:
        known = self._census.sources
        if not sources:
            return [name for name, source in known.items() if source.ready]
        for name in sources:
            if name not in known:
                raise NotFound(f"there is no source '{name[:80]}'", f"the sources are: {', '.join(known)}")
            if not known[name].enabled:
                raise InvalidInput(f"the source {name} is switched off", f"set sources.{name}.enabled")
        return list(sources)

    def _carry_out(self, run: Run, living: _Living) -> None:
        retry = Retry(self._sync.retry_attempts, self._sync.retry_ms / 1000)
        with living.pulse:
            ended = carry_out(self._census, run, retry, living.pulse)
        self._end(run.id, ended)
        with self._lock:
            del self._living[run.id]
        living.ended.set()

    def _end(self, run: str, ended: Ended) -> None:
        for left in reversed(range(_TRIES)):
            try:
                finish(self._census, run, ended)
                return
            except StoreError:
                if not left:
                    # Whoever triggers next finds it lost: the database takes no word of its end.
                    _log.exception("the end of the run %s could not be written", run)
                self._stopping.wait(_LOOK_SECONDS)

    def _give_up(self, run: str) -> None:
        problem = Interrupted(_STOPPED, "trigger it again; what was recorded before stays")
        self._end(run, Ended(RunState.FAILED, run_result(run, (), seconds=0.0, errors=[error_from(problem)])))


def finish(census: Census, run: str, ended: Ended) -> bool:
    """Enter how a run ended, and free its slots; False if somebody had given it up for lost. Raises ``StoreError``."""
    with census.store.noting() as tx:
        return runs.end(tx, run, ended.state, census.clock(), ended.result)
