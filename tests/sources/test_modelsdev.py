"""models.dev's document taken apart, sound and broken."""

from __future__ import annotations

import json

import pytest

from modelcensus.core.faults import FaultKind
from modelcensus.core.known import known_fields
from modelcensus.core.quality import findings
from modelcensus.core.reading import Split
from modelcensus.core.shape import decoded, shape_of
from modelcensus.sources.modelsdev import ADAPTER, DOCUMENT, split
from modelcensus.upstream.exchanges import load_example
from tests.builders import as_json, modelsdev


def named(found: Split) -> list[tuple[str, str]]:
    return [(entity.category, entity.key) for entity in found.slices]


def test_providers_and_their_models_are_entities() -> None:
    found = split(modelsdev(openai=["gpt-5", "o3"], groq=["llama"]))
    assert named(found) == [
        ("provider", "openai"),
        ("model", "openai/gpt-5"),
        ("model", "openai/o3"),
        ("provider", "groq"),
        ("model", "groq/llama"),
    ]
    assert (found.faults, found.truncated) == ([], False)


def test_a_provider_is_kept_without_its_models_and_nothing_else_is_lost() -> None:
    body = as_json({"a": {"id": "a", "env": ["KEY"], "models": {"m": {"id": "m", "n": 1}}, "doc": "é"}})
    provider, model = split(body).slices
    assert json.loads(bytes(provider.raw)) == {"id": "a", "env": ["KEY"], "doc": "é"}
    assert bytes(model.raw) == b'{"id":"m","n":1}'


def test_the_same_model_at_two_providers_is_two_entities() -> None:
    assert named(split(modelsdev(a=["m"], b=["m"])))[1::2] == [("model", "a/m"), ("model", "b/m")]


def test_a_model_name_may_hold_slashes() -> None:
    assert ("model", "a/lab/m:free") in named(split(as_json({"a": {"models": {"lab/m:free": {}}}})))


@pytest.mark.parametrize("provider", [5, None, "x", ["m"]])
def test_a_provider_that_is_no_object_hides_its_models(provider: object) -> None:
    found = split(as_json({"good": {"models": {"m": {}}}, "bad": provider}))
    assert named(found) == [("provider", "good"), ("model", "good/m")]
    assert [(f.kind, f.category, f.key) for f in found.faults] == [
        (FaultKind.NOT_AN_OBJECT, "provider", "bad"),
        (FaultKind.NOT_AN_OBJECT, "model", None),
    ]


@pytest.mark.parametrize("provider", [{"name": "x"}, {"models": None}, {"models": 5}, {"models": [{"id": "m"}]}])
def test_models_that_are_missing_or_of_another_shape_hide_any_model(provider: dict[str, object]) -> None:
    found = split(as_json({"p": provider}))
    assert named(found) == [("provider", "p")]
    assert [(f.kind, f.category, f.key) for f in found.faults] == [(FaultKind.NOT_AN_OBJECT, "model", None)]


def test_a_provider_with_no_model_at_all_is_fine() -> None:
    assert split(as_json({"p": {"models": {}}})).faults == []


@pytest.mark.parametrize("name", ["", " ", "a\u0001b", "x" * 600])
def test_a_model_without_a_usable_name_is_a_nameless_fault(name: str) -> None:
    found = split(as_json({"p": {"models": {name: {}, "m": {}}}}))
    assert named(found) == [("provider", "p"), ("model", "p/m")]
    assert [(f.kind, f.category, f.key) for f in found.faults] == [(FaultKind.BAD_KEY, "model", None)]


@pytest.mark.parametrize("body", [b"[]", b"null", b"", b"<html>", b'"x"', b'{"error":{"code":500,"message":"busy"}}'])
def test_another_top_level_is_no_document(body: bytes) -> None:
    found = split(body)
    assert ([fault.kind for fault in found.faults], found.truncated) == ([FaultKind.WRONG_TOP_LEVEL], True)


def test_a_cut_document_says_that_it_is_cut() -> None:
    body = modelsdev(a=["one", "two"], b=["three"])
    for length in range(1, len(body) - 1):
        assert split(body[:length]).truncated, body[:length]


def test_a_provider_that_comes_twice_is_given_twice() -> None:
    found = split(b'{"a":{"models":{"m":{}}},"a":{"models":{"n":{}}}}')
    assert named(found) == [("provider", "a"), ("model", "a/m"), ("provider", "a"), ("model", "a/n")]


def problems(**fields: object) -> list[str]:
    entity = {"name": "M", "release_date": "2026-03", "limit": {"context": 1000, "output": 100}, **fields}
    return [f"{each.path}: {each.detail}" for each in findings(entity, DOCUMENT.checks["model"])]


def test_a_model_without_cost_and_with_a_month_for_a_date_is_fine() -> None:
    assert problems() == []


def test_prices_limits_and_dates_that_cannot_be_meant_are_found() -> None:
    assert problems(
        cost={"input": -1, "output": 20000, "tiers": [{"input": "x"}]},
        limit={"context": 0, "output": 8},
        release_date="2025-25-11",
    ) == [
        "cost.input: negative: -1",
        "cost.output: 20000, expected below 10000",
        "cost.tiers[0].input: not a number: x",
        "limit.context: 0, expected at least 1",
        "limit.output: 8 is above limit.context, 0",
        "release_date: not a date: 2025-25-11",
    ]


def test_the_record_knows_every_field_of_the_example_and_no_invented_one() -> None:
    assert ADAPTER.example is not None
    example = load_example(ADAPTER.example)
    for category, entities in example.expected.items():
        known = known_fields(DOCUMENT.records[category])
        for data in entities.values():
            fields = shape_of(decoded(bytes(data)), maps=known.maps).fields
            assert {path for path, kind in fields if kind not in (known.expected(path) or {kind})} == set()
            assert {path for path, _ in fields if not known.has(path)} == set()
        assert not known.has("invented")
