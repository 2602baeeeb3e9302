"""How a list of models is asked for in a URL: the names of the filters, what each may be, and the query they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

from modelcensus.core.catalog.listing import CAPABILITIES, Modality
from modelcensus.core.catalog.query import MAX_TEXT, Lifecycle, ModelQuery

MAX_WORD = 200
"""Characters that a word may have."""
MAX_WORDS = 50
"""Words that one filter may name."""
MAX_CONTEXT = 10**15
DAY_PATTERN = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
MONEY_PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,12})?$"


class Kind(Enum):
    """What a filter may be; the value says it to people."""

    WORDS = f"words of at most {MAX_WORD} characters, at most {MAX_WORDS} of them"
    MONEY = "US dollars per million tokens, such as 2.50"
    COUNT = "a whole number, such as 128000"
    FLAG = "true or false"
    DAY = "a day, such as 2026-12-31"
    TEXT = f"words of at most {MAX_TEXT} characters together"


class Filter(msgspec.Struct, frozen=True):
    """One filter: the member of ``ModelQuery`` that it sets, what it may be, and the words there are, where few are."""

    member: str
    kind: Kind
    words: tuple[str, ...] = ()


FILTERS: dict[str, Filter] = {
    "q": Filter("text", Kind.TEXT),
    "provider": Filter("providers", Kind.WORDS),
    "lab": Filter("labs", Kind.WORDS),
    "offered_by": Filter("offered_by", Kind.WORDS),
    "modality": Filter("modalities", Kind.WORDS, tuple(Modality)),
    "input_modality": Filter("inputs", Kind.WORDS),
    "output_modality": Filter("outputs", Kind.WORDS),
    "capability": Filter("capabilities", Kind.WORDS, CAPABILITIES),
    "min_price_input": Filter("min_price_input", Kind.MONEY),
    "max_price_input": Filter("max_price_input", Kind.MONEY),
    "min_price_output": Filter("min_price_output", Kind.MONEY),
    "max_price_output": Filter("max_price_output", Kind.MONEY),
    "free": Filter("free", Kind.FLAG),
    "min_context": Filter("min_context", Kind.COUNT),
    "lifecycle": Filter("lifecycle", Kind.WORDS, tuple(Lifecycle)),
    "retiring_before": Filter("retiring_before", Kind.DAY),
    "curated": Filter("curated", Kind.FLAG),
    "open_weights": Filter("open_weights", Kind.FLAG),
}
"""By the name that they have in a URL."""


def query_of(asked: Mapping[str, Any]) -> ModelQuery:
    """The query of filters by name: lists of words, decimal text, numbers, flags; None says nothing."""
    return ModelQuery(
        **{FILTERS[name].member: _meant(FILTERS[name], value) for name, value in asked.items() if value is not None}
    )


def read_filters(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Filters as ``query_of`` takes them, of names and texts as a form sends them; and by name what is wrong.

    What is empty is not asked for, and what is no filter is passed over; of a filter that can be given once the last
    counts. A filter with something wrong is left out.
    """
    said: dict[str, list[str]] = {}
    for name, text in pairs:
        if name in FILTERS and text:
            said.setdefault(name, []).append(text)
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, texts in said.items():
        each = FILTERS[name]
        try:
            found[name] = _words(each, texts) if each.kind is Kind.WORDS else _READERS[each.kind](texts[-1])
        except (ValueError, KeyError):
            faults[name] = f"must be {'of: ' + ', '.join(each.words) if each.words else each.kind.value}"
    return found, faults


def _meant(each: Filter, value: Any) -> Any:
    if each.member == "lifecycle":
        return tuple(map(Lifecycle, value))
    if each.kind is Kind.WORDS:
        return tuple(map(str, value))
    return Decimal(value) if each.kind is Kind.MONEY else value


def _words(each: Filter, texts: list[str]) -> list[str]:
    words = list(dict.fromkeys(texts))
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD or "\0" in word for word in words):
        raise ValueError(each)
    if each.words and not set(words) <= set(each.words):
        raise ValueError(each)
    return words


def _money(text: str) -> str:
    if not re.match(MONEY_PATTERN, text, re.ASCII) or text.endswith("\n"):
        raise ValueError(text)
    return text


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > MAX_CONTEXT:
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.lower()]


def _day(text: str) -> str:
    if not re.match(DAY_PATTERN, text, re.ASCII) or text.endswith("\n"):
        raise ValueError(text)
    return text


def _text(text: str) -> str:
    if len(text) > MAX_TEXT or "\0" in text:
        raise ValueError(text)
    return text


_READERS = {Kind.MONEY: _money, Kind.COUNT: _count, Kind.FLAG: _flag, Kind.DAY: _day, Kind.TEXT: _text}
