"""Our prices in the units of those who read us: the way back from how they came."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.catalog.units import Per, decimal_text, price, told


@pytest.mark.parametrize(
    ("ours", "per", "theirs"),
    [
        ("0.0375", Per.TOKEN, "0.0000000375"),
        ("3", Per.THOUSAND, "0.003"),
        ("3", Per.MILLION, "3"),
        ("0.01", Per.THOUSAND_EACH, "10"),
        ("0", Per.TOKEN, "0"),
        ("0.36", Per.SECOND, "0.006"),
        ("0.006", Per.HOUR, "0.36"),
    ],
)
def test_a_price_is_told_exactly_in_another_unit(ours: str, per: Per, theirs: str) -> None:
    assert decimal_text(told(Decimal(ours), per)) == theirs


def test_a_division_that_does_not_end_is_rounded_far_below_the_price() -> None:
    assert decimal_text(told(Decimal("0.01"), Per.SECOND)) == "0.00016666666667"


@given(
    st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False, places=12),
    st.sampled_from([Per.TOKEN, Per.THOUSAND, Per.MILLION]),
)
def test_what_is_told_comes_back_as_the_same_price(ours: Decimal, per: Per) -> None:
    assert price(decimal_text(told(ours, per)), per) == ours
