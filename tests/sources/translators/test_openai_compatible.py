"""What OpenAI-compatible upstreams say beside OpenAI's own fields, in the one schema."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core import native
from modelcensus.core.catalog.listing import Listing, Modality, Prices, Rates, Stage, Tier
from modelcensus.core.native import Facts, Origin
from modelcensus.sources.translators.contract import Aids
from modelcensus.sources.translators.openai_compatible import TRANSLATOR
from tests.sources.translators.said import AIDS, listing, snapshot, sound, spoilt_snapshots

XAI: dict[str, Any] = {
    "id": "grok-example",
    "object": "model",
    "owned_by": "xai",
    "context_length": 256000,
    "input_modalities": ["text", "image"],
    "output_modalities": ["text"],
    "prompt_text_token_price": 12500,
    "cached_prompt_text_token_price": 2000,
    "completion_text_token_price": 25001,
    "prompt_image_token_price": 0,
    "long_context_threshold": 128000,
    "prompt_text_token_price_long_context": 25000,
    "search_price": 250000000,
}
TOGETHER: dict[str, Any] = {
    "id": "example/Chat-13B",
    "object": "model",
    "type": "chat",
    "display_name": "Chat (13B)",
    "organization": "example",
    "link": "https://huggingface.co/example/Chat-13B",
    "license": "apache-2.0",
    "context_length": 4096,
    "pricing": {"hourly": 0, "input": 0.3, "output": 0.6, "base": 0, "finetune": 0},
}
MISTRAL: dict[str, Any] = {
    "id": "example-small-2506",
    "object": "model",
    "owned_by": "mistralai",
    "name": "example-small",
    "description": "Our small model",
    "max_context_length": 131072,
    "deprecation": "2026-05-31T12:00:00Z",
    "deprecation_replacement_model": "example-small-2606",
    "capabilities": {"completion_chat": True, "function_calling": True, "vision": False, "fine_tuning": False},
}
GROQ: dict[str, Any] = {
    "id": "llama-example", "object": "model", "owned_by": "Meta", "active": True, "context_window": 131072,
    "max_completion_tokens": 32768,
}  # fmt: skip
TODAY = Aids(today=date(2026, 6, 15))


def told(data: dict[str, Any], **said: Any) -> Listing:
    found = TRANSLATOR.translate(snapshot({**data, **said}, data["id"]), TODAY).listing
    assert found is not None
    return found


def test_prices_of_xai_are_cents_for_a_hundred_million_tokens() -> None:
    assert told(XAI).prices == Prices(
        base=Rates(input=Decimal("1.25"), cache_read=Decimal("0.2"), output=Decimal("2.5001")),
        tiers=(Tier(above=127_999, rates=Rates(input=Decimal("2.5"))),),
    )


def test_a_threshold_without_prices_is_no_tier() -> None:
    assert told(XAI, prompt_text_token_price_long_context=None).prices.tiers == ()


def test_modalities_of_xai_are_read() -> None:
    found = told(XAI)
    assert (found.inputs, found.modality, found.capabilities["vision"]) == (
        ("text", "image"),
        Modality.MULTIMODAL,
        True,
    )
    assert (found.context, found.lab) == (256_000, "xai")


def test_prices_of_together_are_per_million_tokens() -> None:
    found = told(TOGETHER)
    assert found.prices == Prices(base=Rates(input=Decimal("0.3"), output=Decimal("0.6")))
    assert (found.name, found.lab, found.licence) == ("Chat (13B)", "example", "apache-2.0")
    assert (found.outputs, found.links) == (("text",), {"model": "https://huggingface.co/example/Chat-13B"})


def test_together_says_zero_of_what_it_does_not_sell_by_the_token() -> None:
    assert told(TOGETHER, pricing={"hourly": 0, "input": 0, "output": 0, "base": 0}).prices == Prices()


@pytest.mark.parametrize(
    "pricing", [{"prompt": "0.0000003", "completion": "0.0000006"}, {"input": 0.3, "output": 0.6}, {"unit": "USD"}]
)
def test_a_price_whose_unit_nobody_states_is_not_known(pricing: dict[str, Any]) -> None:
    assert told({"id": "m", "object": "model"}, pricing=pricing).prices == Prices()


@pytest.mark.parametrize(
    ("kind", "outputs"),
    [("chat", ("text",)), ("image", ("image",)), ("embedding", ("embedding",)), ("rerank", ("rerank",)), ("base", ())],
)
def test_the_type_says_what_comes_out(kind: str, outputs: tuple[str, ...]) -> None:
    assert told(TOGETHER, type=kind).outputs == outputs


def test_mistral_says_when_a_model_is_deprecated_and_what_replaces_it() -> None:
    found = told(MISTRAL)
    assert (found.deprecated, found.stage, found.successor) == ("2026-05-31", Stage.DEPRECATED, "example-small-2606")
    assert found.capabilities == {"tool_calling": True, "vision": False, "fine_tuning": False}
    assert (found.name, found.lab, found.context) == ("example-small", "mistralai", 131_072)


def test_a_deprecation_to_come_is_none_yet() -> None:
    assert told(MISTRAL, deprecation="2026-12-31T12:00:00Z").stage is Stage.UNKNOWN


@pytest.mark.parametrize(("active", "stage"), [(True, Stage.ACTIVE), (False, Stage.UNKNOWN), (None, Stage.UNKNOWN)])
def test_groq_says_which_model_is_active(active: bool | None, stage: Stage) -> None:
    found = told(GROQ, active=active)
    assert (found.stage, found.lab) == (stage, "Meta")
    assert (found.context, found.max_output) == (131_072, 32_768)


def test_a_server_that_names_itself_as_the_owner_is_no_lab() -> None:
    found = told({"id": "/models/x", "object": "model", "owned_by": "vllm", "max_model_len": 8192, "created": 1})
    assert (found.lab, found.context, found.released) == (None, 8192, None)


def test_llama_cpp_counts_parameters() -> None:
    meta = {"n_ctx_train": 131072, "n_params": 70030261312}
    found = told({"id": "x.gguf", "owned_by": "llamacpp", "meta": meta})
    assert (found.parameters, found.context) == (70_030_261_312, None)


def test_the_source_is_the_provider_with_facts_under_its_name() -> None:
    facts = Facts(
        ids=("m",), source="https://lab.test/p", checked=date(2026, 1, 1), origin=Origin(file="here.toml", number=1),
        rates=native.Rates(input=Decimal("1.00"), output=Decimal("2.00")),
    )  # fmt: skip
    found = TRANSLATOR.translate(snapshot({"id": "m"}, "m"), Aids(facts={"here": (facts,)}, today=date(2026, 6, 15)))
    assert [(each.provider, each.prices.base.input) for each in found.offerings] == [("here", Decimal(1))]
    # So that its answers are not kept when the facts change.
    assert TRANSLATOR.aided


def test_a_price_of_the_listing_counts_before_the_facts() -> None:
    facts = Facts(
        ids=("*",), source="https://lab.test/p", checked=date(2026, 1, 1), origin=Origin(file="here.toml", number=1),
        rates=native.Rates(input=Decimal("9.00"), output=Decimal("9.00")),
    )  # fmt: skip
    found = TRANSLATOR.translate(
        snapshot(TOGETHER, "example/Chat-13B"), Aids(facts={"here": (facts,)}, today=date(2026, 6, 15))
    )
    assert found.offerings[0].prices.base.input == Decimal("0.3")


@pytest.mark.parametrize("data", [XAI, TOGETHER, MISTRAL, GROQ])
def test_nothing_that_is_sent_breaks_it(data: dict[str, Any]) -> None:
    for each in spoilt_snapshots({**data, "shutdown_date": "2026-09-30", "meta": {"n_params": 5}}, data["id"]):
        sound(TRANSLATOR.translate(each, AIDS))


def test_an_entry_with_nothing_but_an_id_is_a_model() -> None:
    assert listing(TRANSLATOR, snapshot({"id": "deepseek-chat"}, "deepseek-chat")).provider == "here"
