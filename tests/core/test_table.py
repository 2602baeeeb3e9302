"""CSV tables taken apart, sound and broken."""

from __future__ import annotations

import pytest

from modelcensus.core.canonical import canonicalise
from modelcensus.core.faults import FaultKind
from modelcensus.core.table import header_problem, split


def rows(text: str | bytes) -> dict[str, str]:
    """Key -> canonical data of each row that is an entity."""
    found = split(text.encode() if isinstance(text, str) else text)
    return {entity.key: canonicalise(bytes(entity.raw)).decode() for entity in found.slices}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0.000000350", "3.5E-7"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("-1", "-1"),
        ("4e-7", "4E-7"),
        ("true", "true"),
        ("FALSE", "false"),
        ("007", '"007"'),
        ("1,5", None),
        (".5", '".5"'),
        ("NaN", '"NaN"'),
        ("1_000", '"1_000"'),
        ("٣", '"٣"'),
        ("2026-01-31", '"2026-01-31"'),
        ('"say ""hi"", now"', '"say \\"hi\\", now"'),
        ('"two\nlines"', '"two\\nlines"'),
    ],
)
def test_cells_become_exact_numbers_booleans_or_text(cell: str, value: str | None) -> None:
    found = rows(f"id,x\na,{cell}\n")
    assert found == ({} if value is None else {"a": canonicalise(f'{{"id":"a","x":{value}}}'.encode()).decode()})


def test_an_id_stays_text_and_loses_the_space_around_it() -> None:
    assert rows("id,x\n 4.10 ,1\n") == {"4.10": '{"id":"4.10","x":1}'}


def test_dotted_columns_nest_and_empty_cells_are_left_out() -> None:
    text = "name,id,pricing.prompt,pricing.completion,a.b.c\nOne,a,1,,\nTwo,b,,,x\n"
    assert rows(text) == {
        "a": '{"id":"a","name":"One","pricing":{"prompt":1}}',
        "b": '{"a":{"b":{"c":"x"}},"id":"b","name":"Two"}',
    }


@pytest.mark.parametrize("text", ["\ufeffid,x\r\na,1\r\n", "\n\nid,x\n\n,\na,1\n\n", " id , x \na,1", "id,x\ra,1\r"])
def test_marks_line_ends_and_blank_rows_make_no_difference(text: str) -> None:
    assert rows(text) == {"a": '{"id":"a","x":1}'}
    assert not split(text.encode()).faults


@pytest.mark.parametrize(
    ("row", "kind", "key"),
    [
        (b"a,1,2", FaultKind.NOT_AN_OBJECT, "a"),
        (b"a", FaultKind.NOT_AN_OBJECT, "a"),
        (b"id,x", FaultKind.NOT_AN_OBJECT, None),
        (b'a,"x"y', FaultKind.NOT_AN_OBJECT, None),
        (b"a,\xff", FaultKind.INVALID_UTF8, "a"),
        (b"a,\x00", FaultKind.INVALID_UTF8, "a"),
        (b"\xff,1", FaultKind.INVALID_UTF8, None),
        (b",1", FaultKind.BAD_KEY, None),
    ],
)
def test_a_broken_row_is_one_fault_and_the_others_stay(row: bytes, kind: FaultKind, key: str | None) -> None:
    found = split(b"id,x\nbefore,1\n" + row + b"\nafter,2\n")
    assert [entity.key for entity in found.slices] == ["before", "after"]
    (fault,) = found.faults
    assert (fault.kind, fault.key, fault.category, found.truncated) == (kind, key, "model", False)
    assert "row 3" in fault.place
    assert fault.raw == row + b"\n"


def test_a_row_that_is_out_of_step_is_not_named_by_the_wrong_cell() -> None:
    (fault,) = split(b"name,id\nLlama, large,a\n").faults
    assert fault.key is None


@pytest.mark.parametrize("end", [b"b", b'b,"half a te'])
def test_a_half_written_last_row_makes_the_table_truncated(end: bytes) -> None:
    found = split(b"id,x\na,1\n" + end)
    assert ([entity.key for entity in found.slices], found.truncated) == (["a"], True)
    assert found.faults[-1].kind is FaultKind.TRUNCATED


def test_a_last_row_without_a_line_end_is_whole_if_its_cells_are() -> None:
    found = split(b"id,x\na,1\nb,2")
    assert (len(found.slices), found.truncated) == (2, False)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "no header"),
        (b"name,x\n", "no column is named 'id'"),
        (b"id;name\n", "commas"),
        (b"id,x,x\n", "'x' comes twice"),
        (b"id,\n", "column 2 has no name"),
        (b"id,p,p.q\n", "'p' is a value"),
        (b"id,a..b\n", "empty parts"),
        (b"id," + b"a." * 500 + b"b\n", "more than 16"),
        (b"id,\xff\n", "not UTF-8"),
        ("id,x\n".encode("utf-16"), "not UTF-8"),
        (b'id,"x\n', "unexpected end"),
    ],
)
def test_a_header_that_cannot_be_one_is_explained(body: bytes, problem: str) -> None:
    assert problem in (header_problem(body) or "")
    found = split(body)
    assert (found.slices, found.truncated, found.faults[0].kind) == ([], True, FaultKind.WRONG_TOP_LEVEL)
