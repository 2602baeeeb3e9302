from __future__ import annotations

import json

import pytest

from modelcensus.cli import output
from modelcensus.cli.catalog import plans
from modelcensus.cli.output import Out
from modelcensus.core.catalog.model import Plan, StepKind
from modelcensus.store.catalog.plans import PlanState
from tests.cli.catalog.invented import DIGEST, EVIL, MARCH, change, hold, origin, plan, revision, step, stored


def screen(capsys: pytest.CaptureFixture[str], shown: Plan, **options: bool) -> str:
    plans.details(Out(), shown, **options)
    return capsys.readouterr().out


def line_with(text: str, word: str) -> str:
    (line,) = [line for line in text.splitlines() if word in line]
    return line


def test_a_plan_counts_its_steps_by_kind_and_what_is_held(capsys: pytest.CaptureFixture[str]) -> None:
    shown = plan(
        step(StepKind.NEW, "lab/new", change("name", after="New")),
        step(StepKind.UPDATED, "lab/one", change(before="1", after="1000", hold=hold())),
        step(StepKind.ARCHIVED, "lab/old", reason="no listing names it"),
    )
    assert "on revision 12: 1 new, 1 updated, 1 archived; 1 held" in screen(capsys, shown)


def test_a_price_is_shown_before_and_after_with_its_relative_change(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan(step(StepKind.UPDATED, "lab/one", change(before="2", after="2.5", origin=origin()))))
    assert line_with(text, "price.input").split() == ["price.input", "2.00", "→", "2.50", "+25.0", "%", "openrouter"]


def test_prices_of_one_model_stand_point_under_point(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(
        capsys,
        plan(
            step(
                StepKind.UPDATED, "lab/one",
                change("price.cache_read", before="0.125", after="0.1"),
                change("price.output", before="120", after="80"),
            )
        ),
    )  # fmt: skip
    one, other = line_with(text, "cache_read"), line_with(text, "price.output")
    assert one.index("0.125") + 1 == other.index("120.00") + 3
    assert one.index("→") == other.index("→")


def test_a_step_of_a_thousand_times_is_named_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan(step(StepKind.UPDATED, "lab/one", change(before="0.003", after="3"))))
    assert "+99,900.0 % (×1,000)" in text


def test_what_was_not_known_is_unknown_and_never_zero(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan(step(StepKind.UPDATED, "lab/one", change(after="3"))))
    assert "unknown → 3.00" in text


def test_a_held_field_is_marked_with_guard_reason_and_hint(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan(step(StepKind.UPDATED, "lab/one", change(before="3", after="3000", hold=hold()))))
    assert "HELD by unit-slip: it is 1,000 times what it was" in text
    assert "hint: look at the source" in text


def test_a_held_step_is_marked_as_a_whole(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan(step(StepKind.ARCHIVED, "lab/one", hold=hold("mass-removal", "40 at once"))))
    assert "HELD by mass-removal: 40 at once" in text
    assert "--release lab/one --reason WHY" in text


def test_a_released_hold_says_who_let_it_through_and_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    released = plan(step(StepKind.UPDATED, "lab/one", change(before="3", after="0", hold=hold(released="ada: true"))))
    assert "released: ada: true" in screen(capsys, released)
    assert plans.held(released) == {}


def test_the_exact_commands_to_go_on_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    shown = plan(
        step(StepKind.NEW, "lab/new", change("name", after="New")),
        step(StepKind.UPDATED, "lab/one", change(before="3", after="3000", hold=hold())),
    )
    text = screen(capsys, shown)
    for command in (
        f"modelcensus apply {DIGEST[:12]}\n",
        f"modelcensus apply {DIGEST[:12]} --partial lab/new\n",
        f"modelcensus apply {DIGEST[:12]} --release 'lab/one#price.input' --reason WHY\n",
        f"modelcensus reject {DIGEST[:12]} --reason WHY\n",
    ):
        assert command in text


def test_the_whole_digest_of_a_plan_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert screen(capsys, plan(step())).startswith(f"plan {DIGEST}\n")


def test_a_plan_that_is_held_altogether_offers_no_way_to_apply_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan(step(StepKind.ARCHIVED, "lab/one", hold=hold())))
    assert f"modelcensus apply {DIGEST[:12]}\n" not in text


def test_a_plan_without_steps_says_that_there_is_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan())
    assert "nothing to do" in text
    assert "apply" not in text


def test_a_new_model_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    fields = {"name": "New", "modality": "text", "price.input": "1.25", "price.output": "10", "context": 400000}
    text = screen(
        capsys, plan(step(StepKind.NEW, "lab/new", *(change(path, after=each) for path, each in fields.items())))
    )
    assert "+ lab/new  New, text, input 1.25, output 10.00, context 400,000" in text


def test_of_many_steps_the_rest_is_counted_but_held_ones_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    many = [step(StepKind.NEW, f"lab/m{number:03}") for number in range(60)]
    held = step(StepKind.NEW, "lab/zzz", hold=hold())
    text = screen(capsys, plan(*many, held))
    assert "... and 20 more without a hold" in text
    assert "lab/zzz" in text
    assert "lab/m059" not in text


def test_all_steps_are_shown_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    many = [step(StepKind.NEW, f"lab/m{number:03}") for number in range(60)]
    assert "lab/m059" in screen(capsys, plan(*many), everything=True)


def test_text_from_upstream_in_a_plan_cannot_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(
        capsys,
        plan(
            step(
                StepKind.UPDATED, EVIL, change("name", before=EVIL, after=EVIL + "!", hold=hold(EVIL, EVIL, EVIL)),
                reason=EVIL,
            ),
            note=EVIL,
        ),
    )  # fmt: skip
    assert "red" in text
    assert not set("\x1b\u202e") & set(text)


def test_a_plan_as_json_has_iso_times_at_every_depth_and_leaves_the_absent_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.document(plan(step(StepKind.NEW, "lab/one", change("price.input", after="3.10", origin=origin()))))
    found = json.loads(capsys.readouterr().out)["steps"][0]["changes"][0]
    assert found["origin"]["observed_at"] == "2026-03-01T12:00:00Z"
    assert (found["after"], "before" in found) == ("3.10", False)


def test_what_can_never_be_a_price_is_offered_no_release(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan(step(StepKind.UPDATED, "lab/one", change(after="NaN", hold=hold("not_a_number")))))
    assert "--release" not in text


def test_what_only_waits_for_review_is_offered_as_reviewed(capsys: pytest.CaptureFixture[str]) -> None:
    text = screen(capsys, plan(step(StepKind.NEW, "lab/one", hold=hold(plans.REVIEW))))
    assert f"modelcensus apply {DIGEST[:12]} --reviewed\n" in text
    assert "--release" not in text


def test_an_apply_tells_its_revision_and_what_stayed_held(capsys: pytest.CaptureFixture[str]) -> None:
    shown = plan(step(StepKind.UPDATED, "lab/one", change(before="3", after="3000", hold=hold())))
    plans.applied(Out(), revision(models=2), plans.held(shown))
    text = capsys.readouterr().out
    assert "revision 13: 2 models changed" in text
    assert "still held: lab/one#price.input" in text


def test_of_a_part_only_the_holds_in_it_are_left() -> None:
    shown = plan(step(StepKind.NEW, "lab/one", hold=hold()), step(StepKind.NEW, "lab/two", hold=hold()))
    assert list(plans.held(shown, only=["lab/two"])) == ["lab/two"]


def test_plans_are_listed_with_what_became_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    plans.listing(Out(), [stored(plan(step(StepKind.NEW)), state=PlanState.APPLIED, revision=13, decided_by="bob")])
    assert capsys.readouterr().out.splitlines()[1].split() == [
        DIGEST[:12], "2026-03-01T12:00:00Z", "ada", "applied", "13", "1", "new",
    ]  # fmt: skip


def test_a_rejected_plan_says_who_said_no_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    plans.fate(Out(), stored(plan(), state=PlanState.REJECTED, decided_by="bob", decided_at=MARCH, reason="a slip"))
    text = capsys.readouterr().out
    assert text == "proposed by ada 2026-03-01T12:00:00Z; rejected by bob 2026-03-01T12:00:00Z: a slip\n"
