"""The records as JSON, the table as CSV and as Parquet."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pyarrow import parquet as reader  # type: ignore[import-untyped]  # it ships no types

from modelcensus.core.catalog.model import Status
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds import parquet, plain
from tests.feeds.builders import material, offering, portrait

ROOT = Path(__file__).parents[2]


def rows(*portraits: Portrait) -> list[dict[str, str]]:
    body = plain.build_csv(material(*portraits))
    assert plain.refusals_csv(body) == []
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def test_json_holds_all_that_is_known_of_a_model_with_exact_money() -> None:
    of = portrait(
        price__input="0.10", offerings=[offering("openrouter", "openai/gpt-5", "Azure", input="2.5")],
        people={"enabled": True, "status": "active", "is_pro": True, "notes": "only for us"}, overrides={"context": 1},
    )  # fmt: skip
    body = plain.build_json(material(of))
    found = json.loads(body)
    assert plain.refusals_json(body) == []
    assert (found["revision"], found["published_at"]) == (1, "2026-03-01T12:00:00Z")
    (model,) = found["models"]
    assert (model["id"], model["status"], model["fields"]["price.input"]) == ("openai/gpt-5", "active", "0.10")
    assert model["origins"]["price.input"]["source"] == "openrouter"
    assert model["curation"]["enabled"] is True
    assert (model["curation"]["is_pro"], model["overridden"]) == (True, ["context"])
    assert model["offerings"][0]["prices"]["base"] == {"input": "2.5"}
    assert model["aliases"][0]["key"] == "openai/gpt-5"


def test_peoples_notes_stay_in_the_house() -> None:
    of = portrait(people={"notes": "the secret discount"})
    for body in (plain.build_json(material(of)), plain.build_csv(material(of))):
        assert b"secret" not in body


@pytest.mark.parametrize("found", [[], {}, {"models": [{}]}, {"models": [1]}, {"models": [{"id": "a"}, {"id": "a"}]}])
def test_records_that_cannot_be_told_apart_are_refused(found: object) -> None:
    assert plain.refusals_json(msgspec.json.encode(found)) != []


def test_csv_tells_what_is_known_and_leaves_the_rest_empty() -> None:
    (row,) = rows(
        portrait(
            price__input="0.0000000001", price__output=None, inputs=["text", "image"], open_weights=False,
            status=Status.ARCHIVED, people={"display_name": "Five"},
        )
    )  # fmt: skip
    assert {name: row[name] for name in ("id", "name", "status", "inputs", "open_weights", "curation_status")} == {
        "id": "openai/gpt-5", "name": "Five", "status": "archived", "inputs": "text image", "open_weights": "false",
        "curation_status": "inactive",
    }  # fmt: skip
    assert (row["price.input"], row["price.output"], row["context"]) == ("0.0000000001", "", "")


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(name: str) -> None:
    assert rows(portrait(name=name))[0]["name"] == f"'{name}"


def test_a_price_below_zero_stays_a_number() -> None:
    assert rows(portrait(price__input="-1"))[0]["price.input"] == "-1"


def test_commas_quotes_lines_and_odd_characters_survive() -> None:
    name = 'a "b", c\nd é \U0001f600'
    assert rows(portrait(name=name))[0]["name"] == name


@pytest.mark.parametrize(
    "body", [b"", b"name\r\nx\r\n", b"id,name\r\nx\r\n", b"id\r\n=1+1\r\n", b'id,name\r\n"",x\r\n', b"\xff"]
)
def test_a_table_that_a_spreadsheet_would_misread_is_refused(body: bytes) -> None:
    assert plain.refusals_csv(body) != []


def table(*portraits: Portrait) -> list[dict[str, Any]]:
    body = parquet.build(material(*portraits))
    assert parquet.refusals(body) == []
    found: list[dict[str, Any]] = reader.read_table(io.BytesIO(body)).to_pylist()
    return found


def test_parquet_keeps_every_type() -> None:
    (row,) = table(
        portrait(
            price__input="0.000000000000000001", price__output="8", context=400_000, inputs=["text"],
            capabilities__vision=True, people={"is_free": True},
        )
    )  # fmt: skip
    assert (row["price.input"], row["price.output"]) == (Decimal("0.000000000000000001"), Decimal(8))
    assert (row["context"], row["inputs"], row["capabilities.vision"], row["is_free"]) == (
        400_000,
        ["text"],
        True,
        True,
    )
    assert (row["price.request"], row["outputs"], row["max_output"]) == (None, None, None)


def test_parquet_leaves_out_a_price_that_it_would_have_to_round() -> None:
    of = portrait(price__input="0.0000000000000000001", price__output="1" + 21 * "0")
    assert (table(of)[0]["price.input"], table(of)[0]["price.output"]) == (None, None)


def test_parquet_says_its_revision() -> None:
    metadata = reader.read_schema(io.BytesIO(parquet.build(material(portrait())))).metadata
    assert (metadata[b"revision"], metadata[b"published_at"]) == (b"1", b"2026-03-01T12:00:00Z")


def test_a_census_without_models_is_a_table_without_rows() -> None:
    assert (table(), rows()) == ([], [])


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads of C++ can be counted on Linux only")
def test_looking_at_parquet_starts_no_thread_that_would_abort_a_program_at_its_end() -> None:
    program = """
import os
from modelcensus.feeds import parquet
from tests.feeds.builders import material, portrait
body = parquet.build(material(portrait()))
before = len(os.listdir("/proc/self/task"))
assert parquet.refusals(body) == []
print(len(os.listdir("/proc/self/task")) - before)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "0\n"


def test_what_is_no_parquet_is_refused() -> None:
    assert parquet.refusals(b"PAR1 and nothing else")


def test_a_parquet_file_with_other_columns_is_refused() -> None:
    import pyarrow

    out = io.BytesIO()
    reader.write_table(pyarrow.table({"id": ["a"]}), out)
    assert parquet.refusals(out.getvalue()) == ["its columns are not those of the table"]
