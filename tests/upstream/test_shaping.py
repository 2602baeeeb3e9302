"""A fault turns a good body into what goes over the wire: pure, without a socket."""

from __future__ import annotations

import gzip
import json
from email.utils import parsedate_to_datetime
from math import inf
from typing import Any

import brotli  # type: ignore[import-untyped]  # the package ships no types
import pytest
from backports import zstd

from modelcensus.upstream import Fault, Wire, shaped
from modelcensus.upstream.shaping import End, bomb

ENTITIES = [{"id": "a/one", "name": "One"}, {"id": "b/two", "name": "Two"}, {"id": "c/three", "name": "Three"}]
SHAPES = {
    "list": ENTITIES,
    "data": {"data": ENTITIES, "total_count": 3},
    "by key": {str(entity["id"]): entity for entity in ENTITIES},
}
GOOD = json.dumps(SHAPES["data"]).encode()


def entities(body: bytes) -> list[Any]:
    top = json.loads(body)
    if isinstance(top, dict):
        top = top.get("data", top)
    return list(top.values()) if isinstance(top, dict) else list(top)


def test_without_a_fault_the_body_goes_out_as_it_is() -> None:
    assert shaped(GOOD) == Wire(body=GOOD, length=len(GOOD))


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_described_in_one_line_and_can_be_played(fault: Fault) -> None:
    assert fault.value
    assert "\n" not in fault.value
    assert isinstance(shaped(GOOD, fault, bomb_bytes=1024), Wire)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_changes_something(fault: Fault) -> None:
    assert shaped(GOOD, fault, bomb_bytes=1024) != shaped(GOOD)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_half_list_keeps_the_first_half(shape: str) -> None:
    body = shaped(json.dumps(SHAPES[shape]).encode(), Fault.HALF_LIST).body
    assert entities(body) == ENTITIES[:1]


@pytest.mark.parametrize("shape", ["list", "data"])
def test_a_duplicated_entity_comes_twice(shape: str) -> None:
    body = shaped(json.dumps(SHAPES[shape]).encode(), Fault.DUPLICATED).body
    assert entities(body) == [ENTITIES[0], *ENTITIES]


def test_an_entity_duplicated_by_key_is_a_member_twice() -> None:
    body = shaped(json.dumps(SHAPES["by key"]).encode(), Fault.DUPLICATED).body
    assert body.count(b'"a/one": {') == 2


@pytest.mark.parametrize("shape", SHAPES)
def test_no_entities_leaves_the_shell(shape: str) -> None:
    assert entities(shaped(json.dumps(SHAPES[shape]).encode(), Fault.NO_ENTITIES).body) == []


def test_changed_types_strike_the_first_entity_only() -> None:
    assert entities(shaped(GOOD, Fault.NUMBER_FOR_STRING).body) == [ENTITIES[0] | {"id": 12345}, *ENTITIES[1:]]
    assert entities(shaped(GOOD, Fault.LIST_FOR_OBJECT).body) == [[ENTITIES[0]], *ENTITIES[1:]]


def test_other_top_levels_are_whole_json() -> None:
    assert json.loads(shaped(GOOD, Fault.EMPTY_LIST).body) == []
    assert isinstance(json.loads(shaped(GOOD, Fault.WRONG_TOP_LEVEL).body), str)


def test_nan_and_infinity_stand_bare_in_the_text() -> None:
    body = shaped(GOOD, Fault.NAN).body
    assert b": NaN" in body
    assert b": Infinity" in body


def test_a_duplicate_member_has_another_value() -> None:
    seen: list[list[tuple[str, Any]]] = []
    json.loads(shaped(GOOD, Fault.DUPLICATE_MEMBERS).body, object_pairs_hook=seen.append)
    assert [value for name, value in seen[0] if name == "id"] == ["a/one", "another value"]


@pytest.mark.parametrize(("fault", "depth"), [(Fault.NESTED_100, 100), (Fault.NESTED_100K, 100_000)])
def test_deep_nesting_is_as_deep_as_said(fault: Fault, depth: int) -> None:
    assert b"[" * depth + b"]" * depth in shaped(GOOD, fault).body


def test_invalid_utf8_breaks_a_string_and_nothing_else() -> None:
    body = shaped(GOOD, Fault.INVALID_UTF8).body
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert len(entities(body.decode(errors="ignore").encode())) == 3


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_bomb_is_small_and_unpacks_to_what_was_asked(coding: str) -> None:
    size = 3 * 1024 * 1024 + 7
    packed = bomb(coding, size)
    assert len(packed) < size / 500
    unpack = {
        "gzip": gzip.decompress,
        "br": brotli.decompress,
        "zstd": zstd.ZstdDecompressor().decompress,
    }
    assert unpack[coding](packed) == b" " * size


def test_retry_after_is_seconds_or_a_date() -> None:
    assert shaped(GOOD, Fault.TOO_MANY, seconds=7).headers["Retry-After"] == "7"
    date = shaped(GOOD, Fault.TOO_MANY_UNTIL, seconds=7, now=1_000_000.0).headers["Retry-After"]
    assert parsedate_to_datetime(date).timestamp() == 1_000_007


def test_lengths_lie_in_both_directions() -> None:
    assert shaped(GOOD, Fault.LENGTH_TOO_LONG).length == len(GOOD) + 10
    assert shaped(GOOD, Fault.LENGTH_TOO_SHORT).length == len(GOOD) // 2


def test_a_hang_lasts_until_the_server_stops() -> None:
    assert shaped(GOOD, Fault.HANG_BEFORE_HEADERS).delay == inf
    assert shaped(GOOD, Fault.HANG_IN_BODY).end is End.HANG
