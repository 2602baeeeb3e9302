"""Bills, by hand and by laws that hold for all of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from modelcensus.core.catalog.cost import MAX_COUNT, Cost, Line, Usage, cost
from modelcensus.core.catalog.listing import Prices, Rates, Tier, Window
from modelcensus.core.errors import InvalidInput

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def rates(**usd: str) -> Rates:
    return Rates(**{name: Decimal(price) for name, price in usd.items()})


def tier(above: int, **usd: str) -> Tier:
    return Tier(above=above, rates=rates(**usd))


def window(input: str, **when: Any) -> Window:  # noqa: A002  # the price's name
    return Window(rates=rates(input=input, output="1"), **when)


def bill(prices: Prices, at: datetime = NOON, region: str | None = None, **used: Any) -> Cost:
    return cost(prices, Usage(**used), at, region)


def line(found: Cost, what: str) -> Line:
    return next(each for each in found.lines if each.what == what)


PLAIN = Prices(base=rates(input="3", output="15", cache_read="0.30"))
LONG = Prices(base=rates(input="1", output="2"), tiers=(tier(200_000, input="2", output="3"), tier(500_000, input="4")))


def test_a_bill_has_a_line_for_each_thing_and_their_sum() -> None:
    found = bill(PLAIN, input=12_000, output=800, cached=4_000)
    assert [(each.what, each.count, each.rate, each.amount) for each in found.lines] == [
        ("input", 8_000, Decimal(3), Decimal("0.024")),
        ("cached input", 4_000, Decimal("0.30"), Decimal("0.0012")),
        ("output", 800, Decimal(15), Decimal("0.012")),
    ]
    assert found.total == Decimal("0.0372")
    assert (found.missing, found.window, found.tier) == ((), None, None)


def test_not_one_digit_is_lost() -> None:
    price = "0.1234567890123456789012345678901234567891"
    found = bill(Prices(base=rates(input=price, output="1e20")), input=1_000_003, output=1)
    assert found.total is not None
    assert Fraction(found.total) == Fraction(price) * 1_000_003 / 10**6 + 10**14


def test_cached_tokens_without_a_price_are_billed_as_input_and_the_bill_says_so() -> None:
    found = line(bill(Prices(base=rates(input="3", output="15")), input=10, cached=4), "cached input")
    assert (found.price, found.amount) == ("input", Decimal("0.000012"))
    assert found.note is not None
    assert "no price is known for cached tokens" in found.note


def test_a_cache_price_of_zero_is_free() -> None:
    found = bill(Prices(base=rates(input="3", output="15", cache_read="0")), input=10, cached=10)
    assert (found.total, found.missing) == (Decimal(0), ())


@pytest.mark.parametrize(
    ("used", "missing"),
    [
        ({"output": 1}, "output"),
        ({"input": 5, "cache_written": 5}, "cache_write"),
        ({"input": 5, "cache_written_1h": 5}, "cache_write_1h"),
        ({"input": 5, "audio_input": 5}, "audio_input"),
        ({"images": 1}, "image"),
        ({"web_searches": 1}, "web_search"),
        ({"input": 5, "batch": True}, "batch_input"),
    ],
)
def test_a_price_that_is_not_known_leaves_its_line_and_the_total_unknown(used: dict[str, Any], missing: str) -> None:
    found = bill(Prices(base=rates(input="3")), **used)
    assert found.total is None
    assert found.missing == (missing,)
    assert [each.amount for each in found.lines if each.price == missing] == [None]


def test_what_is_known_of_an_incomplete_bill_is_summed_apart() -> None:
    found = bill(Prices(base=rates(input="3")), input=1_000_000, output=1)
    assert (found.total, found.known) == (None, Decimal(3))


def test_an_unknown_price_of_something_not_used_spoils_nothing() -> None:
    assert bill(Prices(base=rates(input="3")), input=1_000_000).total == 3


def test_nothing_used_costs_nothing() -> None:
    assert bill(Prices(), requests=0).total == 0


def test_reasoning_is_part_of_the_output_where_it_has_no_price() -> None:
    found = bill(PLAIN, output=1_000, reasoning=900)
    assert found.total == Decimal("0.015")
    assert line(found, "output").note == "900 of them reasoning"


def test_reasoning_with_a_price_of_its_own_is_billed_apart() -> None:
    found = bill(Prices(base=rates(input="1", output="10", reasoning="4")), output=1_000_000, reasoning=250_000)
    assert line(found, "output").count == 750_000
    assert found.total == Decimal("8.5")


def test_audio_is_billed_apart_from_text() -> None:
    prices = Prices(base=rates(input="1", output="2", audio_input="10", audio_output="20"))
    found = bill(prices, input=1_000_000, audio_input=400_000, output=1_000_000, audio_output=500_000)
    assert found.total == Decimal("0.6") + 4 + 1 + 10


def test_images_searches_and_requests_are_counted() -> None:
    prices = Prices(base=rates(image="0.04", web_search="0.01", request="0.005"))
    assert bill(prices, images=2, web_searches=3, requests=4).total == Decimal("0.13")


def test_a_request_has_no_line_where_no_price_per_request_is_known() -> None:
    assert [each.what for each in bill(PLAIN, input=1).lines] == ["input"]


def test_a_batch_has_its_own_prices_and_none_for_what_is_cached() -> None:
    prices = Prices(base=rates(input="3", output="15", cache_read="0.3", batch_input="1.5", batch_output="7.5"))
    found = bill(prices, input=1_000_000, cached=500_000, output=1_000_000, reasoning=5, batch=True)
    assert found.total == Decimal("1.5") + Decimal("7.5")
    assert line(found, "cached input").price == "batch_input"


def test_a_cache_write_in_a_batch_is_unknown_and_not_that_of_single_requests() -> None:
    prices = Prices(base=rates(input="3", output="15", cache_write="3.75", batch_input="1.5", batch_output="7.5"))
    assert bill(prices, input=10, cache_written=10, batch=True).missing == ("cache_write",)


def test_a_threshold_re_rates_the_whole_request() -> None:
    found = bill(LONG, input=200_001, output=1_000_000)
    assert found.total == Decimal("0.400002") + 3
    assert found.tier == LONG.tiers[0]


def test_a_prompt_as_long_as_the_threshold_is_below_it() -> None:
    assert bill(LONG, input=200_000).total == Decimal("0.2")


def test_cached_tokens_count_towards_the_threshold() -> None:
    found = bill(LONG, input=300_000, cached=299_999)
    assert line(found, "input").rate == 2


def test_the_answer_does_not_count_towards_the_threshold() -> None:
    assert line(bill(LONG, input=1, output=900_000), "output").rate == 2


def test_the_highest_threshold_counts_whatever_the_order_and_keeps_what_it_does_not_name() -> None:
    turned = Prices(base=LONG.base, tiers=LONG.tiers[::-1])
    found = bill(turned, input=1_000_000, output=1_000_000)
    assert found.total == 4 + 3


def test_a_tier_without_a_batch_price_leaves_that_of_short_batches_behind() -> None:
    prices = Prices(base=rates(input="1", output="2", batch_input="0.5"), tiers=(tier(10, input="2"),))
    assert bill(prices, input=10, batch=True).total == Decimal("0.000005")
    assert bill(prices, input=11, batch=True).missing == ("batch_input",)


def test_the_price_of_a_router_is_never_said() -> None:
    found = bill(Prices(base=rates(input="3", output="3"), variable=True), input=1)
    assert found.total is None
    assert found.lines[0].note == "the price depends on the model that the router chooses"


@pytest.mark.parametrize(
    ("at", "price"),
    [("2026-02-28T23:59:59", "1"), ("2026-03-01T00:00:00", "9"), ("2026-03-31T23:59:59", "9"), ("2026-04-01", "1")],
)
@pytest.mark.parametrize("span", [("2026-03-01", "2026-04-01"), ("2026-03", "2026-04")])
def test_a_window_holds_from_its_first_day_on_and_before_its_last(at: str, price: str, span: tuple[str, str]) -> None:
    prices = Prices(base=rates(input="1"), windows=(window("9", starts=span[0], ends=span[1]),))
    found = bill(prices, datetime.fromisoformat(at).replace(tzinfo=UTC), input=1_000_000)
    assert found.total == Decimal(price)


@pytest.mark.parametrize(
    ("time", "price"), [("16:29", "1"), ("16:30", "9"), ("23:59", "9"), ("00:00", "9"), ("00:29", "9"), ("00:30", "1")]
)
def test_hours_go_on_past_midnight(time: str, price: str) -> None:
    prices = Prices(base=rates(input="1"), windows=(window("9", daily_from="16:30", daily_until="00:30"),))
    found = bill(prices, datetime.fromisoformat(f"2026-03-01T{time}:59+00:00"), input=1_000_000)
    assert found.total == Decimal(price)


def test_the_time_is_taken_in_utc() -> None:
    prices = Prices(base=rates(input="1"), windows=(window("9", daily_from="00:00", daily_until="08:00"),))
    beijing = datetime(2026, 3, 1, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    assert bill(prices, beijing, input=1_000_000).total == 9


def test_a_region_has_its_price_and_others_the_base_one() -> None:
    prices = Prices(base=rates(input="1"), windows=(window("9", region="eu-west-1"),))
    found = [bill(prices, region=place, input=1_000_000).total for place in ("EU-west-1", "us-east-1", None)]
    assert found == [9, 1, 1]


def test_the_narrowest_window_counts_then_the_one_begun_last() -> None:
    old, new = window("2", starts="2025-01-01"), window("3", starts="2026-01-01")
    hours = window("4", daily_from="11:00", daily_until="13:00")
    here = window("5", region="eu", starts="2024")
    for windows, price in (((new, old), 3), ((new, old, hours), 4), ((here, hours, new), 5)):
        assert bill(Prices(windows=windows), region="eu", input=1_000_000).total == price


def test_a_window_is_a_whole_price_list_with_tiers_of_its_own() -> None:
    night = Window(rates=rates(input="5"), tiers=(tier(10, input="7"),), daily_from="11:00", daily_until="13:00")
    prices = Prices(base=rates(input="1", output="2"), tiers=(tier(5, input="100"),), windows=(night,))
    assert line(bill(prices, input=8), "input").rate == 5
    assert line(bill(prices, input=11), "input").rate == 7
    assert bill(prices, output=1).missing == ("output",)


@pytest.mark.parametrize(
    "used",
    [
        {"input": 3, "cached": 2, "cache_written": 2}, {"input": 1, "audio_input": 2}, {"output": 1, "reasoning": 2},
        {"output": 2, "reasoning": 1, "audio_output": 2}, {"input": -1}, {"images": MAX_COUNT + 1},
    ],
)  # fmt: skip
def test_a_usage_that_cannot_be_is_refused(used: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        bill(PLAIN, **used)
    assert refused.value.hint


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no zone"):
        bill(PLAIN, datetime(2026, 3, 1), input=1)  # noqa: DTZ001  # what is refused


def test_the_example_of_the_guide_runs() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "howto" / "what-did-it-cost.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    exec(compile(example, "what-did-it-cost.md", "exec"), {})  # our own guide


money = st.decimals(min_value=0, max_value=1000, places=12)
known = st.builds(
    Rates, **{name: money for name in Rates.__struct_fields__ if name not in ("reasoning",)}
)  # fmt: skip
maybe = st.builds(Rates, **{name: st.none() | money for name in Rates.__struct_fields__})


@st.composite
def usages(draw: st.DrawFn, most: int = 10**9) -> Usage:
    inputs = [draw(st.integers(0, most)) for _ in range(5)]
    outputs = [draw(st.integers(0, most)) for _ in range(3)]
    return Usage(
        input=sum(inputs), cached=inputs[0], cache_written=inputs[1], cache_written_1h=inputs[2],
        audio_input=inputs[3], output=sum(outputs), reasoning=outputs[0], audio_output=outputs[1],
        images=draw(st.integers(0, 99)), requests=draw(st.integers(0, 99)), web_searches=draw(st.integers(0, 99)),
        batch=draw(st.booleans()),
    )  # fmt: skip


tiered = st.lists(st.builds(Tier, above=st.integers(0, 10**9), rates=maybe), max_size=3).map(tuple)


def scaled(usage: Usage, times: int) -> Usage:
    fields = msgspec.structs.asdict(usage)
    return Usage(**{name: value if name == "batch" else value * times for name, value in fields.items()})


def added(one: Usage, other: Usage) -> Usage:
    fields = msgspec.structs.asdict(one)
    return Usage(**{name: value if name == "batch" else value + getattr(other, name) for name, value in fields.items()})


@given(st.builds(Prices, base=maybe, tiers=tiered), usages())
def test_the_total_is_the_sum_of_the_lines_or_unknown_because_a_line_is(prices: Prices, usage: Usage) -> None:
    found = cost(prices, usage, NOON)
    if found.total is None:
        assert found.missing
        assert {each.price for each in found.lines if each.amount is None} == set(found.missing)
    else:
        assert not found.missing
        assert found.total == sum((each.amount or Decimal(0) for each in found.lines), Decimal(0))


@given(st.builds(Prices, base=maybe, tiers=tiered), usages())
def test_each_token_and_thing_is_on_one_line(prices: Prices, usage: Usage) -> None:
    lines = cost(prices, usage, NOON).lines
    assert sum(each.count for each in lines if each.per == 1_000_000) == usage.input + usage.output
    assert all(each.count > 0 for each in lines)


@given(st.builds(Prices, base=maybe), usages(), st.integers(1, 1000))
def test_without_tiers_so_many_times_the_usage_is_so_many_times_the_cost(
    prices: Prices, usage: Usage, times: int
) -> None:
    once, often = cost(prices, usage, NOON), cost(prices, scaled(usage, times), NOON)
    assert often.total == (None if once.total is None else once.total * times)


@given(st.builds(Prices, base=known), usages(), usages())
def test_without_tiers_two_usages_cost_together_what_they_cost_apart(prices: Prices, one: Usage, other: Usage) -> None:
    other, one = msgspec.structs.replace(other, batch=False), msgspec.structs.replace(one, batch=False)
    apart = [cost(prices, each, NOON).total for each in (one, other)]
    assert cost(prices, added(one, other), NOON).total == sum(each for each in apart if each is not None)
    assert None not in apart


@given(known, st.lists(st.tuples(st.integers(0, 10**9), money), max_size=3), usages(), usages())
def test_with_tiers_that_rise_splitting_a_request_never_costs_more(
    base: Rates, steps: list[tuple[int, Decimal]], one: Usage, other: Usage
) -> None:
    """A longer prompt never meets a lower price, so that parts cost at most what the whole costs."""
    other, one = msgspec.structs.replace(other, batch=False), msgspec.structs.replace(one, batch=False)
    tiers, rise = [], Decimal(0)
    for above, more in sorted(steps):
        rise += more
        raised = Rates(**{name: price + rise for name, price in base.known()})
        tiers.append(Tier(above=above, rates=raised))
    prices = Prices(base=base, tiers=tuple(tiers))
    whole, *parts = (cost(prices, each, NOON).total for each in (added(one, other), one, other))
    assert whole is not None
    assert None not in parts
    assert sum((part or Decimal(0) for part in parts), Decimal(0)) <= whole


@given(known, usages())
def test_where_every_price_is_known_the_total_is(base: Rates, usage: Usage) -> None:
    assume(not usage.batch)
    assert cost(Prices(base=base), usage, NOON).total is not None


@given(maybe, usages(), st.sampled_from(Rates.__struct_fields__), money)
def test_a_price_that_is_not_used_changes_nothing(base: Rates, usage: Usage, name: str, price: Decimal) -> None:
    before = cost(Prices(base=base), usage, NOON)
    assume(name not in {each.price for each in before.lines} | {"cache_read", "reasoning", "request"})
    assert cost(Prices(base=msgspec.structs.replace(base, **{name: price})), usage, NOON) == before
