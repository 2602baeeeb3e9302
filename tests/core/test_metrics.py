"""Volatile members as flat series of numbers."""

from __future__ import annotations

import pytest

from modelcensus.core.metrics import MAX_NAMES, numbers
from tests.builders import as_json


def test_each_number_has_its_dotted_path() -> None:
    found = numbers(as_json({"benchmarks": {"aa": {"coding": 12.5, "n": 3}, "note": "text", "on": True, "off": None}}))
    assert found == {"benchmarks.aa.coding": 12.5, "benchmarks.aa.n": 3.0}


def test_elements_with_text_of_their_own_are_named_by_it() -> None:
    found = numbers(as_json({"b": [{"arena": "code", "elo": 1}, {"arena": "text", "elo": 2}]}))
    assert found == {"b[code].elo": 1.0, "b[text].elo": 2.0}


def test_elements_that_nothing_tells_apart_are_named_by_place() -> None:
    assert numbers(as_json({"b": [{"x": "s", "e": 1}, {"x": "s", "e": 2}]})) == {"b[0].e": 1.0, "b[1].e": 2.0}


@pytest.mark.parametrize("document", [None, "", b""])
def test_no_document_has_no_numbers(document: str | bytes | None) -> None:
    assert numbers(document) == {}


def test_a_flood_of_numbers_is_cut_off() -> None:
    assert len(numbers(as_json({"b": list(range(MAX_NAMES * 2))}))) == MAX_NAMES


def test_a_number_with_an_endless_name_is_left_out() -> None:
    assert numbers(as_json({"x" * 400: 1, "y": 2})) == {"y": 2.0}


def test_a_number_no_double_can_hold_does_not_stop_the_rest() -> None:
    assert numbers(b'{"a":' + b"9" * 308 + b',"b":1}')["b"] == 1.0
