"""What genai-prices says, in the one schema."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.catalog.listing import Rates, Stage, Tier, Untranslatable, Window
from modelcensus.sources.genai_prices import DOCUMENT
from modelcensus.sources.translators.genai_prices import TRANSLATOR
from tests.builders import at
from tests.sources.translators.said import AIDS, listing, offering, recorded, snapshot, sound, spoilt_snapshots

DAY = 24
WHOLE: dict[str, Any] = {
    "id": "one",
    "name": "One",
    "description": "One for all.",
    "match": {"starts_with": "one"},
    "context_window": 200000,
    "deprecated": True,
    "prices": [
        {
            "prices": {
                "input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 6}]},
                "output_mtok": {"base": 15, "tiers": [{"start": 200000, "price": 22.5}]},
                "cache_write_1h_mtok": 6,
                "web_searches_kcount": 10,
            }
        },
        {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 3, "output_mtok": 15}},
    ],
    "price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 1.5, "output_mtok": 7.5}}],
}


def priced(prices: Any, *, days: int = 0, **fields: Any) -> Any:
    """A snapshot with these prices, read so many days after 1 January 2026."""
    return snapshot({"id": "one", "name": "One", "prices": prices, **fields}, "lab/one", observed_at=at(days * DAY))


def dated(price: int, start: str | None = None) -> dict[str, Any]:
    constraint = {"constraint": {"start_date": start}} if start else {}
    return {"prices": {"input_mtok": price}, **constraint}


def rates(price: int) -> Rates:
    return Rates(input=Decimal(price))


def test_an_entry_is_a_listing_with_everything_that_is_said_of_it() -> None:
    found = listing(TRANSLATOR, snapshot(WHOLE, "anthropic/one"))
    assert (found.key, found.name, found.provider, found.lab) == ("anthropic/one", "One", "anthropic", "anthropic")
    assert (found.context, found.stage, found.modality) == (200000, Stage.DEPRECATED, None)


def test_an_offering_is_at_the_provider() -> None:
    found = offering(TRANSLATOR, snapshot(WHOLE, "azure/one"))
    assert (found.model_key, found.provider, found.context) == ("azure/one", "azure", 200000)
    assert found.prices.base.input == Decimal(3)


@pytest.mark.parametrize("key", ["azure/one", "google/claude-x"])
def test_a_reseller_is_no_lab(key: str) -> None:
    assert listing(TRANSLATOR, snapshot(WHOLE, key)).lab is None


def test_units_come_to_ours() -> None:
    prices = {
        "input_mtok": 0.25,
        "requests_kcount": 5,
        "web_searches_kcount": 10,
        "input_mchars": 15,
        "audio_hours": 0.36,
    }
    assert listing(TRANSLATOR, priced(prices)).prices.base == Rates(
        input=Decimal("0.25"),
        request=Decimal("0.005"),
        web_search=Decimal("0.01"),
        character=Decimal("0.000015"),
        audio_minute=Decimal("0.006"),
    )


def test_a_tiered_price_holds_for_more_than_its_start() -> None:
    prices = {"input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 6}]}, "output_mtok": 15}
    found = listing(TRANSLATOR, priced(prices)).prices
    assert found.base == Rates(input=Decimal(3), output=Decimal(15))
    assert found.tiers == (Tier(above=200000, rates=rates(6)),)


def test_prices_with_other_starts_add_up_tier_by_tier() -> None:
    prices = {
        "input_mtok": {"base": 1, "tiers": [{"start": 100, "price": 2}]},
        "output_mtok": {"base": 5, "tiers": [{"start": 200, "price": 6}]},
    }
    _, higher = listing(TRANSLATOR, priced(prices)).prices.tiers
    assert higher == Tier(above=200, rates=Rates(input=Decimal(2), output=Decimal(6)))


def test_a_price_of_a_later_day_is_a_window_that_starts_then() -> None:
    found = listing(TRANSLATOR, priced([dated(3), dated(2, "2026-03-13")])).prices
    assert found.base == rates(3)
    assert found.windows == (Window(rates=rates(2), starts="2026-03-13"),)


def test_once_its_day_has_come_it_is_the_base_and_the_older_one_ends_then() -> None:
    found = listing(TRANSLATOR, priced([dated(3), dated(2, "2026-03-13")], days=100)).prices
    assert found.base == rates(2)
    assert found.windows == (Window(rates=rates(3), ends="2026-03-13"),)


def test_of_three_prices_each_holds_until_the_next_begins() -> None:
    found = listing(TRANSLATOR, priced([dated(3), dated(2, "2025-06-10"), dated(1, "2026-03-13")])).prices
    assert found.base == rates(2)
    assert found.windows == (
        Window(rates=rates(3), ends="2025-06-10"),
        Window(rates=rates(1), starts="2026-03-13"),
    )


def test_a_window_keeps_its_own_tiers() -> None:
    found = listing(TRANSLATOR, snapshot(WHOLE, "lab/one", observed_at=at(100 * DAY))).prices
    assert found.tiers == ()
    (window,) = found.windows
    assert window.tiers == (Tier(above=200000, rates=Rates(input=Decimal(6), output=Decimal("22.5"))),)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("00:30:00Z", "16:30:00Z"),
        (
            {"$time": "datetime.time(0, 30, tzinfo=datetime.timezone.utc)"},
            {"$time": "datetime.time(16, 30, tzinfo=datetime.timezone.utc)"},
        ),
    ],
)
def test_a_time_of_day_is_a_daily_window(start: Any, end: Any) -> None:
    day = {"prices": {"input_mtok": 5}, "constraint": {"start_time": start, "end_time": end}}
    found = listing(TRANSLATOR, priced([dated(3), day])).prices
    assert found.base == rates(3)
    assert found.windows == (Window(rates=rates(5), daily_from="00:30", daily_until="16:30"),)


@pytest.mark.parametrize(
    "constraint", [{}, [], "x", {"start_date": "soon"}, {"start_time": "25:00", "end_time": "1:00"}]
)
def test_a_price_of_which_nobody_can_say_when_it_holds_is_left_out(constraint: Any) -> None:
    odd = {"prices": {"input_mtok": 5}, "constraint": constraint}
    found = listing(TRANSLATOR, priced([dated(3), odd])).prices
    assert (found.base, found.windows) == (rates(3), ())


def test_a_variant_for_batches_gives_the_batch_prices() -> None:
    base = listing(TRANSLATOR, snapshot(WHOLE, "lab/one")).prices.base
    assert (base.batch_input, base.batch_output) == (Decimal("1.5"), Decimal("7.5"))


def test_an_empty_set_of_prices_is_unknown_and_not_free() -> None:
    found = listing(TRANSLATOR, snapshot({"id": "one", "match": {"equals": "one"}, "prices": {}}, "lab/one"))
    assert not found.prices.known


def test_an_entry_of_which_nothing_can_be_read_is_refused_with_a_reason() -> None:
    with pytest.raises(Untranslatable) as refusal:
        TRANSLATOR.translate(snapshot({"id": "one", "prices": "cheap"}, "lab/one"), AIDS)
    assert refusal.value.hint


def test_a_provider_says_nothing_of_models() -> None:
    found = TRANSLATOR.translate(snapshot({"id": "lab", "name": "Lab"}, "lab", category="provider"), AIDS)
    assert (found.listing, found.offerings) == (None, ())


def test_whatever_is_sent_the_answer_is_sound() -> None:
    for spoilt in spoilt_snapshots(WHOLE, "lab/one"):
        sound(TRANSLATOR.translate(spoilt, AIDS))


def test_every_recorded_entity_is_translated() -> None:
    for each in recorded("genai-prices/data", DOCUMENT, "genai-prices"):
        sound(TRANSLATOR.translate(each, AIDS))
