"""Numbers and prices in one unit, exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.catalog.listing import Rates
from modelcensus.core.catalog.units import Per, Unreadable, decimal_text, exact, is_variable, meant, plain, price


@pytest.mark.parametrize(
    ("said", "per", "ours"),
    [
        ("0.00000015", Per.TOKEN, "0.15"),
        (Decimal("1.5e-7"), Per.TOKEN, "0.15"),
        ("0.000003", Per.TOKEN, "3"),
        ("0.0025", Per.THOUSAND, "2.5"),
        (3, Per.MILLION, "3"),
        (Decimal("0.0375"), Per.MILLION, "0.0375"),
        ("0.04", Per.EACH, "0.04"),
        (10, Per.THOUSAND_EACH, "0.01"),
        (15, Per.MILLION_EACH, "0.000015"),
        ("0.0001", Per.SECOND, "0.006"),
        ("0.36", Per.HOUR, "0.006"),
        (0, Per.TOKEN, "0"),
    ],
)
def test_a_price_comes_into_our_unit_exactly(said: Any, per: Per, ours: str) -> None:
    assert decimal_text(price(said, per)) == ours


def test_a_division_that_does_not_end_keeps_twelve_places() -> None:
    assert price("0.1", Per.HOUR) == Decimal("0.001666666667")


@given(st.decimals(min_value="-1e12", max_value="1e12", allow_nan=False, allow_infinity=False, places=15))
def test_no_digit_is_lost_on_the_way_from_tokens_to_millions(said: Decimal) -> None:
    assert Fraction(price(str(said), Per.TOKEN)) == Fraction(said) * 10**6


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (None, "a number was due, not null"),
        (True, "a number was due, not a boolean"),
        ([], "a number was due, not an array"),
        ({}, "a number was due, not an object"),
        ("", "no decimal number: ''"),
        ("free", "no decimal number: 'free'"),
        ("1,5", "no decimal number: '1,5'"),
        ("$3", "no decimal number: '$3'"),
        ("1_000", "no decimal number: '1_000'"),
        ("٣", "no decimal number: '٣'"),
        ("NaN", "not finite: NaN"),
        ("-Infinity", "not finite: -Infinity"),
        ("1e999999999", "beyond 10^30"),
        ("1e-31", "beyond 10^30"),
        ("1" * 101, "no decimal number"),
        (10**40, "beyond 10^30"),
    ],
)
def test_what_is_no_price_is_refused_with_a_reason(said: Any, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        exact(said)
    assert refusal.value.reason.startswith(reason)
    assert len(refusal.value.reason) < 100


def test_a_negative_number_is_kept_for_the_guards_to_hold() -> None:
    assert price("-0.000001", Per.TOKEN) == Decimal(-1)


@pytest.mark.parametrize("said", ["-1", "-1.0", -1, Decimal("-1.00")])
def test_minus_one_in_any_spelling_is_the_mark_of_a_variable_price(said: Any) -> None:
    assert is_variable(said)


@pytest.mark.parametrize("said", ["1", 0, "-1.5", None, "x", True])
def test_nothing_else_is_that_mark(said: Any) -> None:
    assert not is_variable(said)


@pytest.mark.parametrize(
    ("number", "text"), [("3.00", "3"), ("1E+2", "100"), ("0.10", "0.1"), ("-0.0", "0"), ("0E-9", "0")]
)
def test_equal_numbers_are_written_alike(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text
    assert str(plain(Decimal(number))) == text


def rates(**said: str) -> Rates:
    return Rates(**{name: Decimal(value) for name, value in said.items()})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (rates(input="0", output="0"), rates(input="0", output="0")),
        (rates(input="0", output="0", cache_read="0", request="0"), rates(input="0", output="0")),
        (rates(input="3", output="15", cache_write="0"), rates(input="3", output="15")),
        (rates(input="0.02", output="0"), rates(input="0.02", output="0")),
        (rates(input="0", output="0", image="0.04"), rates(image="0.04")),
        (rates(image="0"), rates(image="0")),
        (rates(), rates()),
    ],
)
def test_a_zero_is_free_only_where_input_and_output_cost_nothing_or_one_of_them_something(
    said: Rates, kept: Rates
) -> None:
    assert meant(said) == kept
