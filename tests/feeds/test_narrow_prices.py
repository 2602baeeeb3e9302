"""Bifrost, OpenLIT and Langfuse: the same prices for readers with types, units and patterns of their own."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds import bifrost, langfuse, openlit
from tests.feeds.builders import alias, material, portrait


def read(body: bytes) -> Any:
    return json.loads(body, parse_float=Decimal)


def test_bifrost_gets_the_provider_by_its_own_word_and_our_price() -> None:
    found = read(bifrost.build(material(portrait(context=1000))))
    assert found == {
        "openrouter/openai/gpt-5": {
            "provider": "openrouter", "mode": "chat", "max_input_tokens": 1000,
            "input_cost_per_token": Decimal("0.000002"), "output_cost_per_token": Decimal("0.000008"),
        }
    }  # fmt: skip


def test_bifrost_gets_no_value_of_a_type_that_would_refuse_the_whole_file() -> None:
    beneath = {
        "sample_spec": {"litellm_provider": "x", "mode": "y", "max_tokens": "a text"},
        "a": {
            "litellm_provider": "a", "mode": "chat", "max_input_tokens": Decimal("8192.0"), "max_output_tokens": "many",
            "context_length": Decimal("1.5"),
            "input_cost_per_token": "0.1", "output_cost_per_token": Decimal("1E-7"), "supports_vision": True,
            "search_context_cost_per_query": {"search_context_size_low": Decimal("0.01"), "note": "a text"},
        },
        "b": {"mode": "chat"},
        "c": {"litellm_provider": "c"},
    }  # fmt: skip
    body = bifrost.build(material(beneath=beneath))
    assert body == (
        b'{"a":{"provider":"a","mode":"chat","max_input_tokens":8192,"output_cost_per_token":0.0000001,'
        b'"search_context_cost_per_query":{"search_context_size_low":0.01}}}'
    )
    assert bifrost.refusals(body) == []


@pytest.mark.parametrize(
    "entry",
    [
        [],
        {"provider": "a"},
        {"provider": "a", "mode": "chat", "input_cost_per_token": "0.1"},
        {"provider": "a", "mode": "chat", "input_cost_per_token": True},
        {"provider": "a", "mode": "chat", "max_input_tokens": 1.5},
        {"provider": "a", "mode": "chat", "search_context_cost_per_query": 0.1},
    ],
)
def test_a_datasheet_that_bifrost_would_not_read_is_refused(entry: object) -> None:
    assert bifrost.refusals(msgspec.json.encode({"x": entry})) != []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}"])
def test_a_datasheet_without_entries_is_refused(body: bytes) -> None:
    assert bifrost.refusals(body) != []


def test_openlit_gets_usd_per_thousand_tokens_by_every_name() -> None:
    of = portrait(aliases=[alias("openai", "gpt-5", "openai/gpt-5")], source="openai", key="gpt-5")
    embedding = portrait("openai/embed", modality="embedding", price__output=None, price__input="0.02")
    speech = portrait("openai/tts", fields={"price.character": "0.000015"})
    body = openlit.build(material(of, embedding, speech))
    costs = {"promptPrice": Decimal("0.002"), "completionPrice": Decimal("0.008")}
    assert read(body) == {
        "chat": {"openai/gpt-5": costs, "gpt-5": costs},
        "embeddings": {"openai/embed": Decimal("0.00002")},
        "images": {},
        "audio": {"openai/tts": Decimal("0.015")},
    }
    assert openlit.refusals(body) == []


def test_openlit_gets_no_model_of_which_a_price_is_not_known() -> None:
    assert read(openlit.build(material(portrait(price__output=None))))["chat"] == {}


@pytest.mark.parametrize(
    "found",
    [
        [],
        {"chat": {}},
        {"chat": {"x": {"promptPrice": 1}}, "embeddings": {}, "images": {}, "audio": {}},
        {"chat": {"x": 1}, "embeddings": {}, "images": {}, "audio": {}},
        {"chat": {}, "embeddings": {"x": "0.1"}, "images": {}, "audio": {}},
        {"chat": {}, "embeddings": {}, "images": {}, "audio": {"x": -1}},
    ],
)
def test_a_pricing_file_in_which_openlit_would_count_0_is_refused(found: object) -> None:
    assert openlit.refusals(msgspec.json.encode(found)) != []


def definitions(*portraits: Portrait) -> list[dict[str, Any]]:
    body = langfuse.build(material(*portraits))
    assert langfuse.refusals(body) == []
    found: list[dict[str, Any]] = read(body)
    return found


def test_langfuse_gets_usd_per_token() -> None:
    assert definitions(portrait(price__input="0.05")) == [
        {
            "modelName": "modelcensus:openai/gpt-5", "matchPattern": "(?i)^(openai/gpt\\-5)$", "unit": "TOKENS",
            "inputPrice": Decimal("0.00000005"), "outputPrice": Decimal("0.000008"),
        }
    ]  # fmt: skip


def test_langfuses_pattern_is_exactly_the_names_whatever_their_case() -> None:
    names = [alias("openai", "gpt-5.1", "openai/gpt-5"), alias("openrouter", "openai/gpt-5", "openai/gpt-5")]
    (found,) = definitions(portrait(aliases=names))
    matches = [
        bool(re.search(found["matchPattern"], name)) for name in ("GPT-5.1", "openai/gpt-5", "gpt-5-1", "gpt-5.10")
    ]
    assert matches == [True, True, False, False]


def test_langfuse_gets_no_model_of_which_a_price_is_not_known() -> None:
    assert definitions(portrait(price__output=None), portrait("a/b", price__input=None)) == []


def test_an_embedding_has_no_price_of_output() -> None:
    (found,) = definitions(portrait(modality="embedding", price__output=None))
    assert "outputPrice" not in found


@pytest.mark.parametrize(
    "change",
    [
        {"modelName": None},
        {"unit": ""},
        {"inputPrice": None},
        {"inputPrice": "0.1"},
        {"inputPrice": -1},
        {"totalPrice": 1},
        {"matchPattern": "("},
        {"more": 1},
    ],
)
def test_a_definition_that_langfuse_would_not_take_is_refused(change: dict[str, Any]) -> None:
    body = {"modelName": "a", "matchPattern": "a", "unit": "TOKENS", "inputPrice": 0.1, **change}
    assert langfuse.refusals(msgspec.json.encode([body])) != []


def test_two_definitions_of_one_name_are_refused() -> None:
    body = {"modelName": "a", "matchPattern": "a", "unit": "TOKENS", "inputPrice": 0.1}
    assert langfuse.refusals(msgspec.json.encode([body, body])) == ["two definitions have one name"]
