"""What is due: laws over any times at which somebody looks, and the rules of catching up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelcensus.core.errors import SettingsError
from modelcensus.core.run import RunState, SourceRun, Trigger, run_result
from modelcensus.operations.census import Census
from modelcensus.operations.scheduling import Due, due, last_runs, outlook, upcoming
from modelcensus.operations.triggering.runs import finish
from modelcensus.operations.triggering.slots import claim
from modelcensus.operations.triggering.syncing import Ended
from modelcensus.settings import SourceSettings, SyncSettings
from tests.builders import at, census_at

MINUTE = 60_000_000
HOUR = 60 * MINUTE
MIDNIGHT = at(-12.5)
QUIET: Mapping[str, SourceSettings] = {"openrouter": SourceSettings()}


def sync(**fields: Any) -> SyncSettings:
    """Everything at 02:00, models hourly, without jitter."""
    return SyncSettings(**{"jitter_seconds": 0, **fields})


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    """A census with openrouter only, so that every answer is about one source."""
    with census_at(f"sqlite:///{tmp_path_factory.mktemp('census') / 'census.db'}") as opened:
        yield msgspec.structs.replace(opened, sources={"openrouter": opened.sources["openrouter"]})


def shown(found: list[Due]) -> list[tuple[float, str]]:
    """Hours after midnight, and what is read."""
    return [((each.due_at - MIDNIGHT) / HOUR, each.documents) for each in found]


def hours(count: float) -> int:
    return MIDNIGHT + round(count * HOUR)


def test_models_are_due_hourly_and_everything_at_two(census: Census) -> None:
    found = due(census, sync(catch_up="all"), QUIET, {"openrouter": MIDNIGHT}, hours(3.5))
    assert shown(found) == [(1, "models"), (2, "all"), (3, "models")]


def test_what_was_missed_is_made_up_for_once_and_in_full(census: Census) -> None:
    found = due(census, sync(), QUIET, {"openrouter": MIDNIGHT}, hours(5.5))
    assert shown(found) == [(5, "all")]


def test_models_alone_are_made_up_for_where_nothing_else_was_missed(census: Census) -> None:
    found = due(census, sync(), QUIET, {"openrouter": hours(2)}, hours(5.5))
    assert shown(found) == [(5, "models")]


def test_what_was_missed_is_left_out_with_skip(census: Census) -> None:
    found = sync(catch_up="skip")
    assert due(census, found, QUIET, {"openrouter": MIDNIGHT}, hours(5.5)) == []
    assert shown(due(census, found, QUIET, {"openrouter": MIDNIGHT}, hours(6) + MINUTE - 1)) == [(6, "models")]


def test_a_thousand_missed_times_are_due_at_most_and_the_oldest_first(census: Census) -> None:
    found = sync(catch_up="all", models_schedule="every 1s")
    first = due(census, found, QUIET, {"openrouter": MIDNIGHT}, hours(1))
    assert len(first) == 1000
    assert first[0].due_at == MIDNIGHT + 1_000_000
    rest = due(census, found, QUIET, {"openrouter": first[-1].due_at}, hours(1))
    assert rest[0].due_at == first[-1].due_at + 1_000_000


def test_a_source_that_was_never_read_is_read_in_full_at_once(census: Census) -> None:
    assert shown(due(census, sync(), QUIET, {}, hours(5.5))) == [(5, "all")]


@pytest.mark.parametrize("catch_up", ["all", "skip"])
def test_a_source_that_was_never_read_waits_for_its_next_time_where_nothing_is_made_up_for_once(
    census: Census, catch_up: str
) -> None:
    found = sync(catch_up=catch_up)
    assert due(census, found, QUIET, {"openrouter": None}, hours(5.5)) == []
    assert shown(due(census, found, QUIET, {"openrouter": None}, hours(6))) == [(6, "models")]


def test_a_source_that_was_never_read_has_missed_nothing(census: Census) -> None:
    found = due(census, sync(catch_up="all", models_schedule="every 1s"), QUIET, {}, hours(5.5))
    assert [each.due_at for each in found] == [hours(5.5)]


def test_nothing_is_due_twice(census: Census) -> None:
    (first,) = due(census, sync(), QUIET, {}, hours(5.5))
    assert due(census, sync(), QUIET, {"openrouter": first.due_at}, hours(5.5)) == []


def test_nothing_is_due_after_a_clock_was_put_back(census: Census) -> None:
    assert due(census, sync(), QUIET, {"openrouter": hours(9)}, hours(5.5)) == []


@pytest.mark.parametrize("catch_up", ["once", "all"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(looks=st.lists(st.integers(0, 3 * 24 * 60), min_size=1, max_size=12), late=st.sampled_from([0, 60, 3600]))
def test_however_often_somebody_looks_nothing_is_lost_and_nothing_comes_twice(
    census: Census, catch_up: str, looks: list[int], late: int
) -> None:
    found = sync(catch_up=catch_up, jitter_seconds=late)
    last, got = MIDNIGHT, []
    for now in sorted(MIDNIGHT + look * MINUTE for look in looks):
        for each in due(census, found, QUIET, {"openrouter": last}, now):
            assert each.due_at > last
            assert each.starts_at <= now
            last = each.due_at
            got.append(each)
    end = MIDNIGHT + max(looks) * MINUTE
    every = due(census, sync(catch_up="all", jitter_seconds=late), QUIET, {"openrouter": MIDNIGHT}, end)
    if catch_up == "all":
        assert got == every
    else:
        # Whatever was to be read in full was read in full by the end, and the last time is never left out.
        assert [each.due_at for each in got[-1:]] == [each.due_at for each in every[-1:]]
        full = [each.due_at for each in every if each.documents == "all"]
        assert not full or max(each.due_at for each in got if each.documents == "all") >= full[-1]


def test_a_source_begins_late_by_its_jitter_and_its_slot_keeps_its_name(census: Census) -> None:
    found = sync(jitter_seconds=600)
    (next_,) = upcoming(census, found, QUIET, hours(5.5), 1)
    late = next_.starts_at - next_.due_at
    assert 0 < late < 600_000_000
    assert due(census, found, QUIET, {"openrouter": hours(5)}, next_.starts_at - 1) == []
    assert due(census, found, QUIET, {"openrouter": hours(5)}, next_.starts_at) == [next_]


def test_a_source_has_schedules_of_its_own_in_the_time_zone_of_all(census: Census) -> None:
    own = {"openrouter": SourceSettings(schedule="30 6 * * *", models_schedule="every 1d")}
    found = upcoming(census, sync(time_zone="America/New_York"), own, MIDNIGHT, 3)
    assert shown(found) == [(11.5, "all"), (24, "models"), (35.5, "all")]


def test_the_next_times_are_those_that_become_due(census: Census) -> None:
    coming = upcoming(census, sync(jitter_seconds=60), QUIET, MIDNIGHT, 30)
    last = {"openrouter": coming[0].due_at - 1}
    assert coming == due(census, sync(jitter_seconds=60, catch_up="all"), QUIET, last, coming[-1].starts_at)


@pytest.mark.parametrize("how", [{"enabled": False}, {"has_key": False}])
def test_a_source_that_is_off_or_has_no_key_is_never_due(census: Census, how: dict[str, bool]) -> None:
    source = census.sources["openrouter"]
    keyed = msgspec.structs.replace(source.adapter, needs_key=True)
    off = msgspec.structs.replace(source, **{"adapter": keyed, **how})
    without = msgspec.structs.replace(census, sources={"openrouter": off})
    assert due(without, sync(), QUIET, {}, hours(5.5)) == []
    assert upcoming(without, sync(), QUIET, hours(5.5), 1) == []
    assert outlook(without, sync(), QUIET, hours(5.5), 1)[0].off


def test_nothing_is_due_while_syncs_are_switched_off(census: Census) -> None:
    assert due(census, sync(enabled=False), QUIET, {}, hours(5.5)) == []
    assert upcoming(census, sync(enabled=False), QUIET, hours(5.5), 1) == []


@pytest.mark.parametrize(
    ("given_", "own", "named"),
    [
        (sync(schedule="0 0 30 2 *"), SourceSettings(), "sync.schedule"),
        (sync(), SourceSettings(models_schedule="0 0 31 6 *"), "sources.openrouter.models_schedule"),
        (sync(time_zone="Mars/Olympus"), SourceSettings(), "sync.time_zone"),
    ],
)
def test_a_schedule_that_cannot_be_names_its_setting(
    census: Census, given_: SyncSettings, own: SourceSettings, named: str
) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        due(census, given_, {"openrouter": own}, {}, MIDNIGHT)
    assert caught.value.hint


def test_the_last_run_of_a_source_is_told_whoever_triggered_it(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        assert last_runs(census, census.clock()) == {}
        run = claim(census, ["openrouter", "litellm"], trigger=Trigger.CLI, actor="me").run
        assert last_runs(census, census.clock())["litellm"].state is RunState.RUNNING
        parts = [_part("openrouter", success=True), _part("litellm", success=False)]
        finish(census, run.id, Ended(RunState.DONE, run_result(run.id, parts, seconds=1)))
        found = last_runs(census, census.clock())
    assert {source: each.success for source, each in found.items()} == {"openrouter": True, "litellm": False}


def _part(source: str, *, success: bool) -> SourceRun:
    return SourceRun(
        source=source, success=success, attempts=1, sync_log_ids=(), total_processed=0, added=0, updated=0,
        marked_inactive=0, duration=1.0, errors=(),
    )  # fmt: skip
