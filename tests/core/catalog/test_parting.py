"""The part of a plan that one source brings."""

from __future__ import annotations

from modelcensus.core.catalog.model import FieldChange, Origin, Plan, Published, Status, Step, StepKind
from modelcensus.core.catalog.parting import part_of
from modelcensus.core.catalog.planning import digest_of, sealed


def origin(source: str) -> Origin:
    return Origin(source=source, category="model", key="k", sha256="ab" * 32, observed_at=1)


def published(model_id: str, **said_by: str) -> Published:
    return Published(
        id=model_id, status=Status.ACTIVE, fields=dict.fromkeys(said_by, "x"),
        origins={path: origin(source) for path, source in said_by.items()},
    )  # fmt: skip


def step(kind: StepKind, model_id: str, **said_by: str | None) -> Step:
    changes = tuple(
        FieldChange(path=path, after="y", origin=origin(source) if source else None) for path, source in said_by.items()
    )
    return Step(kind=kind, model_id=model_id, changes=changes)


def part(*steps: Step, was: tuple[Published, ...] = (), source: str = "mine") -> Plan:
    return part_of(sealed(3, steps), {each.id: each for each in was}, source)


def paths(found: Plan) -> dict[str, list[str]]:
    return {step.model_id: [change.path for change in step.changes] for step in found.steps}


def test_of_an_updated_model_only_the_fields_of_the_source_are_its_part() -> None:
    found = part(step(StepKind.UPDATED, "lab/a", name="mine", context="other"), was=(published("lab/a"),))
    assert paths(found) == {"lab/a": ["name"]}


def test_an_updated_model_of_which_the_source_says_nothing_new_is_not_its_part() -> None:
    assert part(step(StepKind.UPDATED, "lab/a", name="other"), was=(published("lab/a", name="mine"),)).steps == ()


def test_a_field_that_goes_is_the_part_of_the_source_that_it_came_from() -> None:
    was = (published("lab/a", name="mine", context="other"),)
    assert paths(part(step(StepKind.UPDATED, "lab/a", name=None, context=None), was=was)) == {"lab/a": ["name"]}


def test_a_new_or_returning_model_is_a_part_whole() -> None:
    new = step(StepKind.NEW, "lab/a", name="mine", context="other")
    back = step(StepKind.REVIVED, "lab/b", name="mine", context="other")
    assert paths(part(new, back, was=(published("lab/b"),))) == {
        "lab/a": ["name", "context"],
        "lab/b": ["name", "context"],
    }


def test_a_new_model_of_which_the_source_says_nothing_is_not_its_part() -> None:
    assert part(step(StepKind.NEW, "lab/a", name="other")).steps == ()


def test_an_archived_model_is_the_part_of_the_one_source_that_said_all_of_it() -> None:
    gone = (step(StepKind.ARCHIVED, "lab/a"), step(StepKind.ARCHIVED, "lab/b"))
    was = (published("lab/a", name="mine", context="mine"), published("lab/b", name="mine", context="other"))
    assert list(paths(part(*gone, was=was))) == ["lab/a"]


def test_a_model_that_the_source_says_has_ended_is_its_part() -> None:
    ended = step(StepKind.ARCHIVED, "lab/a", stage="mine")
    assert list(paths(part(ended, was=(published("lab/a", name="other"),)))) == ["lab/a"]


def test_a_part_is_a_plan_with_a_digest_of_its_own_on_the_same_revision() -> None:
    steps = (step(StepKind.NEW, "lab/a", name="mine"), step(StepKind.NEW, "lab/b", name="other"))
    found = part(*steps)
    assert (found.base_revision, found.digest) == (3, digest_of(found))
    assert found.digest not in (sealed(3, steps).digest, part(*steps, source="other").digest)
