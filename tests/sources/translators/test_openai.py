"""What OpenAI's listing and the facts together say, in the one schema."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core import native
from modelcensus.core.catalog.listing import Listing, Modality, Prices, Rates, Stage, Tier
from modelcensus.core.native import Facts, Filter, Origin, Rule
from modelcensus.sources.openai import ADAPTER
from modelcensus.sources.translators.contract import Aids
from modelcensus.sources.translators.openai import TRANSLATOR
from tests.sources.translators.said import AIDS, listing, recorded, snapshot, sound, spoilt_snapshots

TODAY = date(2026, 6, 15)
WHOLE: dict[str, Any] = {"id": "example-5", "object": "model", "created": 1767225600, "owned_by": "system"}


def facts(*ids: str, own: bool = False, price: str | None = "2.50", **fields: Any) -> Facts:
    rates = native.Rates(cached_input=Decimal("0.25"), output=Decimal("10.00"), input=Decimal(price or 0))
    return Facts(
        ids=ids or ("example-5",), source="https://lab.test/p", checked=date(2026, 1, 1),
        origin=Origin(file="own.toml" if own else "shipped.toml", number=1, own=own),
        rates=rates if price else native.Rates(), **fields,
    )  # fmt: skip


def aids(*entries: Facts, rules: tuple[Rule, ...] = (), provider: str = "openai") -> Aids:
    return Aids(facts={provider: entries}, filter=Filter(rules, True, "f.toml"), today=TODAY)


def told(*entries: Facts, key: str = "example-5", rules: tuple[Rule, ...] = (), **said: Any) -> Listing:
    found = TRANSLATOR.translate(snapshot({**WHOLE, **said}, key), aids(*entries, rules=rules)).listing
    assert found is not None
    return found


def test_a_listing_alone_says_little_and_no_price() -> None:
    found = TRANSLATOR.translate(snapshot(WHOLE, "example-5", observed_at=7), AIDS)
    assert found.listing == Listing(
        source="here", category="model", key="example-5", sha256="ab", observed_at=7, provider="openai",
        lab="openai",
    )  # fmt: skip
    assert found.offerings == ()


def test_the_time_of_creation_is_no_day_of_release() -> None:
    assert told(created=1767225600).released is None


def test_facts_give_prices_limits_and_what_it_reads() -> None:
    long = native.Tier(above=272_000, rates=native.Rates(input=Decimal("5.00")))
    found = told(
        facts(context=400_000, max_output=128_000, tiers=(long,), reads=("text", "image", "pdf"), answers=("text",),
              knowledge_cutoff="2025-10")
    )  # fmt: skip
    assert found.prices == Prices(
        base=Rates(input=Decimal("2.5"), cache_read=Decimal("0.25"), output=Decimal(10)),
        tiers=(Tier(above=272_000, rates=Rates(input=Decimal(5))),),
    )
    assert (found.context, found.max_output, found.knowledge_cutoff) == (400_000, 128_000, "2025-10")
    assert (found.inputs, found.outputs, found.modality) == (("text", "image", "file"), ("text",), Modality.MULTIMODAL)
    assert (found.capabilities["vision"], found.capabilities["audio_output"]) == (True, False)


def test_prices_of_facts_are_written_as_everywhere() -> None:
    assert [str(price) for _, price in told(facts()).prices.base.known()] == ["2.5", "10", "0.25"]


def test_a_known_price_is_an_offering_at_openai_itself() -> None:
    (found,) = TRANSLATOR.translate(snapshot(WHOLE, "example-5"), aids(facts(context=1000))).offerings
    assert (found.provider, found.model_key, found.context) == ("openai", "example-5", 1000)
    assert found.prices.base.input == Decimal("2.5")


def test_a_price_that_held_until_yesterday_is_not_known() -> None:
    found = TRANSLATOR.translate(snapshot(WHOLE, "example-5"), aids(facts(until=date(2026, 6, 14))))
    assert found.listing is not None
    assert found.listing.prices == Prices()
    assert found.offerings == ()


def test_the_users_own_facts_come_first_even_by_a_beginning() -> None:
    found = told(facts("example-5", price="9"), facts("example-*", own=True, price="1"))
    assert found.prices.base.input == 1


def test_facts_of_another_provider_are_not_looked_at() -> None:
    found = TRANSLATOR.translate(snapshot(WHOLE, "example-5"), aids(facts(), provider="google"))
    assert found.offerings == ()


def test_the_listings_own_shutdown_counts_before_that_of_the_facts() -> None:
    found = told(facts(retires=date(2030, 1, 1), successor="example-6"), shutdown_date="2026-09-30")
    assert (found.retires, found.successor, found.stage) == ("2026-09-30", "example-6", Stage.DEPRECATED)


def test_a_day_that_has_passed_retires_a_model() -> None:
    assert told(shutdown_date="2026-06-14").stage is Stage.RETIRED


def test_being_listed_says_nothing_of_a_stage() -> None:
    assert told().stage is Stage.UNKNOWN


def test_the_filter_says_which_is_no_text_model_and_why() -> None:
    rule = Rule(
        name="images", keep=False, why="it makes images", origin=Origin(file="f", number=1), ids=("example-i*",)
    )
    picture, text = told(key="example-image", rules=(rule,)), told(rules=(rule,))
    assert (picture.text_llm, picture.excluded) == (False, "it makes images")
    assert (text.text_llm, text.excluded) == (True, None)


def test_what_an_excluded_model_reads_does_not_make_it_a_text_model() -> None:
    rule = Rule(name="images", keep=False, why="it makes images", origin=Origin(file="f", number=1), ids=("*",))
    assert told(facts(reads=("text",)), rules=(rule,)).modality is None


@pytest.mark.parametrize(("key", "moving"), [("example-chat-latest", True), ("example-latest-1", False)])
def test_a_name_that_ends_in_latest_moves(key: str, moving: bool) -> None:
    assert told(key=key).moving is moving


def test_nothing_that_is_sent_breaks_it() -> None:
    for each in spoilt_snapshots({**WHOLE, "shutdown_date": "2026-09-30"}, "example-5"):
        sound(TRANSLATOR.translate(each, aids(facts())))


def test_every_recorded_model_is_translated() -> None:
    found = [listing(TRANSLATOR, each) for each in recorded("openai/models", ADAPTER.documents[0], "openai")]
    assert len(found) >= 86
    assert all(each.lab == "openai" for each in found)
