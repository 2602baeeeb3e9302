from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Program

SOME = ({"id": "gpt-4.1"}, {"id": "gpt-9-new"}, {"id": "tts-1"}, {"id": "gpt-4o", "shutdown_date": "2020-01-31"})


def imported(program: Program, source: str, time: str, payload: Mapping[str, Any]) -> None:
    path = program.folder / f"{time}.json"
    path.write_text(json.dumps(payload))
    ran = program("import", str(path), "--source", source, "--category", "model")
    assert ran.code == 0, ran.err


@pytest.fixture
def listed(program: Program) -> Program:
    """The program with one reading of OpenAI's listing."""
    imported(program, "openai", "20260801T120000Z", {"data": list(SOME)})
    return program


@pytest.fixture
def own(listed: Program) -> Path:
    """A folder for the user's own facts, set."""
    folder = listed.folder / "facts"
    folder.mkdir()
    listed.env = {"MODELCENSUS_NATIVE_FACTS": str(folder)}
    return folder


def only(program: Program, *words: str) -> Any:
    ran = program("explain", *words, "--json")
    assert ran.code == 0, ran.err
    (found,) = ran.document
    return found


def test_a_model_is_explained_with_price_source_date_and_file(listed: Program) -> None:
    found = only(listed, "gpt-4.1")
    assert found["facts"]["rates"]["input"] == "2"
    assert found["facts"]["source"].startswith("https://")
    assert found["facts"]["checked"] == "2026-08-09"
    assert found["facts"]["origin"]["file"] == "the shipped openai.toml"
    assert (found["ruling"]["kept"], found["lifecycle"]["stage"]) == (True, "active")


def test_prices_are_printed_in_dollars_per_million(listed: Program) -> None:
    ran = listed("explain", "gpt-4.1")
    assert ran.code == 0
    assert "USD PER MILLION" in ran.out
    assert [line.split() for line in ran.out.splitlines() if line.startswith("cached_input")] == [
        ["cached_input", "0.50"]
    ]
    assert "https://developers.openai.com/api/docs/pricing" in ran.out


def test_a_model_without_a_known_price_has_none_and_it_says_how_to_add_one(listed: Program) -> None:
    found = only(listed, "gpt-9-new")
    assert (found["facts"], found["priced"]) == (None, False)
    assert found["price"].startswith("no price is known; to add one, write an entry for 'gpt-9-new' into openai.toml")
    assert "USD PER MILLION" not in listed("explain", "gpt-9-new").out


def test_an_excluded_model_names_the_rule_and_how_to_change_it(listed: Program) -> None:
    ran = listed("explain", "tts-1")
    assert "excluded: it answers in speech only (rule 'speech', the shipped filter.toml, line " in ran.out
    assert "set native_filter" in ran.out


def test_a_model_that_upstream_has_shut_down_is_retired_with_its_evidence(listed: Program) -> None:
    found = only(listed, "gpt-4o")["lifecycle"]
    assert (found["stage"], found["retires"]) == ("retired", "2020-01-31")
    assert found["evidence"] == ["the listing says shutdown_date = 2020-01-31"]


def test_limits_of_googles_listing_count_more_than_those_of_the_file(program: Program) -> None:
    model = {"name": "models/gemini-2.0-flash", "inputTokenLimit": 5000, "outputTokenLimit": 77}
    imported(program, "google", "20260801T120000Z", {"models": [model]})
    found = {each["name"]: each for each in only(program, "models/gemini-2.0-flash")["limits"]}
    assert (found["max_output"]["tokens"], found["max_output"]["said_by"]) == (77, "the listing (outputTokenLimit)")
    assert found["max_output"]["instead_of"].startswith("8,192 in the shipped google.toml")


def test_a_vanished_model_is_told_as_it_was_and_not_called_retired(listed: Program) -> None:
    imported(listed, "openai", "20260802T120000Z", {"data": [each for each in SOME if each["id"] != "gpt-4.1"]})
    found = only(listed, "gpt-4.1")
    assert found["vanished_at"] == "2026-08-02T12:00:00Z"
    assert found["lifecycle"]["stage"] == "unknown"
    assert found["priced"]
    assert "vanished 2026-08-02T12:00:00Z" in listed("explain", "gpt-4.1").out


def test_what_is_in_quarantine_is_told(program: Program) -> None:
    (program.folder / "20260801T120000Z.json").write_text('{"data":[{"id":"odd","n":NaN},{"id":"gpt-4.1"}]}')
    program("import", "20260801T120000Z.json", "--source", "openai", "--category", "model")
    found = only(program, "odd")
    assert found["quarantined"][0]["fault"] == "not_finite"
    assert "in quarantine" in program("explain", "odd").out


def test_a_source_with_prices_of_its_own_shows_them_as_they_stand(weeks: Program) -> None:
    found = only(weeks, "lab/one")
    assert found["upstream_prices"] == [["pricing.completion", "0.000002"], ["pricing.prompt", "0.0000005"]]
    assert (found["ruling"], found["lifecycle"], found["facts"]) == (None, None, None)
    assert "pricing.prompt" in weeks("explain", "lab/one").out


def test_an_unknown_key_is_told_with_close_ones(listed: Program) -> None:
    ran = listed("explain", "gpt-4.1x")
    assert ran.code != 0
    assert "there is no entity 'gpt-4.1x'" in ran.err
    assert "did you mean: gpt-4.1" in ran.err


def test_an_unknown_source_is_told(listed: Program) -> None:
    for words in (["gpt-4.1"], []):
        ran = listed("explain", *words, "--source", "nobody")
        assert ran.code != 0
        assert "there is no source 'nobody'" in ran.err


def test_an_own_price_counts_instead_of_the_shipped_one(listed: Program, own: Path) -> None:
    entry = '[[model]]\nids = ["gpt-4.1"]\nsource = "https://me.test/deal"\nchecked = 2026-01-01\n'
    (own / "openai.toml").write_text(f'{entry}input = "1.50"\noutput = "6.00"\nretires = 2099-01-01\n')
    found = only(listed, "gpt-4.1")
    rates = found["facts"]["rates"]
    assert (rates["input"], "cached_input" in rates) == ("1.5", False)
    assert found["facts"]["origin"] == {"file": str(own / "openai.toml"), "number": 1, "line": 1, "own": True}
    assert found["lifecycle"]["stage"] == "deprecated"


def test_a_wrong_own_file_is_told_with_its_line_and_no_traceback(listed: Program, own: Path) -> None:
    (own / "openai.toml").write_text('[[model]]\nids = ["a"]\nsource = "https://me.test"\ninput = 1.5\n')
    ran = listed("explain", "gpt-4.1")
    assert ran.code != 0
    assert "openai.toml, line 1 (a): " in ran.err
    assert "hint:" in ran.err


def test_an_own_filter_decides_first(listed: Program) -> None:
    path = listed.folder / "mine.toml"
    path.write_text('[[rule]]\nname = "mine"\naction = "exclude"\nwhy = "too dear"\nids = ["gpt-4.1"]\n')
    found = listed("explain", "gpt-4.1", "--json", MODELCENSUS_NATIVE_FILTER=str(path)).document[0]["ruling"]
    assert (found["kept"], found["rule"], found["why"]) == (False, "mine", "too dear")


def test_without_a_key_every_native_model_is_listed_with_its_price_and_ruling(listed: Program) -> None:
    ran = listed("explain")
    lines = {line.split()[0]: line.split() for line in ran.out.splitlines() if line}
    assert lines["gpt-4.1"][2:5] == ["2.00", "8.00", "1,047,576"]
    assert lines["gpt-9-new"][2:4] == ["-", "-"]
    assert lines["tts-1"][-2:] == ["excluded:", "speech"]
    assert "3 kept, 1 excluded; no price is known for 1 of those kept" in ran.out


def test_excluded_ones_alone_can_be_listed(listed: Program) -> None:
    assert [line["key"] for line in listed("explain", "--excluded", "--source", "openai", "--json").lines] == ["tts-1"]
    assert "1 excluded" in listed("explain", "--excluded").out


def test_sources_with_prices_of_their_own_are_not_in_the_list_unless_asked_for(weeks: Program) -> None:
    assert weeks("explain", "--json").out == ""
    assert [line["key"] for line in weeks("explain", "--source", "openrouter", "--json").lines] == [
        "lab/one",
        "lab/three",
    ]


def test_the_price_file_can_be_compared_with_a_recorded_catalog(listed: Program) -> None:
    models = {"gpt-4.1": {"id": "gpt-4.1", "cost": {"input": 3, "output": 8}}}
    imported(listed, "modelsdev", "20260801T120000Z", {"openai": {"id": "openai", "name": "x", "models": models}})
    assert listed("explain", "--check", "openai", "--json").document == [
        {"name": "gpt-4.1", "price": "input", "ours": "2", "theirs": "3", "catalog": "modelsdev"}
    ]
    assert "1 price differs" in listed("explain", "--check", "openai").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--check", "openai"], "no catalog with prices is recorded"),
        (["--check", "nobody"], "there is no facts file for 'nobody'"),
        (["--check", "openai", "--excluded"], "--check goes alone"),
        (["gpt-4.1", "--excluded"], "--excluded is for the list"),
        (["--category", "provider"], "only models are listed"),
    ],
)
def test_what_does_not_fit_together_is_told(listed: Program, words: list[str], message: str) -> None:
    ran = listed("explain", *words)
    assert ran.code != 0
    assert message in ran.err
    assert "hint:" in ran.err


def test_a_name_from_upstream_cannot_act_on_the_terminal(program: Program) -> None:
    evil = "\x1b[31mred\x07\u202e"
    imported(program, "anthropic", "20260801T120000Z", {"data": [{"id": "claude-x", "display_name": evil}]})
    ran = program("explain", "claude-x")
    assert "red" in ran.out
    assert not set("\x1b\x07\u202e") & set(ran.out)
