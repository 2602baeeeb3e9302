"""Carrying a due time out: recorded once, ended once, whatever becomes of the worker."""

from __future__ import annotations

import threading

import msgspec
import pytest

from modelcensus.core.run import RunState
from modelcensus.core.working import DueState
from modelcensus.operations.working import looking
from modelcensus.operations.working.carrying import Carrier
from modelcensus.store import runs as store_runs
from modelcensus.upstream import Fault, Play, Upstream
from modelcensus.wiring import open_census
from tests.builders import count
from tests.operations.gated import TWO, Gated, eventually, gated, settings_of
from tests.operations.working.bench import (
    DUE,
    beaten,
    carrier,
    claimed,
    entered,
    good_syncs,
    row,
    silent_since,
    state,
)


class Attempt(threading.Thread):
    """One attempt in a thread; ``answer`` is what it came to."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(daemon=True)
        self._carrier = carrier
        self.answer: float | None = -1.0
        self.start()

    def run(self) -> None:
        self.answer = self._carrier.attempt("lab", DUE)


def begun(world: Gated, worker: str = "ann", timeout: float = 60.0) -> tuple[Carrier, Attempt]:
    """An attempt that waits for its upstream."""
    entered(world.census)
    mine = carrier(world.census, worker, timeout=timeout)
    running = Attempt(mine)
    assert world.gate.asked.wait(10)
    return mine, running


def test_a_sync_is_recorded_with_its_due_time_and_ends_it(database_url: str) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up, open_census(settings_of(database_url, up, "lab")) as census:
        entered(census)
        assert carrier(census).attempt("lab", DUE) is None
        assert good_syncs(census.store) == [(DUE, "model", 1)]
        found = row(census)
        assert (found.state, found.attempts, found.problem) == (DueState.DONE, 1, None)
        with census.store.reading() as tx:
            run = store_runs.find(tx, found.run_id or "")
        assert run is not None
        assert (run.state, run.trigger.value, run.actor) == (RunState.DONE, "worker", "worker ann")


def test_what_a_dead_worker_recorded_is_not_read_again(sqlite_url: str) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up, open_census(settings_of(sqlite_url, up, "lab")) as census:
        entered(census)
        carrier(census).attempt("lab", DUE)
        with census.store.noting() as tx:  # as if it had died before it could end it
            tx.exec_driver_sql("UPDATE due SET state = 'running', ended_at = NULL, beat_at = 0")
        carrier(census, "bob").attempt("lab", DUE)
        assert (state(census), len(up.requests), count(census.store, "sync")) == (DueState.DONE, 1, 1)


def test_a_source_that_fails_ends_it_as_failed_with_the_reason(sqlite_url: str) -> None:
    broken = Play(b"", fault=Fault.SERVER_ERROR)
    with Upstream({"/lab/api.json": [broken]}) as up, open_census(settings_of(sqlite_url, up, "lab")) as census:
        entered(census)
        assert carrier(census).attempt("lab", DUE) is None
        assert state(census) is DueState.FAILED
        assert (row(census).problem or "").startswith("upstream_broken: ")


def test_a_worker_that_stops_leaves_it_open_without_an_attempt_lost(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        mine, running = begun(world)
        mine.stop(0.2)
        found = row(world.census)
        assert (found.state, found.attempts) == (DueState.WAITING, 0)
        world.gate.opened.set()
        running.join(20)
        assert good_syncs(world.census.store) == []
        assert claimed(world.census, "bob").row.attempts == 1


def test_a_worker_that_was_frozen_records_nothing_and_the_other_one_once(database_url: str) -> None:
    with gated(database_url) as world:
        mine, frozen = begun(world)
        silent_since(world.census, 31)
        other = Attempt(carrier(world.census, "bob"))
        assert eventually(lambda: row(world.census).worker == "bob")
        world.gate.opened.set()
        frozen.join(20)
        other.join(20)
        assert (frozen.answer, other.answer, state(world.census)) == (None, None, DueState.DONE)
        assert good_syncs(world.census.store) == [(DUE, "model", 1)]
        assert count(world.census.store, "sync") == 1
        mine.heard([])


def test_it_hears_with_its_beat_that_it_is_to_stop(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        mine, running = begun(world)
        looking.cancel(world.census, "lab", "ann")
        mine.heard(beaten(world.census, "ann"))
        world.gate.opened.set()
        running.join(20)
        assert (state(world.census), row(world.census).problem) == (DueState.FAILED, "stopped by ann")


def test_what_takes_too_long_is_stopped(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        mine, running = begun(world, timeout=0.0)
        mine.heard(beaten(world.census, "ann"))
        world.gate.opened.set()
        running.join(20)
        assert state(world.census) is DueState.FAILED
        assert "timeout_minutes" in (row(world.census).problem or "")


@pytest.mark.parametrize("broken", [True, False])
def test_trouble_of_ours_is_tried_again_and_then_quarantined(sqlite_url: str, *, broken: bool) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up, open_census(settings_of(sqlite_url, up, "lab")) as census:
        entered(census)
        gone = msgspec.structs.replace(census, sources={}) if broken else census
        answer = carrier(gone, attempts=1).attempt("lab", DUE)
        assert (answer, state(census)) == (None, DueState.QUARANTINED if broken else DueState.DONE)


def test_what_is_released_from_quarantine_is_begun_anew(sqlite_url: str) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up, open_census(settings_of(sqlite_url, up, "lab")) as census:
        entered(census)
        carrier(msgspec.structs.replace(census, sources={}), attempts=1).attempt("lab", DUE)
        assert [each.source for each in looking.release(census, "lab")] == ["lab"]
        carrier(census, attempts=1).attempt("lab", DUE)
        assert state(census) is DueState.DONE
