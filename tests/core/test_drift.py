"""What is drift, what is not, and that nothing can flood it."""

from __future__ import annotations

from typing import Any

import msgspec

from modelcensus.core.drift import MAX_VALUES, Field, Watch
from modelcensus.core.known import Known, known_fields
from modelcensus.core.shape import MAX_PATHS, shape_of

Fields = dict[str, dict[str, Field]]


class Catalog:
    """A category over several syncs: each call is one sync with all its entities by name."""

    def __init__(self, known: Known | None = None, enums: frozenset[str] = frozenset()) -> None:
        self.fields: Fields = {}
        self.values: dict[str, set[str]] = {}
        self.known = known
        self.enums = enums
        self.entities: dict[int, Any] = {}
        self.sync = 0

    def __call__(self, *entities: dict[str, Any], baseline: bool | None = None) -> list[tuple[str, str, str]]:
        self.sync += 1
        first = self.sync == 1 if baseline is None else baseline
        watch = Watch(self.fields, self.values, sync_id=self.sync, baseline=first, known=self.known)
        now = dict(enumerate(entities))
        for number in sorted(self.entities.keys() | now.keys()):
            before, after = self.entities.get(number), now.get(number)
            watch.fold(number, self._shape(before), self._shape(after))
        watch.missing()
        self.entities = now
        return [(event.kind.value, event.path, event.detail) for event in watch.events.values() if not event.repeat]

    def _shape(self, entity: dict[str, Any] | None) -> Any:
        return shape_of(entity, enums=self.enums) if entity is not None else None


def test_the_first_reading_is_taken_as_it_is() -> None:
    assert Catalog()({"id": "a", "price": "1"}) == []


def test_a_field_that_was_never_there_is_new() -> None:
    catalog = Catalog()
    catalog({"id": "a"}, {"id": "b"})
    assert catalog({"id": "a", "price": "1"}, {"id": "b", "price": "1"}) == [("new", "price", "string")]


def test_a_new_object_is_told_and_not_each_of_its_fields() -> None:
    catalog = Catalog()
    catalog({"id": "a"})
    assert catalog({"id": "a", "price": {"in": 1, "tiers": [{"x": 1}]}}) == [("new", "price", "object")]


def test_a_new_field_in_a_known_object_is_told() -> None:
    catalog = Catalog()
    catalog({"p": {"in": 1}})
    assert catalog({"p": {"in": 1, "out": 2}}) == [("new", "p.out", "number")]


def test_a_new_field_of_several_types_is_one_event() -> None:
    catalog = Catalog()
    catalog({"id": "a"}, {"id": "b"})
    assert len(catalog({"id": "a", "x": None}, {"id": "b", "x": 1})) == 1


def test_a_field_in_another_type_is_retyped() -> None:
    catalog = Catalog()
    catalog({"price": "1"}, {"price": "1"})
    assert catalog({"price": 1}, {"price": "1"}) == [("retyped", "price", "number, was string")]


def test_a_scalar_that_becomes_an_object_is_told_once() -> None:
    catalog = Catalog()
    catalog({"interleaved": True})
    assert catalog({"interleaved": {"field": "x"}}) == [("retyped", "interleaved", "object, was boolean")]


def test_a_field_that_no_entity_has_any_more_is_missing() -> None:
    catalog = Catalog()
    catalog({"id": "a", "x": 1}, {"id": "b", "x": 1})
    assert catalog({"id": "a"}, {"id": "b", "x": 1}) == []
    assert catalog({"id": "a"}, {"id": "b"}) == [("missing", "x", "was number in up to 2 entities")]


def test_a_missing_object_is_told_and_not_each_of_its_fields() -> None:
    catalog = Catalog()
    catalog({"id": "a", "x": {"y": 1, "z": [1]}})
    assert [event[:2] for event in catalog({"id": "a"})] == [("missing", "x")]


def test_what_is_missing_is_told_once_and_counts_up_when_it_is_missing_again() -> None:
    catalog = Catalog()
    catalog({"id": "a", "x": 1})
    told = [catalog({"id": "a"}), catalog({"id": "a"}), catalog({"id": "a", "x": 1}), catalog({"id": "a"})]
    assert [[event[:2] for event in events] for events in told] == [[("missing", "x")], [], [], [("missing", "x")]]


def test_a_field_that_comes_back_is_not_new() -> None:
    catalog = Catalog()
    catalog({"id": "a", "x": 1})
    catalog({"id": "a"})
    assert catalog({"id": "a", "x": 1}) == []


def test_a_new_value_of_an_enumeration_is_told_and_other_values_are_not() -> None:
    catalog = Catalog(enums=frozenset({"kind"}))
    catalog({"kind": "chat", "name": "a"})
    assert catalog({"kind": "image", "name": "b"}) == [("value", "kind", "image")]
    assert catalog({"kind": "chat", "name": "c"}) == []


def test_the_values_of_a_new_field_are_no_news_of_their_own() -> None:
    catalog = Catalog(enums=frozenset({"kind"}))
    catalog({"id": "a"})
    assert catalog({"id": "a", "kind": "chat"}) == [("new", "kind", "string")]


def test_an_enumeration_with_too_many_values_is_told_once() -> None:
    catalog = Catalog(enums=frozenset({"kind"}))
    catalog({"kind": "x"})
    events = catalog(*({"kind": f"k{number}"} for number in range(MAX_VALUES + 50)))
    assert len(events) == MAX_VALUES
    assert len(catalog.values["kind"]) == MAX_VALUES


def test_a_category_with_too_many_fields_is_told_once_and_stays_bounded() -> None:
    catalog = Catalog()
    catalog({"id": "a"})
    many = [{f"f{part}_{number}": 1 for number in range(1000)} for part in range(5)]
    events = catalog(*many)
    assert sum(map(len, catalog.fields.values())) == MAX_PATHS
    assert sum(path == "" for _, path, _ in events) == 1


class Record(msgspec.Struct):
    id: str
    price: str | None = None


KNOWN = known_fields(Record)


def test_at_first_only_what_the_record_does_not_know_is_told() -> None:
    told = Catalog(KNOWN)({"id": "a", "price": 1, "extra": {"x": 1}})
    assert sorted(told) == [
        ("new", "extra", "object, unknown to the adapter"),
        ("retyped", "price", "number, expected null or string"),
    ]


def test_later_a_new_field_is_told_whether_the_record_knows_it_or_not() -> None:
    catalog = Catalog(KNOWN)
    catalog({"id": "a"})
    assert sorted(catalog({"id": "a", "price": "1", "extra": 1})) == [
        ("new", "extra", "number, unknown to the adapter"),
        ("new", "price", "string"),
    ]


def test_a_record_that_knows_less_tells_on_the_next_baseline() -> None:
    catalog = Catalog()
    catalog({"id": "a", "extra": 1})
    catalog.known = KNOWN
    for kinds in catalog.fields.values():
        for field in kinds.values():
            field.live = 0
    catalog.entities = {}
    assert catalog({"id": "a", "extra": 1}, baseline=True) == [("new", "extra", "number, unknown to the adapter")]


def test_counts_follow_what_comes_and_goes() -> None:
    catalog = Catalog()
    catalog({"id": "a", "x": 1}, {"id": "b", "x": "1"}, {"id": "c"})
    catalog({"id": "a", "x": 2}, {"id": "b", "x": 2})
    assert {kind: field.live for kind, field in catalog.fields["x"].items()} == {"number": 2, "string": 0}
    assert catalog.fields["id"]["string"].live == 2
