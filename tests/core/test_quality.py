"""Each check finds what it is for, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from modelcensus.core.check import AtMost, Check, Date, Limit, Price, Refers, Required, Severity, Unique
from modelcensus.core.quality import MAX_FINDINGS, FindingKind, findings, heads, links, rule_name, score_tenths
from modelcensus.core.shape import safe
from tests.core.test_shape import JSON

PRICE = Price("p", most="0.1", variable="-1")
EVERY: tuple[Check, ...] = (
    Required("a.b"), PRICE, Price("m.*", most="1"), Limit("n"), AtMost("x[].y", "x[].z"), Date("d"),
    Date("u", unix=True), Refers("r", "model"), Unique("q"),
)  # fmt: skip


def found(value: Any, *checks: Check) -> list[tuple[str, str]]:
    return [(finding.path, finding.detail) for finding in findings(value, checks)]


@pytest.mark.parametrize(
    ("value", "detail"),
    [({}, "absent"), ({"a": None}, "null"), ({"a": ""}, "an empty text"), ({"a": " "}, "an empty text")],
)
def test_what_is_required_must_be_there(value: Any, detail: str) -> None:
    assert found(value, Required("a")) == [("a", detail)]


@pytest.mark.parametrize(("check", "wrong"), [(PRICE, True), (Price("p", most="0.1", tiered=True), False)])
def test_an_object_in_place_of_a_price_is_wrong_unless_prices_come_in_tiers(check: Price, wrong: bool) -> None:
    assert bool(found({"p": {"base": 1, "tiers": []}}, check)) is wrong
    assert found({"p": "7"}, check) == [("p", "7, expected below 0.1")]


@pytest.mark.parametrize("value", [0, False, "x", [], {}])
def test_any_value_will_do_where_one_is_required(value: Any) -> None:
    assert found({"a": value}, Required("a")) == []


def test_a_required_field_of_an_absent_object_is_absent() -> None:
    assert found({}, Required("a.b")) == [("a.b", "absent")]


@pytest.mark.parametrize("price", ["0", "0.09", 0, Decimal("0.01"), "-1", -1, "1e-9", None])
def test_a_sound_price_passes(price: Any) -> None:
    assert found({"p": price}, PRICE) == []


@pytest.mark.parametrize(
    "price", ["", " ", "free", "-0.5", -2, "NaN", "Infinity", "1e999", "0.1", 5, True, [], {}, "1_0", "0x1", "9" * 200]
)
def test_a_price_that_cannot_be_used_is_found(price: Any) -> None:
    (finding,) = findings({"p": price}, [PRICE])
    assert (finding.kind, finding.severity, finding.path) == (FindingKind.PRICE, Severity.ERROR, "p")


def test_a_check_of_every_member_names_each_that_fails() -> None:
    assert [path for path, _ in found({"m": {"a": "0.5", "b": "x", "c d": -1}}, Price("m.*", most="1"))] == [
        "m.b",
        'm["c d"]',
    ]


@pytest.mark.parametrize("limit", [1, 8192, Decimal(5), None])
def test_a_sound_limit_passes(limit: Any) -> None:
    assert found({"n": limit}, Limit("n")) == []


@pytest.mark.parametrize("limit", [0, -5, 1.5, "8192", True, 10**12, []])
def test_a_limit_that_cannot_be_meant_is_found(limit: Any) -> None:
    assert [path for path, _ in found({"n": limit}, Limit("n"))] == ["n"]


def test_a_number_above_its_bound_is_found() -> None:
    check = AtMost("out", "window")
    assert found({"out": 9, "window": 8}, check) == [("out", "9 is above window, 8")]
    assert found({"out": 8, "window": 8}, check) == []
    assert found({"out": 9}, check) == []


def test_in_an_array_like_is_compared_with_like() -> None:
    value = {"x": [{"y": 1, "z": 2}, {"y": 5, "z": 4}, {"y": 9}]}
    assert found(value, AtMost("x[].y", "x[].z")) == [("x[1].y", "5 is above x[1].z, 4")]


@pytest.mark.parametrize("date", ["2024-05", "2024-05-01", "2024-05-01T10:00:00Z", "2100-12-31", None])
def test_a_sound_date_passes(date: Any) -> None:
    assert found({"d": date}, Date("d")) == []


@pytest.mark.parametrize("date", ["", "soon", "2024", "2024-13", "1999-01-01", "2101-01-01", 1700000000, [], "0001-01"])
def test_a_date_out_of_use_is_found(date: Any) -> None:
    assert [path for path, _ in found({"d": date}, Date("d"))] == ["d"]


@pytest.mark.parametrize(
    ("seconds", "wrong"), [(1700000000, 0), (0, 1), (1700000000000, 1), ("1700000000", 1), (10**40, 1)]
)
def test_unix_seconds_lie_between_2015_and_2100(seconds: Any, wrong: int) -> None:
    assert len(found({"d": seconds}, Date("d", unix=True))) == wrong


def test_references_and_unique_values_are_left_to_the_category() -> None:
    value = {"r": "lab/one", "q": ["a"], "tags": ["x", "y", "x"]}
    checks = (Refers("r", "model"), Unique("q"), Unique("tags[]"), Refers("none", "model"))
    assert findings(value, checks) == []
    assert [(link.rule, link.path, link.said) for link in links(value, checks)] == [
        ("refers(r, model)", "r", "lab/one"),
        ("unique(q)", "q", '["a"]'),
        ("unique(tags[])", "tags[0]", "x"),
        ("unique(tags[])", "tags[1]", "y"),
    ]


def test_a_long_value_is_still_told_from_another_long_value() -> None:
    one, other = ({"q": "x" * 5000 + end} for end in "ab")
    (a,), (b,) = links(one, [Unique("q")]), links(other, [Unique("q")])
    assert a.said != b.said
    assert len(a.said) < 300


def test_one_check_cannot_flood() -> None:
    assert len(findings({"m": {f"n{number}": "x" for number in range(500)}}, [Price("m.*", most="1")])) == MAX_FINDINGS


def test_a_detail_never_holds_what_acts_on_a_terminal() -> None:
    ((_, detail),) = found({"p": "\x1b[31m\u202e\x9b"}, PRICE)
    assert detail.isprintable()


def test_each_check_has_a_name_of_its_own() -> None:
    assert len({rule_name(check) for check in EVERY}) == len(EVERY)


@given(JSON)
def test_no_value_makes_a_check_stumble(value: Any) -> None:
    for entity in (value, dict.fromkeys("apmnxdurq", value), {"x": [{"y": value, "z": value}], "m": {"k": value}}):
        for finding in findings(entity, EVERY):
            assert finding.detail == safe(finding.detail)
        links(entity, EVERY)


@pytest.mark.parametrize(
    ("entities", "flawed", "doubtful", "tenths"),
    [(4, 0, 0, 1000), (4, 1, 0, 750), (4, 0, 1, 937), (3, 1, 1, 583), (1, 1, 0, 0), (0, 0, 0, None), (3000, 0, 1, 999)],
)
def test_the_score_is_the_mean_rounded_down(entities: int, flawed: int, doubtful: int, tenths: int | None) -> None:
    assert score_tenths(entities, flawed, doubtful) == tenths


def test_the_members_that_a_check_looks_into_are_known_by_name() -> None:
    assert heads(Price("pricing.prompt", most="1")) == {"pricing"}
    assert heads(AtMost("top.limit", "context")) == {"top", "context"}
    assert heads(Price("*.price", most="1")) == {"*"}
