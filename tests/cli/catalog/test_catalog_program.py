from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from modelcensus.cli import catalog as catalog_commands
from tests.cli.program import Program, a_model

AS = ("--as", "ada")


def planned(program: Program) -> str:
    """The digest of the current plan."""
    ran = program("plan", "--json")
    assert ran.code in (0, 1), ran.err
    return str(ran.document["digest"])


@pytest.fixture(scope="module")
def listed_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``listed`` is a copy of."""
    program = Program(tmp_path_factory.mktemp("listed"))
    program.keep("20260301T120000Z", a_model(), a_model("lab/two", prompt="0.000004"))
    assert program.read().code == 0
    return program.folder


@pytest.fixture(scope="module")
def catalog_made(listed_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``catalog`` is a copy of."""
    program = Program(tmp_path_factory.mktemp("catalog")).beginning_as(listed_made)
    ran = program("apply", planned(program), *AS)
    assert ran.code == 0, ran.err
    return program.folder


@pytest.fixture
def listed(program: Program, listed_made: Path) -> Program:
    """The program with one reading of two models, nothing published."""
    return program.beginning_as(listed_made)


@pytest.fixture
def catalog(program: Program, catalog_made: Path) -> Program:
    """The program with both models published as revision 1."""
    return program.beginning_as(catalog_made)


def dearer(program: Program, times: int) -> None:
    """A later reading in which lab/one costs so many times what it did, and lab/two a little more."""
    program.keep("20260302T120000Z", a_model(prompt=f"0.{times:06d}"), a_model("lab/two", prompt="0.000005"))
    assert program.read().code == 0


def test_a_plan_changes_nothing_and_names_its_commands(listed: Program) -> None:
    ran = listed("plan")
    assert (ran.code, "2 new" in ran.out) == (0, True)
    digest = planned(listed)
    assert f"modelcensus apply {digest[:12]}\n" in ran.out
    assert listed("models", "list", "--json").lines == []


def test_an_applied_plan_publishes_its_models_with_exact_prices(catalog: Program) -> None:
    found = {line["model"]["id"]: line["model"]["fields"] for line in catalog("models", "list", "--json").lines}
    assert (found["lab/one"]["price.input"], found["lab/two"]["price.input"]) == ("1", "4")


def test_a_plan_is_named_by_how_its_digest_begins(listed: Program) -> None:
    assert listed("apply", planned(listed)[:12], *AS).code == 0


def test_a_price_a_thousand_times_higher_is_held_with_exit_code_1_and_the_rest_goes_through(catalog: Program) -> None:
    dearer(catalog, 1000)
    ran = catalog("plan")
    assert ran.code == 1
    assert "HELD" in ran.out
    assert "(×1,000)" in ran.out
    ran = catalog("apply", planned(catalog), *AS)
    assert (ran.code, "still held: lab/one#price.input" in ran.out) == (1, True)
    assert catalog("models", "show", "lab/two", "--json").document["entry"]["model"]["fields"]["price.input"] == "5"
    assert catalog("models", "show", "lab/one", "--json").document["entry"]["model"]["fields"]["price.input"] == "1"


def test_what_is_held_is_let_through_for_a_reason_only(catalog: Program) -> None:
    dearer(catalog, 1000)
    release = ("--release", "lab/one#price.input")
    digest = planned(catalog)
    ran = catalog("apply", digest, *release, *AS)
    assert (ran.code, "needs a reason" in ran.err) == (2, True)
    ran = catalog("apply", digest, *release, "--reason", "they say so", *AS)
    assert ran.code == 0, ran.err
    assert catalog("models", "show", "lab/one", "--json").document["entry"]["model"]["fields"]["price.input"] == "1000"


def test_a_part_of_a_plan_can_be_applied(listed: Program) -> None:
    ran = listed("apply", planned(listed), "--partial", "lab/two", *AS)
    assert ran.code == 0, ran.err
    assert [line["model"]["id"] for line in listed("models", "list", "--json").lines] == ["lab/two"]


def test_a_stale_plan_is_refused_with_what_moved(listed: Program) -> None:
    old = planned(listed)
    dearer(listed, 2)
    assert listed("apply", planned(listed), *AS).code == 0
    ran = listed("apply", old, *AS)
    assert (ran.code, "since then changed: lab/one, lab/two" in ran.err, "hint:" in ran.err) == (2, True, True)


def test_a_rejected_plan_is_listed_as_such_with_who_and_why(listed: Program) -> None:
    digest = planned(listed)
    assert listed("reject", digest, "--reason", "a slip", *AS).code == 0
    ran = listed("plan", "show", digest)
    assert "rejected by ada" in ran.out
    assert ": a slip" in ran.out
    assert "modelcensus apply" not in ran.out
    assert [each["state"] for each in listed("plan", "list", "--json").document] == ["rejected"]


def test_a_rollback_is_a_plan_to_be_applied(catalog: Program) -> None:
    dearer(catalog, 2)
    assert catalog("apply", planned(catalog), *AS).code == 0
    ran = catalog("rollback", "1", "--reason", "too dear", "--json", *AS)
    assert ran.code == 0, ran.err
    assert catalog("apply", ran.document["digest"], *AS).code == 0
    assert catalog("models", "show", "lab/one", "--json").document["entry"]["model"]["fields"]["price.input"] == "1"


def test_an_edit_is_kept_and_in_the_audit_log_with_who_and_why(catalog: Program) -> None:
    ran = catalog("models", "edit", "lab/one", "--enable", "--tier", "pro", "--reason", "asked for", *AS)
    assert (ran.code, "1 of 1 changed" in ran.out) == (0, True)
    assert catalog("tiers", "pro", "--json").document["models"] == ["lab/one"]
    (entry,) = catalog("audit", "--model", "lab/one", "--json").document
    assert (entry["actor"], entry["reason"], entry["after"]["enabled"]) == ("ada", "asked for", True)


def test_an_edit_of_an_unknown_model_is_told_and_the_others_are_made(catalog: Program) -> None:
    ran = catalog("models", "edit", "lab/one", "lab/nine", "--curated", "--json", *AS)
    assert ran.code == 1
    assert [(each["model_id"], each["changed"]) for each in ran.document] == [("lab/one", True), ("lab/nine", False)]


def test_many_models_are_edited_by_a_pattern(catalog: Program) -> None:
    ran = catalog("models", "bulk", "--match", "lab/*", "--enable", "--tier", "free", *AS)
    assert (ran.code, "2 of 2 changed" in ran.out) == (0, True)
    assert catalog("tiers", "free", "lab/two").code == 0


def test_each_model_is_edited_as_a_file_says(catalog: Program) -> None:
    (catalog.folder / "edits.json").write_text(json.dumps({"lab/one": {"notes": "n"}, "lab/two": {"enabled": True}}))
    ran = catalog("models", "bulk", "--file", "edits.json", "--json", *AS)
    assert [each["after"]["enabled"] for each in ran.document] == [False, True]


@pytest.mark.parametrize("text", ["[]", "{", '{"lab/one": 1}', "[" * 100_000])
def test_a_file_that_is_no_list_of_edits_is_refused_in_one_line(catalog: Program, text: str) -> None:
    (catalog.folder / "edits.json").write_text(text)
    ran = catalog("models", "bulk", "--file", "edits.json", *AS)
    assert (ran.code, ran.err.count("\n")) == (2, 2)


def test_an_edit_can_be_undone(catalog: Program) -> None:
    catalog("models", "edit", "lab/one", "--enable", *AS)
    (entry,) = catalog("audit", "--model", "lab/one", "--json").document
    assert catalog("models", "undo", str(entry["id"]), *AS).code == 0
    assert catalog("models", "list", "--enabled", "--json").lines == []


def test_an_override_is_what_a_model_shows_until_it_is_cleared(catalog: Program) -> None:
    place = ("lab/one", "price.input")
    ran = catalog("override", "set", *place, "0.80", "--reason", "our contract", *AS)
    assert ran.code == 0, ran.err
    assert catalog("models", "show", "lab/one", "--json").document["entry"]["model"]["fields"]["price.input"] == "0.80"
    assert catalog("override", "clear", *place, "--reason", "it ended", *AS).code == 0
    assert catalog("models", "show", "lab/one", "--json").document["entry"]["model"]["fields"]["price.input"] == "1"


def test_notice_is_given_of_an_override_under_which_upstream_moved(catalog: Program) -> None:
    catalog("override", "set", "lab/one", "price.input", "0.80", "--reason", "our contract", *AS)
    assert catalog("override", "list").code == 0
    dearer(catalog, 2)
    assert catalog("apply", planned(catalog), *AS).code == 0
    ran = catalog("override", "list")
    assert (ran.code, "upstream has moved: 1.00 → 2.00" in ran.out) == (1, True)


def test_rules_curate_what_no_person_has_touched(catalog: Program) -> None:
    catalog("models", "edit", "lab/two", "--not-curated", "--notes", "mine", *AS)
    (catalog.folder / "rules.toml").write_text('[[rule]]\nmatch = "lab/*"\ncurated = true\n')
    ran = catalog("rules", "apply", "rules.toml", *AS)
    assert ran.code == 0, ran.err
    assert "1 touched by a person" in ran.out
    found = {line["model"]["id"]: line["curation"]["is_curated"] for line in catalog("models", "list", "--json").lines}
    assert found == {"lab/one": True, "lab/two": False}


def test_the_shipped_rules_can_be_looked_at(program: Program) -> None:
    assert "anthropic/claude-*" in program("rules", "show").out


def test_a_use_is_priced_as_of_the_day_it_was_used(catalog: Program) -> None:
    dearer(catalog, 2)
    used = ("price", "lab/one", "--input", "1000000", "--output", "500000", "--json")
    totals = [catalog(*used, "--at", day).document["cost"]["total"] for day in ("2026-03-01T13:00Z", "2026-03-03")]
    assert totals == ["2", "3"]


def test_a_bill_names_its_source_and_snapshot(catalog: Program) -> None:
    ran = catalog("price", "lab/one", "--input", "12000", "--output", "800", "--at", "2026-03-02")
    assert ran.code == 0, ran.err
    assert "openrouter lab/one: input, output" in ran.out
    assert "said 2026-03-01T12:00:00Z" in ran.out


def test_a_price_that_is_not_known_gives_exit_code_1_and_no_total(catalog: Program) -> None:
    ran = catalog("price", "lab/one", "--images", "3", "--json")
    assert (ran.code, ran.document["cost"]["total"]) == (1, None)


def test_a_name_is_resolved_with_evidence(catalog: Program) -> None:
    ran = catalog("resolve", "lab/one")
    assert (ran.code, "lab/one is lab/one" in ran.out) == (0, True)


def test_a_name_that_means_nothing_is_no_guess(catalog: Program) -> None:
    ran = catalog("resolve", "lab/onee", "--json")
    assert (ran.code, ran.document["model_id"]) == (1, None)


def test_a_persons_link_and_unlink_are_kept_in_the_audit_log(catalog: Program) -> None:
    name = ("openrouter", "lab/two")
    assert catalog("unlink", *name, "--reason", "not that", *AS).code == 0
    assert [each["key"] for each in catalog("unmatched", "--json").document] == ["lab/two"]
    assert catalog("link", *name, "lab/one", "--reason", "the same", *AS).code == 0
    assert catalog("resolve", "lab/two", "--json").document["model_id"] in ("lab/one", "lab/two")
    assert [each["act"] for each in catalog("audit", "--limit", "2", "--json").document] == ["link", "unlink"]


def test_who_acts_is_the_login_name_unless_said(catalog: Program) -> None:
    catalog("models", "edit", "lab/one", "--curated", LOGNAME="grace")
    assert catalog("audit", "--model", "lab/one", "--json").document[0]["actor"] == "grace"


def test_every_command_has_examples_in_its_help() -> None:
    app = typer.Typer()
    catalog_commands.add_to(app)
    groups = [app, *(group.typer_instance for group in app.registered_groups)]
    commands = [command for group in groups if group for command in group.registered_commands]
    assert len(commands) > 20
    assert [each.callback for each in commands if "Examples:\n  modelcensus" not in (each.epilog or "")] == []
