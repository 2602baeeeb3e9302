"""The demonstration proves what it claims, and is the same for the same seed."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from modelcensus.cli.demo import demo
from modelcensus.core.errors import InvalidInput
from modelcensus.core.records import SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.demo import MISCHIEFS, DemoDay, DemoSummary, open_demo
from modelcensus.operations.demo.mischief import calendar
from modelcensus.operations.demo.play import FIRST_DAY
from modelcensus.operations.demo.proof import Proof, Truth
from modelcensus.operations.verify import verify
from modelcensus.store.engine import open_store


class Outcome(msgspec.Struct):
    feed: list[DemoDay]
    summary: DemoSummary


def played(*, days: int = 7, seed: int = 1, keep: Path | None = None) -> Outcome:
    with open_demo(days=days, seed=seed, keep=keep) as playing:
        return Outcome(list(playing.run()), playing.summary())


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(demo)
    return CliRunner().invoke(app, arguments)


@pytest.fixture(scope="module")
def week() -> Outcome:
    return played()


@pytest.fixture(scope="module")
def month() -> Outcome:
    return played(days=28)


def test_a_week_ends_without_a_false_removal_and_with_a_verified_chain(week: Outcome) -> None:
    assert week.summary.false_removals == 0
    assert week.summary.problems == ()
    assert week.summary.passed


def test_every_whole_reading_of_a_week_comes_back_as_it_was(week: Outcome) -> None:
    whole = [told for told in week.feed if told.status is SyncStatus.COMPLETE]
    assert len(whole) >= 7
    assert (week.summary.proved_equal, week.summary.proof_failed) == (len(whole), 0)


def test_every_planned_misbehaviour_has_its_outcome_in_the_feed(month: Outcome) -> None:
    ends = {mischief.name: mischief.ends for mischief in MISCHIEFS}
    assert {told.mischief: told.status for told in month.feed if told.mischief} == ends
    assert month.summary.faults_survived == len(MISCHIEFS)


def test_what_is_held_incomplete_or_failed_says_so_and_removes_nothing(month: Outcome) -> None:
    words = {SyncStatus.HELD: "held, removed nothing", SyncStatus.INCOMPLETE: "incomplete, removed nothing"}
    words |= {SyncStatus.FAILED: "touched nothing", SyncStatus.PARTIAL: "quarantined"}
    bad = [told for told in month.feed if told.status is not SyncStatus.COMPLETE]
    assert {told.status for told in bad} == set(words)
    assert all(words[told.status] in told.census for told in bad)
    assert sum(told.vanished for told in bad if told.status is not SyncStatus.PARTIAL) == 0


def test_a_busy_upstream_is_asked_again_and_a_bomb_is_not(month: Outcome) -> None:
    requests = {told.mischief: told.requests for told in month.feed if told.mischief}
    assert requests["503 with Retry-After"] == 2
    assert requests["503 all day"] == 3
    assert requests["gzip bomb"] == 1


def test_what_a_bad_day_hid_is_caught_up_with_on_the_next(month: Outcome) -> None:
    hidden = {(told.day, told.source) for told in month.feed if told.status is not SyncStatus.COMPLETE}
    caught_up = [told for told in month.feed if told.census.startswith("caught up")]
    assert caught_up
    assert all((told.day - 1, told.source) in hidden for told in caught_up)


def test_the_command_prints_a_line_for_each_sync_and_the_summary() -> None:
    result = run("--days", "3")
    assert result.exit_code == 0
    assert sum(line.startswith("day ") for line in result.stdout.splitlines()) == 9
    assert re.search(r"false removals +0\n", result.stdout)
    assert "Try next:" in result.stdout


def test_the_command_gives_json_lines_with_the_summary_last() -> None:
    lines = [msgspec.json.decode(line) for line in run("--days", "3", "--json").stdout.splitlines()]
    assert [line["day"] for line in lines[:-1]] == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert lines[-1]["summary"]["passed"] is True


def test_quiet_days_are_answered_with_304_and_write_nothing(month: Outcome) -> None:
    unmodified = [told for told in month.feed if told.census.startswith("304")]
    assert unmodified
    assert sum(told.changed for told in unmodified) == 0


def test_models_appear_vanish_return_and_a_family_comes_and_goes(month: Outcome) -> None:
    happened = " ".join(word for told in month.feed for word in told.happened)
    for word in ("appeared", "repriced", "vanished", "returned", "a family came", "a family left", "edited", "moved"):
        assert word in happened
    assert all(sum(getattr(told, kind) for told in month.feed) for kind in ("vanished", "reappeared", "altered"))


def test_moving_benchmarks_become_metrics_and_no_versions(month: Outcome) -> None:
    moved = [told for told in month.feed if told.happened == ("benchmarks moved",) and not told.mischief]
    assert moved
    assert sum(told.altered for told in moved if "no new version" in told.census) == 0
    assert any("no new version" in told.census for told in moved)
    assert month.summary.metrics > 40


def test_the_same_seed_gives_the_same_feed(week: Outcome) -> None:
    assert played() == week


def test_another_seed_gives_another_feed_that_holds_as_well(week: Outcome) -> None:
    other = played(days=5, seed=2)
    assert other.feed != week.feed[: len(other.feed)]
    assert other.summary.passed


def test_a_kept_census_can_be_opened_and_looked_at(tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    outcome = played(days=2, keep=kept)
    store = open_store(f"sqlite:///{kept}", create=False)
    assert verify(store).passed
    assert browse.census_stats(store).snapshots == outcome.summary.versions
    assert outcome.summary.database == str(kept)
    command = outcome.summary.hints[0].split()
    assert command[:4] == ["modelcensus", "--database", f"sqlite:///{kept}", "history"]
    key = command[4]
    assert browse.history(store, key, source="openrouter")
    store.close()


def test_a_file_that_exists_is_never_played_over(tmp_path: Path) -> None:
    kept = tmp_path / "precious.db"
    kept.write_bytes(b"precious")
    with pytest.raises(InvalidInput), open_demo(keep=kept):
        pass
    assert kept.read_bytes() == b"precious"


def test_nothing_stays_behind_without_keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    played(days=1)
    assert list(tmp_path.iterdir()) == []


def test_the_proof_finds_a_false_removal_and_a_false_value(tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    played(days=1, keep=kept)
    store = open_store(f"sqlite:///{kept}", create=False)
    at = int(FIRST_DAY.timestamp()) * 1_000_000
    truth: Truth = {(v.category, v.key): v.sha256 or "" for v in browse.as_of(store, at, source="openrouter")}
    proof = Proof(store)
    proof.compare("openrouter", at, truth, SyncStatus.COMPLETE)
    assert (proof.equal, proof.failed, proof.false_removals) == (1, 0, 0)
    proof.compare("openrouter", at, {**truth, min(truth): "another"}, SyncStatus.COMPLETE)
    assert (proof.equal, proof.failed) == (1, 1)
    proof.compare("openrouter", at - 1, truth, SyncStatus.HELD)
    assert proof.false_removals == len(truth)
    store.close()


@pytest.mark.parametrize("days", [3, 7, 28, 90])
def test_no_source_misbehaves_on_the_first_or_the_last_day_or_two_days_running(days: int) -> None:
    planned = calendar(days, Random(1))
    assert planned
    assert all(1 < day < days for day, _ in planned)
    assert not any((day + 1, source) in planned for day, source in planned)
