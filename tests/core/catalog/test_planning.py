"""Plans: what a sync would do to the published catalog, what is held of it, and its effect."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core import canonical
from modelcensus.core.catalog.guards import STANDARD
from modelcensus.core.catalog.model import Field, Merged, Origin, Plan, Published, Status, Step, StepKind
from modelcensus.core.catalog.planning import (
    REVIEW,
    Absence,
    Policy,
    applied,
    digest_of,
    field_name,
    held,
    plan,
    rollback,
    sync_diff,
)

HOUR = 3600 * 1_000_000
TWICE = (Absence("openrouter", (0, 24 * HOUR)),)


def origin(source: str = "openrouter") -> Origin:
    return Origin(source, "model", "key", "0" * 64, 1)


def model(model_id: str = "a/one", source: str = "openrouter", **fields: Any) -> Merged:
    """A merged model; ``price_input`` is the field ``price.input``."""
    named = {name.replace("price_", "price."): value for name, value in fields.items()}
    return Merged(
        id=model_id, fields={path: Field(value, origin(source)) for path, value in named.items()}, sources=(source,)
    )


def catalog(*models: Merged) -> dict[str, Published]:
    """The published catalog in which these models are."""
    return applied({}, plan(0, {}, models))


def only_step(made: Plan) -> Step:
    (step,) = made.steps
    return step


PRICES = st.sampled_from(["0", "1", "2.5", "3", "30", "2500", "-1", "NaN", "1E+400"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["A", "B (free)"]),
        "context": st.sampled_from([8000, 128000]),
        "stage": st.sampled_from(["active", "deprecated", "retired"]),
        "price.input": PRICES,
        "price.output": PRICES,
        "price.cache_read": PRICES,
        "capabilities.vision": st.booleans(),
    },
)
CATALOGS = st.dictionaries(st.sampled_from([f"lab/{name}" for name in "abcdef"]), FIELDS, max_size=6).map(
    lambda models: [
        Merged(id=id_, fields={path: Field(value, origin()) for path, value in fields.items()}, sources=("openrouter",))
        for id_, fields in models.items()
    ]
)
READINGS = st.lists(st.integers(0, 60)).map(lambda hours: tuple(hour * HOUR for hour in hours))
ABSENCES = st.dictionaries(
    st.sampled_from([f"lab/{name}" for name in "abcdef"]),
    st.lists(st.builds(Absence, st.sampled_from(["x", "y"]), READINGS), max_size=2),
)


def without_holds(made: Plan) -> Plan:
    steps = tuple(
        msgspec.structs.replace(
            step, hold=None, changes=tuple(msgspec.structs.replace(change, hold=None) for change in step.changes)
        )
        for step in made.steps
    )
    return msgspec.structs.replace(made, steps=steps)


@given(CATALOGS, CATALOGS, ABSENCES)
def test_applying_everything_and_planning_again_gives_an_empty_plan(
    first: list[Merged], second: list[Merged], absences: dict[str, list[Absence]]
) -> None:
    was = catalog(*first)
    done = applied(was, without_holds(plan(1, was, second, absences=absences)))
    assert plan(2, done, second, absences=absences).steps == ()


@given(CATALOGS, CATALOGS, ABSENCES)
def test_applying_leaves_what_is_held_untouched_and_does_all_the_rest(
    first: list[Merged], second: list[Merged], absences: dict[str, list[Absence]]
) -> None:
    was = catalog(*first)
    made = plan(1, was, second, absences=absences)
    done = applied(was, made)
    for step in made.steps:
        before, after = was.get(step.model_id), done.get(step.model_id)
        if step.hold:
            assert after == before
            continue
        assert after is not None
        for change in step.changes:
            old = before.fields.get(change.path, msgspec.UNSET) if before else msgspec.UNSET
            assert after.fields.get(change.path, msgspec.UNSET) == (old if change.hold else change.after)
    assert {id_: done[id_] for id_ in was.keys() - {step.model_id for step in made.steps}} == {
        id_: was[id_] for id_ in was.keys() - {step.model_id for step in made.steps}
    }


@given(CATALOGS, CATALOGS)
def test_what_stays_held_is_all_that_the_next_plan_has(first: list[Merged], second: list[Merged]) -> None:
    was = catalog(*first)
    made = plan(1, was, second)
    again = plan(2, applied(was, made), second)
    assert dict(held(again)).keys() <= dict(held(made)).keys()
    # A removal that was too much for a small catalog may be little enough for one that has grown.
    removals = {step.model_id for step in made.steps if step.kind is StepKind.ARCHIVED and step.hold}
    left = [step for step in again.steps if step.model_id not in removals]
    assert all(step.hold or all(change.hold for change in step.changes) for step in left)


@given(CATALOGS, CATALOGS)
def test_the_digest_changes_with_any_step(first: list[Merged], second: list[Merged]) -> None:
    made = plan(1, catalog(*first), second)
    assert made.digest == digest_of(made)
    for index in range(len(made.steps)):
        less = msgspec.structs.replace(made, steps=made.steps[:index] + made.steps[index + 1 :])
        assert digest_of(less) != made.digest
    for index, step in enumerate(made.steps):
        for place, change in enumerate(step.changes):
            other = msgspec.structs.replace(change, after="something else")
            changes = (*step.changes[:place], other, *step.changes[place + 1 :])
            altered = (*made.steps[:index], msgspec.structs.replace(step, changes=changes), *made.steps[index + 1 :])
            assert digest_of(msgspec.structs.replace(made, steps=altered)) != made.digest


@given(CATALOGS, CATALOGS)
def test_a_plan_that_was_stored_as_json_has_the_same_digest(first: list[Merged], second: list[Merged]) -> None:
    made = plan(1, catalog(*first), second)
    assert digest_of(msgspec.json.decode(canonical.encode(made), type=Plan)) == made.digest


@given(CATALOGS, CATALOGS, st.randoms(use_true_random=False))
def test_the_order_of_models_does_not_matter(first: list[Merged], second: list[Merged], chance: Any) -> None:
    shuffled = list(second)
    chance.shuffle(shuffled)
    assert plan(1, catalog(*first), second) == plan(1, catalog(*first), shuffled)


@given(CATALOGS, CATALOGS)
def test_no_plan_archives_without_evidence(first: list[Merged], second: list[Merged]) -> None:
    was = catalog(*first)
    said = {each.id: each.fields["stage"].value for each in second if "stage" in each.fields}
    for step in plan(1, was, second).steps:
        if step.kind is StepKind.ARCHIVED:
            assert "retired" in (said.get(step.model_id), was[step.model_id].fields.get("stage"))


@given(CATALOGS, CATALOGS)
def test_rolling_back_restores_every_model_that_was_there(first: list[Merged], second: list[Merged]) -> None:
    then = catalog(*first)
    now = applied(then, without_holds(plan(1, then, second)))
    back = applied(now, rollback(now, then, 2))
    for model_id, was in then.items():
        assert (back[model_id].fields, back[model_id].origins, back[model_id].status) == (
            was.fields, was.origins, was.status,
        )  # fmt: skip
    assert {back[model_id].status for model_id in back.keys() - then.keys()} <= {Status.ARCHIVED}
    assert rollback(back, then, 3).steps == ()


def test_a_new_model_has_every_field_with_its_origin() -> None:
    step = only_step(plan(0, {}, [model(name="One", price_input="3")]))
    assert step.kind is StepKind.NEW
    assert [(change.path, change.after, change.origin) for change in step.changes] == [
        ("name", "One", origin()),
        ("price.input", "3", origin()),
    ]


def test_an_update_names_what_changed_and_nothing_else() -> None:
    was = catalog(model(name="One", context=8, price_input="3"))
    step = only_step(plan(1, was, [model(name="One", price_input="4")]))
    assert step.kind is StepKind.UPDATED
    assert [(change.path, change.before, change.after) for change in step.changes] == [
        ("context", 8, msgspec.UNSET),
        ("price.input", "3", "4"),
    ]


def test_true_is_another_value_than_one() -> None:
    assert plan(1, catalog(model(open_weights=True)), [model(open_weights=1)]).steps != ()


def test_a_held_field_lets_the_rest_of_its_step_through() -> None:
    was = catalog(model(name="One", price_input="3"))
    made = plan(1, was, [model(name="Two", price_input="3000")])
    assert [name for name, _ in held(made)] == ["a/one#price.input"]
    assert applied(was, made)["a/one"].fields == {"name": "Two", "price.input": "3"}


def test_a_person_lets_a_held_field_through_by_name() -> None:
    was = catalog(model(price_input="3"))
    made = plan(1, was, [model(price_input="3000")])
    done = applied(was, made, released={field_name("a/one", "price.input"): "checked"})
    assert done["a/one"].fields == {"price.input": "3000"}


def test_what_is_no_price_is_never_let_through() -> None:
    was = catalog(model(price_input="3", price_output="3"))
    made = plan(1, was, [model(price_input="NaN", price_output="-3")])
    released = {field_name("a/one", path): "sure" for path in ("price.input", "price.output")}
    assert applied(was, made, released=released) == was


def test_only_the_named_models_are_applied() -> None:
    made = plan(0, {}, [model("a/one", name="1"), model("a/two", name="2")])
    assert applied({}, made, only={"a/two"}).keys() == {"a/two"}


def test_revisions_say_when_a_model_came_and_last_changed() -> None:
    first = applied({}, plan(4, {}, [model("a/one", name="1"), model("a/two", name="2")]))
    second = applied(first, plan(5, first, [model("a/one", name="x"), model("a/two", name="2")]))
    assert (second["a/one"].since_revision, second["a/one"].changed_revision) == (5, 6)
    assert second["a/two"] is first["a/two"]


def crowd(count: int = 30) -> list[Merged]:
    return [model(f"a/{number}", name=str(number), price_input="3") for number in range(count)]


def missing(models: list[Merged], absences: Any, **options: Any) -> Plan:
    return plan(1, catalog(*models), models[1:], absences={models[0].id: absences}, **options)


def test_a_model_is_archived_when_two_readings_a_day_apart_lack_it_and_keeps_its_price() -> None:
    models = crowd()
    made = missing(models, TWICE)
    assert only_step(made).kind is StepKind.ARCHIVED
    archived = applied(catalog(*models), made)["a/0"]
    assert archived.status is Status.ARCHIVED
    assert archived.fields["price.input"] == "3"


def test_a_model_is_not_archived_on_one_reading_nor_on_two_within_a_day() -> None:
    assert missing(crowd(), (Absence("openrouter", (0,)),)).steps == ()
    assert missing(crowd(), (Absence("openrouter", (48 * HOUR, 48 * HOUR)),)).steps == ()
    assert missing(crowd(), (Absence("openrouter", (0, 24 * HOUR - 1)),)).steps == ()
    assert missing(crowd(), ()).steps == ()


def test_every_source_that_listed_a_model_must_lack_it() -> None:
    assert missing(crowd(), (*TWICE, Absence("modelsdev", (0,)))).steps == ()


def test_an_explicit_retirement_archives_at_once_and_keeps_the_price_that_the_listing_lost() -> None:
    models = crowd()
    was = catalog(*models)
    made = plan(1, was, [model("a/0", stage="retired"), *models[1:]])
    step = only_step(made)
    assert (step.kind, step.hold) == (StepKind.ARCHIVED, None)
    done = applied(was, made)["a/0"]
    assert done.status is Status.ARCHIVED
    assert done.fields == {"name": "0", "price.input": "3", "stage": "retired"}


def test_a_deprecation_moves_the_stage_at_once_and_archives_nothing() -> None:
    was = catalog(model(stage="active"))
    made = plan(1, was, [model(stage="deprecated")])
    assert only_step(made).kind is StepKind.UPDATED
    assert applied(was, made)["a/one"].fields["stage"] == "deprecated"


def test_an_archived_model_that_is_listed_again_is_revived() -> None:
    models = crowd()
    archived = applied(catalog(*models), missing(models, TWICE))
    made = plan(2, archived, models)
    assert only_step(made).kind is StepKind.REVIVED
    assert applied(archived, made)["a/0"].status is Status.ACTIVE


def test_a_model_that_had_ended_before_it_was_ever_listed_is_no_news() -> None:
    assert plan(0, {}, [model(stage="retired")]).steps == ()


def test_a_plan_that_removes_everything_is_held_whole() -> None:
    models = crowd(5)
    was = catalog(*models)
    made = plan(1, was, [], absences={each.id: TWICE for each in models})
    assert {step.hold.guard for step in made.steps if step.hold} == {"mass_removal"}
    assert len(list(held(made))) == 5
    assert applied(was, made) == was


def test_a_person_lets_single_removals_of_a_mass_removal_through() -> None:
    models = crowd(5)
    was = catalog(*models)
    made = plan(1, was, [], absences={each.id: TWICE for each in models})
    done = applied(was, made, released={"a/3": "the provider closed"})
    assert [model_id for model_id, each in done.items() if each.status is Status.ARCHIVED] == ["a/3"]


def test_a_source_under_review_has_everything_held() -> None:
    reviewed = Policy({"openrouter": REVIEW})
    was = catalog(model(name="One"))
    made = plan(1, was, [model(name="Two"), model("a/new", name="New")], policy=reviewed)
    assert {name: hold.guard for name, hold in held(made)}.keys() >= {"a/one#name", "a/new"}
    assert applied(was, made) == was
    assert applied(was, plan(1, was, [model(name="Two")], policy=Policy({"modelsdev": REVIEW}))) != was


def test_archiving_a_model_of_a_source_under_review_is_held() -> None:
    step = only_step(missing(crowd(), TWICE, policy=Policy(default=REVIEW)))
    assert step.hold is not None
    assert step.hold.guard == "review"


def test_a_correction_that_comes_again_and_again_is_held() -> None:
    was = catalog(model(context=128000))
    history = {"a/one": {"context": [128000, 100000] * 3 + [128000]}}
    made = plan(1, was, [model(context=100000)], history=history)
    assert [hold.guard for _, hold in held(made)] == ["flapping"]


def test_the_older_systems_diff_tells_what_an_apply_would_do() -> None:
    models = crowd()
    was = catalog(*models)
    listed = [model("a/1", name="one", price_input="3000"), *models[2:], model("b/new", name="new")]
    diff = sync_diff(plan(1, was, listed, absences={"a/0": TWICE}), was)
    assert [each.id for each in diff.new_models] == ["b/new"]
    assert [(each.existing.fields["name"], each.updated.fields["name"]) for each in diff.updated_models] == [
        ("1", "one")
    ]
    assert diff.updated_models[0].updated.fields["price.input"] == "3"
    assert [(each.id, each.status) for each in diff.archived_models] == [("a/0", Status.ARCHIVED)]


def test_a_rollback_archives_what_came_since_and_revives_what_was_archived() -> None:
    models = crowd(3)
    then = catalog(*models)
    now = applied(then, missing(models, TWICE, thresholds=STANDARD))
    now = applied(now, plan(2, now, [*models[1:], model("b/new", name="new")]))
    kinds = {step.model_id: step.kind for step in rollback(now, then, 3).steps}
    assert kinds == {"a/0": StepKind.REVIVED, "b/new": StepKind.ARCHIVED}


def test_the_base_revision_is_part_of_the_digest() -> None:
    assert plan(1, {}, [model(name="A")]).digest != plan(2, {}, [model(name="A")]).digest
