"""Trends on invented numbers whose answers are worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.trends import (
    ALL,
    By,
    Measure,
    Measured,
    Metric,
    ModelTrend,
    Risers,
    Seen,
    View,
    blended,
    model_trend,
    price_trend,
    risers,
)


def counted(key: str, before: int, after: int) -> Measured:
    return Measured(source="huggingface", key=key, before=before, after=after, since_at=1)


def rising(*found: Measured, measure: Measure = Measure.GROWTH, limit: int = 10) -> Risers:
    return risers(found, metric=Metric.LIKES, since_at=1, until_at=2, measure=measure, limit=limit)


SIZES = (counted("a/small", 3, 9), counted("a/middle", 100, 250), counted("a/large", 30_000, 45_000))
"""The usual size is 100: 6 / 103, 150 / 200, 15,000 / 30,100."""


def test_growth_is_the_gain_for_the_size_and_the_usual_size_together() -> None:
    assert [(each.key, each.gain, each.growth) for each in rising(*SIZES).data] == [
        ("a/middle", 150, Decimal("0.7500")),
        ("a/large", 15_000, Decimal("0.4983")),
        ("a/small", 6, Decimal("0.0583")),
    ]


def test_by_gain_the_largest_comes_first() -> None:
    found = rising(*SIZES, measure=Measure.GAIN, limit=2)
    assert [each.key for each in found.data] == ["a/large", "a/middle"]
    assert (found.compared, str(found.usual)) == (3, "100")


def test_what_falls_or_stays_is_compared_but_no_riser() -> None:
    found = rising(counted("a/falls", 10, 9), counted("a/stays", 10, 10), counted("a/rises", 20, 21))
    assert ([each.key for each in found.data], found.compared, str(found.usual)) == (["a/rises"], 3, "10")


def test_from_nothing_to_something_is_no_endless_growth() -> None:
    assert rising(counted("a/one", 0, 5)).data[0].growth == 5


def a_model(input_: str | None = "1", output: str | None = "5", **more: Any) -> Seen:
    prices = {name: Decimal(text) for name, text in (("input", input_), ("output", output)) if text is not None}
    return Seen(**{"active": True, "provider": "lab", "sources": ("one",), **prices, **more})


def months(*models: Mapping[str, Seen], read: str = "one") -> list[View]:
    return [View(at=at, models=each, read=frozenset({read})) for at, each in enumerate(models, 1)]


def index(views: list[View], group: str = ALL, by: By = By.PROVIDER) -> list[tuple[Any, int, int]]:
    (found,) = price_trend(views, by, only=group).data
    return [(each.index, each.matched, each.models) for each in found.points]


def test_the_price_of_a_model_is_that_of_three_tokens_of_input_and_one_of_output() -> None:
    assert blended(a_model("1", "5")) == 2


@pytest.mark.parametrize(("input_", "output"), [(None, "5"), ("1", None), ("0", "0"), ("-1", "5")])
def test_a_price_that_is_unknown_or_nothing_is_followed_by_no_index(input_: str | None, output: str | None) -> None:
    assert blended(a_model(input_, output)) is None


def test_the_index_is_the_geometric_mean_of_the_relatives() -> None:
    # Relatives 1/2 and 8: the mean is 2. Then 1 and 1/4: the mean is 1/2.
    views = months(
        {"a": a_model("2", "2"), "b": a_model("1", "1")},
        {"a": a_model("1", "1"), "b": a_model("8", "8")},
        {"a": a_model("1", "1"), "b": a_model("2", "2")},
    )
    assert index(views) == [(100, 0, 2), (200, 2, 2), (100, 2, 2)]


def test_a_group_begins_at_100_when_its_first_model_has_a_price() -> None:
    late, dearer = a_model(provider="Late"), a_model("2", "10", provider="Late")
    views = months({"a": a_model()}, {"a": a_model(), "b": late}, {"b": dearer})
    assert index(views, "late") == [(100, 0, 1), (200, 1, 1)]


def test_where_no_model_is_matched_the_index_stays() -> None:
    views = months({"a": a_model("1", "1")}, {"a": a_model("2", "2")}, {"b": a_model("9", "9")}, {})
    assert index(views) == [(100, 0, 1), (200, 1, 1), (200, 0, 1), (200, 0, 0)]


def test_a_model_that_was_away_for_a_month_does_not_move_the_index_when_it_returns() -> None:
    stays = a_model("1", "1")
    views = months({"a": a_model("1", "1"), "b": stays}, {"b": stays}, {"a": a_model("9", "9"), "b": stays})
    assert [each[0] for each in index(views)] == [100, 100, 100]


def test_a_model_counts_in_each_of_its_capabilities() -> None:
    plain, able = a_model("1", "1"), a_model("1", "1", capabilities=("vision", "reasoning"))
    views = months({"a": plain, "b": able}, {"a": plain, "b": a_model("4", "4", capabilities=("vision", "reasoning"))})
    assert (
        index(views, "vision", By.CAPABILITY) == index(views, "reasoning", By.CAPABILITY) == [(100, 0, 1), (400, 1, 1)]
    )
    assert index(views, by=By.CAPABILITY)[1] == (200, 2, 2)


def test_a_model_that_gains_a_capability_does_not_move_its_index() -> None:
    able = a_model("1", "1", capabilities=("vision",))
    views = months({"a": able, "b": a_model("9", "9")}, {"a": able, "b": a_model("1", "1", capabilities=("vision",))})
    assert index(views, "vision", By.CAPABILITY)[1][0] == 100


def test_providers_are_the_same_whatever_their_case() -> None:
    views = months({"a": a_model(provider="Lab")}, {"a": a_model("2", "10", provider="LAB")})
    assert index(views, "lAb") == [(100, 0, 1), (200, 1, 1)]


def test_the_group_of_all_comes_first_and_then_those_with_the_most_models() -> None:
    views = months({"a": a_model(provider="one"), "b": a_model(provider="two"), "c": a_model(provider="two")})
    found = price_trend(views, By.PROVIDER)
    assert ([each.group for each in found.data], found.groups) == ([ALL, "two", "one"], 2)
    assert [each.group for each in price_trend(views, By.PROVIDER, limit=1).data] == [ALL, "two"]


def test_a_provider_that_calls_itself_all_is_not_taken_for_all() -> None:
    assert [each.group for each in price_trend(months({"a": a_model(provider="ALL")}), By.PROVIDER).data] == [ALL]


def test_prices_that_are_absurdly_far_apart_still_give_an_index() -> None:
    views = months({"a": a_model("0." + "0" * 29 + "1", "0")}, {"a": a_model("9" * 30, "0")})
    assert index(views)[1][0] > Decimal(10) ** 60


prices = st.decimals("0.01", "1000", places=4)
catalogs = st.dictionaries(
    st.sampled_from("abcdefgh"), st.builds(lambda i, o: a_model(str(i), str(o)), prices, prices), min_size=1
)


@given(catalogs, catalogs)
def test_models_that_come_or_go_never_move_the_index(first: dict[str, Seen], others: dict[str, Seen]) -> None:
    renamed = {name.upper(): seen for name, seen in others.items()}
    for views in (months(first, first | renamed), months(first | renamed, first), months(first, renamed)):
        assert index(views)[-1][0] == 100


@given(catalogs, st.integers(1, 4))
def test_twice_the_prices_are_twice_the_index(first: dict[str, Seen], times: int) -> None:
    views = [first]
    for _ in range(times):
        views.append(
            {
                name: a_model(str(seen.input * 2), str(seen.output * 2))
                for name, seen in views[-1].items()
                if seen.input and seen.output
            }
        )
    assert index(months(*views))[-1][0] == 100 * 2**times


def trend(*views: View) -> list[tuple[int, int, int, int, int, int]]:
    found: ModelTrend = model_trend(views)
    return [(m.before, m.new, m.found, m.back, m.retired, m.after) for m in found.data]


def test_models_come_go_and_come_back() -> None:
    one, gone = a_model(), a_model(active=False)
    views = months({"a": one}, {"a": one, "b": one}, {"a": gone, "b": one}, {"a": one, "b": one, "c": one})
    assert trend(*views) == [(1, 1, 0, 0, 0, 2), (2, 0, 0, 0, 1, 1), (1, 1, 0, 1, 0, 3)]
    assert [(m.new_ids, m.retired_ids) for m in model_trend(views).data] == [(("b",), ()), ((), ("a",)), (("c",), ())]


def test_models_of_a_source_that_is_read_for_the_first_time_are_not_new() -> None:
    before = View(at=1, models={"a": a_model()}, read=frozenset({"one"}))
    models = {"a": a_model(), "b": a_model(sources=("two",)), "c": a_model(sources=("one", "two"))}
    assert trend(before, View(at=2, models=models, read=frozenset({"one", "two"}))) == [(1, 1, 1, 0, 0, 3)]


def test_what_was_there_at_the_beginning_is_not_new() -> None:
    assert trend(View(at=1, models={}), *months({"a": a_model()})) == [(0, 0, 1, 0, 0, 1)]


maybe = st.dictionaries(
    st.sampled_from("abcdef"),
    st.builds(lambda on, one: a_model(active=on, sources=("one" if one else "two",)), st.booleans(), st.booleans()),
)


@given(st.lists(maybe, max_size=5))
def test_the_books_of_models_balance(views: list[dict[str, Seen]]) -> None:
    for before, new, found, back, retired, after in trend(*months(*views)):
        assert before + new + found + back - retired == after
