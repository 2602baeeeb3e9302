"""source test and source adapters, as a person runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import Program

_SOURCE = Path(__file__).parents[2] / "src"
HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "add-a-source.md"


@pytest.fixture
def with_lab(program: Program) -> Program:
    """The program with the package of the how-to installed, and one that is broken."""
    packages = program.folder / "packages"
    lab = packages / "lab_catalog"
    lab.mkdir(parents=True)
    text = HOWTO.read_text()
    (lab / "__init__.py").touch()
    for name, language in (("source.py", "python"), ("lab.json", "json")):
        found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
        assert found
        (lab / name).write_text(found[1])
    install(packages, "lab-catalog", "lab = lab_catalog.source:ADAPTER")
    install(packages, "gone", "gone = gone_module:ADAPTER")
    program.env = {"PYTHONPATH": f"{_SOURCE}:{packages}"}
    return program


def install(packages: Path, name: str, entry: str) -> None:
    facts = packages / f"{name.replace('-', '_')}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[modelcensus.sources]\n{entry}\n")


def test_an_adapter_of_another_package_is_tried_line_by_line(with_lab: Program) -> None:
    ran = with_lab("source", "test", "lab")
    lines = ran.out.splitlines()
    assert (ran.code, lines[0]) == (0, "The Lab (lab)")
    assert "  ✓ the example is read whole and gives exactly what is expected" in lines
    assert (
        "  - 'not modified' is asked for, and is no change (none of its calls is conditional and one page long)"
        in lines
    )
    assert re.search(r"\d+ passed, 0 failed, 1 not for it", ran.out)
    assert not with_lab.database.exists()


def test_a_failure_says_what_happened_and_what_to_do(with_lab: Program) -> None:
    example = with_lab.folder / "packages" / "lab_catalog" / "lab.json"
    example.write_text(
        example.read_text().replace(
            '"lab/six": {"id": "lab/six", "name": "Six"', '"lab/six": {"id": "lab/six", "name": "Sixth"'
        )
    )
    ran = with_lab("source", "test", "lab", "--only", "reading")
    assert ran.code == 1
    assert "  ✗ the example is read whole and gives exactly what is expected" in ran.out
    assert "1 entities are not as expected: model lab/six" in ran.out
    assert 'lab/six: name should be "Sixth", is "Six"' in ran.out
    assert "hint: correct the adapter, or the example's 'expected'" in ran.out


def test_with_json_each_trial_is_one_line(with_lab: Program) -> None:
    ran = with_lab("source", "test", "lab", "--only", "key", "--json")
    assert ran.code == 0
    assert {line["adapter"] for line in ran.lines} == {"lab"}
    assert {line["verdict"] for line in ran.lines} == {"passed"}
    assert all(set(line) >= {"group", "title", "problem", "hint", "details", "seconds"} for line in ran.lines)


def test_a_source_is_tried_by_its_adapter(with_lab: Program) -> None:
    (with_lab.folder / "modelcensus.toml").write_text(
        '[sources.lab-eu]\nadapter = "lab"\nbase_url = "https://eu.lab.example/"\n'
    )
    ran = with_lab("source", "test", "lab-eu", "--only", "AGAIN", "--json")
    assert {(line["adapter"], line["group"]) for line in ran.lines} == {("lab", "again")}


def test_a_broken_package_is_named_in_one_line(with_lab: Program) -> None:
    ran = with_lab("source", "test", "gone")
    assert ran.code == 3
    assert ran.err.startswith("error: the adapter 'gone' of gone is not used: gone_module:ADAPTER cannot be imported")
    assert len(ran.err.splitlines()) == 2


def test_a_word_that_no_trial_has_is_answered_with_the_groups(with_lab: Program) -> None:
    ran = with_lab("source", "test", "lab", "--only", "nothing like it")
    assert ran.code == 2
    assert "the groups are: reading, again, key" in ran.err


def test_an_unknown_name_is_answered_with_the_known_ones(with_lab: Program) -> None:
    ran = with_lab("source", "test", "nobody")
    assert ran.code == 3
    assert "lab" in ran.err
    assert "openrouter" in ran.err


def test_adapters_are_listed_with_where_they_come_from(with_lab: Program) -> None:
    ran = with_lab("source", "adapters")
    assert re.search(r"^lab +The Lab +model +needed +a package$", ran.out, re.MULTILINE)
    assert re.search(r"^openrouter .* built in$", ran.out, re.MULTILINE)
    assert "! the adapter 'gone' of gone is not used" in ran.out
    rows = json.loads(with_lab("source", "adapters", "--json").out)
    assert {row["name"]: row["built_in"] for row in rows}["lab"] is False
