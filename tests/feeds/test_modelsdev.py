from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from modelcensus.core.catalog.listing import Offering
from modelcensus.core.catalog.model import Relation, Status
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds.feed import Material
from modelcensus.feeds.modelsdev import FEED
from modelcensus.sources.modelsdev import split
from modelcensus.sources.translators.modelsdev import TRANSLATOR
from tests.feeds.builders import alias, material, offering, portrait
from tests.feeds.reading import listings

SOURCES = frozenset({"modelsdev"})


def built(*portraits: Portrait, **more: Any) -> dict[str, Any]:
    return opened(material(*portraits, **more))


def opened(made_of: Material) -> dict[str, Any]:
    body = FEED.build(made_of)
    assert FEED.refusals(body) == []
    document: dict[str, Any] = json.loads(body)
    return document


def offered(key: str, **usd: str) -> Offering:
    made = offering("modelsdev", key, key.partition("/")[0], **{"input": "2", "output": "8", **usd})
    return msgspec.structs.replace(made, key=key)


def recorded(name: str = "gpt-5", **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name.upper(), "release_date": "2025-08-07", "family": "gpt", "attachment": True, **more}


def test_a_model_stands_under_its_lab_by_the_name_that_models_dev_uses() -> None:
    document = built(portrait("x-ai/grok-4"), portrait("nobody/model"))
    assert list(document) == ["nobody", "xai"]
    assert document["xai"]["env"] == ["XAI_API_KEY"]
    assert document["xai"]["models"]["grok-4"]["cost"] == {"input": 2, "output": 8}


def test_its_own_entry_is_kept_where_the_catalog_has_no_word() -> None:
    model = portrait("x-ai/grok-4", aliases=[alias("modelsdev", "xai/grok-4-0709", "x-ai/grok-4")], context=256_000)
    beneath = {
        "xai": {"id": "xai", "name": "xAI", "npm": "@ai-sdk/xai", "env": ["XAI_API_KEY"], "doc": "https://docs.x.ai"},
        "xai/grok-4-0709": recorded("grok-4-0709", limit={"context": 1}, interleaved=True),
    }
    document = built(model, beneath=beneath, sources=SOURCES)
    entry = document["xai"]["models"]["grok-4-0709"]
    assert document["xai"]["name"] == "xAI"
    assert (entry["family"], entry["interleaved"], entry["name"]) == ("gpt", True, "GROK-4-0709")
    assert entry["limit"] == {"context": 256_000, "output": 0}


def test_a_person_names_and_prices_a_model_before_anybody() -> None:
    model = portrait(
        overrides={"price.input": "1.8"}, people={"display_name": "Ours"},
        aliases=[alias("modelsdev", "openai/gpt-5", "openai/gpt-5")], offerings=[offered("openai/gpt-5", input="3")],
    )  # fmt: skip
    entry = built(model, beneath={"openai/gpt-5": recorded()}, sources=SOURCES)["openai"]["models"]["gpt-5"]
    assert (entry["name"], entry["cost"]["input"]) == ("Ours", 1.8)


@pytest.mark.parametrize(("theirs", "told"), [("3", 3), ("200000", 2), ("0", 2)])
def test_the_labs_own_price_counts_unless_it_is_implausible_beside_the_guarded_one(theirs: str, told: int) -> None:
    own = alias("modelsdev", "openai/gpt-5", "openai/gpt-5")
    model = portrait(aliases=[own], offerings=[offered("openai/gpt-5", input=theirs)])
    entry = built(model, beneath={"openai/gpt-5": recorded()}, sources=SOURCES)["openai"]["models"]["gpt-5"]
    assert entry["cost"]["input"] == told


def test_a_name_that_the_lab_gives_to_another_model_is_not_taken() -> None:
    model = portrait("deepseek/deepseek-chat", aliases=[])
    beneath = {"deepseek/deepseek-chat": recorded("deepseek-chat")}
    assert built(model, beneath=beneath, sources=SOURCES) == {}
    moving = alias("modelsdev", "deepseek/deepseek-chat", "deepseek/deepseek-chat", Relation.MOVING)
    known = portrait("deepseek/deepseek-chat", aliases=[moving])
    assert "deepseek-chat" in built(known, beneath=beneath, sources=SOURCES)["deepseek"]["models"]


def test_other_providers_offer_it_at_their_own_price() -> None:
    model = portrait("meta-llama/llama-4", offerings=[offered("groq/llama-4-x", input="0.5")])
    document = built(model, sources=SOURCES, beneath={"groq/llama-4-x": recorded("llama-4-x")})
    assert document["groq"]["models"]["llama-4-x"]["cost"]["input"] == 0.5
    assert document["llama"]["models"]["llama-4"]["cost"]["input"] == 2


def test_a_price_that_is_not_known_whole_is_left_out_and_never_0() -> None:
    document = built(
        portrait("lab/half", price__output=None),
        portrait("lab/router", price__input=None, price__output=None, price__variable=True),
        portrait("lab/none", fields={}),
        portrait("lab/free", price__input="0", price__output="0"),
    )
    costs = {name: entry.get("cost") for name, entry in document["lab"]["models"].items()}
    assert costs == {"half": None, "router": None, "none": None, "free": {"input": 0, "output": 0}}


def test_an_archived_model_keeps_its_price_and_is_deprecated() -> None:
    entry = built(portrait(status=Status.ARCHIVED))["openai"]["models"]["gpt-5"]
    assert (entry["status"], entry["cost"]["input"]) == ("deprecated", 2)


@pytest.mark.parametrize(
    "odd",
    [
        {"family": 7}, {"interleaved": {"field": 7}}, {"reasoning_options": [{"type": "magic"}]},
        {"experimental": {"modes": []}}, {"provider": {"npm": "file:///etc/x", "api": "javascript:1"}},
    ],
)  # fmt: skip
def test_a_recorded_member_that_opencode_would_refuse_is_left_out(odd: dict[str, Any]) -> None:
    model = portrait(aliases=[alias("modelsdev", "openai/gpt-5", "openai/gpt-5")])
    beneath = {"openai/gpt-5": recorded(**odd), "openai": {"npm": "../evil", "env": [7], "api": "ftp://x"}}
    document = built(model, beneath=beneath, sources=SOURCES)
    assert not set(odd) & set(document["openai"]["models"]["gpt-5"])
    assert {"npm", "api"}.isdisjoint(document["openai"])


def test_another_census_reads_the_same_prices_limits_and_words_from_it() -> None:
    model = portrait(
        context=400_000, max_input=272_000, max_output=128_000, inputs=["text", "file"], outputs=["text"],
        released="2025-08-07", knowledge_cutoff="2024-10", open_weights=False, capabilities__tool_calling=True,
        price__cache_read="0.123456789012345678", price__audio_input="0.00000000000000000001",
        price__tiers=[{"above": 200_000, "rates": {"input": "4", "cache_read": "1"}}],
    )  # fmt: skip
    said = listings(split, TRANSLATOR, FEED.build(material(model)))["openai/gpt-5"]
    assert dict(said.prices.base.known()) == {
        "input": Decimal(2), "output": Decimal(8), "cache_read": Decimal("0.123456789012345678"),
        "audio_input": Decimal("0.00000000000000000001"),
    }  # fmt: skip
    (tier,) = said.prices.tiers
    assert (tier.above, dict(tier.rates.known())) == (
        200_000, {"input": Decimal(4), "output": Decimal(8), "cache_read": Decimal(1)}
    )  # fmt: skip
    for path in ("context", "max_input", "max_output", "released", "knowledge_cutoff", "open_weights"):
        assert getattr(said, path) == model.entry.model.fields[path]
    assert (said.inputs, said.outputs, said.capabilities["tool_calling"]) == (("text", "file"), ("text",), True)


def test_a_limit_or_day_that_is_not_known_is_read_as_not_known() -> None:
    said = listings(split, TRANSLATOR, FEED.build(material(portrait())))["openai/gpt-5"]
    assert (said.context, said.max_output, said.released) == (None, None, None)


def test_one_entry_that_opencode_refuses_is_a_reason_for_the_whole() -> None:
    document = built(portrait(), portrait("lab/b"))
    document["lab"]["models"]["b"]["cost"] = {"input": None, "output": 1}
    assert "opencode" in FEED.refusals(json.dumps(document).encode())[0]
    document["lab"]["models"] = {"c": built(portrait("lab/b"))["lab"]["models"]["b"]}
    assert "another id" in FEED.refusals(json.dumps(document).encode())[0]
    assert FEED.refusals(b"[]")
