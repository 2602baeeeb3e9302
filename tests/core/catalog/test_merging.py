"""Many listings become one model: whose word counts, and where sources disagree."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.catalog.listing import Listing, Prices, Rates, Stage
from modelcensus.core.catalog.merging import STANDARD, Precedence, merge, precedence
from modelcensus.core.catalog.model import FIELDS, Merged
from modelcensus.core.errors import InvalidInput

ID = "openai/gpt-4o"


def listing(source: str = "openrouter", key: str = ID, **said: Any) -> Listing:
    rates = said.pop("rates", {})
    prices = Prices(base=Rates(**{name: Decimal(price) for name, price in rates.items()}))
    said = {"category": "model", "sha256": f"{source}:{key}", "observed_at": 1, "prices": prices, **said}
    return Listing(source=source, key=key, **said)


def merged(*listings: Listing, orders: Precedence = STANDARD) -> Merged:
    return merge(ID, listings, 0, orders)


def value(model: Merged, path: str) -> Any:
    return model.fields[path].value


SOURCES = st.sampled_from(
    ["openrouter", "openai", "modelsdev", "litellm", "genai-prices", "huggingface", "mine", "yours"]
)
LISTINGS = st.lists(
    st.builds(
        lambda source, key, provider, name, context, price: listing(
            source, key, provider=provider, lab="openai", name=name, context=context, rates=price
        ),
        SOURCES,
        st.sampled_from([ID, "gpt-4o", "azure/gpt-4o", "gpt-4o-2024-05-13"]),
        st.sampled_from(["openai", "azure", None]),
        st.sampled_from(["A", "B", None]),
        st.sampled_from([128000, 64000, None]),
        st.dictionaries(st.sampled_from(["input", "output", "cache_read"]), st.sampled_from(["1", "2.5"])),
    ),
    max_size=8,
    unique_by=lambda each: (each.source, each.key),
)


@given(LISTINGS, st.randoms(use_true_random=False))
def test_the_order_of_listings_does_not_matter(listings: list[Listing], chance: Any) -> None:
    shuffled = list(listings)
    chance.shuffle(shuffled)
    assert merged(*shuffled) == merged(*listings)


@given(LISTINGS)
def test_every_field_is_said_by_its_origin(listings: list[Listing]) -> None:
    model = merged(*listings)
    said = {(each.source, each.key): each for each in listings}
    for path, field in model.fields.items():
        origin = said[field.origin.source, field.origin.key]
        if path in ("name", "context"):
            assert getattr(origin, path) == field.value
    for disagreement in model.disagreements:
        assert disagreement.said[0] == model.fields[disagreement.path]


def test_each_field_remembers_the_snapshot_that_it_comes_from() -> None:
    model = merged(listing(name="GPT-4o"), listing("huggingface", licence="mit", name="other"))
    assert model.fields["name"].origin.source == "openrouter"
    assert model.fields["licence"].origin.source == "huggingface"
    assert model.fields["licence"].origin.sha256 == "huggingface:openai/gpt-4o"
    assert model.sources == ("huggingface", "openrouter")


def test_the_labs_own_facts_count_more_than_a_catalog() -> None:
    model = merged(listing(context=128000), listing("openai", "gpt-4o", context=127000))
    assert value(model, "context") == 127000
    (disagreement,) = model.disagreements
    assert [field.origin.source for field in disagreement.said] == ["openai", "openrouter"]
    assert "openai is followed" in disagreement.reason


def test_a_resellers_price_is_not_the_models() -> None:
    reseller = listing("modelsdev", "azure/gpt-4o", provider="azure", rates={"input": "9"}, context=1)
    assert merged(reseller).fields == {}
    assert merged(listing(rates={"input": "2.5"}), reseller).disagreements == ()


def test_the_lab_itself_in_a_catalog_of_providers_is_heard() -> None:
    own = listing("modelsdev", "openai/gpt-4o", provider="openai", rates={"input": "9"})
    assert value(merged(own), "price.input") == "9"


@pytest.mark.parametrize(("other", "count"), [("2.5124", 0), ("2.4876", 0), ("2.52", 1), ("0", 1)])
def test_prices_disagree_when_they_differ_by_more_than_half_a_percent(other: str, count: int) -> None:
    model = merged(listing(rates={"input": "2.5"}), listing("litellm", "gpt-4o", rates={"input": other}))
    assert value(model, "price.input") == "2.5"
    assert len(model.disagreements) == count


def test_any_difference_in_size_is_a_disagreement_and_one_in_names_is_none() -> None:
    model = merged(
        listing(name="A", context=128000, description="x", links={"site": "x"}),
        listing("litellm", "gpt-4o", name="B", context=127999, description="y", links={"site": "y"}),
    )
    assert [each.path for each in model.disagreements] == ["context"]


def test_the_order_of_modalities_and_less_exact_days_are_no_disagreement() -> None:
    model = merged(
        listing(inputs=("text", "image"), knowledge_cutoff="2023-10"),
        listing("litellm", "gpt-4o", inputs=("image", "text"), knowledge_cutoff="2023-10-01"),
    )
    assert model.disagreements == ()


def test_all_said_values_are_kept_the_agreeing_ones_too() -> None:
    model = merged(
        listing(context=1), listing("litellm", "gpt-4o", context=2), listing("genai-prices", "gpt-4o", context=1)
    )
    (disagreement,) = model.disagreements
    assert [field.value for field in disagreement.said] == [1, 2, 1]


def test_one_source_has_one_voice_the_listing_nearest_to_the_models_name() -> None:
    dated = listing("litellm", "chatgpt-4o-latest", rates={"input": "5"})
    model = merged(dated, listing("litellm", "gpt-4o", rates={"input": "2.5"}))
    assert value(model, "price.input") == "2.5"
    assert model.disagreements == ()


def test_a_gap_in_prices_is_filled_by_a_source_that_agrees_on_the_others() -> None:
    first = listing(rates={"input": "2.5", "output": "10"})
    agrees = listing("litellm", "gpt-4o", rates={"input": "2.5", "output": "10", "batch_input": "1.25"})
    model = merged(first, agrees)
    assert model.fields["price.batch_input"].origin.source == "litellm"


def test_a_gap_in_prices_is_not_filled_by_a_source_that_contradicts_the_others() -> None:
    first = listing(rates={"input": "2.5", "output": "10"})
    contradicts = listing("litellm", "gpt-4o", rates={"input": "5", "output": "15", "batch_input": "2.5"})
    assert "price.batch_input" not in merged(first, contradicts).fields


def test_a_routers_varying_price_gets_no_numbers_from_elsewhere() -> None:
    router = Listing(
        source="openrouter", category="model", key=ID, sha256="0", observed_at=1, prices=Prices(variable=True)
    )
    model = merged(router, listing("litellm", "gpt-4o", rates={"input": "2.5"}))
    assert [path for path in model.fields if path.startswith("price")] == ["price.variable"]


def test_an_explicit_deprecation_at_the_lab_counts_more_than_a_catalog_that_still_lists_it() -> None:
    model = merged(listing(stage=Stage.ACTIVE), listing("modelsdev", ID, provider="openai", stage=Stage.DEPRECATED))
    assert value(model, "stage") == "deprecated"


def test_the_order_can_be_set_for_one_field() -> None:
    said = (listing(context=1, max_output=1), listing("litellm", "gpt-4o", context=2, max_output=2))
    model = merged(*said, orders=precedence({"context": ["litellm", "openrouter"]}))
    assert value(model, "context") == 2
    assert value(model, "max_output") == 1


def test_the_longest_path_decides() -> None:
    said = (listing(rates={"input": "1", "output": "1"}), listing("litellm", ID, rates={"input": "2", "output": "2"}))
    model = merged(*said, orders=precedence({"price.output": ["litellm"]}))
    assert value(model, "price.input") == "1"
    assert value(model, "price.output") == "2"


def test_a_source_of_ones_own_is_heard_after_the_named_ones() -> None:
    assert value(merged(listing("mine", context=7)), "context") == 7
    assert value(merged(listing("mine", context=7), listing("litellm", "gpt-4o", context=8)), "context") == 8


@pytest.mark.parametrize("settings", [{"prize": ["openrouter"]}, {"price": []}, {"price": "openrouter"}])
def test_an_order_that_means_nothing_is_refused(settings: Any) -> None:
    with pytest.raises(InvalidInput):
        precedence(settings)


def test_offerings_are_counted_and_fields_stand_in_order() -> None:
    model = merge(ID, [listing(context=1, name="A", rates={"input": "1"})], 2)
    assert model.offerings == 2
    firsts = [path.partition(".")[0] for path in model.fields]
    assert firsts == sorted(firsts, key=FIELDS.index)


def limited(source: str, *, context: int | None = None, max_input: int | None = None) -> Listing:
    return msgspec.structs.replace(listing(source, context=context), max_input=max_input)


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        (limited("litellm", max_input=200_000), None),
        (limited("modelsdev", context=200_000, max_input=150_000), None),
        (limited("modelsdev", context=1_000_000, max_input=900_000), 900_000),
        (limited("google", max_input=950_000), 950_000),
    ],
)
def test_a_limit_of_the_prompt_is_taken_from_who_sees_the_same_window_or_made_the_model(
    other: Listing, kept: int | None
) -> None:
    model = merged(limited("openrouter", context=1_000_000), other)
    assert model.fields["context"].value == 1_000_000
    assert (model.fields["max_input"].value if "max_input" in model.fields else None) == kept


@pytest.mark.parametrize(
    ("source", "name", "price"),
    [
        ("modelsdev", "Nemotron", None),
        ("modelsdev", "Nemotron (free)", "0"),
        ("litellm", None, None),
        ("openrouter", "Nemotron", "0"),
    ],
)
def test_a_directory_s_zero_that_does_not_say_free_is_no_price_of_the_model(
    source: str, name: str | None, price: str | None
) -> None:
    model = merged(listing(source, name=name, rates={"input": "0", "output": "0"}))
    assert (model.fields["price.input"].value if "price.input" in model.fields else None) == price


def test_one_price_above_zero_makes_the_zeros_beside_it_prices() -> None:
    model = merged(listing("modelsdev", rates={"input": "0", "output": "2"}))
    assert model.fields["price.input"].value == "0"
