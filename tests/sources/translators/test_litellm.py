"""What LiteLLM's cost map says, in the one schema."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.catalog.listing import Modality, Rates, Tier, Untranslatable
from modelcensus.sources.litellm import ADAPTER
from modelcensus.sources.translators.litellm import TRANSLATOR, region
from tests.sources.translators.said import AIDS, listing, offering, recorded, snapshot, sound, spoilt_snapshots

WHOLE: dict[str, Any] = {
    "litellm_provider": "gemini",
    "mode": "chat",
    "max_tokens": 65535,
    "max_input_tokens": 1048576.0,
    "max_output_tokens": 65535,
    "input_cost_per_token": 1.25e-06,
    "output_cost_per_token": 1e-05,
    "cache_read_input_token_cost": 1.25e-07,
    "cache_creation_input_token_cost": 1.5e-06,
    "cache_creation_input_token_cost_above_1hr": 2e-06,
    "input_cost_per_token_batches": 6.25e-07,
    "output_cost_per_token_batches": 5e-06,
    "input_cost_per_token_above_200k_tokens": 2.5e-06,
    "output_cost_per_token_above_200k_tokens": 1.5e-05,
    "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 4e-06,
    "input_cost_per_token_priority": 9e-06,
    "search_context_cost_per_query": {"search_context_size_low": 0.03, "search_context_size_medium": 0.035},
    "supports_vision": True,
    "supports_function_calling": True,
    "supports_web_search": False,
    "supported_modalities": ["text", "image", "audio"],
    "supported_output_modalities": ["text"],
    "supported_endpoints": ["/v1/chat/completions", "/v1/batch"],
    "deprecation_date": "2026-12-31",
    "source": "https://prices.example/one",
}


def said(key: str = "gemini/one", **fields: Any) -> Any:
    return snapshot(WHOLE | fields, key)


def bare(key: str = "one", **fields: Any) -> Any:
    return snapshot({"litellm_provider": "openai", **fields}, key)


def test_an_entry_is_a_listing_with_everything_that_is_said_of_it() -> None:
    found = listing(TRANSLATOR, said())
    assert (found.key, found.provider, found.lab, found.name) == ("gemini/one", "gemini", "google", None)
    assert (found.inputs, found.outputs, found.modality) == (("text", "image", "audio"), ("text",), Modality.MULTIMODAL)
    assert (found.context, found.max_input, found.max_output) == (None, 1048576, 65535)
    assert found.retires == "2026-12-31"
    assert found.links == {"source": "https://prices.example/one"}


def test_costs_per_token_become_prices_per_million() -> None:
    assert listing(TRANSLATOR, said()).prices.base == Rates(
        input=Decimal("1.25"),
        output=Decimal(10),
        cache_read=Decimal("0.125"),
        cache_write=Decimal("1.5"),
        cache_write_1h=Decimal(2),
        batch_input=Decimal("0.625"),
        batch_output=Decimal(5),
        web_search=Decimal("0.035"),
    )


def test_costs_above_so_many_tokens_are_a_tier() -> None:
    (tier,) = listing(TRANSLATOR, said()).prices.tiers
    rates = Rates(input=Decimal("2.5"), output=Decimal(15), cache_write_1h=Decimal(4))
    assert tier == Tier(above=200000, rates=rates)


def test_tiered_pricing_gives_the_base_and_the_tiers_by_its_ranges() -> None:
    steps = [
        {"input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07, "range": [0, 256000.0]},
        {"input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06, "range": [256000.0, 1000000.0]},
    ]
    prices = listing(TRANSLATOR, bare(mode="chat", tiered_pricing=steps)).prices
    assert prices.base == Rates(input=Decimal("0.05"), output=Decimal("0.4"))
    assert prices.tiers == (Tier(above=256000, rates=Rates(input=Decimal("0.25"), output=Decimal(2))),)


def test_a_higher_tier_keeps_what_the_lower_one_names() -> None:
    costs: dict[str, Any] = {
        "input_cost_per_token": 1e-06,
        "input_cost_per_token_above_128k_tokens": 2e-06,
        "output_cost_per_token_above_128k_tokens": 3e-06,
        "input_cost_per_token_above_256k_tokens": 4e-06,
    }
    higher = listing(TRANSLATOR, bare(mode="chat", **costs)).prices.tiers[1]
    assert higher == Tier(above=256000, rates=Rates(input=Decimal(4), output=Decimal(3)))


def test_capabilities_are_true_false_or_unknown_as_said() -> None:
    able = listing(TRANSLATOR, said()).capabilities
    assert (able["vision"], able["web_search"], able["batch"]) == (True, False, True)
    assert "reasoning" not in able


@pytest.mark.parametrize(
    ("mode", "modality"),
    [
        ("chat", Modality.TEXT),
        ("embedding", Modality.EMBEDDING),
        ("image_generation", Modality.IMAGE),
        ("image_edit", Modality.IMAGE),
        ("video_generation", Modality.VIDEO),
        ("audio_speech", Modality.AUDIO),
        ("audio_transcription", Modality.MULTIMODAL),
        ("rerank", Modality.TEXT),
    ],
)
def test_the_modality_follows_the_mode(mode: str, modality: Modality) -> None:
    assert listing(TRANSLATOR, bare(mode=mode, max_input_tokens=1)).modality == modality


def test_a_model_said_to_see_is_multimodal_though_no_inputs_are_listed() -> None:
    found = listing(TRANSLATOR, bare(mode="chat", supports_vision=True))
    assert (found.modality, found.inputs) == (Modality.MULTIMODAL, ())


@pytest.mark.parametrize(
    ("mode", "costs", "rates"),
    [
        (
            "audio_transcription",
            {"input_cost_per_second": 0.0001, "output_cost_per_second": 0},
            {"audio_minute": "0.006"},
        ),
        ("video_generation", {"output_cost_per_second": 0.4}, {"video_second": "0.4"}),
        ("chat", {"input_cost_per_second": 0.011}, {}),
        ("image_generation", {"input_cost_per_image": 0, "output_cost_per_image": 0.04}, {"image": "0.04"}),
        ("image_generation", {"input_cost_per_image": 0.04, "output_cost_per_image": 0}, {"image": "0.04"}),
        ("rerank", {"input_cost_per_query": 0.002, "input_cost_per_token": 0}, {"request": "0.002"}),
        ("audio_speech", {"input_cost_per_character": 1.5e-05}, {"character": "0.000015"}),
        ("ocr", {"ocr_cost_per_page": 0.001}, {"page": "0.001"}),
    ],
)
def test_other_units_have_their_own_prices(mode: str, costs: dict[str, Any], rates: dict[str, str]) -> None:
    expected = Rates(**{name: Decimal(price) for name, price in rates.items()})
    assert listing(TRANSLATOR, bare(mode=mode, **costs)).prices.base == expected


def test_zero_for_input_and_output_is_free() -> None:
    found = listing(TRANSLATOR, bare(mode="chat", input_cost_per_token=0.0, output_cost_per_token=0.0))
    assert found.prices.base == Rates(input=Decimal(0), output=Decimal(0))


def test_no_cost_is_no_price() -> None:
    assert not listing(TRANSLATOR, bare(mode="chat")).prices.known


@pytest.mark.parametrize(
    ("key", "provider", "place"),
    [
        ("bedrock/us-east-1/anthropic.claude-v2:1", "bedrock", "us-east-1"),
        ("bedrock/us-gov-east-1/1-month-commitment/x", "bedrock", "us-gov-east-1"),
        ("eu.anthropic.claude-x-v1:0", "bedrock_converse", "eu"),
        ("azure/eu/gpt-4o-2024-11-20", "azure", "eu"),
        ("azure/global-standard/gpt-4o-mini", "azure", "global"),
        ("azure/gpt-4o", "azure", None),
        ("openrouter/us/one", "openrouter", None),
        ("us.one", "openai", None),
    ],
)
def test_a_region_is_read_from_the_key(key: str, provider: str, place: str | None) -> None:
    assert region(key, provider) == place


def test_an_offering_is_at_the_provider_and_in_the_region() -> None:
    found = offering(TRANSLATOR, said("azure/eu/one", litellm_provider="azure"))
    assert (found.model_key, found.provider, found.region) == ("azure/eu/one", "azure", "eu")
    assert found.prices.base.input == Decimal("1.25")


def test_a_search_engine_is_no_model() -> None:
    found = TRANSLATOR.translate(bare("tavily/search", mode="search", input_cost_per_query=0.008), AIDS)
    assert (found.listing, found.offerings) == (None, ())


@pytest.mark.parametrize("provider", [None, "", 7, "one of https://docs.example"])
def test_an_entry_without_a_provider_is_refused_with_a_reason(provider: Any) -> None:
    with pytest.raises(Untranslatable, match="no litellm_provider"):
        TRANSLATOR.translate(said(litellm_provider=provider), AIDS)


def test_whatever_is_sent_the_answer_is_sound() -> None:
    for spoilt in spoilt_snapshots(WHOLE, "gemini/one"):
        if spoilt.data["litellm_provider"] == "gemini":
            sound(TRANSLATOR.translate(spoilt, AIDS))


def test_every_recorded_entity_with_a_provider_is_translated() -> None:
    for each in recorded("litellm/cost-map", ADAPTER.documents[0], "litellm"):
        if "litellm_provider" in each.data:
            sound(TRANSLATOR.translate(each, AIDS))
