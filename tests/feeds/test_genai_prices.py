"""genai-prices' data: upstream's providers and models, ours over them, by the package's own parser."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds import genai_prices
from tests.feeds.builders import NOON, alias, material, portrait

DAY = 86_400_000_000


def built(*portraits: Portrait, **more: Any) -> dict[str, dict[str, Any]]:
    """Models by ``provider/id``, of a document that the package takes."""
    body = genai_prices.build(material(*portraits, **more))
    assert genai_prices.refusals(body) == []
    providers = json.loads(body, parse_float=Decimal)
    return {f"{each['id']}/{model['id']}": model for each in providers for model in each["models"]}


def upstream(**more: Any) -> dict[str, Any]:
    return {"id": "gpt-5", "match": {"starts_with": "gpt-5"}, "prices": {"input_mtok": 1, "output_mtok": 8}, **more}


def known(**more: Any) -> Portrait:
    names = [alias("genai-prices", "openai/gpt-5", "openai/gpt-5")]
    return portrait(source="openai", key="gpt-5", aliases=names, **more)


def test_a_price_that_differs_is_laid_over_upstreams_and_its_rule_of_matching_stays() -> None:
    found = built(known(), beneath={"openai/gpt-5": upstream(price_comments="by hand")})["openai/gpt-5"]
    assert found == {
        "id": "gpt-5", "match": {"starts_with": "gpt-5"}, "prices": {"input_mtok": 2, "output_mtok": 8},
        "price_comments": "by hand",
    }  # fmt: skip


def test_a_price_that_is_the_same_leaves_upstreams_record_alone() -> None:
    said = upstream(prices={"input_mtok": Decimal("2.0"), "output_mtok": 8, "cache_read_mtok": Decimal("0.2")})
    assert built(known(), beneath={"openai/gpt-5": said})["openai/gpt-5"] == said


def test_dated_prices_keep_their_history_and_ours_hold_from_the_revision_that_changed_the_model() -> None:
    dated = [
        {"prices": {"input_mtok": 4, "output_mtok": 8}},
        {"constraint": {"start_date": "2026-01-01"}, "prices": {"input_mtok": 3, "output_mtok": 8}},
    ]
    found = built(known(), beneath={"openai/gpt-5": upstream(prices=dated)}, applied={1: NOON - DAY})["openai/gpt-5"]
    assert found["prices"] == [
        *dated,
        {"constraint": {"start_date": "2026-02-28"}, "prices": {"input_mtok": 2, "output_mtok": 8}},
    ]


def test_an_entry_at_a_reseller_stays_as_it_is() -> None:
    beneath = {
        "azure": {"id": "azure", "name": "Azure", "api_pattern": "azure"},
        "azure/gpt-5": upstream(),
    }
    of = portrait(aliases=[alias("genai-prices", "azure/gpt-5", "openai/gpt-5")], source="openai", key="gpt-5")
    assert built(of, beneath=beneath)["azure/gpt-5"] == upstream()


def test_upstreams_record_of_a_provider_is_passed_on_whole() -> None:
    extractors = [{"root": "usage", "mappings": [{"path": "input_tokens", "dest": "input_tokens"}]}]
    provider = {"id": "openai", "name": "OpenAI", "api_pattern": "x", "extractors": extractors}
    body = genai_prices.build(material(beneath={"openai": provider, "openai/gpt-5": upstream()}))
    assert msgspec.json.decode(body) == [{**provider, "models": [upstream()]}]


def test_a_hidden_model_is_left_out() -> None:
    beneath = {"openai/gpt-5": upstream(), "openai/gpt-4": upstream(id="gpt-4")}
    assert set(built(beneath=beneath, hidden=frozenset({"openai/gpt-5"}))) == {"openai/gpt-4"}


def test_a_model_that_upstream_lacks_comes_first_under_all_its_names() -> None:
    of = portrait(
        "openai/gpt-5.5",
        aliases=[
            alias("openai", "gpt-5.5", "openai/gpt-5.5"),
            alias("modelsdev", "openai/gpt-5.5-pro", "openai/gpt-5.5"),
            alias("openrouter", "openai/gpt-5.5", "openai/gpt-5.5"),
        ],
        context=400_000,
    )
    found = built(of, beneath={"openai/gpt-5": upstream()})
    assert list(found) == ["openai/gpt-5.5", "openai/gpt-5", "openrouter/openai/gpt-5.5"]
    assert found["openai/gpt-5.5"] == {
        "id": "gpt-5.5", "match": {"or": [{"equals": "gpt-5.5"}, {"equals": "gpt-5.5-pro"}]},
        "name": "Openai/Gpt-5.5", "context_window": 400_000, "prices": {"input_mtok": 2, "output_mtok": 8},
    }  # fmt: skip


def test_every_kind_of_price_is_told_in_upstreams_unit() -> None:
    of = portrait(
        price__input="0.1234567890123456789", price__request="0.001", price__web_search="0.01", price__page="0.002",
        price__character="0.000015", price__audio_minute="0.006",
    )  # fmt: skip
    (found,) = built(of).values()
    assert found["prices"] == {
        "input_mtok": Decimal("0.1234567890123456789"), "output_mtok": 8, "requests_kcount": 1,
        "web_searches_kcount": 10, "input_document_kpages": 2, "input_mchars": 15, "audio_hours": Decimal("0.36"),
    }  # fmt: skip


def test_a_price_above_a_threshold_is_a_tier() -> None:
    (found,) = built(portrait(price__tiers=[{"above": 199_999, "rates": {"input": "4"}}])).values()
    assert found["prices"]["input_mtok"] == {"base": 2, "tiers": [{"start": 200_000, "price": 4}]}
    assert found["prices"]["output_mtok"] == 8


def test_prices_of_days_and_hours_are_dated() -> None:
    windows = [
        {"ends": "2026-01-01", "rates": {"input": "4", "output": "8"}},
        {"starts": "2026-05-01", "rates": {"input": "1", "output": "8"}},
        {"daily_from": "16:30", "daily_until": "00:30", "rates": {"input": "0.5", "output": "8"}},
        {"region": "eu", "rates": {"input": "9", "output": "8"}},
    ]
    (found,) = built(portrait(price__windows=windows)).values()
    assert [(each.get("constraint"), each["prices"]["input_mtok"]) for each in found["prices"]] == [
        (None, 4),
        ({"start_date": "2026-01-01"}, 2),
        ({"start_date": "2026-05-01"}, 1),
        ({"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, Decimal("0.5")),
    ]


def test_a_price_of_a_part_that_cannot_be_counted_is_left_out() -> None:
    of = portrait(price__output=None, price__audio_input="5", price__cache_read="0.2", price__reasoning="9")
    (found,) = built(of).values()
    assert found["prices"] == {"input_mtok": 2, "cache_read_mtok": Decimal("0.2")}


def test_a_model_whose_price_is_not_known_is_left_out() -> None:
    body = genai_prices.build(material(portrait(price__input=None, price__output=None), portrait("a/b")))
    assert b"gpt-5" not in body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "cannot read"),
        (b"{}", "no list"),
        (b"[]", "no model"),
        (b'[{"id": "openai"}]', "cannot read"),
        (b'[{"id": "a", "name": "A", "api_pattern": "a", "models": [{"id": "m"}]}]', "cannot read"),
        (b'[{"id": "a", "name": "A", "api_pattern": "a", "models": [{"id": "m", "match": {"equals": "m"}, '
         b'"prices": {"cache_read_mtok": 1}}]}]', "a/m: Missing ancestor"),
        (b'[{"id": "a", "name": "A", "api_pattern": "a", "models": [{"id": "m", "match": {"equals": "m"}, '
         b'"prices": {"input_mtok": -1}}]}]', "a/m: Invalid price"),
        (b'[{"id": "a", "name": "A", "api_pattern": "a", "models": [{"id": "m", "match": {"equals": "m"}, '
         b'"prices": {"input_token": 1}}]}]', "a/m: Unsupported"),
    ],
)  # fmt: skip
def test_data_that_genai_prices_would_not_take_is_refused(body: bytes, reason: str) -> None:
    assert reason in " ".join(genai_prices.refusals(body))


def test_a_set_of_hours_that_an_older_file_spells_in_its_own_way_does_not_refuse_the_rest() -> None:
    odd = {"constraint": {"start_time": {"$time": "datetime.time(0, 30)"}}, "prices": {"input_mtok": 3}}
    good = {"prices": {"input_mtok": 2}}
    assert built(beneath={"openai/gpt-5": upstream(prices=[good, odd])})["openai/gpt-5"]["prices"] == [good]


def test_upstreams_record_gets_no_price_of_what_it_does_not_count() -> None:
    said = upstream(prices={"input_mtok": 1, "output_mtok": 8, "input_audio_mtok": 5})
    found = built(known(price__cache_write="3"), beneath={"openai/gpt-5": said})["openai/gpt-5"]
    assert found["prices"] == {"input_mtok": 2, "output_mtok": 8, "input_audio_mtok": 5}


def test_a_price_that_upstream_knows_to_begin_later_still_begins_then() -> None:
    dated = [
        {"prices": {"input_mtok": 4, "output_mtok": 8}},
        {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 3, "output_mtok": 8}},
    ]
    found = built(known(), beneath={"openai/gpt-5": upstream(prices=dated)})["openai/gpt-5"]
    assert [each.get("constraint") for each in found["prices"]] == [
        None,
        {"start_date": "2026-03-01"},
        {"start_date": "2027-01-01"},
    ]
