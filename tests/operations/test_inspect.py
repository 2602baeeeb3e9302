"""Drift and quality follow what is recorded, on both databases, whatever interrupts them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest

from modelcensus.core.check import Price, Required, Unique
from modelcensus.core.errors import SourceError, StoreLocked
from modelcensus.core.quality import findings
from modelcensus.core.shape import decoded, shape_of
from modelcensus.operations import browse
from modelcensus.operations import inspect as inspecting
from modelcensus.operations.census import Census
from modelcensus.operations.inspect import drift_events, inspect, quality_of
from modelcensus.store.engine import open_store
from tests.builders import at, census_at, count, rows
from tests.operations.own_catalog import ENDPOINTS, ONE, Catalog, Model, document


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as census:
        yield census


def test_a_source_that_recorded_nothing_has_nothing_to_inspect(census: Census) -> None:
    done = Catalog(census).look()
    assert (done.syncs, done.entities, done.scores) == (0, 0, ())


def test_a_drift_is_told_once_with_the_entity_and_the_sync_that_showed_it(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE, {"id": "b"})
    assert own.see(ONE, {"id": "b", "extra": 1}).events == 1
    assert own.see(ONE, {"id": "b", "extra": 2}).events == 0
    (event,) = drift_events(own.store)
    assert (event.kind, event.path, event.detail) == ("new", "extra", "number")
    assert (event.key, event.sync_id, event.observed_at, event.times) == ("b", 2, at(2), 1)


def test_what_happens_again_is_counted_up(census: Census) -> None:
    own = Catalog(census)
    for extra in ({"x": 1}, {}, {"x": 1}, {}):
        own.see({**ONE, **extra})
    (event,) = drift_events(own.store)
    assert (event.kind, event.path, event.times) == ("missing", "x", 2)
    assert (event.observed_at, event.last_observed_at) == (at(2), at(4))


def test_a_field_that_comes_and_goes_makes_at_most_two_events(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE)
    for _ in range(4):
        own.see({**ONE, "x": 1})
        own.see(ONE)
    assert own.drift() == [("missing", "x"), ("new", "x")]


def test_a_vanished_entity_takes_its_fields_with_it(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE, {"id": "b", "rare": 1})
    own.see(ONE)
    assert own.drift() == [("missing", "rare")]
    assert rows(own.store, "SELECT live FROM shape_field WHERE path = 'id'") == [(1,)]


def test_new_values_of_enumerations_are_told(census: Census) -> None:
    own = Catalog(census, document(enums=("kind",)))
    own.see({**ONE, "kind": "chat"})
    own.see({**ONE, "kind": "image"})
    assert [(event.kind, event.detail) for event in drift_events(own.store)] == [("value", "image")]


def test_at_first_only_what_the_record_does_not_know_is_told(census: Census) -> None:
    own = Catalog(census, document(records=Model))
    own.see({**ONE, "limit": "8k", "surprise": {"deep": 1}})
    assert own.drift() == [("new", "surprise"), ("retyped", "limit")]


def test_what_an_interrupted_first_reading_did_not_show_is_no_drift(census: Census) -> None:
    own = Catalog(census)
    own.see(body=b'{"data":[{"id":"a"},{"id":"b","x":')
    own.see(ONE, {"id": "b", "x": 1})
    assert own.drift() == []


def test_drift_is_listed_newest_first_and_since_a_time(census: Census) -> None:
    own = Catalog(census)
    for extra in ({}, {"x": 1}, {"x": 1, "y": 1}):
        own.see({**ONE, **extra})
    assert [event.path for event in drift_events(own.store)] == ["y", "x"]
    assert [event.path for event in drift_events(own.store, since=at(3))] == ["y"]
    assert [event.path for event in drift_events(own.store, limit=1)] == ["y"]
    assert drift_events(own.store, source="other") == []


def test_findings_follow_the_entities(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE, {"id": "b"}, {"id": "c", "price": "free"})
    assert own.findings() == [("b", "required"), ("c", "price")]
    own.see(ONE, {"id": "b", "price": "0.1"}, {"id": "c", "price": "-3"})
    assert own.findings() == [("c", "price")]
    own.see(ONE, {"id": "b", "price": "0.1"})
    assert own.findings() == []


def test_a_finding_holds_since_the_sync_that_first_had_it(census: Census) -> None:
    own = Catalog(census)
    own.see({"id": "b"})
    own.see({"id": "b", "name": "other"})
    (finding,) = quality_of(own.store).findings
    assert (finding.since_sync, finding.observed_at, finding.path, finding.detail) == (1, at(1), "price", "absent")


def test_a_value_that_several_entities_have_is_found_in_each_until_they_differ(census: Census) -> None:
    own = Catalog(census)
    one, two, three = ({**ONE, "id": key, "name": "Same"} for key in "abc")
    own.see(one)
    assert own.findings() == []
    own.see(one, two, three)
    assert own.findings() == [("a", "duplicate"), ("b", "duplicate"), ("c", "duplicate")]
    own.see(one, two)
    assert own.findings() == [("a", "duplicate"), ("b", "duplicate")]
    own.see(one, {**two, "name": "Other"})
    assert own.findings() == []


def test_references_are_judged_by_what_the_source_lists(census: Census) -> None:
    own = Catalog(census, document(), ENDPOINTS)
    own.see({"id": "e1", "model": "a"}, {"id": "e2", "model": "b"}, category="endpoint")
    assert own.findings() == []
    own.see(ONE)
    assert own.findings() == [("e2", "reference")]
    own.see(ONE, {**ONE, "id": "b"})
    assert own.findings() == []
    own.see({**ONE, "id": "b"})
    assert own.findings() == [("e1", "reference")]
    own.see({"id": "e1", "model": "b"}, {"id": "e3", "model": "gone"}, category="endpoint")
    assert own.findings() == [("e3", "reference")]


def test_each_sync_has_its_score(census: Census) -> None:
    own = Catalog(census)
    sound = [{**ONE, "id": f"s{number}"} for number in range(3)]
    own.see(*sound, {"id": "x"})
    own.see(*sound, {"id": "x", "price": "0.1", "out": 9, "limit": 8})
    own.see(*sound, {"id": "x", "price": "0.1"})
    assert own.scores() == [75.0, 93.7, 100.0]
    (score,) = quality_of(own.store).scores
    assert (score.entities, score.errors, score.warnings, score.score, score.change) == (4, 0, 0, 100.0, 6.3)


def test_what_could_not_be_understood_counts_as_an_error(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE, {**ONE, "id": "b"})
    own.see(ONE, b'{"id":"b","price":NaN}', b'{"id":"new","price":NaN}', b'{"no":"id"}')
    (score,) = quality_of(own.store).scores
    assert (score.entities, score.errors, score.flawed, score.score) == (4, 3, 3, 25.0)


def test_what_was_not_understood_is_forgotten_with_the_sync_that_brought_it(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE)
    own.see(ONE, b'{"no":"id"}')
    own.see(ONE)
    assert own.scores() == [100.0, 50.0, 100.0]


def test_the_very_same_answer_again_has_the_same_score_faults_included(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE, {**ONE, "id": "b"})
    for _ in range(2):
        own.see(ONE, b'{"id":"b","price":NaN}')
    assert own.scores() == [100.0, 50.0, 50.0]


def test_a_sync_that_changed_nothing_has_the_score_of_the_one_before(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE, {"id": "b"})
    done = own.see(ONE, {"id": "b"})
    assert (done.syncs, done.entities) == (1, 0)
    assert own.scores() == [50.0, 50.0]


def test_a_page_that_is_no_catalog_does_not_lower_the_score(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE)
    own.see(body=b"<html>out of order</html>")
    own.see(ONE, {"id": "b"})
    assert own.scores() == [100.0, 100.0, 50.0]


def test_readings_recorded_before_are_inspected_in_their_order(census: Census) -> None:
    at_once, one_by_one = Catalog(census), []
    for extra in ({}, {"x": 1}, {"x": "1"}, {}):
        at_once.read({**ONE, **extra})
        one_by_one.append(extra)
    done = at_once.look()
    assert (done.syncs, done.events) == (4, 3)
    assert at_once.drift() == [("missing", "x"), ("new", "x"), ("retyped", "x")]
    assert at_once.look().syncs == 0


def test_an_older_reading_imported_later_changes_only_what_it_changes_of_the_present(census: Census) -> None:
    own = Catalog(census)
    own.see(ONE, {"id": "b", "price": "0.1"}, hours=10)
    own.see({**ONE, "old": 1}, {"id": "b"}, hours=5)
    assert own.drift() == []
    assert own.findings() == []
    assert_true_to_the_catalog(own)


def test_a_rule_that_changes_is_applied_to_what_is_there_without_new_drift(census: Census) -> None:
    own = Catalog(census)
    own.see({**ONE, "kind": "chat"}, {"id": "b", "price": "7"})
    assert own.findings() == [("b", "price")]
    own.documents = (document(checks=(Price("price", most="10"), Required("kind")), enums=("kind",)),)
    own.look()
    assert own.findings() == [("b", "required")]
    assert own.drift() == []
    own.see({**ONE, "kind": "image"}, {"id": "b", "price": "7"})
    assert own.drift() == [("value", "kind")]
    assert_true_to_the_catalog(own)


def test_an_adapter_that_learns_what_fields_there_are_tells_of_the_others(census: Census) -> None:
    own = Catalog(census)
    own.see({**ONE, "surprise": 1})
    own.documents = (document(records=Model),)
    own.look()
    assert own.drift() == [("new", "surprise")]


class PowerCut(Exception):
    pass


def test_an_inspection_that_was_cut_short_is_taken_up_where_it_was(
    census: Census, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Catalog(census)
    monkeypatch.setattr(inspecting, "BATCH", 3)
    own.read(*({"id": f"m{number}", "price": "0.1", "name": str(number // 2)} for number in range(10)))
    for lost in (True, False, True, False, True):
        with suppress(PowerCut), own.store.writing() as tx:
            assert inspecting.step(tx, "own", own.documents).more
            if lost:
                raise PowerCut
    assert count(own.store, "inspected") == 6
    own.look()
    assert len(own.findings()) == 10
    assert_true_to_the_catalog(own)


def test_trouble_with_the_database_is_told_and_not_raised(census: Census, database_url: str) -> None:
    own = Catalog(census)
    own.read(ONE)
    with closing(open_store(database_url, timeout_seconds=0.1)) as hurried:
        with own.store.writing():
            done = inspect(hurried, "own", own.documents, census.clock)
        assert isinstance(done.problem, StoreLocked)
        assert inspect(hurried, "own", own.documents, census.clock).syncs == 1


def test_a_declaration_that_makes_no_sense_is_told_and_not_raised(census: Census) -> None:
    own = Catalog(census, document(checks=(Price("price", most="much"),)))
    own.read(ONE)
    problem = inspect(own.store, "own", own.documents, census.clock).problem
    assert isinstance(problem, SourceError)
    own.documents = (document(),)
    assert own.look().syncs == 1


@pytest.mark.parametrize("seed", range(4))
def test_counts_and_findings_are_those_of_the_catalog_whatever_comes(census: Census, seed: int) -> None:
    chance = random.Random(seed)
    own = Catalog(census, document(), ENDPOINTS)
    times = chance.sample(range(1, 100), 14)
    for hours in times:
        if chance.random() < 0.3:
            targets = chance.sample("abcdefgh", 5)
            own.read(
                *({"id": f"e{n}", "model": each} for n, each in enumerate(targets)), hours=hours, category="endpoint"
            )
        else:
            own.read(*(_anything(chance, key) for key in chance.sample("abcdefgh", 6)), hours=hours)
        if chance.random() < 0.6:
            own.look()
    own.look()
    assert_true_to_the_catalog(own)


FIELDS: dict[str, list[Any]] = {"price": ["0.1", "x", 3, None], "x": [1, "1", {"y": 1}, [1]], "limit": [8]}


def _anything(chance: random.Random, key: str) -> dict[str, Any]:
    entity: dict[str, Any] = {"id": key, "name": chance.choice(["One", "Two", "Three", key])}
    for field, values in FIELDS.items():
        if chance.random() < 0.6:
            entity[field] = chance.choice(values)
    return entity


def assert_true_to_the_catalog(own: Catalog) -> None:
    """What was kept up step by step is what a look at every live entity gives."""
    live = [
        (version.category, version.key, decoded(bytes(version.data)))
        for version in browse.as_of(own.store, at(1000))
        if version.data is not None
    ]
    shapes = Counter((category, *field) for category, _, value in live for field in shape_of(value).fields)
    kept = rows(own.store, "SELECT category, path, type, live FROM shape_field WHERE live > 0")
    assert {row[:3]: row[3] for row in kept} == dict(shapes)
    checks = {each.category: each.checks[each.category] for each in own.documents}
    expected = [(key, each.kind.value) for category, key, value in live for each in findings(value, checks[category])]
    names = Counter(value["name"] for category, _, value in live if category == "model" and "name" in value)
    if any(isinstance(check, Unique) for check in checks["model"]):
        expected += [(key, "duplicate") for _, key, value in live if names.get(value.get("name"), 0) > 1]
    models = {key for category, key, _ in live if category == "model"}
    if models:
        expected += [(k, "reference") for category, k, v in live if category == "endpoint" and v["model"] not in models]
    assert own.findings() == sorted(expected)
