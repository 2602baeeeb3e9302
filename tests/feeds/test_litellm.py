"""LiteLLM's cost map: what the census lays over upstream's, what it leaves alone, and what LiteLLM would refuse."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from modelcensus.core.catalog.model import Relation, Status
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds import litellm
from tests.feeds.builders import alias, material, offering, portrait


def entry(provider: str = "openai", **more: Any) -> dict[str, Any]:
    return {
        "litellm_provider": provider, "mode": "chat", "input_cost_per_token": Decimal("0.000001"),
        "output_cost_per_token": Decimal("0.000004"), **more,
    }  # fmt: skip


def named(*keys: str, **more: Any) -> Portrait:
    """OpenAI's GPT-5, which LiteLLM knows by these keys."""
    names = [alias("litellm", key, "openai/gpt-5") for key in keys]
    return portrait(aliases=[*names, *more.pop("aliases", [])], **more)


def built(*portraits: Portrait, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(litellm.build(material(*portraits, **more)), parse_float=Decimal)
    return found


def test_the_price_of_the_labs_own_entry_is_ours() -> None:
    found = built(named("gpt-5", price__input="0.2000000001"), beneath={"gpt-5": entry(tpm=7)})["gpt-5"]
    assert (found["input_cost_per_token"], found["output_cost_per_token"]) == (
        Decimal("0.0000002000000001"),
        Decimal("0.000008"),
    )
    assert found["tpm"] == 7


def test_an_entry_at_another_provider_stays_as_it_is() -> None:
    beneath = {
        "azure/gpt-5": entry("azure"), "bedrock/gpt-5": entry("bedrock"), "together_ai/gpt-5": entry("together_ai")
    }  # fmt: skip
    found = built(named(*beneath), beneath=beneath)
    assert {key: found[key] for key in beneath} == beneath


def test_a_variants_entry_stays_as_it_is() -> None:
    of = portrait(aliases=[alias("litellm", "gpt-5-thinking", "openai/gpt-5", Relation.VARIANT)])
    assert built(of, beneath={"gpt-5-thinking": entry()})["gpt-5-thinking"] == entry()


def test_a_price_that_the_census_does_not_know_stays_upstreams() -> None:
    found = built(named("gpt-5", price__output=None), beneath={"gpt-5": entry()})["gpt-5"]
    assert found["output_cost_per_token"] == Decimal("0.000004")


def test_limits_and_abilities_go_over_those_of_upstream() -> None:
    of = named("gpt-5", context=400_000, max_output=128_000, capabilities__vision=True, capabilities__reasoning=False)
    found = built(of, beneath={"gpt-5": entry(max_tokens=1, max_output_tokens=1, supports_reasoning=True)})["gpt-5"]
    assert {name: found[name] for name in found if name.startswith(("max", "supports"))} == {
        "max_tokens": 128_000, "max_input_tokens": 400_000, "max_output_tokens": 128_000,
        "supports_vision": True, "supports_reasoning": False,
    }  # fmt: skip


def test_prices_above_a_threshold_are_laid_over_by_its_name() -> None:
    tiers = [{"above": 199_999, "rates": {"input": "4"}}]
    found = built(named("gpt-5", price__tiers=tiers), beneath={"gpt-5": entry()})["gpt-5"]
    assert found["input_cost_per_token_above_200k_tokens"] == Decimal("0.000004")
    assert found["output_cost_per_token_above_200k_tokens"] == Decimal("0.000008")


def test_every_entry_and_field_of_upstream_is_kept_to_the_digit() -> None:
    beneath = {
        "sample_spec": {"max_tokens": "a text"},
        "fallback_generalizations": {"rules": []},
        "whoever/x": entry("whoever", input_cost_per_token=Decimal("1.50E-7"), odd={"deep": [1, None]}),
    }
    body = litellm.build(material(beneath=beneath))
    assert b'"input_cost_per_token":0.00000015,' in body
    assert json.loads(body, parse_float=Decimal) == beneath


def test_a_hidden_models_entries_are_left_out() -> None:
    found = built(beneath={"gpt-5": entry(), "gpt-4": entry()}, hidden=frozenset({"gpt-5"}))
    assert list(found) == ["gpt-4"]


def test_a_model_that_upstream_lacks_is_priced_under_its_names_at_openrouter_and_at_its_lab() -> None:
    of = portrait(
        "google/gemini-3",
        aliases=[
            alias("openrouter", "google/gemini-3", "google/gemini-3"),
            alias("google", "models/gemini-3", "google/gemini-3"),
        ],
        context=1_000_000,
        max_output=64_000,
    )
    found = built(of)
    assert set(found) == {"openrouter/google/gemini-3", "gemini/gemini-3"}
    assert found["gemini/gemini-3"] == {
        "litellm_provider": "gemini", "mode": "chat", "max_tokens": 64_000, "max_input_tokens": 1_000_000,
        "max_output_tokens": 64_000, "input_cost_per_token": Decimal("0.000002"),
        "output_cost_per_token": Decimal("0.000008"), "source": "https://census.example/api/models/google/gemini-3",
    }  # fmt: skip


def test_a_model_of_which_a_price_is_not_known_gets_no_entry_that_litellm_would_count_as_0() -> None:
    assert built(portrait(price__output=None), portrait("openrouter/auto", fields={"price.variable": True})) == {}


def test_an_archived_model_stays_priced() -> None:
    assert "openrouter/openai/gpt-5" in built(portrait(status=Status.ARCHIVED))


def test_a_name_that_an_archived_model_left_to_another_one_has_that_ones_price() -> None:
    old = portrait("lab/a", key="lab/x", status=Status.ARCHIVED, price__input="9")
    found = built(old, portrait("lab/b", key="lab/x", price__input="2"))["openrouter/lab/x"]
    assert found["input_cost_per_token"] == Decimal("0.000002")


def test_a_free_model_costs_0() -> None:
    found = built(portrait(price__input="0", price__output="0"))["openrouter/openai/gpt-5"]
    assert found["input_cost_per_token"] == 0


def test_an_override_holds_at_the_lab() -> None:
    found = built(named("gpt-5", overrides={"price.input": "1.8"}), beneath={"gpt-5": entry()})["gpt-5"]
    assert found["input_cost_per_token"] == Decimal("0.0000018")


def test_model_info_names_what_litellm_would_call() -> None:
    of = named("gpt-5", aliases=[alias("openrouter", "openai/gpt-5", "openai/gpt-5")])
    body = litellm.build_info(material(of, beneath={"gpt-5": entry()}))
    (row,) = msgspec.json.decode(body)["data"]
    assert (row["model_name"], row["litellm_params"]) == ("openai/gpt-5", {"model": "openai/gpt-5"})
    assert row["model_info"]["key"] == "gpt-5"
    assert litellm.refusals_info(body) == []


def test_model_info_leaves_out_what_nobody_offers_today() -> None:
    assert msgspec.json.decode(litellm.build_info(material(portrait(status=Status.ARCHIVED)))) == {"data": []}


@pytest.mark.parametrize("row", [{}, {"model_name": "x"}, {"model_name": "x", "litellm_params": {}, "model_info": {}}])
def test_model_info_with_a_row_that_clients_cannot_read_is_refused(row: dict[str, Any]) -> None:
    assert litellm.refusals_info(msgspec.json.encode({"data": [row]})) != []


def whole(count: int = litellm.BUNDLED, **more: Any) -> bytes:
    entries = {f"model-{number}": {"litellm_provider": "openai"} for number in range(count)}
    return msgspec.json.encode({**entries, **more})


def test_a_whole_map_is_taken() -> None:
    assert litellm.refusals(whole()) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "no JSON object"),
        (b"{}", "no JSON object"),
        (b"{", "no JSON"),
        (whole(49), "no fewer than 50"),
        (whole(litellm.BUNDLED // 2 - 1), "fewer than half"),
        (whole(litellm.BUNDLED // 2 - 1, sample_spec={}), "fewer than half"),
        (whole(odd=[]), "are no objects, such as odd"),
        (whole(odd={"input_cost_per_token": "0.1"}), "no numbers, such as odd"),
        (whole(odd={"input_cost_per_token": -1.0}), "no numbers, such as odd"),
    ],
)
def test_a_map_that_litellm_would_not_take_is_refused(body: bytes, reason: str) -> None:
    assert reason in " ".join(litellm.refusals(body))


def test_an_offering_of_open_weights_does_not_price_the_labs_entry() -> None:
    of = portrait(
        "deepseek/r1",
        open_weights=True,
        aliases=[alias("litellm", "deepseek/r1", "deepseek/r1"), alias("openrouter", "deepseek/r1", "deepseek/r1")],
        offerings=[offering("openrouter", "deepseek/r1", "Together", category="endpoint", input="3", output="7")],
    )
    found = built(of, beneath={"deepseek/r1": entry("deepseek")})
    assert found["deepseek/r1"] == entry("deepseek")
    assert found["openrouter/deepseek/r1"]["input_cost_per_token"] == Decimal("0.000002")
