"""Carrying out: the sync of one due time in this process, from its claim to its end."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from enum import StrEnum
from threading import Event, Lock
from time import monotonic

import msgspec

from modelcensus.core.errors import Interrupted, NotFound, StoreError
from modelcensus.core.run import Run, RunState, error_from, run_result
from modelcensus.core.times import iso
from modelcensus.core.working import DueRow, DueState
from modelcensus.operations.census import Census
from modelcensus.operations.scheduling import MODELS
from modelcensus.operations.triggering.pulse import Pulse
from modelcensus.operations.triggering.syncing import Ended, Part, Retry, carry_out
from modelcensus.operations.working.claiming import Claimed, Terms, claim
from modelcensus.store import runs, working
from modelcensus.store.fenced import FencedStore

_PATIENCE_SECONDS = 15.0
"""So long one attempt waits for what is in its way."""
_AGAIN_SECONDS = 1.0
_LONGEST_SECONDS = 300.0
"""After trouble of ours it is tried again, first after so long, then each time twice as long, at most this long."""
_OUR_TROUBLE = frozenset({"store_unreachable", "store_locked"})
"""Trouble that says nothing about the sync: it is no attempt."""
_OPEN = "what was recorded before stays; see 'modelcensus worker list'"
_log = logging.getLogger("modelcensus.worker")


class Why(StrEnum):
    """Why a sync is stopped before its end."""

    LEAVING = "the worker stopped in the middle of it"
    LOST = "another worker has taken it over"
    LATE = "it took longer than worker.timeout_minutes allows"
    ASKED = "it was stopped"


class _Living:
    """A sync of this process."""

    def __init__(self, claimed: Claimed, pulse: Pulse, until: float) -> None:
        self.row, self.run, self.pulse, self.until = claimed.row, claimed.run, pulse, until
        self.why: Why | None = None
        self.problem: str | None = None
        self.given_up = False
        self.ended = Event()

    def stop(self, why: Why, problem: str | None = None) -> None:
        """Have it stop; the first reason counts."""
        if self.why is None:
            self.why, self.problem = why, problem or why.value
            self.pulse.stop(self.problem)


class _Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How a due time goes on, or that it has ended."""

    state: DueState
    problem: str | None = None
    counted: bool = True
    seconds: float = 0.0


class Carrier:
    """Carries out due times, several at once in threads of the caller's. Safe to be used by many threads."""

    def __init__(self, census: Census, terms: Terms, retry: Retry, timeout_seconds: float) -> None:
        self._census = census
        self._terms = terms
        self._retry = retry
        self._timeout = timeout_seconds
        self._lock = Lock()
        self._living: dict[tuple[str, int], _Living] = {}
        self._stopping = Event()

    def attempt(self, source: str, due_at: int) -> float | None:
        """Carry a due time out once it can be had; the seconds after which to try again, None if it is over.

        Also None while this worker stops: the due time is open then, and somebody else's.
        """
        until = monotonic() + _PATIENCE_SECONDS
        while not self._stopping.is_set():
            found = claim(self._census, source, due_at, self._terms)
            if isinstance(found, Claimed):
                return self._carry(found)
            if found is None:
                return None
            if monotonic() > until:
                return found.seconds
            self._stopping.wait(min(found.seconds, _PATIENCE_SECONDS))
        return None

    @property
    def busy(self) -> int:
        """How many syncs are under way."""
        with self._lock:
            return len(self._living)

    def heard(self, mine: Iterable[DueRow]) -> None:
        """Told with each beat which due times are this worker's: what is not, is late, or shall stop is stopped."""
        held = {(row.source, row.due_at, row.fence): row for row in mine}
        with self._lock:
            living = list(self._living.values())
        for each in living:
            row = held.get((each.row.source, each.row.due_at, each.row.fence))
            if row is None:
                each.stop(Why.LOST)
            elif row.stop is not None:
                each.stop(Why.ASKED, row.stop)
            elif monotonic() > each.until:
                each.stop(Why.LATE)
            if monotonic() > each.until + self._terms.lease_seconds:
                self._give_up(each)

    def stop(self, grace: float) -> None:
        """Claim no more; let the syncs end if they do soon, then stop them. What is not done is open again."""
        self._stopping.set()
        with self._lock:
            living = list(self._living.values())
        for pause in (False, True):
            until = monotonic() + grace
            for each in living:
                if pause:
                    each.stop(Why.LEAVING)
            for each in living:
                each.ended.wait(max(until - monotonic(), 0))
        for each in living:
            if not each.ended.is_set():
                self._give_up(each)

    def _carry(self, claimed: Claimed) -> float | None:
        row, run = claimed.row, claimed.run
        fenced = FencedStore(self._census.store, source=row.source, due_at=row.due_at, fence=row.fence)
        census = msgspec.structs.replace(self._census, store=fenced)
        pulse = Pulse(self._census, run)
        living = _Living(claimed, pulse, monotonic() + self._timeout)
        with self._lock:
            self._living[row.source, row.due_at] = living
        _log.info("sync %s of %s due at %s begins, attempt %d", run.id, row.source, iso(row.due_at), row.attempts)
        try:
            with pulse:
                ended = self._ended(census, row, run, pulse)
            return self._end(living, ended)
        finally:
            with self._lock:
                if self._living.get((row.source, row.due_at)) is living:
                    del self._living[row.source, row.due_at]
            living.ended.set()

    def _ended(self, census: Census, row: DueRow, run: Run, pulse: Pulse) -> Ended:
        """What came of it; what was recorded by an earlier attempt is not read again."""
        try:
            if row.source not in census.sources:
                raise NotFound(f"there is no source '{row.source}' any more", "see 'modelcensus sources'")
            with census.store.reading() as tx:
                done = tuple(working.recorded(tx, row.source, row.due_at))
        except (NotFound, StoreError) as error:
            return Ended(RunState.FAILED, run_result(run.id, (), seconds=0.0, errors=[error_from(error)]))
        categories = frozenset(MODELS) if row.documents == "models" else None
        return carry_out(census, run, self._retry, pulse, Part(categories, done))

    def _end(self, living: _Living, ended: Ended) -> float | None:
        verdict = _verdict(living, ended, self._terms.attempts)
        wait = self._terms.lease_seconds / 10
        until = monotonic() + max(self._terms.lease_seconds, 60.0)
        while not living.given_up:
            try:
                if not self._write(living, verdict, ended):
                    _log.warning("sync %s of %s was taken over by another worker", living.run.id, living.row.source)
                    return None
                return verdict.seconds if verdict.state is DueState.WAITING else None
            except StoreError:
                if monotonic() > until:
                    # Its lease runs out, and whoever takes it over finds what is recorded.
                    _log.exception("the end of the sync %s could not be written", living.run.id)
                    return self._terms.lease_seconds
                living.ended.wait(min(wait, 1.0))
        return None

    def _write(self, living: _Living, verdict: _Verdict, ended: Ended) -> bool:
        """Enter the end of the due time and of its run, both or none; False if somebody else has it now."""
        now = self._census.clock()
        with self._census.store.noting() as tx:
            next_at = now + int(verdict.seconds * 1e6)
            if living.given_up and working.taken(tx, living.row.source, living.row.due_at) is None:
                return False  # its thread records at this moment: that counts, and its lease runs out by itself
            if not working.settle(
                tx, living.row, verdict.state, now=now, problem=verdict.problem, next_at=next_at,
                counted=verdict.counted,
            ):  # fmt: skip
                return False
            runs.end(tx, living.run.id, ended.state, now, ended.result)
            return True

    def _give_up(self, living: _Living) -> None:
        """End one whose thread does not hear: what it still does comes to nothing, for it has lost its fence."""
        living.given_up = True
        problem = living.problem or Why.LEAVING.value
        result = run_result(living.run.id, (), seconds=0.0, errors=[error_from(Interrupted(problem, _OPEN))])
        ended = Ended(RunState.FAILED, result)
        try:
            self._write(living, _verdict(living, ended, self._terms.attempts), ended)
        except StoreError:
            _log.warning("the sync %s is left to whoever finds that its worker is gone", living.run.id)
        with self._lock:
            self._living.pop((living.row.source, living.row.due_at), None)


def _verdict(living: _Living, ended: Ended, attempts: int) -> _Verdict:
    errors = [error for error in ended.result.errors if not error.optional]
    told = f"{errors[0].category}: {errors[0].message}" if errors else None
    if ended.state is RunState.DONE:
        if ended.result.success:
            return _Verdict(state=DueState.DONE)
        return _Verdict(state=DueState.FAILED, problem=told or "the source was not read whole")
    if living.why in (Why.LATE, Why.ASKED):
        return _Verdict(state=DueState.FAILED, problem=living.problem)
    if living.why is Why.LEAVING:
        return _Verdict(state=DueState.WAITING, problem=living.problem, counted=False)
    tries = living.row.attempts
    seconds = min(_AGAIN_SECONDS * 2 ** min(tries - 1, 20), _LONGEST_SECONDS)
    if errors and all(error.category in _OUR_TROUBLE for error in errors):
        return _Verdict(state=DueState.WAITING, problem=told, counted=False, seconds=_AGAIN_SECONDS)
    if tries >= attempts:
        return _Verdict(state=DueState.QUARANTINED, problem=told or "it broke each time it was begun")
    return _Verdict(state=DueState.WAITING, problem=told, seconds=seconds)
