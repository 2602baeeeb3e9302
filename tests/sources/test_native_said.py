"""What listings and catalogs say in their own fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.native import Said, Stage
from modelcensus.sources.native import key_in, model_name, own_prices, prices_in, provider_of, said


def test_openai_says_when_a_model_is_shut_down() -> None:
    told = said("openai", {"shutdown_date": "2026-03-26"})
    assert told.retires is not None
    assert told.retires.day == date(2026, 3, 26)
    assert told.retires.words == "the listing says shutdown_date = 2026-03-26"


def test_anthropic_says_the_stage_the_days_and_the_limits() -> None:
    told = said(
        "anthropic",
        {
            "lifecycle": "deprecated", "deprecated_at": "2026-01-05T00:00:00Z", "retires_at": "2026-07-05T00:00:00Z",
            "max_input_tokens": 200_000, "max_tokens": 64_000,
        },
    )  # fmt: skip
    assert told.stage is Stage.DEPRECATED
    assert told.deprecated is not None
    assert told.retires is not None
    assert (told.deprecated.day, told.retires.day) == (date(2026, 1, 5), date(2026, 7, 5))
    assert told.limits == (("max_input", 200_000, "max_input_tokens"), ("max_output", 64_000, "max_tokens"))


def test_google_says_limits() -> None:
    told = said("google", {"inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536})
    assert told.limits == (("max_input", 1_048_576, "inputTokenLimit"), ("max_output", 65_536, "outputTokenLimit"))


@pytest.mark.parametrize("odd", [None, 3, "", "soon", "0000-00-00", [], {}, True, -1, 0, "2026"])
def test_a_field_of_another_kind_says_nothing(odd: Any) -> None:
    assert said("openai", {"shutdown_date": odd}) == Said()
    fields = ("lifecycle", "deprecated_at", "retires_at")
    assert said("anthropic", dict.fromkeys(fields, odd)) == Said()
    assert said("google", {"inputTokenLimit": odd if odd != 3 else "3"}) == Said()


def test_one_providers_field_says_nothing_at_another() -> None:
    assert said("google", {"shutdown_date": "2026-03-26", "lifecycle": "retired"}) == Said()


@pytest.mark.parametrize(
    ("adapter", "source", "provider"),
    [
        ("openai", "openai", "openai"),
        ("openai", "openai-eu", "openai"),
        ("openai-compatible", "groq", "groq"),
        ("openrouter", "openrouter", None),
        (None, "google", "google"),
        (None, "gone", None),
    ],
)
def test_a_source_has_the_facts_of_its_provider(adapter: str | None, source: str, provider: str | None) -> None:
    assert provider_of(adapter, source) == provider


def test_files_name_googles_models_without_their_folder() -> None:
    assert model_name("google", "models/gemini-2.5-pro") == "gemini-2.5-pro"
    assert model_name("groq", "models/x") == "models/x"


def test_a_catalogs_own_prices_are_shown_as_they_stand() -> None:
    entity = {"pricing": {"prompt": "0.000001", "overrides": [{"x": 1}]}, "name": "x"}
    assert own_prices("openrouter", entity) == (("pricing.overrides", [{"x": 1}]), ("pricing.prompt", "0.000001"))
    assert own_prices("modelsdev", {"cost": None}) == ()
    assert own_prices(None, entity) == ()


@pytest.mark.parametrize(
    ("adapter", "key", "entity"),
    [
        ("modelsdev", "google/m", {"cost": {"input": Decimal("1.5"), "output": 3}}),
        ("genai-prices", "google/m", {"prices": {"input_mtok": {"base": Decimal("1.5")}, "output_mtok": 3}}),
        ("litellm", "gemini/m", {"input_cost_per_token": Decimal("1.5E-6"), "output_cost_per_token": Decimal("3E-6")}),
    ],
)
def test_a_catalogs_prices_can_be_compared_in_dollars_per_million(adapter: str, key: str, entity: Any) -> None:
    assert key_in(adapter, "google", "m") == key
    assert prices_in(adapter, entity) == {"input": Decimal("1.5"), "output": 3}


@pytest.mark.parametrize("odd", [None, 0, -1, "1", True, [], Decimal("NaN")])
def test_a_catalogs_price_that_is_no_positive_number_is_not_compared(odd: Any) -> None:
    assert prices_in("modelsdev", {"cost": {"input": odd}}) == {}
