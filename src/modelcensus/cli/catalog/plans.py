"""A plan on screen: what it would do to which model, what guards hold back, and the commands that go on from there."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
from rich.text import Text

from modelcensus.cli.catalog.values import UNKNOWN, columned, field, moved
from modelcensus.cli.output import Out, cell, say, table
from modelcensus.cli.text import both, moment, visible
from modelcensus.core.catalog import guards, planning
from modelcensus.core.catalog.model import FieldChange, Hold, Plan, Step, StepKind

if TYPE_CHECKING:
    from modelcensus.store.catalog.plans import StoredPlan
    from modelcensus.store.catalog.revisions import Revision

SHOWN = 40
"""Steps of one kind that are shown before the rest is only counted; held ones are always shown."""
NAMED = 12
"""Characters of a digest that name a plan in a command; the whole one is taken too."""
_NARROW = 40
"""Characters of a value that still stands in a column."""
_SIGNS = {
    StepKind.NEW: ("+", "green"),
    StepKind.UPDATED: ("~", "yellow"),
    StepKind.ARCHIVED: ("-", "red"),
    StepKind.REVIVED: ("^", "green"),
}
_GLANCE = ("name", "modality", "price.input", "price.output", "context")
REVIEW = guards.under_review("").guard
"""The guard that only wants a person to look."""
_STATES = {"open": "yellow", "applied": "green", "rejected": "red", "stale": "dim"}
_WORDS = {"price.input": "input", "price.output": "output", "context": "context"}


def summary(plan: Plan) -> str:
    """``3 new, 5 updated, 1 archived; 2 held``."""
    counts = {kind: sum(step.kind is kind for step in plan.steps) for kind in StepKind}
    words = ", ".join(f"{count:,} {kind.value}" for kind, count in counts.items() if count) or "nothing to do"
    holds = len(held(plan))
    return f"{words}; {holds:,} held" if holds else words


def details(out: Out, plan: Plan, *, full: bool = False, everything: bool = False, commands: bool = True) -> None:
    """A plan in full, steps grouped by kind."""
    if not plan.steps:
        say(out, f"nothing to do: the catalog is what the sources say (revision {plan.base_revision})")
        return
    say(out, Text.assemble(("plan ", "bold"), (plan.digest, "bold")))
    say(out, f"on revision {plan.base_revision}: {summary(plan)}")
    if plan.note:
        say(out, visible(plan.note))
    for kind in StepKind:
        _group(out, kind, [step for step in plan.steps if step.kind is kind], full=full, everything=everything)
    if commands:
        _commands(out, plan)


def _group(out: Out, kind: StepKind, steps: list[Step], *, full: bool, everything: bool) -> None:
    if not steps:
        return
    out.line()
    say(out, Text(f"{kind.value} ({len(steps):,})", style="bold"))
    rest = 0
    for place, step in enumerate(steps):
        if everything or place < SHOWN or _holds(step):
            _step(out, step, full=full)
        else:
            rest += 1
    if rest:
        say(out, cell(f"... and {rest:,} more without a hold: --all shows them", "dim"), indent=2)


def _holds(step: Step) -> bool:
    return bool(step.hold or any(change.hold for change in step.changes))


def _step(out: Out, step: Step, *, full: bool) -> None:
    sign, style = _SIGNS[step.kind]
    line = Text.assemble((f"{sign} ", style), (visible(step.model_id), "bold"))
    if step.kind is StepKind.NEW:
        line.append(f"  {_glance(step)}")
    if step.reason:
        line.append(f"  {visible(step.reason)}", style="dim")
    say(out, line, indent=2, hang=4)
    if step.hold:
        _hold(out, step.hold, indent=6)
    for change, text in _changes(step, full=full):
        say(out, text, indent=6, hang=4)
        if change.hold:
            _hold(out, change.hold, indent=10)


def _changes(step: Step, *, full: bool) -> Iterator[tuple[FieldChange, Text]]:
    """The changed fields of a step, before and after under each other; of a new model only what is held or asked."""
    changes = [change for change in step.changes if full or change.hold or step.kind is not StepKind.NEW]
    sides = [_sides(change, full=full) for change in changes]
    narrow = [max(map(len, pair)) <= _NARROW for pair in sides]
    befores = iter(columned([before for (before, _), fits in zip(sides, narrow, strict=True) if fits]))
    afters = iter(columned([after for (_, after), fits in zip(sides, narrow, strict=True) if fits]))
    names = columned([visible(change.path) for change in changes])
    for change, name, pair, fits in zip(changes, names, sides, narrow, strict=True):
        before, after = (next(befores), next(afters)) if fits else pair
        line = Text.assemble((name, "cyan"), f"  {before} → {after}", overflow="fold")
        if words := moved(change.path, change.before, change.after):
            line.append(f"  {words}", style="yellow")
        if change.origin:
            line.append(f"  {visible(change.origin.source)}", style="dim")
        line.rstrip()
        yield change, line


def _sides(change: FieldChange, *, full: bool) -> tuple[str, str]:
    before, after = field(change.path, change.before, full=True), field(change.path, change.after, full=True)
    if UNKNOWN in (before, after) or max(len(before), len(after)) <= _NARROW:
        return field(change.path, change.before, full=full), field(change.path, change.after, full=full)
    return both(change.before, change.after, full=full)


def _hold(out: Out, hold: Hold, *, indent: int) -> None:
    if hold.released:
        say(out, cell(f"{hold.guard} held it; released: {hold.released}", "green"), indent=indent, hang=2)
        return
    say(
        out, Text.assemble(("HELD", "bold yellow"), f" by {visible(hold.guard)}: {visible(hold.reason)}"), indent=indent
    )
    if hold.hint:
        say(out, cell(f"hint: {hold.hint}", "dim"), indent=indent)


def _glance(step: Step) -> str:
    fields = {change.path: change.after for change in step.changes}
    words = []
    for path in _GLANCE:
        if path not in fields:
            continue
        word = _WORDS.get(path)
        text = field(path, fields[path])
        words.append(f"{word} {text}" if word else text)
    return ", ".join(words)


def held(plan: Plan, released: Mapping[str, str] | None = None, only: Collection[str] | None = None) -> dict[str, Hold]:
    """What stays held, by the name under which it is released; ``only`` looks at the steps of these models."""
    chosen = msgspec.structs.replace(
        plan, steps=tuple(step for step in plan.steps if only is None or step.model_id in only)
    )
    return {
        name: hold
        for name, hold in planning.held(chosen)
        if not hold.released and not planning.lets_through(hold, name, released)
    }


def reviewed(plan: Plan, only: Collection[str] | None = None) -> list[str]:
    """What is held only because a source's policy wants a person to look."""
    return [name for name, hold in held(plan, only=only).items() if hold.guard == REVIEW]


def _commands(out: Out, plan: Plan) -> None:
    name = plan.digest[:NAMED]
    out.line()
    for what, command in _next(plan):
        say(out, cell(f"{what}:", "dim"))
        say(out, f"modelcensus {command.replace('DIGEST', name, 1)}", indent=2)


def _next(plan: Plan) -> Iterator[tuple[str, str]]:
    """What can be done with a plan, and by which command."""
    holds = held(plan)
    free = [step.model_id for step in plan.steps if step.model_id not in holds and _moves(step)]
    waiting = [name for name, hold in holds.items() if hold.guard == REVIEW]
    guarded = [name for name, hold in holds.items() if hold.guard not in (REVIEW, *guards.NEVER_RELEASED)]
    if free:
        yield ("apply it" if not holds else "apply it, all but what is held"), "apply DIGEST"
    if free and len(plan.steps) > 1:
        yield "apply a part of it", f"apply DIGEST --partial {quoted(free[0])}"
    if waiting:
        yield "apply it, what waits for review too", "apply DIGEST --reviewed"
    if guarded:
        yield "release what is held, and apply", f"apply DIGEST --release {quoted(guarded[0])} --reason WHY"
    yield "reject it", "reject DIGEST --reason WHY"


def _moves(step: Step) -> bool:
    """Whether something of the step is left when its held fields are not."""
    return step.kind is not StepKind.UPDATED or any(not change.hold or change.hold.released for change in step.changes)


def quoted(word: str) -> str:
    """A word as a shell takes it."""
    return shlex.quote(visible(word))


def listing(out: Out, found: Iterable[StoredPlan]) -> None:
    """Plans at a glance, newest first."""
    columns = ("|plan", "|proposed (UTC)", "by", "|state", ">revision", "what it does")
    rows = (
        (
            each.plan.digest[:NAMED], moment(each.proposed_at), each.proposed_by, _state(each),
            str(each.revision or "-"), summary(each.plan),
        )
        for each in found
    )  # fmt: skip
    if not table(out, columns, rows):
        say(out, "no plan yet: 'modelcensus plan' makes one")


def fate(out: Out, found: StoredPlan) -> None:
    """Who proposed a plan, and what became of it."""
    line = Text.assemble(f"proposed by {visible(found.proposed_by)} {moment(found.proposed_at)}; ", _state(found))
    if found.decided_by:
        line.append(f" by {visible(found.decided_by)} {moment(found.decided_at)}")
    if found.revision is not None:
        line.append(f" as revision {found.revision}")
    if found.reason:
        line.append(f": {visible(found.reason)}")
    say(out, line)


def _state(found: StoredPlan) -> Text:
    return cell(found.state.value, _STATES.get(found.state.value, ""))


MOST_LEFT = 5
"""Held steps that an apply names one by one."""


def applied(out: Out, revision: Revision, left: Mapping[str, Hold]) -> None:
    """What an apply did, and what stayed held."""
    models = "model" if revision.models == 1 else "models"
    say(out, cell(f"revision {revision.number}: {revision.models:,} {models} changed", "green"))
    for name, hold in islice(left.items(), MOST_LEFT):
        say(out, Text.assemble(("still held: ", "yellow"), (visible(name), "bold")))
        _hold(out, hold, indent=2)
    if len(left) > MOST_LEFT:
        say(out, f"and {len(left) - MOST_LEFT:,} more are still held: see 'modelcensus plan'")
