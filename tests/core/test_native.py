"""Facts, lifecycles and rulings, with literals."""

from __future__ import annotations

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.native import (
    Day,
    Facts,
    Filter,
    Origin,
    Rates,
    Rule,
    Said,
    Stage,
    first_of,
    found,
    lifecycle,
    limits,
    matches,
    ruling,
)

TODAY = date(2026, 6, 15)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def facts(*ids: str, price: str | None = "1", file: str = "some.toml", **fields: Any) -> Facts:
    rates = Rates(input=Decimal(price), output=Decimal(price)) if price else Rates()
    origin = Origin(file=file, number=1, line=7)
    return Facts(
        ids=ids or ("m",), source="https://lab.test/p", checked=date(2026, 1, 1), origin=origin, rates=rates, **fields
    )


def rule(name: str, *, keep: bool = False, **conditions: Any) -> Rule:
    return Rule(name=name, keep=keep, why=f"because of {name}", origin=Origin(file="f.toml", number=1), **conditions)


def ruled(*rules: Rule, name: str = "m", provider: str = "lab", otherwise: bool = True, **entity: Any) -> str | None:
    """The name of the rule that decided."""
    return ruling(Filter(rules, otherwise, "f.toml"), provider, name, entity).rule


def life(said: Said = Said(), noted: Facts | None = None, *, live: bool = True) -> Stage:  # noqa: B008  # frozen
    return lifecycle(said, noted, live=live, today=TODAY).stage


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("gpt-4", "gpt-4"), ("gpt-4*", "gpt-4"), ("*-tts", "a-tts"), ("*image*", "gpt-image-1"), ("*", ""),
        ("a*b*c", "a-b-b-c"), ("GPT-*", "gpt-4"), ("*a*a", "aa"), ("[x]*", "[x]y"),
    ],
)  # fmt: skip
def test_a_pattern_matches(pattern: str, text: str) -> None:
    assert matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("gpt-4", "gpt-4o"), ("a*a", "a"), ("*-tts", "tts"), ("a*b*c", "a-c-b"), ("a.c", "abc"), ("*ab*b", "ab")],
)
def test_a_pattern_does_not_match(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    began = time.monotonic()
    assert not matches("*a" * 200 + "*b", "a" * 5000)
    assert time.monotonic() - began < 1


def test_an_entry_that_names_the_model_wins_over_a_beginning_and_a_longer_beginning_over_a_shorter() -> None:
    short, long, exact = facts("gpt-*"), facts("gpt-4*"), facts("gpt-4")
    assert found([short, long, exact], "gpt-4") is exact
    assert found([short, long, exact], "gpt-4o") is long
    assert found([long, short], "gpt-5") is short
    assert found([long, short], "o1") is None


def test_a_beginning_in_the_first_file_wins_over_a_name_in_the_second() -> None:
    own, shipped = facts("gpt-*", file="own.toml"), facts("gpt-4", file="shipped.toml")
    find = first_of([[own], [shipped]])
    assert find("gpt-4") is own
    assert find("o1") is None


def test_a_price_holds_on_its_last_day_and_not_after() -> None:
    assert facts(until=TODAY).priced(TODAY)
    assert not facts(until=YESTERDAY).priced(TODAY)
    assert not facts(price=None).priced(TODAY)


@pytest.mark.parametrize(
    ("retires", "stage"),
    [(YESTERDAY, Stage.RETIRED), (TODAY, Stage.DEPRECATED), (TOMORROW, Stage.DEPRECATED)],
)
def test_a_model_is_retired_once_the_announced_day_has_passed(retires: date, stage: Stage) -> None:
    assert life(Said(retires=Day(retires, "the listing says so"))) is stage
    assert life(noted=facts(retires=retires)) is stage


def test_a_model_is_deprecated_from_the_announced_day_on() -> None:
    assert life(Said(deprecated=Day(TODAY, "it says"))) is Stage.DEPRECATED
    assert life(Said(deprecated=Day(TOMORROW, "it says"))) is Stage.ACTIVE


def test_the_word_of_the_listing_counts_more_than_any_date() -> None:
    said = Said(stage=Stage.DEPRECATED, stage_words="lifecycle = deprecated", retires=Day(YESTERDAY, "retires_at"))
    told = lifecycle(said, None, live=True, today=TODAY)
    assert told.stage is Stage.DEPRECATED
    assert "does not call it retired" in told.evidence[-1]


def test_the_date_of_the_listing_counts_more_than_that_of_the_file_and_both_are_evidence() -> None:
    told = lifecycle(Said(retires=Day(TOMORROW, "the listing")), facts(retires=YESTERDAY), live=True, today=TODAY)
    assert (told.stage, told.retires) == (Stage.DEPRECATED, TOMORROW)
    assert told.evidence == ("the listing", f"some.toml, line 7 says retires = {YESTERDAY} (https://lab.test/p)")


def test_a_model_that_vanished_is_not_retired_for_that() -> None:
    assert life(live=False) is Stage.UNKNOWN
    assert life(live=True) is Stage.ACTIVE


def test_the_listing_says_limits_better_than_the_file_and_what_does_not_count_is_told() -> None:
    told = limits(Said(limits=(("max_output", 100, "max_tokens"),)), facts(context=3000, max_output=2000))
    assert [(each.name, each.tokens, each.said_by, each.instead_of) for each in told] == [
        ("context", 3000, "some.toml, line 7", None),
        ("max_output", 100, "the listing (max_tokens)", "2,000 in some.toml, line 7"),
    ]


def test_where_the_listing_says_what_may_be_sent_the_files_window_does_not_count() -> None:
    (told,) = limits(Said(limits=(("max_input", 100, "inputTokenLimit"),)), facts(context=300))
    assert (told.name, told.tokens, told.instead_of) == ("max_input", 100, "300 in some.toml, line 7")


def test_a_limit_on_which_listing_and_file_agree_stands_instead_of_nothing() -> None:
    (told,) = limits(Said(limits=(("max_input", 100, "inputTokenLimit"),)), facts(max_input=100, context=300))
    assert told.instead_of is None


def test_the_first_rule_that_holds_decides() -> None:
    one, two = rule("one", ids=("a*",)), rule("two", keep=True, ids=("*",))
    assert ruled(one, two, name="abc") == "one"
    assert ruled(one, two, name="b") == "two"


@pytest.mark.parametrize("otherwise", [True, False])
def test_what_no_rule_speaks_of_is_as_the_file_says(otherwise: bool) -> None:
    told = ruling(Filter((rule("one", ids=("a",)),), otherwise, "f.toml"), "lab", "b", {})
    assert (told.kept, told.rule, told.why) == (otherwise, None, "no rule in f.toml speaks of it")


def test_every_condition_of_a_rule_must_hold() -> None:
    both = rule("both", ids=("a",), providers=("lab",))
    assert ruled(both, name="a", provider="lab") == "both"
    assert ruled(both, name="a", provider="other") is None
    assert ruled(both, name="b", provider="lab") is None


@pytest.mark.parametrize(
    ("value", "holds"),
    [(["write"], True), (["write", "live"], True), (["speak"], False), ("write", True), (None, False), (3, False)],
)
def test_a_rule_can_ask_for_a_word_in_a_field(value: Any, holds: bool) -> None:
    assert (ruled(rule("r", field="how.to", contains=("write",)), how={"to": value}) == "r") is holds


@pytest.mark.parametrize(
    ("value", "holds"), [(["speak"], True), (["speak", "write"], False), ([], False), (None, False)]
)
def test_a_rule_can_ask_that_words_are_missing_and_an_absent_field_tells_nothing(value: Any, holds: bool) -> None:
    assert (ruled(rule("r", field="how", lacks=("write", "answer")), how=value) == "r") is holds
    assert ruled(rule("r", field="other", lacks=("write",)), how=value) is None
