"""Filters as they stand in a URL."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.catalog.asking import FILTERS, MAX_WORD, MAX_WORDS, query_of, read_filters
from modelcensus.core.catalog.query import Lifecycle, ModelQuery


@pytest.mark.parametrize(
    ("name", "text", "meant"),
    [
        ("q", "two words", {"text": "two words"}),
        ("provider", "openai", {"providers": ("openai",)}),
        ("max_price_input", "2.50", {"max_price_input": Decimal("2.50")}),
        ("min_context", "0", {"min_context": 0}),
        ("free", "false", {"free": False}),
        ("open_weights", "TRUE", {"open_weights": True}),
        ("retiring_before", "2026-12-31", {"retiring_before": "2026-12-31"}),
        ("lifecycle", "archived", {"lifecycle": (Lifecycle.ARCHIVED,)}),
    ],
)
def test_a_filter_becomes_its_member_of_the_query(name: str, text: str, meant: dict[str, Any]) -> None:
    found, faults = read_filters([(name, text)])
    assert not faults
    assert query_of(found) == ModelQuery(**meant)


def test_a_filter_of_words_takes_each_once_and_any_other_its_last() -> None:
    found, _ = read_filters([("lab", "a"), ("lab", "b"), ("lab", "a"), ("q", "one"), ("q", "two")])
    assert found == {"lab": ["a", "b"], "q": "two"}


def test_what_is_empty_or_no_filter_asks_for_nothing() -> None:
    assert read_filters([("q", ""), ("provider", ""), ("col", "x"), ("sort", "name")]) == ({}, {})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("max_price_input", "-1"), ("max_price_input", "1e3"), ("max_price_input", "٣"), ("max_price_input", "2.5\n"),
        ("min_context", "1.5"), ("min_context", "9" * 17), ("free", "perhaps"), ("retiring_before", "soon"),
        ("retiring_before", "2026-13-01"), ("modality", "smell"), ("capability", "flying"), ("lifecycle", "dead"),
        ("q", "x" * 201), ("q", "a\0"), ("provider", "x" * (MAX_WORD + 1)),
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_left_out_and_named(name: str, text: str) -> None:
    found, faults = read_filters([(name, text), ("lab", "fine")])
    assert list(faults) == [name]
    assert found == {"lab": ["fine"]}


def test_a_filter_names_only_so_many_words() -> None:
    _, faults = read_filters([("provider", str(number)) for number in range(MAX_WORDS + 1)])
    assert "at most 50" in faults["provider"]


def test_every_member_of_a_query_has_a_filter() -> None:
    assert {each.member for each in FILTERS.values()} == set(ModelQuery.__struct_fields__)
