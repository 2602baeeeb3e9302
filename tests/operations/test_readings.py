"""What one reading does to the census: what it may write, what it may remove, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modelcensus.core.canonical import canonicalise
from modelcensus.core.change import ChangeKind
from modelcensus.core.records import SyncStatus
from modelcensus.operations import browse, diff
from modelcensus.operations.census import Census
from tests.builders import as_json, at, census_at, count, imported, model, modelsdev, openrouter, read, rows

EIGHT = [model(f"lab/{name}") for name in "abcdefgh"]


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as opened:
        yield opened


def live(census: Census, hours: float = 1000, source: str = "openrouter") -> dict[str, bytes]:
    return {v.key: bytes(v.data or b"") for v in browse.as_of(census.store, at(hours), source=source)}


def kinds(census: Census, key: str) -> list[ChangeKind]:
    return [change.kind for change in browse.changes(census.store, key=key, newest_first=False)]


def faults(census: Census) -> list[tuple[str, str | None]]:
    return [(fault.fault, fault.key) for fault in browse.quarantine_list(census.store)]


def test_a_complete_reading_can_be_read_back_as_of_its_time(census: Census) -> None:
    first = [model("a", price="0.10"), model("b", n=10**29)]
    second = [model("b", n=1e-7), model("c")]
    read(census, openrouter(*first), 0)
    read(census, openrouter(*second), 5)
    for hours, expected in ((-1, []), (0, first), (4.9, first), (5, second), (500, second)):
        assert live(census, hours) == {each["id"]: canonicalise(as_json(each)) for each in expected}


def test_an_entity_that_is_gone_leaves_a_tombstone_and_vanishes(census: Census) -> None:
    read(census, openrouter(model("a"), model("b")), 0)
    sync = read(census, openrouter(model("a")), 1)
    assert (sync.status, sync.vanished) == (SyncStatus.COMPLETE, 1)
    assert set(live(census)) == {"a"}
    last = browse.history(census.store, "b")[-1]
    assert (last.observed_at, last.data, last.sha256) == (at(1), None, None)
    (shown,) = browse.show(census.store, "b")
    assert not shown.live
    assert shown.version.data is not None


def test_an_entity_that_returns_is_one_history(census: Census) -> None:
    for hours, body in enumerate(
        [openrouter(model("a"), model("b")), openrouter(model("a")), openrouter(model("a"), model("b"))]
    ):
        sync = read(census, body, hours)
    assert (sync.reappeared, sync.appeared) == (1, 0)
    assert kinds(census, "b") == [ChangeKind.APPEARED, ChangeKind.VANISHED, ChangeKind.REAPPEARED]
    assert count(census.store, "entity") == 2


def test_an_altered_field_is_told_with_both_values(census: Census) -> None:
    read(census, openrouter(model("a", price="0.1")), 0)
    read(census, openrouter(model("a", price="0.2")), 1)
    (change,) = browse.changes(census.store, since=at(0))
    assert change.kind is ChangeKind.ALTERED
    assert [(f.path, f.before, f.after) for f in change.fields] == [("pricing.prompt", "0.1", "0.2")]
    assert [v.value for v in browse.field_history(census.store, "a", "pricing.prompt")] == ["0.1", "0.2"]


def test_the_difference_of_two_times_skips_what_happened_between(census: Census) -> None:
    for hours, models in enumerate(
        [[model("a"), model("b")], [model("a", price="9"), model("c")], [model("a"), model("d")]]
    ):
        read(census, openrouter(*models), hours)
    found = [(change.kind, change.key) for change in diff.diff(census.store, at(0), at(2))]
    assert found == [(ChangeKind.VANISHED, "b"), (ChangeKind.APPEARED, "d")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", SyncStatus.INCOMPLETE),
        (b"[]", SyncStatus.HELD),
        (b"{}", SyncStatus.INCOMPLETE),
        (b'{"data":[]}', SyncStatus.HELD),
        (b'{"error":{"message":"busy"}}', SyncStatus.INCOMPLETE),
        (b"<html>busy</html>", SyncStatus.INCOMPLETE),
        (b'"text"', SyncStatus.INCOMPLETE),
        (openrouter(EIGHT[0], EIGHT[1]), SyncStatus.HELD),
        (openrouter(EIGHT[0], total_count=8), SyncStatus.INCOMPLETE),
        (openrouter(*EIGHT)[:-200], SyncStatus.INCOMPLETE),
        (openrouter(*EIGHT)[:-1], SyncStatus.INCOMPLETE),
        (openrouter(*EIGHT[:7], b'{"name":"nameless"}'), SyncStatus.PARTIAL),
    ],
)
def test_a_reading_that_is_not_whole_removes_nothing_and_says_so(
    census: Census, body: bytes, status: SyncStatus
) -> None:
    read(census, openrouter(*EIGHT), 0)
    sync = read(census, body, 1)
    assert (sync.status, sync.vanished) == (status, 0)
    assert len(live(census)) == 8
    assert sync.hint
    assert sync.error or status is SyncStatus.PARTIAL


def test_what_a_reading_that_is_not_whole_does_say_is_taken(census: Census) -> None:
    read(census, openrouter(*EIGHT), 0)
    sync = read(census, openrouter(model("lab/a", price="7"), model("lab/new"), total_count=9), 1)
    assert (sync.altered, sync.appeared) == (1, 1)
    assert len(live(census)) == 9


def test_a_person_can_vouch_for_a_much_smaller_catalog(census: Census) -> None:
    read(census, openrouter(*EIGHT), 0)
    sync = read(census, openrouter(EIGHT[0]), 1, accept_smaller=True)
    assert (sync.status, sync.vanished) == (SyncStatus.COMPLETE, 7)
    assert set(live(census)) == {"lab/a"}


def test_nobody_can_vouch_for_a_cut_reading(census: Census) -> None:
    read(census, openrouter(*EIGHT), 0)
    sync = read(census, openrouter(*EIGHT)[:200], 1, accept_smaller=True)
    assert (sync.status, len(live(census))) == (SyncStatus.INCOMPLETE, 8)


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (b'{"id":"lab/h","x":NaN}', "not_finite"),
        (b'{"id":"lab/h","x":1,"x":2}', "duplicate_member"),
        (b'{"id":"lab/h","x":"\xff"}', "invalid_utf8"),
        (b'{"id":"lab/h","x":"\\ud800"}', "invalid_utf8"),
        (b'{"id":"lab/h","x":' + b"[" * 100 + b"]" * 100 + b"}", "too_deep"),
        (b'{"id":"lab/h","x":1e999}', "number_out_of_range"),
    ],
)
def test_a_broken_entity_is_quarantined_by_name_and_keeps_its_last_version(
    census: Census, broken: bytes, fault: str
) -> None:
    read(census, openrouter(*EIGHT), 0)
    sync = read(census, openrouter(*EIGHT[:6], broken), 1)
    assert (sync.status, sync.quarantined, sync.vanished) == (SyncStatus.PARTIAL, 1, 1)
    assert faults(census) == [(fault, "lab/h")]
    assert set(live(census)) == {each["id"] for each in EIGHT if each["id"] != "lab/g"}


def test_an_id_that_comes_twice_keeps_its_first_entity(census: Census) -> None:
    sync = read(census, openrouter(model("a", n=1), model("a", n=2), model("b")), 0)
    assert (sync.status, sync.entities) == (SyncStatus.PARTIAL, 2)
    assert b'"n":1' in live(census)["a"]
    assert faults(census) == [("duplicate_key", "a")]


@pytest.mark.parametrize("bad", [b'{"id":"a","n":NaN}', b'{"id":"a","n":1,"n":2}'])
def test_a_broken_copy_beside_a_sound_one_is_a_duplicate(census: Census, bad: bytes) -> None:
    sync = read(census, openrouter(model("a"), bad, model("b")), 0)
    assert sync.entities == 2
    assert set(live(census)) == {"a", "b"}
    assert faults(census) == [("duplicate_key", "a")]


def test_a_reading_without_change_writes_no_snapshot(census: Census) -> None:
    body = openrouter(*EIGHT)
    read(census, body, 0)
    before = count(census.store, "snapshot")
    sync = read(census, body, 1)
    assert (sync.status, sync.changed, sync.entities) == (SyncStatus.COMPLETE, 0, 8)
    assert count(census.store, "snapshot") == before


@pytest.mark.parametrize(
    "spelling",
    [
        openrouter(*reversed(EIGHT)),
        openrouter(*EIGHT).replace(b",", b" ,\n "),
        openrouter(*(dict(reversed(each.items())) for each in EIGHT)),
        openrouter(*EIGHT, generated_at="later"),
    ],
)
def test_another_spelling_of_the_same_catalog_writes_no_snapshot(census: Census, spelling: bytes) -> None:
    read(census, openrouter(*EIGHT), 0)
    before = count(census.store, "snapshot"), count(census.store, "body")
    assert read(census, spelling, 1).changed == 0
    assert (count(census.store, "snapshot"), count(census.store, "body")) == before


def test_a_volatile_number_goes_to_its_series_and_not_into_history(census: Census) -> None:
    for hours, score in enumerate([1, 1, 2, None, 2]):
        extra: dict[str, Any] = {"benchmarks": {"score": score}} if score else {}
        read(census, openrouter(model("a", **extra)), hours)
    assert count(census.store, "snapshot") == 1
    points = [(p.observed_at, p.value) for p in browse.metrics(census.store, "a")]
    assert points == [(at(0), 1.0), (at(2), 2.0), (at(3), None), (at(4), 2.0)]
    (shown,) = browse.show(census.store, "a")
    assert bytes(shown.volatile or b"") == b'{"benchmarks":{"score":2}}'


def test_a_provider_and_its_models_are_judged_apart(census: Census) -> None:
    read(census, modelsdev(a=["m", "n"], b=["m"]), 0, source="modelsdev")
    read(census, modelsdev(a=["m", "n"]), 1, source="modelsdev")
    assert set(live(census, source="modelsdev")) == {"a", "a/m", "a/n"}


def test_a_catalog_may_lose_too_many_providers_and_few_models(census: Census) -> None:
    many = [f"m{n}" for n in range(40)]
    read(census, modelsdev(a=many, b=["x"], c=["x"], d=["x"], e=["x"]), 0, source="modelsdev")
    sync = read(census, modelsdev(a=many, b=["x"]), 1, source="modelsdev")
    assert (sync.status, sync.vanished) == (SyncStatus.HELD, 3)
    assert {"c", "d", "e"} <= set(live(census, source="modelsdev"))
    assert "c/x" not in live(census, source="modelsdev")


def test_a_provider_whose_models_cannot_be_reached_buries_none_of_them(census: Census) -> None:
    read(census, modelsdev(a=["m", "n"], b=["m"]), 0, source="modelsdev")
    sync = read(census, as_json({"a": {"models": 5}, "b": {"models": {"m": {}}}}), 1, source="modelsdev")
    assert (sync.status, sync.vanished) == (SyncStatus.PARTIAL, 0)
    assert {"a/m", "a/n"} <= set(live(census, source="modelsdev"))


def test_a_time_before_1970_is_refused_in_one_line(census: Census) -> None:
    result = imported(census, openrouter(model()), -24 * 365 * 60)
    assert result.error is not None
    assert "before 1970" in result.error.message


def test_an_epoch_is_the_hour_of_the_observation(census: Census) -> None:
    sync = read(census, openrouter(model()), 0.75)
    assert (sync.observed_at - at(0.75), sync.epoch) == (0, at(0.5) // 1_000_000)


def test_sources_do_not_touch_each_other(census: Census) -> None:
    read(census, openrouter(model("a"), model("b")), 0)
    read(census, modelsdev(x=["a"]), 1, source="modelsdev")
    read(census, openrouter(model("a")), 2)
    assert set(live(census, source="modelsdev")) == {"x", "x/a"}
    assert rows(census.store, "SELECT count(*) FROM snapshot WHERE body_id IS NULL") == [(1,)]


def test_an_entity_that_is_named_twice_removes_nothing_for_any_may_hide_behind_the_other_name(census: Census) -> None:
    read(census, openrouter(*EIGHT), 0)
    sync = read(census, openrouter(*EIGHT[:6], b'{"id":"lab/g","name":"x","id":"lab/new"}'), 1)
    assert (sync.quarantined, sync.vanished) == (1, 0)
    assert set(live(census)) == {each["id"] for each in EIGHT}
