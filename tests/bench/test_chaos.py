"""Workers that are killed and frozen; ``python -m bench.chaos`` does the same for ten minutes and with 4 workers."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from bench.chaos import Outcome, Trial, tried
from bench.chaos_judge import SECOND, judge
from bench.chaos_world import Listings, prepare
from modelcensus.operations.collect import collect
from modelcensus.store import working
from modelcensus.upstream import Upstream
from modelcensus.wiring import open_census
from tests.operations.gated import settings_of


def unharmed(outcome: Outcome) -> tuple[list[str], int, int]:
    return outcome.problems, outcome.verdict.lost, outcome.verdict.doubled


def test_kills_freezes_and_restarts_of_postgresql_lose_no_slot_and_double_none(tmp_path: Path) -> None:
    trial = Trial(seconds=18, workers=2, kills=4, freezes=2, restarts=1, sources=1, seed=3)
    outcome = tried(trial, "auto", tmp_path)
    assert unharmed(outcome) == ([], 0, 0)
    assert len(outcome.blows) == 7


def test_kills_on_sqlite_lose_no_slot_and_double_none(tmp_path: Path) -> None:
    outcome = tried(Trial(seconds=12, workers=1, kills=2, sources=1, seed=4), None, tmp_path)
    assert unharmed(outcome) == ([], 0, 0)
    assert len(outcome.blows) == 2


def test_the_judge_finds_what_is_lost_and_what_is_doubled(sqlite_url: str) -> None:
    now = 1_700_000_000 * SECOND
    prepare(sqlite_url)
    with Upstream(Listings(0.0)) as up, open_census(settings_of(sqlite_url, up, "fire1")) as census:
        first = collect(census, census.sources["fire1"])
        with census.store.noting() as tx:
            for second, sync in ((0, first.id), (2, None)):
                working.enter(tx, "fire1", now + second * SECOND, "models", now, 1)
                tx.execute(text("UPDATE due SET state = 'done', ended_at = due_at, attempts = 1"))
                if sync:
                    working.note_syncs(tx, "fire1", now, 1, after=sync - 1)
        collect(census, census.sources["fire1"])
    verdict = judge(sqlite_url, ["fire1"], now, now + 3 * SECOND, {"fire1": 2})
    # Second 1 has no row, 2 no sync, 3 no row; and the second sync is of no slot.
    assert (verdict.slots, verdict.lost, verdict.doubled) == (4, 3, 1)
