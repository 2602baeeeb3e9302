"""The canonical form: spelling never matters, value always does, and what has no sure value is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.canonical import MAX_DEPTH, Malformed, canonicalise, decode, digest
from modelcensus.core.faults import FaultKind

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.one_of(
    st.integers(-(10**40), 10**40),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e20"), max_value=Decimal("1e20")),
)
SCALARS = st.one_of(st.none(), st.booleans(), TEXTS, NUMBERS)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


def spelled(value: Any, *, gap: str = "", backwards: bool = False, escape: bool = False) -> str:
    """JSON text of a value, in a spelling of one's choice; decimals keep every digit they have."""
    if isinstance(value, dict):
        names = sorted(value, reverse=backwards)
        members = (
            f"{gap}{json.dumps(name, ensure_ascii=escape)}{gap}:{gap}"
            + spelled(value[name], gap=gap, backwards=backwards, escape=escape)
            for name in names
        )
        return "{" + ",".join(members) + gap + "}"
    if isinstance(value, list):
        items = (gap + spelled(item, gap=gap, backwards=backwards, escape=escape) for item in value)
        return "[" + ",".join(items) + gap + "]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=escape)


def exactly(text: bytes) -> Any:
    """The value of a JSON text by the standard library, numbers as Decimal."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


@given(VALUES)
def test_the_form_of_the_form_is_itself(value: Any) -> None:
    once = canonicalise(spelled(value).encode())
    assert canonicalise(once) == once


@given(VALUES, st.sampled_from(["", " ", "\n\t", "\r\n  "]), st.booleans(), st.booleans())
def test_white_space_order_of_members_and_escapes_do_not_matter(
    value: Any, gap: str, backwards: bool, escape: bool
) -> None:
    other = spelled(value, gap=gap, backwards=backwards, escape=escape)
    assert canonicalise(other.encode()) == canonicalise(spelled(value).encode())


@given(VALUES)
def test_no_value_is_ever_changed(value: Any) -> None:
    raw = spelled(value).encode()
    assert exactly(canonicalise(raw)) == exactly(raw)


@given(VALUES, VALUES)
def test_different_values_have_different_forms(one: Any, other: Any) -> None:
    raw, also = spelled(one).encode(), spelled(other).encode()
    same_form = canonicalise(raw) == canonicalise(also)
    # Python holds true for 1; JSON does not, so the comparison is of typed text.
    assert same_form == (typed(exactly(raw)) == typed(exactly(also)))


def typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: typed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return (type(value).__name__, value)


@pytest.mark.parametrize(
    ("spellings", "form"),
    [
        (["1", "1.0", "1e0", "10e-1", "0.1E1"], b"1"),
        (["0.10", "1e-1", "0.1", "0.1000"], b"0.1"),
        (["0", "-0", "0.0", "-0.0", "0e5"], b"0"),
        (["100", "1e2", "1E+2"], b"100"),
        (["-1.50", "-15e-1"], b"-1.5"),
    ],
)
def test_spellings_of_one_number_are_one_number(spellings: list[str], form: bytes) -> None:
    assert {canonicalise(each.encode()) for each in spellings} == {form}


@pytest.mark.parametrize(
    "text", ["123456789012345678901234567890", "-987654321098765432109876543210", "9007199254740993"]
)
def test_long_integers_keep_every_digit(text: str) -> None:
    assert canonicalise(text.encode()) == text.encode()


@pytest.mark.parametrize("text", ["1e-7", "0.0000001", "0.1234567890123456789", "1e-300"])
def test_small_numbers_keep_every_digit(text: str) -> None:
    assert Decimal(canonicalise(text.encode()).decode()) == Decimal(text)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'{"a":NaN}', FaultKind.NOT_FINITE),
        (b'{"a":Infinity}', FaultKind.NOT_FINITE),
        (b'{"a":-Infinity}', FaultKind.NOT_FINITE),
        (b'{"a":1,"a":1}', FaultKind.DUPLICATE_MEMBER),
        (b'{"a":1,"\\u0061":2}', FaultKind.DUPLICATE_MEMBER),
        (b'{"a":1e999}', FaultKind.NUMBER_OUT_OF_RANGE),
        (b'{"a":1e-999}', FaultKind.NUMBER_OUT_OF_RANGE),
        (b'{"a":1e99999999999999999999}', FaultKind.NUMBER_OUT_OF_RANGE),
        (b'{"a":' + b"9" * 5000 + b"}", FaultKind.NUMBER_OUT_OF_RANGE),
        (b'{"a":0.' + b"1" * 5000 + b"}", FaultKind.NUMBER_OUT_OF_RANGE),
        (b'{"a":"\xff"}', FaultKind.INVALID_UTF8),
        (b'{"a":"\xed\xa0\x80"}', FaultKind.INVALID_UTF8),
        (b'{"a":"\\ud800"}', FaultKind.INVALID_UTF8),
        (b'{"\\udc00":1}', FaultKind.INVALID_UTF8),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), FaultKind.TOO_DEEP),
        (b"[" * 100_000 + b"]" * 100_000, FaultKind.TOO_DEEP),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, FaultKind.TOO_DEEP),
        (b'{"a":1', FaultKind.MALFORMED_JSON),
        (b'{"a":1}x', FaultKind.MALFORMED_JSON),
        (b'{"a":01}', FaultKind.MALFORMED_JSON),
        (b'{"a":.5}', FaultKind.MALFORMED_JSON),
        (b"{'a':1}", FaultKind.MALFORMED_JSON),
        (b"", FaultKind.MALFORMED_JSON),
    ],
)
def test_what_has_no_sure_value_is_refused_by_its_category(raw: bytes, kind: FaultKind) -> None:
    with pytest.raises(Malformed) as caught:
        canonicalise(raw)
    assert caught.value.fault.kind is kind


def test_nesting_up_to_the_limit_is_fine() -> None:
    raw = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert canonicalise(raw) == raw


def test_brackets_inside_text_are_no_nesting() -> None:
    raw = json.dumps({"a": "[{" * 500 + '"'}).encode()
    assert decode(raw) == {"a": "[{" * 500 + '"'}


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert canonicalise(b'"\\ud83d\\ude00"') == '"😀"'.encode()


def test_members_are_sorted_by_code_point() -> None:
    assert canonicalise('{"é":1,"z":2,"Z":3,"10":4,"9":5}'.encode()) == '{"10":4,"9":5,"Z":3,"z":2,"é":1}'.encode()


def test_a_hash_is_sha_256() -> None:
    assert digest(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
