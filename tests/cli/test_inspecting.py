from __future__ import annotations

from typing import Any

import pytest

from tests.cli.program import Program, a_model

EVIL = "\x1b[31mred\x07\x9b2J\u202eback"


@pytest.fixture
def inspected(program: Program) -> Program:
    """Two readings: lab/one gains a field and gets a price that cannot be used."""
    program.keep("20260301T120000Z", a_model(), a_model("lab/two"))
    program.keep("20260308T120000Z", a_model(prompt="-7", surprise={"x": 1}), a_model("lab/two"))
    assert program.read().code == 0
    return program


def named(found: Any, **wanted: Any) -> list[Any]:
    return [each for each in found if all(each[name] == value for name, value in wanted.items())]


def test_drift_lists_what_is_new_with_the_entity_that_showed_it(inspected: Program) -> None:
    ran = inspected("drift", "--json")
    (event,) = named(ran.document, path="surprise")
    assert ran.code == 0
    assert (event["kind"], event["key"], event["sync_id"]) == ("new", "lab/one", 2)
    assert event["observed_at"] == "2026-03-08T12:00:00Z"
    assert "surprise" in inspected("drift").out


def test_drift_can_be_narrowed(inspected: Program) -> None:
    assert named(
        inspected("drift", "--source", "openrouter", "--since", "2026-03-05", "--json").document, path="surprise"
    )
    assert not named(inspected("drift", "--since", "2026-03-09", "--json").document, path="surprise")
    assert len(inspected("drift", "--limit", "1", "--json").document) == 1


def test_drift_of_an_unknown_source_is_refused(inspected: Program) -> None:
    ran = inspected("drift", "--source", "nowhere")
    assert (ran.code, "no source 'nowhere'" in ran.err) == (3, True)


def test_a_time_that_is_none_is_wrong_usage(inspected: Program) -> None:
    assert inspected("drift", "--since", "soon").code == 2


def test_quality_shows_the_score_its_change_and_the_worst_findings(inspected: Program) -> None:
    found = inspected("quality", "--json").document
    (score,) = named(found["scores"], source="openrouter", category="model")
    assert (score["entities"], score["flawed"], score["score"], score["change"]) == (2, 1, 50.0, -50.0)
    assert score["observed_at"] == "2026-03-08T12:00:00Z"
    (finding,) = named(found["findings"], key="lab/one", kind="price")
    assert (finding["severity"], finding["path"]) == ("error", "pricing.prompt")
    assert finding["observed_at"] == "2026-03-08T12:00:00Z"


def test_quality_tells_what_to_do_and_returns_0(inspected: Program) -> None:
    ran = inspected("quality", "--source", "openrouter")
    assert ran.code == 0
    assert "50.0" in ran.out
    assert "negative: -7" in ran.out
    assert "never as zero" in ran.out


def test_quality_without_findings_says_so(program: Program) -> None:
    program.keep("20260301T120000Z", a_model())
    program.read()
    assert "no findings" in program("quality").out
    assert "no drift" in program("drift", "--since", "2026-03-02").out


@pytest.mark.parametrize("command", [["drift"], ["drift", "--json"], ["quality"], ["quality", "--json"]])
@pytest.mark.parametrize("width", ["", "80"])
def test_text_from_upstream_cannot_act_on_the_terminal(program: Program, command: list[str], width: str) -> None:
    program.keep("20260301T120000Z", a_model())
    program.keep("20260308T120000Z", a_model(prompt=EVIL, **{EVIL: EVIL}), a_model("lab/" + "two" * 30, prompt="x"))
    program.read()
    ran = program(*command, COLUMNS=width)
    assert "red" in ran.out
    assert not set("\x1b\x07\x9b\u202e\r") & set(ran.out)


@pytest.mark.parametrize("command", ["drift", "quality"])
def test_help_shows_examples(program: Program, command: str) -> None:
    ran = program(command, "--help")
    assert ran.code == 0
    assert f"modelcensus {command} --source" in ran.out
