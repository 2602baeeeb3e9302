"""What an entity looks like, and what an adapter's record knows of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.known import known_fields
from modelcensus.core.shape import MAX_CHARS, MAX_DEPTH, decoded, parent_path, safe, shape_of, value_text


def fields(value: Any, **options: Any) -> set[tuple[str, str]]:
    return set(shape_of(value, **options).fields)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "null"), (True, "boolean"), (1, "number"), (Decimal("0.1"), "number"), (0.5, "number"), ("x", "string"),
     ([], "array"), ({}, "object")],
)  # fmt: skip
def test_a_field_is_its_path_and_json_type(value: Any, kind: str) -> None:
    assert fields({"a": value}) == {("a", kind)}


def test_members_and_elements_have_paths_of_their_own() -> None:
    value = {"a": {"b": 1}, "c": [{"d": "x"}, {"d": None}]}
    assert fields(value) == {
        ("a", "object"), ("a.b", "number"), ("c", "array"), ("c[]", "object"), ("c[].d", "string"), ("c[].d", "null"),
    }  # fmt: skip


def test_odd_names_are_quoted_so_that_no_two_paths_are_alike() -> None:
    paths = {path for path, _ in fields({"a.b": 1, "a": {"b": 1}, "x y": 1, "q[]": 1, "*": 1, "": 1})}
    assert paths == {'["a.b"]', "a", "a.b", '["x y"]', '["q[]"]', '["*"]', '[""]'}


def test_a_path_never_holds_what_acts_on_a_terminal() -> None:
    ((path, _),) = fields({"\x1b[31m\u202e\x00\x9b": 1})
    assert path.isprintable()


def test_names_that_are_data_are_one_path() -> None:
    assert fields({"by_model": {"x": 1, "y": 2}}, maps=frozenset({"by_model"})) == {
        ("by_model", "object"),
        ("by_model.*", "number"),
    }


def test_what_lies_too_deep_is_not_looked_into() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH + 5):
        value = {"a": value}
    assert len(fields(value)) == MAX_DEPTH


def test_an_entity_with_too_many_fields_shows_the_same_first_ones_each_time() -> None:
    value = {"a": {f"n{number}": 1 for number in range(50)}, "b": {"c": 1}}
    once, again = fields(value, max_paths=10), fields(value, max_paths=10)
    assert once == again
    assert len(once) <= 10 + 50 + 1


def test_a_long_path_is_cut() -> None:
    assert max(len(path) for path, _ in fields({"n" * 500: {"m" * 500: 1}})) == MAX_CHARS


def test_the_values_of_enumerations_are_kept() -> None:
    value = {"kind": "chat", "tags": ["a", "b"], "free": True, "n": None}
    shape = shape_of(value, enums=frozenset({"kind", "tags[]", "free", "n"}))
    assert shape.values == {("kind", "chat"), ("tags[]", "a"), ("tags[]", "b"), ("free", "true")}


def test_a_value_is_short_and_safe() -> None:
    assert value_text("x" * 500, 10) == "x" * 9 + "…"
    assert value_text("\x1b[31m\u202e\0") == "\\u001b[31m\\u202e\\u0000"
    assert value_text(Decimal("0.10")) == "0.10"


@pytest.mark.parametrize(
    ("path", "parent"),
    [("a", ""), ("a.b", "a"), ("a[]", "a"), ("a[].b", "a[]"), ('a["x.y"]', "a"), ('["x"]', ""), ('["x"].b', '["x"]')],
)
def test_a_path_has_a_parent(path: str, parent: str) -> None:
    assert parent_path(path) == parent


def test_recorded_numbers_stay_exact() -> None:
    assert decoded(b'{"a":0.1000000000000000055511151231,"b":123456789012345678901234567890}') == {
        "a": Decimal("0.1000000000000000055511151231"),
        "b": 123456789012345678901234567890,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_any_entity_has_a_shape_in_safe_text(value: dict[str, Any]) -> None:
    for path, _ in fields(value):
        assert path == safe(path)
        assert len(path) <= MAX_CHARS


class Inner(msgspec.Struct, rename="camel"):
    max_tokens: int | None = None


class Record(msgspec.Struct):
    id: str
    price: str | None = None
    limits: Inner | None = None
    tiers: list[Inner] = []
    by_name: dict[str, float] = {}
    rest: Any = None
    flag: bool | msgspec.UnsetType = msgspec.UNSET


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("id", {"string"}), ("price", {"string", "null"}), ("limits", {"object", "null"}),
        ("limits.maxTokens", {"number", "null"}), ("tiers[].maxTokens", {"number", "null"}), ("by_name.*", {"number"}),
        ("flag", {"boolean"}),
    ],
)  # fmt: skip
def test_a_record_tells_the_types_of_its_fields(path: str, expected: set[str]) -> None:
    assert known_fields(Record).expected(path) == frozenset(expected)


def test_a_record_knows_nothing_of_other_fields() -> None:
    known = known_fields(Record)
    assert not known.has("name")
    assert not known.has("limits.max_tokens")


def test_where_a_record_takes_anything_all_below_is_known() -> None:
    known = known_fields(Record)
    assert known.has("rest.deep[].x")
    assert known.expected("rest") is None


def test_a_record_names_its_maps() -> None:
    assert known_fields(Record).maps == {"by_name"}
