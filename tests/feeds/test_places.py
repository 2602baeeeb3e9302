"""Of which place is what the census says of a model."""

from __future__ import annotations

from decimal import Decimal

from modelcensus.core.catalog.model import Relation
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds import places
from modelcensus.feeds.places import Place
from tests.feeds.builders import alias, offering, portrait


def price(of: Portrait, place: Place) -> Decimal | None:
    found = places.prices_at(of, place)
    return None if found is None else found.base.input


def test_what_a_lab_says_of_its_closed_model_holds_at_openrouter_too() -> None:
    assert price(portrait(source="openai"), Place.OPENROUTER) == 2


def test_what_openrouter_says_of_a_closed_model_holds_at_its_lab() -> None:
    assert price(portrait(source="openrouter"), Place.LAB) == 2


def test_what_openrouter_says_of_open_weights_does_not_hold_at_the_lab() -> None:
    assert price(portrait("deepseek/r1", hugging_face_id="deepseek-ai/r1"), Place.LAB) is None


def test_what_the_lab_says_of_open_weights_does_not_hold_at_openrouter() -> None:
    assert price(portrait("deepseek/r1", source="modelsdev", open_weights=True), Place.OPENROUTER) is None


def test_of_open_weights_the_labs_own_endpoint_says_what_holds_at_the_lab() -> None:
    found = portrait(
        "deepseek/r1",
        open_weights=True,
        offerings=[
            offering("openrouter", "deepseek/r1", "DeepSeek", category="endpoint", input="0.55", output="2.19"),
            offering("openrouter", "deepseek/r1", "Together", category="endpoint", input="3", output="7"),
        ],
    )
    assert price(found, Place.LAB) == Decimal("0.55")


def test_what_a_person_sets_holds_at_both() -> None:
    found = portrait("deepseek/r1", open_weights=True, overrides={"price.input": "0.1"})
    assert (price(found, Place.LAB), price(found, Place.OPENROUTER)) == (Decimal("0.1"), Decimal("0.1"))


def test_a_price_that_varies_is_not_known() -> None:
    assert price(portrait(price__variable=True), Place.OPENROUTER) is None


def test_a_price_below_zero_is_not_known() -> None:
    assert price(portrait(price__input="-2"), Place.OPENROUTER) is None


def test_the_native_names_are_those_of_the_lab_without_what_leads_to_them() -> None:
    found = portrait(
        "google/gemini-3",
        aliases=[
            alias("google", "models/gemini-3-001", "google/gemini-3", Relation.SNAPSHOT),
            alias("google", "models/gemini-3", "google/gemini-3"),
            alias("modelsdev", "google/gemini-3-live", "google/gemini-3"),
            alias("modelsdev", "reseller/gemini-3", "google/gemini-3"),
            alias("openai-compatible", "gemini-of-mine", "google/gemini-3"),
        ],
    )
    assert places.native_names(found) == ("gemini-3", "gemini-3-001", "gemini-3-live")


def test_a_variant_or_moving_name_is_no_name_of_the_model() -> None:
    found = portrait(
        aliases=[
            alias("openrouter", "openai/gpt-5:free", "openai/gpt-5", Relation.VARIANT),
            alias("openai", "gpt-latest", "openai/gpt-5", Relation.MOVING),
        ],
        source="litellm",
    )
    assert places.names(found) == ("openai/gpt-5",)


def test_an_archived_model_without_names_keeps_the_id_that_its_fields_come_from() -> None:
    assert places.openrouter_ids(portrait(aliases=[], key="openai/gpt-5-old")) == ("openai/gpt-5-old",)


def test_a_name_of_two_models_is_nobodys() -> None:
    one = portrait("openai/gpt-5", aliases=[alias("openai", "gpt", "openai/gpt-5")], source="openai", key="gpt")
    two = portrait("openai/gpt-6", aliases=[alias("openai", "GPT", "openai/gpt-6")], source="openai", key="GPT")
    assert places.unambiguous([one, two]) == {"openai/gpt-5": ("openai/gpt-5",), "openai/gpt-6": ("openai/gpt-6",)}
