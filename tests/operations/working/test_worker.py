"""The whole worker in this process, on DBOS: what is due is done, and what others left too."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import msgspec

from modelcensus.core.working import DueState, workflow_id
from modelcensus.operations.backup.backing_up import back_up
from modelcensus.operations.backup.restoring import restore
from modelcensus.operations.census import Census
from modelcensus.operations.working.chores import Chore, Round, forget
from modelcensus.settings import Settings, SyncSettings, WorkerSettings
from modelcensus.upstream import Play, Upstream
from modelcensus.wiring import open_census
from modelcensus.worker import Worker
from tests.builders import count, rows
from tests.operations.gated import TWO, eventually, settings_of
from tests.operations.working.bench import DUE, claimed, entered, good_syncs, row, silent_since, state

NEVER = SyncSettings(schedule="0 0 1 1 *", models_schedule="0 0 1 1 *", catch_up="skip", retry_ms=10)
"""Nothing is due but what a test enters."""


def settings(url: str, up: Upstream) -> Settings:
    chosen = settings_of(url, up, "lab", sync=NEVER)
    return msgspec.structs.replace(chosen, worker=WorkerSettings(lease_seconds=2.0))


def done(census: Census) -> bool:
    return state(census) is DueState.DONE


def test_it_does_what_is_due_and_takes_over_what_dead_workers_of_any_protocol_left(database_url: str) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up:
        chosen = settings(database_url, up)
        with open_census(chosen) as census:
            entered(census, DUE, DUE + 1)
            claimed(census, "dead")
            silent_since(census, 60)
            running = Worker(census, chosen, name="new", protocol=2, tick=0.1)
            running.start()
            try:
                assert eventually(lambda: row(census, DUE + 1).state is DueState.DONE, 30)
            finally:
                running.stop()
            assert (row(census).state, row(census).attempts, row(census).protocol) == (DueState.DONE, 2, 2)
            assert [each[0] for each in good_syncs(census.store)] == [DUE, DUE + 1]
            assert count(census.store, "worker") == 0


def test_what_was_under_way_in_a_backup_is_carried_out_where_it_is_restored(sqlite_url: str, tmp_path: Path) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up:
        with open_census(settings(sqlite_url, up)) as census:
            entered(census, DUE, DUE + 1)
            claimed(census, "of the old machine")
            back_up(census, tmp_path / "b")
        elsewhere = f"sqlite:///{tmp_path / 'elsewhere' / 'census.db'}"
        restore(tmp_path / "b", elsewhere)
        chosen = settings(elsewhere, up)
        with open_census(chosen) as census:
            assert row(census).state is DueState.RUNNING
            running = Worker(census, chosen, tick=0.1)
            running.start()
            try:
                assert eventually(lambda: row(census, DUE + 1).state is DueState.DONE, 30)
            finally:
                running.stop()
            assert done(census)


def test_once_ends_by_itself_and_dbos_keeps_only_json_beside_the_census(sqlite_url: str) -> None:
    import sqlite3
    from contextlib import closing

    with Upstream({"/lab/api.json": [Play(TWO)]}) as up:
        chosen = settings(sqlite_url, up)
        with open_census(chosen) as census:
            entered(census)
            running = Worker(census, chosen, once=True, tick=0.1)
            running.start()
            assert running.ended.wait(30)
            running.stop()
            assert done(census)
    beside = sqlite_url.removeprefix("sqlite:///").replace("census.db", "census-queue.db")
    with closing(sqlite3.connect(beside)) as queue:
        kept = queue.execute("SELECT workflow_uuid, status, serialization FROM workflow_status").fetchall()
        assert queue.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert kept == [(workflow_id("lab", DUE), "SUCCESS", "portable_json")]


def test_a_chore_that_hangs_makes_no_sync_late_and_does_not_keep_the_worker_from_ending(sqlite_url: str) -> None:
    stuck, let_go = Event(), Event()

    def hang() -> None:
        stuck.set()
        let_go.wait(60)

    with Upstream({"/lab/api.json": [Play(TWO)]}) as up:
        chosen = settings(sqlite_url, up)
        with open_census(chosen) as census:
            running = Worker(census, chosen, tick=0.05, todo=[Chore("hangs", 0.0, hang)])
            running.start()
            try:
                assert stuck.wait(30)
                entered(census)
                assert eventually(lambda: done(census), 30)
                running.stop()
                assert running.ended.is_set()
            finally:
                let_go.set()
                running.stop()


def test_a_chore_that_fails_ends_nothing() -> None:
    did: list[str] = []

    def bad() -> None:
        did.append("bad")
        raise RuntimeError

    turns = Round([Chore("bad", 10, bad), Chore("good", 10, lambda: did.append("good"))], 0.0)
    for now in (5.0, 10.0, 15.0, 20.0):
        turns.turn(now)
    assert did == ["bad", "good", "bad", "good"]


def test_what_ended_a_month_ago_is_forgotten_but_the_latest_of_a_source(sqlite_url: str) -> None:
    with Upstream({}) as up, open_census(settings(sqlite_url, up)) as census:
        entered(census, DUE, DUE + 1, DUE + 2)
        with census.store.noting() as tx:
            tx.exec_driver_sql("UPDATE due SET state = 'done', ended_at = 1")
            tx.exec_driver_sql(f"UPDATE due SET state = 'quarantined' WHERE due_at = {DUE}")
        forget(census)
        assert rows(census.store, "SELECT due_at FROM due ORDER BY due_at") == [(DUE,), (DUE + 2,)]


def test_a_due_time_is_entered_by_the_first_who_looks(sqlite_url: str) -> None:
    from modelcensus.operations.working.dispatching import enter

    with Upstream({}) as up:
        sync = msgspec.structs.replace(NEVER, schedule="0 * * * *", jitter_seconds=0.0, catch_up="once")
        chosen = msgspec.structs.replace(settings(sqlite_url, up), sync=sync)
        with open_census(chosen) as census:
            assert [enter(census, chosen, 1) for _ in range(2)] == [1, 0]
