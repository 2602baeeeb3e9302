from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from modelcensus.core.catalog.listing import Offering
from modelcensus.core.catalog.model import Status
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds import openrouter_endpoints, openrouter_rss
from modelcensus.feeds.feed import Material
from modelcensus.feeds.openrouter import FEED
from modelcensus.sources.openrouter import split
from modelcensus.sources.translators.openrouter import TRANSLATOR
from tests.feeds.builders import NOON, material, offering, portrait
from tests.feeds.reading import listings


def priced(id: str = "openai/gpt-5", **more: Any) -> Portrait:  # noqa: A002  # the field's name
    return portrait(id, **{"context": 400_000, **more})


def rows(made_of: Material) -> dict[str, dict[str, Any]]:
    document = json.loads(FEED.build(made_of))
    assert document["total_count"] == len(document["data"])
    return {row["id"]: row for row in document["data"]}


def offered(provider: str = "Groq", *, source: str = "openrouter", **more: Any) -> Offering:
    category = "endpoint" if source == "openrouter" else "model"
    made = offering(source, "openai/gpt-5", provider, category=category, **{"input": "2", "output": "8", **more})
    return msgspec.structs.replace(made, context=400_000)


def endpoints(shown: Portrait, **more: Any) -> list[dict[str, Any]]:
    document = openrouter_endpoints.build(shown, material(shown, sources=frozenset({"openrouter"}), **more))
    found: list[dict[str, Any]] = json.loads(document)["data"]["endpoints"]
    return found


def test_prices_are_plain_text_per_token_without_an_exponent() -> None:
    row = rows(material(priced(price__input="0.0375", price__output="8", price__web_search="0.01")))["openai/gpt-5"]
    assert row["pricing"] == {"prompt": "0.0000000375", "completion": "0.000008", "web_search": "0.01"}


def test_a_model_whose_price_or_context_is_not_known_is_left_out_and_never_free() -> None:
    found = rows(
        material(
            priced("lab/whole"),
            priced("lab/no-output", price__output=None),
            priced("lab/no-input", price__input=None),
            priced("lab/no-context", context=None),
            priced("lab/nan", price__input="NaN"),
            priced("lab/negative", price__input="-3"),
        )
    )
    assert list(found) == ["lab/whole"]


def test_a_free_model_costs_0_and_a_router_varies() -> None:
    found = rows(
        material(
            priced("lab/free", price__input="0", price__output="0"),
            priced("lab/router", price__input=None, price__output=None, price__variable=True),
        )
    )
    assert found["lab/free"]["pricing"] == {"prompt": "0", "completion": "0"}
    assert found["lab/router"]["pricing"] == {"prompt": "-1", "completion": "-1"}


def test_an_archived_model_is_not_listed() -> None:
    assert rows(material(priced(status=Status.ARCHIVED))) == {}


def test_prices_of_a_dated_window_hold_from_its_day_on() -> None:
    window = {"starts": "2026-02-01", "rates": {"input": "1", "output": "4"}}
    later = {"starts": "2026-04-01", "rates": {"input": "9", "output": "9"}}
    (row,) = rows(material(priced(price__windows=[window, later]))).values()
    assert row["pricing"] == {"prompt": "0.000001", "completion": "0.000004"}


def test_what_only_upstream_knows_is_kept_and_what_the_census_knows_wins() -> None:
    said = {
        "canonical_slug": "openai/gpt-5-2025-08-07", "context_length": 1, "pricing": {"prompt": "9"},
        "architecture": {"tokenizer": "GPT", "instruct_type": None}, "top_provider": {"is_moderated": True},
        "supported_parameters": ["tools", "top_k", "seed"], "default_parameters": {"top_p": Decimal("0.9")},
    }  # fmt: skip
    model = priced(capabilities__tool_calling=False, capabilities__reasoning=True)
    row = rows(material(model, beneath={"openai/gpt-5": said}))["openai/gpt-5"]
    assert (row["canonical_slug"], row["context_length"], row["pricing"]["prompt"]) == (
        "openai/gpt-5-2025-08-07", 400_000, "0.000002",
    )  # fmt: skip
    assert row["architecture"]["tokenizer"] == "GPT"
    assert row["top_provider"]["is_moderated"] is True
    assert row["supported_parameters"] == ["top_k", "seed", "reasoning"]
    assert row["default_parameters"]["top_p"] == 0.9


@pytest.mark.parametrize(
    "said", [None, 7, [], {"architecture": 7, "top_provider": [], "supported_parameters": {"a": 1}}]
)
def test_a_recorded_row_of_another_shape_spoils_nothing(said: Any) -> None:
    document = FEED.build(material(priced(), beneath={"openai/gpt-5": said}))
    assert FEED.refusals(document) == []


def test_another_census_reads_the_same_prices_limits_and_words_from_it() -> None:
    tiers = [{"above": 200_000, "rates": {"input": "4"}}]
    model = priced(
        inputs=["text", "image", "file"], outputs=["text"], max_output=128_000, description="A model.",
        knowledge_cutoff="2024-10-01", retires="2027-01-01", hugging_face_id="openai/x", price__tiers=tiers,
        price__cache_read="0.123456789012345678", price__image="0.0025", price__audio_input="40",
    )  # fmt: skip
    said = listings(split, TRANSLATOR, FEED.build(material(model)))["openai/gpt-5"]
    assert dict(said.prices.base.known()) == {
        "input": Decimal(2), "output": Decimal(8), "cache_read": Decimal("0.123456789012345678"),
        "image": Decimal("0.0025"), "audio_input": Decimal(40),
    }  # fmt: skip
    assert [(tier.above, dict(tier.rates.known())) for tier in said.prices.tiers] == [(200_000, {"input": Decimal(4)})]
    fields = model.entry.model.fields
    for path in ("name", "context", "max_output", "description", "knowledge_cutoff", "retires", "hugging_face_id"):
        assert getattr(said, path) == fields[path]
    assert (said.inputs, said.outputs) == (("text", "image", "file"), ("text",))


def test_one_row_without_a_text_price_or_a_number_of_context_would_be_refused() -> None:
    document = json.loads(FEED.build(material(priced("lab/a"), priced("lab/b"))))
    assert FEED.refusals(json.dumps(document).encode()) == []
    document["data"][1]["context_length"] = None
    assert "LibreChat" in FEED.refusals(json.dumps(document).encode())[0]
    document["data"][1]["context_length"] = 1
    for price in (0.000002, None, "2E-6", "", "-2"):
        document["data"][0]["pricing"]["prompt"] = price
        assert FEED.refusals(json.dumps(document).encode()), price


def test_an_endpoint_has_the_price_and_limits_of_its_provider() -> None:
    (found,) = endpoints(priced(offerings=[offered(input="1.5")]))
    assert (found["provider_name"], found["pricing"]["prompt"]) == ("Groq", "0.0000015")
    assert (found["context_length"], found["uptime_last_30m"]) == (400_000, None)


def test_other_catalogs_tell_endpoints_only_where_openrouter_tells_none() -> None:
    other = offered("azure", source="litellm")
    assert [each["provider_name"] for each in endpoints(priced(offerings=[other, offered()]))] == ["Groq"]
    assert [each["provider_name"] for each in endpoints(priced(offerings=[other]))] == ["azure"]


def test_an_endpoint_without_a_price_or_context_is_left_out() -> None:
    mute = msgspec.structs.replace(offered("Mute"), context=None)
    dear = msgspec.structs.replace(offered("Dear"), prices=offering("a", "b", "c", input="1").prices)
    assert endpoints(priced(offerings=[mute, dear])) == []


def test_the_list_is_rss_newest_first_whatever_its_names_hold() -> None:
    old, new = priced("lab/old", released="2025-01-01"), priced("lab/<b>&\x00\x1b", released="2026-01-01")
    document = openrouter_rss.FEED.build(material(old, new, applied={1: NOON}))
    assert openrouter_rss.FEED.refusals(document) == []
    guids = [item.findtext("guid") for item in ElementTree.fromstring(document).findall("channel/item")]
    assert guids == ["lab/<b>&\ufffd\ufffd", "lab/old"]


def test_rss_that_is_no_xml_or_has_an_item_without_a_title_would_be_refused() -> None:
    assert openrouter_rss.FEED.refusals(b"<rss>")
    assert openrouter_rss.FEED.refusals(b"<rss><channel><item><guid>a</guid></item></channel></rss>")
