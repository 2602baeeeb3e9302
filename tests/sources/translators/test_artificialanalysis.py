"""What Artificial Analysis says of models, in the one schema."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.catalog.listing import Listing, Prices, Rates, Untranslatable
from modelcensus.sources.artificialanalysis import ADAPTER
from modelcensus.sources.translators.artificialanalysis import ATTRIBUTION, TRANSLATOR
from tests.sources.translators.said import AIDS, listing, recorded, snapshot, sound, spoilt_snapshots

KEY = "00000001-1111-4222-8333-000000001eef"
WHOLE: dict[str, Any] = {
    "id": KEY,
    "name": "Example 5 (high)",
    "slug": "example-5",
    "release_date": "2026-01-15",
    "model_creator": {"id": "1", "name": "Example AI", "slug": "example"},
    "licensing": {"is_open_weights": True},
    "pricing": {
        "price_1m_input_tokens": 1.25,
        "price_1m_output_tokens": 10,
        "price_1m_blended_3_to_1": 3.438,
        "price_1m_cache_hit_tokens": 0.3125,
        "price_1m_cache_write_tokens": None,
    },
}
MEASURED: dict[str, Any] = {
    "evaluations": {"gpqa": 0.688, "aime": 0, "math_500": None, "artificial_analysis_intelligence_index": 14.9},
    "median_output_tokens_per_second": 246.415,
    "median_time_to_first_token_seconds": 0,
    "median_time_to_first_answer_token": 8.557,
}


def told(volatile: dict[str, Any] | None = None, **said: Any) -> Listing:
    return listing(TRANSLATOR, snapshot({**WHOLE, **said}, KEY, volatile=volatile))


def measured(volatile: dict[str, Any]) -> dict[str, Decimal]:
    return {each.name: each.value for each in told(volatile).benchmarks}


def test_an_entry_is_a_model_of_its_creator() -> None:
    found = told()
    assert (found.name, found.canonical, found.lab) == ("Example 5 (high)", "example-5", "example")
    assert (found.released, found.open_weights, found.provider) == ("2026-01-15", True, None)


def test_the_newer_api_names_the_creator_in_full() -> None:
    assert told(model_creator={"id": "1", "name": "Example AI"}).lab == "Example AI"


def test_prices_are_per_million_and_the_blended_one_is_none() -> None:
    assert told().prices == Prices(base=Rates(input=Decimal("1.25"), output=Decimal(10), cache_read=Decimal("0.3125")))


def test_a_price_of_zero_is_not_known() -> None:
    assert told(pricing={"price_1m_input_tokens": 0, "price_1m_output_tokens": 0.0}).prices == Prices()


def test_nobody_offers_it_at_these_prices() -> None:
    assert TRANSLATOR.translate(snapshot(WHOLE, KEY), AIDS).offerings == ()


def test_scores_count_a_real_zero_among_them_and_speeds_where_they_were_measured() -> None:
    assert measured(MEASURED) == {
        "aime": 0,
        "artificial_analysis_intelligence_index": Decimal("14.9"),
        "gpqa": Decimal("0.688"),
        "median_output_tokens_per_second": Decimal("246.415"),
        "median_time_to_first_answer_token_seconds": Decimal("8.557"),
    }


def test_speeds_of_the_newer_api_have_the_same_names() -> None:
    speeds = {"median_output_tokens_per_second": 120.5, "median_time_to_first_answer_token_seconds": 7.4}
    assert measured({"performance": speeds}) == {
        "median_output_tokens_per_second": Decimal("120.5"),
        "median_time_to_first_answer_token_seconds": Decimal("7.4"),
    }


def test_every_number_names_who_measured_it() -> None:
    assert {each.attribution for each in told(MEASURED).benchmarks} == {ATTRIBUTION}
    assert ADAPTER.attribution == ATTRIBUTION


def test_one_without_name_and_slug_is_refused_with_a_reason() -> None:
    with pytest.raises(Untranslatable) as refused:
        told(name=None, slug="")
    assert refused.value.reason == "it has neither a name nor a slug"
    assert refused.value.hint


def test_nothing_that_is_sent_breaks_it() -> None:
    for each in spoilt_snapshots(WHOLE, KEY):
        sound(TRANSLATOR.translate(each, AIDS))
    for each in spoilt_snapshots({**MEASURED, "performance": {"median_output_tokens_per_second": 1}}, KEY):
        found = snapshot(WHOLE, KEY)
        sound(TRANSLATOR.translate(type(found)(**{**_members(found), "volatile": each.data}), AIDS))


def _members(of: Any) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__struct_fields__}


def test_every_recorded_model_is_translated_and_none_costs_nothing() -> None:
    document = ADAPTER.documents[0]
    found = [
        listing(TRANSLATOR, each) for each in recorded("artificialanalysis/models", document, "artificialanalysis")
    ]
    assert len(found) >= 593
    assert all(price for each in found for _, price in each.prices.base.known())
    assert all(each.canonical and each.lab for each in found)
