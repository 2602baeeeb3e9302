"""Listings as fields by path, and prices back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core import canonical
from modelcensus.core.catalog.fields import RATES, fields_of, money, number, price_fields, prices_of
from modelcensus.core.catalog.listing import Benchmark, Listing, Modality, Prices, Rates, Stage, Tier, Window
from modelcensus.core.catalog.model import FIELDS


def listing(**said: Any) -> Listing:
    return Listing(**{"source": "s", "category": "model", "key": "a/b", "sha256": "0", "observed_at": 1, **said})


PRICE = st.decimals(0, 10**9, places=12)
RATE = st.builds(lambda known: Rates(**known), st.dictionaries(st.sampled_from(RATES), PRICE, max_size=5))
DAY = st.none() | st.sampled_from(["2026-01-01", "12:00"])
PRICES = st.builds(
    lambda base, tiers, windows, variable: Prices(base=base, tiers=tiers, windows=windows, variable=variable),
    RATE,
    st.lists(
        st.builds(lambda above, rates: Tier(above=above, rates=rates), st.integers(1, 10**6), RATE),
        max_size=3,
        unique_by=lambda tier: tier.above,
    ).map(lambda tiers: tuple(sorted(tiers, key=lambda tier: tier.above))),
    st.lists(
        st.builds(lambda rates, day, place: Window(rates=rates, starts=day, region=place), RATE, DAY, DAY), max_size=3
    ).map(tuple),
    st.booleans(),
)


@given(PRICES)
def test_prices_come_back_from_their_fields(prices: Prices) -> None:
    assert prices_of(price_fields(prices)) == prices


@given(PRICES)
def test_prices_have_no_exponent_and_canonical_json(prices: Prices) -> None:
    written = canonical.encode(price_fields(prices))
    assert b"E+" not in written
    assert b"E-" not in written


def test_what_is_not_said_has_no_field() -> None:
    assert fields_of(listing()) == {}


def test_every_path_begins_with_a_known_field() -> None:
    full = listing(
        name="A", provider="p", lab="l", description="d", modality=Modality.TEXT, inputs=("text",), outputs=("text",),
        context=8, max_input=7, max_output=1, capabilities={"vision": False, "unheard_of": True},
        prices=Prices(base=Rates(input=Decimal("1.50"))), stage=Stage.ACTIVE, released="2026", open_weights=False,
        parameters=7, hugging_face_id="a/b", links={"site": "x"}, licence="mit",
        benchmarks=(Benchmark(name="index", value=Decimal("61.0"), attribution="who"),),
    )  # fmt: skip
    fields = fields_of(full)
    assert {path.partition(".")[0] for path in fields} <= set(FIELDS)
    assert fields["price.input"] == "1.5"
    assert fields["capabilities.vision"] is False
    assert fields["open_weights"] is False
    assert fields["benchmarks.index"] == {"value": "61", "attribution": "who"}
    assert "capabilities.unheard_of" not in fields


def test_zero_is_a_price_and_an_unknown_one_is_none() -> None:
    assert price_fields(Prices(base=Rates(input=Decimal(0)))) == {"price.input": "0"}


@pytest.mark.parametrize("size", [0, -1, 10**400])
def test_a_limit_that_cannot_be_is_not_known(size: int) -> None:
    assert fields_of(listing(context=size)) == {}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1E+999999", "1E-999999", "sNaN"])
def test_what_is_no_price_keeps_short_text_and_is_never_read_as_one(text: str) -> None:
    written = money(Decimal(text))
    assert len(written) < 100
    assert number(written) is None
    assert prices_of({"price.input": written}).base.input is None


@pytest.mark.parametrize("value", [True, None, 1.5, [], {}, "", "-", ".", "1e3", "1_000", "٣", "1" * 10_000])
def test_only_whole_numbers_and_plain_decimal_text_are_numbers(value: Any) -> None:
    assert number(value) is None


def test_numbers_are_read_exactly() -> None:
    assert number("0.1495") == Decimal("0.1495")
    assert number("-1") == -1
    assert number(128000) == 128000


def test_tiers_stand_in_order_of_their_thresholds() -> None:
    tiers = tuple(Tier(above=above, rates=Rates(input=Decimal(1))) for above in (200, 100))
    assert [tier["above"] for tier in price_fields(Prices(tiers=tiers))["price.tiers"]] == [100, 200]
