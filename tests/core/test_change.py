"""What changed between two values, field by field."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.change import ABSENT, FieldChange, at_path, differences, same

NAMES = st.sampled_from(["a", "b", "id", "a.b", "x y", 'q"', "back\\slash", "[0]", "", "é", "k=v", "0"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from(["x", "y", "1"]))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
ENTITIES = st.dictionaries(NAMES, VALUES, max_size=5)


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert list(differences(value, copy.deepcopy(value))) == []


@given(ENTITIES, ENTITIES)
def test_a_field_is_named_where_anything_differs(before: Any, after: Any) -> None:
    assert same(before, after) or list(differences(before, after))


@given(ENTITIES, ENTITIES)
def test_each_path_leads_to_the_values_that_differ(before: Any, after: Any) -> None:
    for change in differences(before, after):
        assert same(at_path(before, change.path), change.before)
        assert same(at_path(after, change.path), change.after)
        assert not same(change.before, change.after)


@given(ENTITIES, ENTITIES)
def test_the_other_way_round_is_the_mirror_image(before: Any, after: Any) -> None:
    there = {change.path: (change.before, change.after) for change in differences(before, after)}
    back = {change.path: (change.after, change.before) for change in differences(after, before)}
    assert repr(sorted(there.items())) == repr(sorted(back.items()))


def only(before: Any, after: Any) -> FieldChange:
    (change,) = differences(before, after)
    return change


def test_a_changed_field_has_its_dotted_path() -> None:
    change = only({"pricing": {"prompt": "1"}}, {"pricing": {"prompt": "2"}})
    assert change == FieldChange("pricing.prompt", "1", "2")


def test_an_absent_field_is_something_else_than_null() -> None:
    assert only({}, {"a": None}) == FieldChange("a", ABSENT, None)
    assert only({"a": None}, {}) == FieldChange("a", None, ABSENT)


@pytest.mark.parametrize(("one", "other"), [(True, 1), (False, 0), ("1", 1), (None, 0), ([], {}), ("", None)])
def test_values_of_different_types_differ(one: Any, other: Any) -> None:
    assert only({"a": one}, {"a": other}).path == "a"


def test_true_in_an_array_is_not_one() -> None:
    assert only({"a": [True]}, {"a": [1]}).added == (1,)


def test_one_is_one_point_zero() -> None:
    assert list(differences({"a": 1}, {"a": 1.0})) == []


def test_an_array_of_scalars_is_compared_whole() -> None:
    change = only({"in": ["text", "image"]}, {"in": ["audio", "text"]})
    assert (change.path, change.added, change.removed) == ("in", ("audio",), ("image",))
    assert (change.before, change.after) == (["text", "image"], ["audio", "text"])


def test_a_new_order_of_scalars_adds_and_removes_nothing() -> None:
    change = only({"in": ["a", "b"]}, {"in": ["b", "a"]})
    assert (change.added, change.removed) == ((), ())
    assert change.after == ["b", "a"]


def test_a_scalar_that_comes_once_more_is_a_change() -> None:
    assert only({"in": ["a"]}, {"in": ["a", "a"]}).after == ["a", "a"]


def test_objects_in_an_array_are_known_by_their_names_not_their_places() -> None:
    before = {"tiers": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}
    after = {"tiers": [{"id": "c", "n": 3}, {"id": "b", "n": 5}, {"id": "a", "n": 1}]}
    found = {change.path: (change.before, change.after) for change in differences(before, after)}
    assert found == {'tiers["id=b"].n': (2, 5), 'tiers["id=c"]': (ABSENT, {"id": "c", "n": 3})}


def test_a_new_order_of_named_objects_is_one_change_of_the_whole() -> None:
    before, after = {"t": [{"id": "a"}, {"id": "b"}]}, {"t": [{"id": "b"}, {"id": "a"}]}
    assert only(before, after) == FieldChange("t", before["t"], after["t"])


def test_objects_without_a_name_of_their_own_are_compared_by_place() -> None:
    before, after = {"t": [{"id": "a", "n": 1}, {"id": "a", "n": 2}]}, {"t": [{"id": "a", "n": 1}, {"id": "a", "n": 3}]}
    assert only(before, after) == FieldChange("t[1].n", 2, 3)


@pytest.mark.parametrize("name", ["a.b", "a b", 'a"b', "a\\b", "[0]", ""])
def test_any_member_name_has_a_path(name: str) -> None:
    change = only({name: 1}, {name: 2})
    assert at_path({name: {"x": 1}, "o": 2}, change.path) == {"x": 1}


@pytest.mark.parametrize("path", ["b", "a.b", "a[0]", "a.b.c", "l[7]", 'l["id=z"]'])
def test_a_path_that_leads_nowhere_is_absent(path: str) -> None:
    assert at_path({"a": 1, "l": [1]}, path) is ABSENT
