"""modelcensus trends: tables, charts, JSON, and what to do where there is nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.operations.trends_world import hub, quarter


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program beside a census whose history ends in April 2026."""
    folder = tmp_path_factory.mktemp("trends")
    (folder / "data").mkdir()
    with quarter(f"sqlite:///{folder / 'data' / 'modelcensus.db'}") as census:
        hub(census, 0, org__one=100, org__two=100)
        hub(census, 90, org__one=100, org__two=400)
    return Program(folder)


def test_prices_are_a_table_and_a_chart(program: Program) -> None:
    ran = program("trends", "prices", "--months", "60")
    assert (ran.code, ran.err) == (0, "")
    table, _, drawn = ran.out.partition("index of all")
    assert re.search(r"^all +2026-01-01 +32\.18 +\+0\.0 % +32\.18 +2 +2$", table, re.MULTILINE)
    assert "53.85" in drawn


def test_models_are_counted_by_month_and_named(program: Program) -> None:
    ran = program("trends", "models", "--months", "60")
    assert re.search(r"^2026-02 +1 +0 +0 +0 +3 +lab/late$", ran.out, re.MULTILINE)
    assert re.search(r"^2026-03 +0 +0 +0 +1 +2 +-lab/b$", ran.out, re.MULTILINE)
    assert "models on offer" in ran.out


def test_risers_are_json_for_programs(program: Program) -> None:
    found = program("trends", "risers", "--days", "3650", "--json").document
    assert [(each["key"], each["growth"]) for each in found["data"]] == [("org/two", "1.5")]


def test_without_a_census_it_says_how_to_begin(tmp_path: Path) -> None:
    ran = Program(tmp_path)("trends", "risers")
    assert (ran.code, ran.out) == (3, "")
    assert "modelcensus sync" in ran.err
