"""Claiming a due time: one worker has it, the dead lose it, and nobody who lost it can write."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from modelcensus.core.errors import Interrupted
from modelcensus.core.run import RunState, Trigger
from modelcensus.core.working import DueState
from modelcensus.operations.census import Census
from modelcensus.operations.triggering import slots
from modelcensus.operations.triggering.runs import Runs
from modelcensus.operations.working.claiming import Claimed, Later, claim
from modelcensus.settings import SyncSettings
from modelcensus.store import runs as store_runs
from modelcensus.store import working
from modelcensus.store.fenced import FencedStore
from modelcensus.upstream import Play, Upstream
from modelcensus.wiring import open_census
from tests.builders import count
from tests.operations.gated import EAGER, TWO, settings_of
from tests.operations.working.bench import DUE, claimed, entered, row, silent_since, state, terms


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up, open_census(settings_of(database_url, up, "lab")) as census:
        entered(census)
        yield census


def fenced(census: Census, got: Claimed) -> FencedStore:
    return FencedStore(census.store, source="lab", due_at=DUE, fence=got.row.fence)


def test_a_due_time_is_entered_once(census: Census) -> None:
    entered(census)
    assert count(census.store, "due") == 1


def test_a_claim_takes_the_slot_that_every_trigger_shares(census: Census) -> None:
    got = claimed(census)
    with census.store.reading() as tx:
        assert [slot.run for slot in store_runs.slots(tx, ["lab"])] == [got.run.id]
    assert (row(census).state, row(census).run_id, row(census).attempts) == (DueState.RUNNING, got.run.id, 1)


def test_of_many_workers_one_claims_it(census: Census) -> None:
    found: list[object] = []

    def work(name: str) -> None:
        found.append(claim(census, "lab", DUE, terms(name)))

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in found if isinstance(each, Claimed)]) == 1
    assert len([each for each in found if isinstance(each, Later)]) == 5


def test_a_due_time_waits_for_the_run_that_has_the_slot(census: Census) -> None:
    slots.claim(census, ["lab"], trigger=Trigger.CLI, actor="ann")
    assert isinstance(claim(census, "lab", DUE, terms()), Later)
    assert state(census) is DueState.WAITING


def test_a_run_of_another_trigger_that_read_it_all_since_is_the_one_sync(census: Census) -> None:
    runs = Runs(census, EAGER)
    run = runs.begin(["lab"], trigger=Trigger.HTTP, actor="ann").run
    assert runs.wait(run.id, 20).state is RunState.DONE
    assert claim(census, "lab", DUE, terms()) is None
    assert (state(census), row(census).run_id) == (DueState.DONE, run.id)


def test_a_run_that_began_before_it_was_due_does_not_count(census: Census) -> None:
    runs = Runs(census, SyncSettings(retry_attempts=0))
    run = runs.begin(["lab"], trigger=Trigger.HTTP, actor="ann").run
    runs.wait(run.id, 20)
    later = census.clock()
    entered(census, later)
    with census.store.noting() as tx:
        working.settle(tx, row(census), DueState.DONE, now=later)
    assert claimed(census, due_at=later).run.id != run.id


def test_a_worker_that_is_silent_for_longer_than_the_lease_loses_it(census: Census) -> None:
    first = claimed(census, "ann")
    assert isinstance(claim(census, "lab", DUE, terms("bob")), Later)
    silent_since(census, 31)
    second = claimed(census, "bob")
    assert (second.row.fence > first.row.fence, second.row.attempts) == (True, 2)
    with census.store.reading() as tx:
        lost = store_runs.find(tx, first.run.id)
    assert lost is not None
    assert lost.state is RunState.LOST


def test_who_lost_it_can_neither_record_nor_end_it(census: Census) -> None:
    first = claimed(census, "ann")
    silent_since(census, 31)
    claimed(census, "bob")
    with pytest.raises(Interrupted), fenced(census, first).writing():
        pytest.fail("it wrote")
    with census.store.noting() as tx:
        assert not working.settle(tx, first.row, DueState.DONE, now=census.clock())
    assert (state(census), row(census).worker) == (DueState.RUNNING, "bob")


def test_what_was_begun_too_often_is_quarantined(census: Census) -> None:
    for number in range(3):
        claimed(census, f"w{number}", attempts=3)
        silent_since(census, 31)
    assert claim(census, "lab", DUE, terms("last", attempts=3)) is None
    assert state(census) is DueState.QUARANTINED
    assert "3 times" in (row(census).problem or "")


def test_an_older_protocol_is_taken_over_and_a_newer_one_left_alone(census: Census) -> None:
    assert claimed(census, "new", protocol=2).row.protocol == 2
    silent_since(census, 31)
    assert claim(census, "lab", DUE, terms("old", protocol=1)) is None
    assert state(census) is DueState.RUNNING
    assert claimed(census, "newer", protocol=3).row.attempts == 2
