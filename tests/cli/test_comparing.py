from __future__ import annotations

import json
from pathlib import Path

from tests.cli.program import Program, a_model

EU = {"MODELCENSUS_SOURCES__OPENROUTER_EU__ADAPTER": "openrouter", "MODELCENSUS_SOURCES__OPENROUTER_EU__REGION": "eu"}


def two_regions(program: Program) -> Program:
    for name, models in (("openrouter", [a_model("a"), a_model("b")]), ("openrouter-eu", [a_model("b")])):
        path = Path(program.folder / f"{name}.json")
        path.write_text(json.dumps({"data": models}))
        assert program("import", path.name, "--source", name, "--at", "2026-03-01", **EU).code == 0
    return program


def test_compare_tells_two_regions_apart(program: Program) -> None:
    ran = two_regions(program)("compare", "openrouter", "openrouter-eu", **EU)
    assert ran.code == 0
    assert "only in openrouter" in ran.out
    assert "1 only in openrouter, 0 only in openrouter-eu" in ran.out


def test_compare_in_json_is_one_line_for_each_difference(program: Program) -> None:
    ran = two_regions(program)("compare", "openrouter", "openrouter-eu", "--json", **EU)
    assert [(line["key"], line["only_in"]) for line in ran.lines] == [("a", "openrouter")]


def test_compare_with_a_source_that_does_not_exist_names_those_that_do(program: Program) -> None:
    ran = two_regions(program)("compare", "openrouter", "openruter", **EU)
    assert (ran.code, "openrouter-eu" in ran.err) == (3, True)


def test_an_option_that_an_adapter_does_not_have_is_refused_by_name(program: Program) -> None:
    ran = program("sources", MODELCENSUS_SOURCES__HUGGINGFACE__OPTIONS__MIN_DOWNLOAD="5")
    assert ran.code == 2
    assert "min_download" in ran.err
    assert "min_downloads" in ran.err


def test_a_source_of_a_region_is_listed_with_it(program: Program) -> None:
    ran = program("sources", **EU)
    assert "openrouter-eu (eu)" in ran.out
    assert "data by Artificial Analysis" in ran.out
