"""Triggering syncs: one slot a source, whoever triggers, and whatever becomes of them."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from modelcensus.core.errors import AlreadyRunning, CoolingDown, InvalidInput, NotFound
from modelcensus.core.records import SyncStatus
from modelcensus.core.run import Run, RunResult, RunState, Trigger
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.triggering import slots
from modelcensus.operations.triggering.logs import sync_logs
from modelcensus.operations.triggering.runs import Runs
from modelcensus.settings import SyncSettings
from modelcensus.store import runs as store_runs
from modelcensus.upstream import Fault, Play, Upstream
from modelcensus.wiring import open_census
from tests.builders import count, rows
from tests.cli.program import Program
from tests.operations.gated import EAGER, TWO, eventually, gated, settings_of


@contextmanager
def playing(url: str, *plays: Play, sync: SyncSettings = EAGER) -> Iterator[tuple[Census, Runs, Upstream]]:
    with Upstream({"/lab/api.json": list(plays)}) as up:
        settings = settings_of(url, up, "lab", sync=sync)
        with open_census(settings) as census:
            yield census, Runs(census, sync), up


def begun(runs: Runs, *sources: str, rests: bool = False, partly: bool = False) -> Run:
    return runs.begin(sources, trigger=Trigger.HTTP, actor="ann", rests=rests, partly=partly).run


def result(runs: Runs, run: Run) -> RunResult:
    ended = runs.wait(run.id, 20)
    assert ended.result is not None, ended
    return ended.result


def test_a_run_tells_what_came_of_it(database_url: str) -> None:
    with playing(database_url, Play(TWO)) as (census, runs, _):
        run = begun(runs)
        told = result(runs, run)
        assert (run.state, run.actor, run.sources) == (RunState.RUNNING, "ann", ("lab",))
        assert (told.success, told.total_processed, told.added, told.updated) == (True, 3, 3, 0)
        assert told.marked_inactive == 0
        assert (told.sync_log_id, told.errors, told.sources[0].source) == (1, (), "lab")
        assert told.duration > 0
        assert runs.find(run.id).state is RunState.DONE
        assert browse.census_stats(census.store).live == 3  # two models and their provider


def test_a_run_publishes_the_catalog_and_says_which_revision(sqlite_url: str) -> None:
    listing = b'{"openai":{"id":"openai","name":"OpenAI","models":{"gpt-9":{"id":"gpt-9","name":"GPT-9"}}}}'
    with playing(sqlite_url, Play(listing)) as (census, runs, _):
        told = result(runs, begun(runs))
        assert told.revision == (rows(census.store, "SELECT max(number) FROM revision")[0][0] or None)


def test_a_source_that_is_being_synced_is_refused_with_the_run_that_is_in_the_way(database_url: str) -> None:
    with gated(database_url) as world:
        runs = Runs(world.census, EAGER)
        run = begun(runs)
        assert world.gate.asked.wait(10)
        with pytest.raises(AlreadyRunning) as caught:
            begun(runs)
        assert caught.value.run == run.id
        assert run.id in caught.value.message
        assert "since 20" in caught.value.message
        assert caught.value.retry_after
        world.gate.opened.set()
        assert result(runs, run).success
        assert result(runs, begun(runs)).success


def test_of_many_triggers_at_once_exactly_one_starts_a_run(database_url: str) -> None:
    with gated(database_url) as world, ExitStack() as stack:
        others = [stack.enter_context(world.again()) for _ in range(6)]
        start, started, refused = threading.Barrier(6), list[Run](), list[AlreadyRunning]()

        def trigger(mine: Census) -> None:
            start.wait()
            try:
                started.append(slots.claim(mine, ["lab"], trigger=Trigger.HTTP, actor="ann").run)
            except AlreadyRunning as error:
                refused.append(error)

        threads = [threading.Thread(target=trigger, args=(each,)) for each in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(started), len(refused)) == (1, 5)
        assert {error.run for error in refused} == {started[0].id}


def test_a_source_rests_after_a_run_for_as_long_as_the_setting_says(database_url: str) -> None:
    with playing(database_url, Play(TWO)) as (_, runs, _up):
        run = begun(runs)
        result(runs, run)
        with pytest.raises(CoolingDown) as caught:
            begun(runs, rests=True)
        assert caught.value.run == run.id
        assert caught.value.retry_after is not None
        assert 290 <= caught.value.retry_after <= 300
        assert result(runs, begun(runs, rests=False)).success


def test_the_rest_ends(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        world.gate.opened.set()
        runs = Runs(world.census, EAGER)
        result(runs, begun(runs))
        with world.again(later=290) as census, pytest.raises(CoolingDown):
            begun(Runs(census, EAGER), rests=True)
        with world.again(later=310) as census:
            later = Runs(census, EAGER)
            assert result(later, begun(later, rests=True)).success


def test_a_trigger_that_is_content_with_less_takes_the_sources_that_are_free(database_url: str) -> None:
    with gated(database_url, "lab", "other") as world:
        runs = Runs(world.census, EAGER)
        first = begun(runs, "lab")
        with pytest.raises(AlreadyRunning):
            begun(runs)
        second = runs.begin(None, trigger=Trigger.CRON, actor="cron", partly=True)
        assert second.run.sources == ("other",)
        assert second.refused["lab"].run == first.id
        with pytest.raises(AlreadyRunning):
            begun(runs, partly=True)
        world.gate.opened.set()
        assert result(runs, second.run).success
        assert result(runs, first).success


def test_an_unknown_source_and_one_that_is_off_are_refused(sqlite_url: str) -> None:
    with playing(sqlite_url, Play(TWO)) as (_, runs, _up):
        with pytest.raises(NotFound):
            begun(runs, "nobody\0")
        with pytest.raises(InvalidInput):
            begun(runs, "openrouter")


def test_a_killed_process_holds_its_slot_for_a_minute_and_no_longer(database_url: str, tmp_path: Path) -> None:
    with gated(database_url) as world:
        lab = {"ADAPTER": "modelsdev", "BASE_URL": world.settings.sources["lab"].base_url or ""}
        variables = {f"MODELCENSUS_SOURCES__LAB__{name}": value for name, value in lab.items()}
        process = Program(tmp_path).start("sync", "lab", MODELCENSUS_DATABASE_URL=database_url, **variables)
        try:
            assert world.gate.asked.wait(30)
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=10)
        with pytest.raises(AlreadyRunning) as caught:
            begun(Runs(world.census, EAGER))
        killed = caught.value.run or ""
        assert Runs(world.census, EAGER).find(killed).trigger is Trigger.CLI
        world.gate.opened.set()
        with world.again(later=61) as census:
            runs = Runs(census, EAGER)
            assert result(runs, begun(runs, rests=True)).success
            assert runs.find(killed).state is RunState.LOST
        assert count(world.census.store, "sync") == 1


def test_whoever_looks_sees_that_a_run_is_lost_before_anybody_triggers_again(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        run = slots.claim(world.census, ["lab"], trigger=Trigger.HTTP, actor="ann").run
        with world.again(later=59) as census:
            assert Runs(census, EAGER).find(run.id).state is RunState.RUNNING
        with world.again(later=61) as census:
            assert Runs(census, EAGER).find(run.id).state is RunState.LOST
            assert Runs(census, EAGER).newest()[0].ended_at == run.started_at


def test_a_run_of_which_a_late_heartbeat_comes_after_all_is_not_taken_for_lost(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        run = slots.claim(world.census, ["lab"], trigger=Trigger.HTTP, actor="ann").run

        def meanwhile(_seconds: float) -> None:
            with world.census.store.noting() as tx:
                assert store_runs.beat(tx, run.id, world.census.clock(), None)

        with world.again(later=61) as census, pytest.raises(AlreadyRunning):
            slots.claim(census, ["lab"], trigger=Trigger.HTTP, actor="bob", sleep=meanwhile)


def test_a_run_that_works_keeps_saying_so_and_how_far_it_is(database_url: str) -> None:
    with gated(database_url) as world:
        runs = Runs(world.census, EAGER)
        run = begun(runs)
        assert eventually(lambda: runs.find(run.id).beat_at > run.started_at)
        progress = runs.find(run.id).progress
        assert progress is not None
        assert (progress.what, progress.number >= 1) == ("lab", True)


def test_a_run_that_was_given_up_for_lost_stops_and_records_nothing(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        runs = Runs(world.census, EAGER)
        run = begun(runs)
        assert world.gate.asked.wait(10)
        with world.again(later=3600) as census:
            slots.claim(census, ["lab"], trigger=Trigger.HTTP, actor="bob", sleep=lambda _: None)
        assert runs.find(run.id).state is RunState.LOST
        time.sleep(4.5)  # its next heartbeat comes within 3 seconds
        world.gate.opened.set()
        assert eventually(lambda: not runs.living)
        assert count(world.census.store, "sync") == 0


def test_a_source_that_fails_for_a_moment_is_tried_again(database_url: str) -> None:
    plays = (Play(TWO, fault=Fault.SERVER_ERROR), Play(TWO, fault=Fault.TOO_MANY, seconds=0), Play(TWO))
    with playing(database_url, *plays, sync=SyncSettings(retry_attempts=2, retry_ms=10)) as (census, runs, up):
        told = result(runs, begun(runs))
        assert told.success
        assert told.errors == ()
        assert (told.sources[0].attempts, len(told.sync_log_ids), len(up.requests)) == (3, 3, 3)
        assert [each.status for each in browse.syncs(census.store)] == ["complete", "failed", "failed"]


def test_pauses_between_attempts_double(sqlite_url: str) -> None:
    with playing(
        sqlite_url, Play(TWO, fault=Fault.SERVER_ERROR), sync=SyncSettings(retry_attempts=2, retry_ms=200)
    ) as (_, runs, up):
        assert not result(runs, begun(runs)).success
        first, second, third = (each.at for each in up.requests)
        assert second - first >= 0.2
        assert third - second >= 0.4


@pytest.mark.parametrize(
    ("fault", "category"), [(Fault.FORBIDDEN, "key_refused"), (Fault.NOT_FOUND, "not_there")], ids=str
)
def test_a_failure_that_does_not_pass_is_not_tried_again(sqlite_url: str, fault: Fault, category: str) -> None:
    with playing(sqlite_url, Play(TWO, fault=fault)) as (census, runs, up):
        told = result(runs, begun(runs))
        assert not told.success
        assert (len(up.requests), told.sources[0].attempts) == (1, 1)
        (error,) = told.errors
        assert (error.category, error.source, error.document, error.sync_log_id) == (category, "lab", "model", 1)
        assert error.hint
        assert runs.find(told.run).state is RunState.DONE
        (log,) = sync_logs(census, status=SyncStatus.FAILED)
        assert (log.sync.problem, log.errors[0].category) == (category, category)


def test_the_log_counts_what_could_not_be_understood_by_category(database_url: str) -> None:
    body = b'{"lab":{"id":"lab","name":"Lab","models":{"one":{"id":"one"},"two":[],"three":[]}}}'
    with playing(database_url, Play(body)) as (census, runs, _):
        assert result(runs, begun(runs)).success
        (log,) = sync_logs(census)
        (trouble,) = log.errors
        assert (trouble.category, trouble.count) == ("not_an_object", 2)
        assert "format" in trouble.hint


def test_a_server_that_stops_interrupts_its_runs_and_leaves_nothing_half_done(database_url: str) -> None:
    with gated(database_url) as world:
        runs = Runs(world.census, EAGER)
        run = begun(runs)
        assert world.gate.asked.wait(10)
        runs.stop(grace=0.2)
        stopped = runs.find(run.id)
        assert stopped.state is RunState.FAILED
        assert stopped.result is not None
        assert stopped.result.errors[0].category == "interrupted"
        with pytest.raises(CoolingDown):
            begun(runs)
        world.gate.opened.set()
        assert eventually(lambda: not runs.living)
        assert count(world.census.store, "sync") == 0
        again = Runs(world.census, EAGER)
        assert result(again, begun(again)).success


def test_a_run_that_ends_in_time_is_not_interrupted_by_the_stop(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        runs = Runs(world.census, EAGER)
        run = begun(runs)
        assert world.gate.asked.wait(10)
        threading.Timer(0.3, world.gate.opened.set).start()
        runs.stop(grace=10)
        assert runs.find(run.id).state is RunState.DONE


def test_a_database_that_breaks_in_the_middle_fails_the_run_and_frees_the_slot(sqlite_url: str) -> None:
    with gated(sqlite_url) as world:
        runs = Runs(world.census, EAGER)
        run = begun(runs)
        assert world.gate.asked.wait(10)
        with world.census.store.writing() as tx:
            tx.exec_driver_sql("ALTER TABLE quarantine RENAME TO lost")
            tx.exec_driver_sql("ALTER TABLE coverage RENAME TO lost_too")
        world.gate.opened.set()
        ended = runs.wait(run.id, 20)
        assert ended.state is RunState.FAILED
        assert ended.result is not None
        assert ended.result.errors[0].category.startswith("store_")
        assert rows(world.census.store, "SELECT source FROM slot WHERE released_at IS NULL") == []


def test_runs_come_newest_first_in_pages(sqlite_url: str) -> None:
    with playing(sqlite_url, Play(TWO)) as (_, runs, _up):
        begun_ids = []
        for _ in range(3):
            run = begun(runs)
            result(runs, run)
            begun_ids.append(run.id)
        assert [run.id for run in runs.newest()] == begun_ids[::-1]
        assert [run.id for run in runs.newest(before=begun_ids[2], limit=1)] == [begun_ids[1]]
        assert runs.newest(running=True) == []
