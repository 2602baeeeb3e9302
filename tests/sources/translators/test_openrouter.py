"""What OpenRouter says, in the one schema."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.catalog.listing import Benchmark, Modality, Rates, Stage, Tier, Untranslatable
from modelcensus.sources.openrouter.endpoints import ENDPOINTS
from modelcensus.sources.openrouter.models import MODELS
from modelcensus.sources.translators.openrouter import TRANSLATOR
from tests.builders import model
from tests.sources.translators.said import AIDS, listing, offering, recorded, snapshot, sound, spoilt_snapshots

WHOLE: dict[str, Any] = {
    "id": "lab/one",
    "canonical_slug": "lab/one-20260101",
    "hugging_face_id": "Lab/One",
    "name": "Lab: One",
    "created": 1767225600,
    "description": "One for all.",
    "context_length": 400000,
    "architecture": {
        "modality": "text+image->text",
        "input_modalities": ["image", "text", "file"],
        "output_modalities": ["text"],
    },
    "pricing": {
        "prompt": "0.00000125",
        "completion": "0.00001",
        "input_cache_read": "0.000000125",
        "input_cache_write": "0.0000015",
        "input_cache_write_1h": "0.000002",
        "web_search": "0.01",
        "request": "0",
        "discount": 0.4,
        "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.0000025", "completion": "0.000015"}],
    },
    "top_provider": {"context_length": 400000, "max_completion_tokens": 128000},
    "per_request_limits": {"prompt_tokens": 272000, "completion_tokens": None},
    "supported_parameters": ["tools", "structured_outputs", "reasoning", "seed"],
    "knowledge_cutoff": "2025-06",
    "expiration_date": "2026-12-31",
    "links": {"details": "/api/v1/models/lab/one-20260101/endpoints"},
}
ENDPOINT: dict[str, Any] = {
    "name": "Cloud | lab/one-20260101",
    "model_id": "lab/one",
    "provider_name": "Cloud",
    "tag": "cloud/us-east-1",
    "quantization": "fp8",
    "context_length": 131072,
    "max_completion_tokens": 8192,
    "max_prompt_tokens": 122880,
    "pricing": {"prompt": "0.000001", "completion": "0.000002", "discount": 0},
    "supported_parameters": ["tools"],
    "supports_implicit_caching": True,
}
ORPHAN: dict[str, Any] = {
    "slug": "lab/old",
    "permaslug": "lab/old-20250101",
    "name": "Old",
    "author": "lab",
    "hf_slug": "",
    "context_length": 0,
    "input_modalities": ["text"],
    "output_modalities": ["text"],
    "created_at": "2025-01-01T10:00:00+00:00",
    "endpoint": {"id": "x", "pricing": {"prompt": "0.000001", "completion": "0.000002"}},
}


def test_a_model_is_a_listing_with_everything_that_is_said_of_it() -> None:
    found = listing(TRANSLATOR, snapshot(WHOLE))
    assert (found.key, found.name, found.provider, found.lab) == ("lab/one", "Lab: One", "lab", "lab")
    assert (found.canonical, found.hugging_face_id, found.moving) == ("lab/one-20260101", "Lab/One", False)
    assert (found.inputs, found.outputs, found.modality) == (("text", "image", "file"), ("text",), Modality.MULTIMODAL)
    assert (found.context, found.max_input, found.max_output) == (400000, 272000, 128000)
    assert (found.stage, found.released, found.knowledge_cutoff) == (Stage.ACTIVE, "2026-01-01", "2025-06")
    assert found.retires == "2026-12-31"
    assert found.links == {"details": "https://openrouter.ai/api/v1/models/lab/one-20260101/endpoints"}


def test_prices_per_token_become_prices_per_million() -> None:
    assert listing(TRANSLATOR, snapshot(WHOLE)).prices.base == Rates(
        input=Decimal("1.25"),
        output=Decimal(10),
        cache_read=Decimal("0.125"),
        cache_write=Decimal("1.5"),
        cache_write_1h=Decimal(2),
        web_search=Decimal("0.01"),
    )


def test_an_override_from_so_many_prompt_tokens_on_is_a_tier_above_one_less() -> None:
    (tier,) = listing(TRANSLATOR, snapshot(WHOLE)).prices.tiers
    assert tier == Tier(above=199999, rates=Rates(input=Decimal("2.5"), output=Decimal(15)))


def test_a_router_has_no_price_but_a_variable_one() -> None:
    said = model("openrouter/auto", pricing={"prompt": "-1", "completion": "-1"})
    prices = listing(TRANSLATOR, snapshot(said, "openrouter/auto")).prices
    assert prices.variable
    assert list(prices.base.known()) == []


def test_a_free_model_costs_zero_and_its_other_zeros_say_nothing() -> None:
    said = model(pricing={"prompt": "0", "completion": "0", "request": "0", "image": "0", "internal_reasoning": "0"})
    assert listing(TRANSLATOR, snapshot(said)).prices.base == Rates(input=Decimal(0), output=Decimal(0))


@pytest.mark.parametrize("price", [None, "", "free", "NaN", True, [], "1e99"])
def test_a_price_that_cannot_be_read_is_unknown_and_not_zero(price: Any) -> None:
    said = model(pricing={"prompt": price, "completion": "0.000002"})
    assert listing(TRANSLATOR, snapshot(said)).prices.base == Rates(output=Decimal(2))


def test_a_parameter_that_is_not_in_the_list_is_not_supported() -> None:
    able = listing(TRANSLATOR, snapshot(WHOLE)).capabilities
    assert (able["tool_calling"], able["reasoning"], able["json_mode"]) == (True, True, False)
    assert (able["vision"], able["audio_input"]) == (True, False)
    assert "parallel_tools" not in able


def test_without_a_list_of_parameters_nothing_is_said_of_tools() -> None:
    assert "tool_calling" not in listing(TRANSLATOR, snapshot(model())).capabilities


def test_a_price_for_web_search_says_that_there_is_one() -> None:
    assert listing(TRANSLATOR, snapshot(WHOLE)).capabilities["web_search"] is True


@pytest.mark.parametrize("never", ["2098-12-31", "9999-01-01", "", None, "soon"])
def test_a_date_that_means_never_is_no_day_of_retirement(never: Any) -> None:
    assert listing(TRANSLATOR, snapshot(model(expiration_date=never))).retires is None


def test_a_tilde_marks_a_moving_name_and_is_no_part_of_the_lab() -> None:
    found = listing(TRANSLATOR, snapshot(model("~lab/one-latest"), "~lab/one-latest"))
    assert (found.moving, found.lab, found.key) == (True, "lab", "~lab/one-latest")


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_hugging_face_id_is_none(empty: Any) -> None:
    assert listing(TRANSLATOR, snapshot(model(hugging_face_id=empty))).hugging_face_id is None


def test_the_modality_string_stands_in_for_lists_that_are_missing() -> None:
    found = listing(TRANSLATOR, snapshot(model(architecture={"modality": "text+image->text"})))
    assert (found.inputs, found.outputs) == (("text", "image"), ("text",))


def test_benchmarks_name_who_measured_them() -> None:
    measured = {
        "artificial_analysis": {"intelligence_index": 41.9, "coding_index": None},
        "design_arena": [{"arena": "models", "category": "website", "elo": 1315, "rank": 9}],
    }
    found = listing(TRANSLATOR, snapshot(model(), volatile={"benchmarks": measured})).benchmarks
    assert found == (
        Benchmark(name="Intelligence Index", value=Decimal("41.9"), attribution="Artificial Analysis"),
        Benchmark(name="models/website Elo", value=Decimal(1315), attribution="Design Arena"),
    )


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//elsewhere/x", "ftp://host/x", "https://", "a b", 7])
def test_a_link_that_is_no_web_address_is_left_out(link: Any) -> None:
    assert listing(TRANSLATOR, snapshot(model(links={"details": link}))).links == {}


def test_an_endpoint_is_an_offering_of_its_model() -> None:
    found = offering(TRANSLATOR, snapshot(ENDPOINT, "lab/one | Cloud | cloud/us-east-1", category="endpoint"))
    assert (found.model_key, found.provider, found.region, found.quantization) == (
        "lab/one",
        "Cloud",
        "us-east-1",
        "fp8",
    )
    assert (found.context, found.max_input, found.max_output) == (131072, 122880, 8192)
    assert found.prices.base == Rates(input=Decimal(1), output=Decimal(2))
    assert found.capabilities["caching"] is True


def test_an_endpoint_without_a_model_id_takes_it_from_its_key() -> None:
    said = {"provider_name": "Cloud", "pricing": {}}
    found = offering(TRANSLATOR, snapshot(said, "lab/a%7Cb | Cloud | -", category="endpoint"))
    assert found.model_key == "lab/a|b"


@pytest.mark.parametrize(
    ("tag", "region", "quantization"),
    [
        ("cloud/fp8", None, "fp8"),
        ("cloud/global", "global", None),
        ("cloud/swedencentral", "swedencentral", None),
        ("cloud/turbo", None, None),
        ("cloud", None, None),
    ],
)
def test_a_tag_says_region_or_quantization(tag: str, region: str | None, quantization: str | None) -> None:
    said = ENDPOINT | {"tag": tag, "quantization": "unknown" if quantization is None else None}
    found = offering(TRANSLATOR, snapshot(said, "k", category="endpoint"))
    assert (found.region, found.quantization) == (region, quantization)


def test_an_endpoint_of_no_model_is_refused_with_a_reason() -> None:
    with pytest.raises(Untranslatable, match="which model it is of"):
        TRANSLATOR.translate(snapshot({"provider_name": "Cloud"}, "6d2f", category="endpoint"), AIDS)


def test_an_orphan_is_a_listing_of_unknown_stage() -> None:
    found = listing(TRANSLATOR, snapshot(ORPHAN, "lab/old", category="orphan"))
    assert (found.stage, found.name, found.lab, found.canonical) == (Stage.UNKNOWN, "Old", "lab", "lab/old-20250101")
    assert (found.context, found.hugging_face_id, found.released) == (None, None, "2025-01-01")
    assert found.prices.base.input == Decimal(1)


@pytest.mark.parametrize("category", ["provider", "author"])
def test_providers_and_authors_say_nothing_of_models(category: str) -> None:
    found = TRANSLATOR.translate(snapshot({"slug": "lab", "name": "Lab"}, "lab", category=category), AIDS)
    assert (found.listing, found.offerings) == (None, ())


def test_a_model_of_which_nothing_can_be_read_is_refused_with_a_reason() -> None:
    with pytest.raises(Untranslatable) as refusal:
        TRANSLATOR.translate(snapshot({"id": "lab/one", "name": 7, "pricing": "free"}), AIDS)
    assert refusal.value.hint


@pytest.mark.parametrize(("category", "whole"), [("model", WHOLE), ("orphan", ORPHAN)])
def test_whatever_is_sent_of_a_model_the_answer_is_sound(category: str, whole: dict[str, Any]) -> None:
    for said in spoilt_snapshots(whole, category=category):
        sound(TRANSLATOR.translate(said, AIDS))


def test_whatever_is_sent_of_an_endpoint_the_answer_is_sound() -> None:
    for said in spoilt_snapshots(ENDPOINT, "lab/one | Cloud | cloud", "endpoint"):
        sound(TRANSLATOR.translate(said, AIDS))


@pytest.mark.parametrize(
    ("folder", "document"), [("openrouter/models", MODELS), ("openrouter/endpoints-projected", ENDPOINTS)]
)
def test_every_recorded_entity_is_translated(folder: str, document: Any) -> None:
    for said in recorded(folder, document, "openrouter"):
        sound(TRANSLATOR.translate(said, AIDS))
