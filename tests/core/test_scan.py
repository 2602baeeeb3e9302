"""Containers taken apart: the fast and the tolerant way agree, and one bad child costs only itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core import scan

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
TRICKY = st.sampled_from(['"', "\\", '\\"', "]", "}", "{[", ",", ":", "\\\\", "é", "\n"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), NAMES, TRICKY
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TRICKY, inner, max_size=3),
    max_leaves=8,
)
STYLES: list[dict[str, Any]] = [{"separators": (",", ":")}, {}, {"indent": 2}, {"separators": (" , ", " : ")}]


def texts(value: Any, style: dict[str, Any], escape: bool) -> bytes:
    return json.dumps(value, ensure_ascii=escape, **style).encode()


def tolerant(body: bytes) -> scan.Children:
    """The tolerant way, which is taken for whatever the fast way refuses; here for sound text too."""
    return scan._scan(body)


def opened(found: scan.Children) -> list[Any]:
    return [json.loads(bytes(item)) for item in found.items]


@given(st.lists(VALUES, max_size=5), st.sampled_from(STYLES), st.booleans())
def test_both_ways_find_the_same_elements(value: list[Any], style: dict[str, Any], escape: bool) -> None:
    body = texts(value, style, escape)
    assert opened(scan.elements(body)) == opened(tolerant(body)) == value
    assert scan.elements(body).closed
    assert tolerant(body).closed


@given(st.dictionaries(NAMES | TRICKY, VALUES, max_size=5), st.sampled_from(STYLES), st.booleans())
def test_both_ways_find_the_same_members(value: dict[str, Any], style: dict[str, Any], escape: bool) -> None:
    body = texts(value, style, escape)
    for found in (scan.members(body), tolerant(body)):
        assert found.names == list(value)
        assert opened(found) == list(value.values())
        assert found.closed


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "é", '"']), VALUES), min_size=1, max_size=6),
    st.sampled_from(["", " "]),
)
def test_a_member_that_comes_twice_is_given_twice(pairs: list[tuple[str, Any]], gap: str) -> None:
    members = f",{gap}".join(f"{json.dumps(name)}:{gap}{json.dumps(value)}" for name, value in pairs)
    found = scan.members(("{" + members + "}").encode())
    assert found.names == [name for name, _ in pairs]
    assert opened(found) == [value for _, value in pairs]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"id":NaN}',
        b'{"id":"\xff"}',
        b'{"id":1,}',
        b'{"id" 1}',
        b'{"id":[1}',
        b"nonsense",
        b'{"id":' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"a":1}}',
    ],
)
def test_a_broken_element_does_not_swallow_its_neighbours(broken: bytes) -> None:
    found = scan.elements(b'[{"id":"before"},' + broken + b',{"id":"after"}]')
    items = [bytes(item) for item in found.items]
    assert items[0] == b'{"id":"before"}'
    assert b'{"id":"after"}' in items
    assert len(items) <= 3


def test_a_broken_member_does_not_swallow_its_neighbours() -> None:
    found = scan.members(b'{"a":{"x":1},"b":{"y":[NaN},"c":{"z":3}}')
    assert found.names == ["a", "b", "c"]
    assert bytes(found.items[2]) == b'{"z":3}'


@pytest.mark.parametrize("cut", range(1, 40))
def test_text_that_ends_early_is_said_to_end_early(cut: int) -> None:
    body = b'[{"id":"one","n":1},{"id":"two","n":[2]}]'
    assert not scan.elements(body[:-cut]).closed


def test_what_came_before_the_cut_is_kept() -> None:
    found = scan.elements(b'[{"id":"one"},{"id":"tw')
    assert bytes(found.items[0]) == b'{"id":"one"}'


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_hundred_thousand_levels_are_one_child(opening: bytes) -> None:
    deep = opening * 100_000 + b"1" + (b"]" if opening == b"[" else b"}") * 100_000
    found = scan.elements(b"[1," + deep + b",2]")
    assert [len(bytes(item)) for item in found.items] == [1, len(deep), 1]
    assert found.closed


def test_a_hundred_thousand_levels_left_open_do_not_crash() -> None:
    assert not scan.elements(b"[" * 100_000).closed


def test_a_byte_order_mark_and_outer_white_space_are_no_content() -> None:
    assert scan.trim(b"\xef\xbb\xbf \n[1]\r\n") == b"[1]"


@pytest.mark.parametrize(("body", "kind"), [(b"{}", "object"), (b"[]", "array"), (b'"x"', "other"), (b"", "other")])
def test_a_container_is_known_by_its_first_byte(body: bytes, kind: str) -> None:
    assert scan.kind(body) == kind


def test_a_hundred_thousand_stray_brackets_are_passed_over_at_once() -> None:
    # A quadratic scan would take hours here, so this test ends by never ending.
    deep = b"[" * 200_000 + b"}" * 200_000
    assert not scan.elements(deep).closed
