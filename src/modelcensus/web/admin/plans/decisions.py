"""What a form says about a plan: which steps are taken, what is released, and why.

Forms name steps and fields by their place in the plan, which its digest fixes: no id of upstream's passes through them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from modelcensus.core.catalog.curated import brief
from modelcensus.core.catalog.guards import NEVER_RELEASED
from modelcensus.core.catalog.model import Hold, Plan, Step
from modelcensus.core.catalog.planning import field_name
from modelcensus.core.errors import InvalidInput
from modelcensus.operations.catalog import applying
from modelcensus.web.admin.plans.review import Wanted, fits
from modelcensus.web.visitors.forms import Form

ALL, SELECTED, MATCHING = "all", "selected", "matching"


class Decision(msgspec.Struct, frozen=True):
    """Ids of the models whose steps are taken (None: all), and by name why what is held is released."""

    only: tuple[str, ...] | None
    released: dict[str, str]


class Typed:
    """What somebody typed into the form, to show it again."""

    def __init__(self, form: Form | None = None) -> None:
        self.chosen = frozenset(form.many("only")) if form else frozenset[str]()
        self.freed = frozenset(form.many("release")) | frozenset(form.many("whole")) if form else frozenset[str]()
        self.reviewed = bool(form and form.one("reviewed"))
        self.reason = form.one("reason") if form else ""
        self.no = form.one("no") if form else ""
        self._form = form

    def why(self, number: str) -> str:
        """The reason beside one thing that is held."""
        return self._form.one(f"why.{number}") if self._form else ""


def decision(form: Form, plan: Plan, wanted: Wanted) -> Decision:
    """What is to be applied. Raises ``InvalidInput`` where nothing is selected, or a reason is missing."""
    released = dict(_released(form, plan))
    only = _only(form, plan, wanted, {name.partition("#")[0] for name in released})
    if form.one("reviewed"):
        why = _reason(form, "", "all that waits for a look")
        released = dict.fromkeys(applying.awaiting_review(plan, only), why) | released
    return Decision(only, released)


def _only(form: Form, plan: Plan, wanted: Wanted, also: set[str]) -> tuple[str, ...] | None:
    how = form.one("what")
    if how == MATCHING and wanted.narrows:
        return tuple(step.model_id for step in plan.steps if fits(step, wanted))
    if how == ALL:
        return None
    if how != SELECTED:
        raise InvalidInput("it was not said what to apply", "press one of the buttons below the steps")
    chosen = {_step(plan, number).model_id for number in form.many("only")}
    # What is released is meant to be taken, too.
    found = chosen | {step.model_id for step in plan.steps if step.model_id in also}
    if not found:
        raise InvalidInput("no step is selected", "tick the steps that you want to apply, or apply all")
    return tuple(sorted(found))


def _released(form: Form, plan: Plan) -> Iterator[tuple[str, str]]:
    for number in form.many("whole"):
        step = _step(plan, number)
        why = _reason(form, number, step.model_id)
        yield from ((name, why) for name, hold in _held(step) if hold.guard not in NEVER_RELEASED)
    for number in form.many("release"):
        of, _, place = number.partition(".")
        step = _step(plan, of)
        if place and not (place.isascii() and place.isdigit() and int(place) < len(step.changes)):
            raise _unknown()
        name = field_name(step.model_id, step.changes[int(place)].path) if place else step.model_id
        yield name, _reason(form, number, name)


def _held(step: Step) -> Iterator[tuple[str, Hold]]:
    if step.hold:
        yield step.model_id, step.hold
    for change in step.changes:
        if change.hold:
            yield field_name(step.model_id, change.path), change.hold


def _reason(form: Form, number: str, name: str) -> str:
    why = form.one(f"why.{number}") or form.one("reason")
    if not why:
        raise InvalidInput(
            f"it must be said why {brief(name)} is released", "write a reason beside it, or one for all below"
        )
    return why


def _step(plan: Plan, number: str) -> Step:
    if not (number.isascii() and number.isdigit() and len(number) < 9 and int(number) < len(plan.steps)):
        raise _unknown()
    return plan.steps[int(number)]


def _unknown() -> InvalidInput:
    return InvalidInput("the plan has no such step", "open the plan again and repeat it there")
