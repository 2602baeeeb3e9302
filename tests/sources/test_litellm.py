"""LiteLLM's cost map taken apart, sound and broken."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from modelcensus.core.faults import FaultKind
from modelcensus.core.quality import findings
from modelcensus.core.reading import Split
from modelcensus.core.records import SyncStatus
from modelcensus.sources.litellm import ADAPTER, CHECKS, CostMapEntry, split
from tests.builders import as_json
from tests.sources.playing import table


def entry(price: float = 1e-06, **fields: Any) -> dict[str, Any]:
    return {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": price, **fields}


def named(found: Split) -> list[str]:
    return [entity.key for entity in found.slices]


def test_each_member_is_one_model_under_its_name() -> None:
    one, two = entry(), entry(mode="embedding")
    found = split(as_json({"gpt-x": one, "eu.lab.x-v1:0": two}))
    assert [(entity.category, entity.key, bytes(entity.raw)) for entity in found.slices] == [
        ("model", "gpt-x", as_json(one)),
        ("model", "eu.lab.x-v1:0", as_json(two)),
    ]
    assert (found.faults, found.truncated, found.more) == ([], False, False)


@pytest.mark.parametrize("name", ["sample_spec", "fallback_generalizations"])
def test_what_explains_the_map_is_no_model(name: str) -> None:
    assert named(split(as_json({name: {"litellm_provider": "one of"}, "gpt-x": entry()}))) == ["gpt-x"]


@pytest.mark.parametrize("value", [None, 5, "x", []])
def test_a_member_that_is_no_object_is_a_named_fault(value: object) -> None:
    found = split(as_json({"gpt-x": entry(), "gpt-y": value}))
    (fault,) = found.faults
    assert (named(found), fault.kind, fault.key) == (["gpt-x"], FaultKind.NOT_AN_OBJECT, "gpt-y")


@pytest.mark.parametrize("name", ["", "  ", "a\u0000b", "x" * 513])
def test_a_name_that_can_be_no_key_is_a_nameless_fault(name: str) -> None:
    (fault,) = split(as_json({name: entry()})).faults
    assert (fault.kind, fault.category, fault.key) == (FaultKind.BAD_KEY, "model", None)


def test_a_name_that_comes_twice_is_left_to_the_recorder() -> None:
    one, other = as_json(entry(1)), as_json(entry(2))
    assert named(split(b'{"x":' + one + b',"x":' + other + b"}")) == ["x", "x"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"<html>", b'{"error":{"message":"gone"}}', b'{"message":"Not Found","status":"404"}']
)
def test_another_shape_is_no_cost_map(body: bytes) -> None:
    found = split(body)
    assert (found.slices, found.truncated, found.faults[0].kind) == ([], True, FaultKind.WRONG_TOP_LEVEL)


def test_a_cut_map_keeps_what_is_whole_and_says_that_it_is_cut() -> None:
    body = as_json({"a": entry(), "b": entry(), "c": entry()})
    found = split(body[: body.index(b'"c"')])
    assert found.truncated
    assert named(found) == ["a", "b"]


def test_the_map_is_read_from_the_path_that_is_set(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, base="/main/", options={"path": "mine.json"}) as laid:
        assert laid.sync({"sample_spec": entry(), "gpt-x": entry()}).status is SyncStatus.COMPLETE
        assert laid.live() == {"gpt-x"}
        assert [request.path for request in laid.up.requests] == ["/main/mine.json"]


@pytest.mark.parametrize("price", [0.135, 0.001, -1e-06])
def test_a_token_for_a_tenth_of_a_cent_is_a_finding(price: float) -> None:
    (finding,) = findings(entry(price), CHECKS)
    assert "input_cost_per_token" in str(finding)


def test_a_dear_but_real_price_is_none() -> None:
    assert findings(entry(0.00015, output_cost_per_token=0.0006, max_output_tokens=0), CHECKS) == []


def test_the_common_fields_are_known() -> None:
    record = msgspec.json.decode(as_json(entry(max_input_tokens=1e6, supports_vision=True)), type=CostMapEntry)
    assert (record.max_input_tokens, record.supports_vision) == (1_000_000, True)
