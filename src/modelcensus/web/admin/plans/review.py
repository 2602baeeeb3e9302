"""A plan as a person reviews it: what is held first, then by kind and lab, in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from modelcensus.core.catalog.guards import NEVER_RELEASED
from modelcensus.core.catalog.model import FieldChange, Hold, Origin, Plan, Step, StepKind
from modelcensus.core.catalog.planning import field_name, lets_through
from modelcensus.core.change import ABSENT
from modelcensus.store.catalog.plans import PlanState, StoredPlan

HELD = "held"
_AT_FIRST = {HELD: 25}
_FEW = 10
"""So many steps of a group are shown while all groups are."""
PAGE = 50
"""So many steps of a group are shown where it is shown alone."""
_TITLES = {
    HELD: "Held back: these wait for you",
    StepKind.NEW: "New models",
    StepKind.UPDATED: "Updated models",
    StepKind.ARCHIVED: "Archived models",
    StepKind.REVIVED: "Models that are back",
}
GROUPS = tuple(_TITLES)
_TELLING = ("name", "context", "price.input", "price.output")
"""Fields by which a new model is known at a glance."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a step. ``number`` names it in forms; ``taken``: it was applied."""

    number: str
    path: str
    before: Any
    after: Any
    origin: Origin | None
    hold: Hold | None
    may_pass: bool
    released: str | None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One step. ``number`` is its place in the plan, and names it in forms; ``left_out``: it was not applied."""

    number: str
    model_id: str
    lab: str
    kind: StepKind
    reason: str
    hold: Hold | None
    may_pass: bool
    released: str | None
    held: int
    left_out: bool
    telling: tuple[Change, ...]
    first: tuple[Change, ...]
    rest: tuple[Change, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of one kind: how many there are, and those of this page by lab."""

    name: str
    title: str
    total: int
    shown: int
    labs: tuple[tuple[str, tuple[Shown, ...]], ...]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which steps somebody wants to see: of a group, of a lab, with a text in the id; and which page."""

    text: str = ""
    group: str = ""
    lab: str = ""
    page: int = 1

    @property
    def narrows(self) -> bool:
        """Whether it leaves something out."""
        return bool(self.text or self.group or self.lab)


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A plan and what of it is shown. ``counts``: steps by group, of all the plan; ``pages``: of the only group."""

    stored: StoredPlan
    wanted: Wanted
    groups: tuple[Group, ...]
    counts: dict[str, int]
    labs: tuple[tuple[str, int], ...]
    matching: int
    pages: int

    @property
    def is_open(self) -> bool:
        """Whether it can be decided."""
        return self.stored.state is PlanState.OPEN


def review(stored: StoredPlan, wanted: Wanted) -> Review:
    """The plan as it is to be shown."""
    fitting: dict[str, list[tuple[int, Step]]] = {name: [] for name in GROUPS}
    for number, step in enumerate(stored.plan.steps):
        if fits(step, wanted):
            fitting[group_of(step)].append((number, step))
    groups = []
    pages = 1
    for name in (wanted.group,) if wanted.group else GROUPS:
        mine = sorted(fitting[name], key=_place)
        if wanted.group:
            pages = max(1, -(-len(mine) // PAGE))
            some = mine[(wanted.page - 1) * PAGE : wanted.page * PAGE]
        else:
            some = mine[: _AT_FIRST.get(name, _FEW)]
        if mine:
            groups.append(_group(name, len(mine), [_shown(number, step, stored) for number, step in some]))
    return Review(
        stored=stored, wanted=wanted, groups=tuple(groups), counts=counts_of(stored.plan), labs=_labs(stored.plan),
        matching=sum(map(len, fitting.values())), pages=pages,
    )  # fmt: skip


def counts_of(plan: Plan) -> dict[str, int]:
    """Steps by group, those without any left out."""
    found = Counter(group_of(step) for step in plan.steps)
    return {name: found[name] for name in GROUPS if found[name]}


def group_of(step: Step) -> str:
    """What holds something back is a group of its own."""
    return HELD if step.hold or any(change.hold for change in step.changes) else step.kind.value


def fits(step: Step, wanted: Wanted) -> bool:
    """Whether somebody wants to see a step."""
    return (
        (not wanted.group or group_of(step) == wanted.group)
        and (not wanted.lab or lab_of(step.model_id) == wanted.lab)
        and wanted.text.casefold() in step.model_id.casefold()
    )


def lab_of(model_id: str) -> str:
    """The first part of a model's id."""
    lab, slash, _ = model_id.partition("/")
    return lab if slash else "other"


def _place(each: tuple[int, Step]) -> tuple[str, str]:
    return lab_of(each[1].model_id), each[1].model_id


def _labs(plan: Plan) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(lab_of(step.model_id) for step in plan.steps).items()))


def _group(name: str, total: int, steps: Sequence[Shown]) -> Group:
    labs = tuple((lab, tuple(same)) for lab, same in groupby(steps, key=lambda step: step.lab))
    return Group(name=name, title=_TITLES[name], total=total, shown=len(steps), labs=labs)


def _shown(number: int, step: Step, stored: StoredPlan) -> Shown:
    released = stored.taken.released if stored.taken else {}
    changes = [_change(f"{number}.{place}", each, step, released) for place, each in enumerate(step.changes)]
    telling = [each for each in changes if each.path in _TELLING and not each.hold] if step.kind is StepKind.NEW else []
    others = sorted((each for each in changes if each not in telling), key=lambda each: each.hold is None)
    inline = sum(each.hold is not None for each in others)
    if step.kind is not StepKind.NEW:
        inline = max(inline, 5) if len(others) > 6 else len(others)
    return Shown(
        number=str(number), model_id=step.model_id, lab=lab_of(step.model_id), kind=step.kind, reason=step.reason,
        hold=step.hold, may_pass=_may_pass(step.hold), released=released.get(step.model_id),
        held=sum(each.may_pass for each in changes) + _may_pass(step.hold),
        left_out=stored.state is PlanState.APPLIED and not _was_taken(step, stored), telling=tuple(telling),
        first=tuple(others[:inline]), rest=tuple(others[inline:]),
    )  # fmt: skip


def _change(number: str, change: FieldChange, step: Step, released: Mapping[str, str]) -> Change:
    return Change(
        number=number, path=change.path, before=_value(change.before), after=_value(change.after),
        origin=change.origin, hold=change.hold, may_pass=_may_pass(change.hold),
        released=released.get(field_name(step.model_id, change.path)),
    )  # fmt: skip


def _value(value: Any) -> Any:
    return ABSENT if value is msgspec.UNSET else value


def _may_pass(hold: Hold | None) -> bool:
    return hold is not None and hold.guard not in NEVER_RELEASED


def _was_taken(step: Step, stored: StoredPlan) -> bool:
    taken = stored.taken
    if taken is None:
        return True
    if taken.only is not None and step.model_id not in taken.only:
        return False
    names: Iterable[tuple[Hold | None, str]] = (
        (each.hold, field_name(step.model_id, each.path)) for each in step.changes
    )
    passed = any(lets_through(hold, name, taken.released) for hold, name in names)
    return lets_through(step.hold, step.model_id, taken.released) and (passed or not step.changes)
