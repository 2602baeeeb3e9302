"""What models.dev says, in the one schema."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.catalog.listing import Modality, Rates, Stage, Tier
from modelcensus.sources.modelsdev import DOCUMENT
from modelcensus.sources.translators.modelsdev import TRANSLATOR
from tests.sources.translators.said import AIDS, listing, offering, recorded, snapshot, sound, spoilt_snapshots

WHOLE: dict[str, Any] = {
    "id": "one-2",
    "name": "One 2",
    "family": "one",
    "attachment": True,
    "reasoning": True,
    "tool_call": True,
    "structured_output": False,
    "temperature": False,
    "knowledge": "2025-06",
    "release_date": "2026-01-15",
    "modalities": {"input": ["text", "image", "pdf"], "output": ["text"]},
    "open_weights": False,
    "cost": {
        "input": 1.25,
        "output": 10,
        "cache_read": 0.125,
        "reasoning": 12,
        "input_audio": 3,
        "tiers": [{"input": 2.5, "output": 15, "tier": {"type": "context", "size": 272000}}],
        "context_over_200k": {"input": 9, "output": 9},
    },
    "limit": {"context": 400000, "input": 272000, "output": 128000},
    "status": "beta",
}


def said(key: str = "openai/one-2", **fields: Any) -> Any:
    return snapshot(WHOLE | fields, key)


def test_an_entry_is_a_listing_with_everything_that_is_said_of_it() -> None:
    found = listing(TRANSLATOR, said())
    assert (found.key, found.name, found.provider, found.canonical) == ("openai/one-2", "One 2", "openai", None)
    assert (found.inputs, found.modality) == (("text", "image", "file"), Modality.MULTIMODAL)
    assert (found.context, found.max_input, found.max_output) == (400000, 272000, 128000)
    assert (found.stage, found.released, found.knowledge_cutoff) == (Stage.ACTIVE, "2026-01-15", "2025-06")
    assert found.open_weights is False


def test_what_is_said_to_be_impossible_is_false_and_not_unknown() -> None:
    able = listing(TRANSLATOR, said()).capabilities
    assert (able["tool_calling"], able["structured_output"], able["temperature"]) == (True, False, False)
    assert "parallel_tools" not in able


def test_prices_are_taken_as_they_are_for_a_million_tokens() -> None:
    assert listing(TRANSLATOR, said()).prices.base == Rates(
        input=Decimal("1.25"),
        output=Decimal(10),
        cache_read=Decimal("0.125"),
        reasoning=Decimal(12),
        audio_input=Decimal(3),
    )


def test_tiers_hold_from_their_size_on_and_stand_for_the_older_way_to_say_so() -> None:
    (tier,) = listing(TRANSLATOR, said()).prices.tiers
    assert tier == Tier(above=271999, rates=Rates(input=Decimal("2.5"), output=Decimal(15)))


def test_prices_over_200k_are_a_tier_where_there_are_no_others() -> None:
    cost = {"input": 3, "output": 15, "context_over_200k": {"input": 6, "output": 22.5}}
    (tier,) = listing(TRANSLATOR, said(cost=cost)).prices.tiers
    assert tier == Tier(above=200000, rates=Rates(input=Decimal(6), output=Decimal("22.5")))


def test_a_tier_of_an_unknown_type_is_left_out() -> None:
    cost = {"input": 3, "output": 15, "tiers": [{"input": 1, "tier": {"type": "hour", "size": 12}}]}
    assert listing(TRANSLATOR, said(cost=cost)).prices.tiers == ()


def test_an_offering_of_the_provider_has_the_same_prices_and_limits() -> None:
    found, offered = listing(TRANSLATOR, said()), offering(TRANSLATOR, said())
    assert (offered.model_key, offered.provider, offered.prices) == (found.key, "openai", found.prices)
    assert (offered.context, offered.max_input, offered.max_output) == (400000, 272000, 128000)


def test_the_lab_is_the_provider_where_it_lists_only_its_own() -> None:
    assert listing(TRANSLATOR, said("openai/one-2")).lab == "openai"


def test_a_reseller_is_no_lab() -> None:
    found = listing(TRANSLATOR, said("groq/openai/one-2"))
    assert (found.lab, found.provider) == (None, "groq")


def test_zero_for_input_and_output_is_free() -> None:
    cost = {"input": 0, "output": 0, "cache_read": 0, "cache_write": 0}
    assert listing(TRANSLATOR, said(cost=cost)).prices.base == Rates(input=Decimal(0), output=Decimal(0))


def test_a_zero_beside_a_price_says_nothing() -> None:
    assert listing(TRANSLATOR, said(cost={"input": 1, "output": 2, "cache_write": 0})).prices.base.cache_write is None


@pytest.mark.parametrize("cost", [None, {}, [], "free", {"input": "cheap"}])
def test_no_readable_cost_is_no_price(cost: Any) -> None:
    assert not listing(TRANSLATOR, said(cost=cost)).prices.known


def test_a_limit_of_zero_is_unknown() -> None:
    found = listing(TRANSLATOR, said(limit={"context": 0, "output": 0}))
    assert (found.context, found.max_output) == (None, None)


@pytest.mark.parametrize(
    ("status", "stage"),
    [("deprecated", Stage.DEPRECATED), ("alpha", Stage.ACTIVE), (None, Stage.UNKNOWN), (["x"], Stage.UNKNOWN)],
)
def test_the_stage_is_what_the_status_says(status: Any, stage: Stage) -> None:
    assert listing(TRANSLATOR, said(status=status)).stage == stage


def test_a_family_of_embeddings_is_one_of_embeddings() -> None:
    sides = {"input": ["text"], "output": ["text"]}
    assert listing(TRANSLATOR, said(family="text-embedding", modalities=sides)).modality == Modality.EMBEDDING


def test_a_provider_says_nothing_of_models() -> None:
    found = TRANSLATOR.translate(snapshot({"id": "openai", "name": "OpenAI"}, "openai", category="provider"), AIDS)
    assert (found.listing, found.offerings) == (None, ())


def test_whatever_is_sent_the_answer_is_sound() -> None:
    for spoilt in spoilt_snapshots(WHOLE, "openai/one-2"):
        sound(TRANSLATOR.translate(spoilt, AIDS))


def test_every_recorded_entity_is_translated() -> None:
    for each in recorded("modelsdev/api", DOCUMENT, "modelsdev"):
        sound(TRANSLATOR.translate(each, AIDS))
