"""The audit log, overrides and the outcome of edits, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from modelcensus.cli.catalog.models import override_line
from modelcensus.cli.catalog.values import field
from modelcensus.cli.output import Out, cell, say, table
from modelcensus.cli.text import both, moment, value, visible
from modelcensus.core.catalog.curated import EDITABLE, Drift
from modelcensus.core.catalog.model import AuditEntry, Override
from modelcensus.core.change import ABSENT

if TYPE_CHECKING:
    from modelcensus.operations.catalog.curating import Edited
    from modelcensus.operations.catalog.rules import CurationRule, RulesApplied


def audit(out: Out, entries: Iterable[AuditEntry], limit: int, *, full: bool = False) -> None:
    """Who did what, newest first, and below each act what it changed and why."""
    count = 0
    for entry in entries:
        count += 1
        revision = f"  revision {entry.revision}" if entry.revision is not None else ""
        who = (visible(entry.actor), "bold")
        say(
            out,
            Text.assemble(
                f"{moment(entry.at)}  ", who, f"  {visible(entry.act)}  ", (visible(entry.target), "cyan"), revision
            ),
        )
        for line in _changed(entry, full=full):
            say(out, line, indent=4)
        if entry.reason:
            say(out, cell(f"because: {entry.reason}", "dim"), indent=4)
    if not count:
        say(out, "nobody has done anything yet that matches")
    elif count == limit:
        say(out, cell(f"the newest {count:,}; more with --limit", "dim"))


def _changed(entry: AuditEntry, *, full: bool) -> Iterable[Text]:
    before, after = entry.before, entry.after
    if before is None and after is None:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, ABSENT), after.get(name, ABSENT)
            if one != other:
                left, right = both(one, other, full=full)
                yield Text.assemble((visible(str(name)), "cyan"), f"  {left} → {right}")
        return
    if after is None:
        yield Text(f"was: {value(before)}")
    elif before is None:
        yield Text(value(after))
    else:
        left, right = both(before, after, full=full)
        yield Text(f"{left} → {right}")


def overrides(out: Out, found: Iterable[Override], drifts: Iterable[Drift], expired: Iterable[Override] = ()) -> bool:
    """Overrides, each with the notice where upstream has moved under it, or it has expired; whether any has."""
    over = {(each.model_id, each.path) for each in expired}
    moved = {(drift.override.model_id, drift.override.path): drift for drift in drifts}
    count = 0
    last = None
    for override in found:
        count += 1
        if override.model_id != last:
            say(out, Text(visible(override.model_id), style="bold"))
            last = override.model_id
        say(out, override_line(override), indent=2, hang=4)
        if drift := moved.get((override.model_id, override.path)):
            left, right = (field(override.path, side) for side in (drift.was, drift.now))
            say(out, Text.assemble(("upstream has moved: ", "yellow"), f"{left} → {right}"), indent=4)
        if (override.model_id, override.path) in over:
            say(out, cell("it has expired: the field is what the sources say", "yellow"), indent=4)
    if not count:
        say(out, "no override: every field is what the sources say")
    elif moved or over:
        looks = len(moved.keys() | over)
        say(out, cell(f"{looks:,} of {count:,} want another look: clear them, or set them again", "yellow"))
    return bool(moved or over)


def edited(out: Out, done: Iterable[Edited]) -> None:
    """What became of each model of an edit, and how many changed."""
    changed = refused = count = 0
    for each in done:
        count += 1
        if each.error:
            refused += 1
            say(out, Text.assemble(("✗ ", "red"), (visible(each.model_id), "bold"), f"  {visible(each.error.message)}"))
            if each.error.hint:
                say(out, cell(f"hint: {each.error.hint}", "dim"), indent=4)
        elif each.changed:
            changed += 1
            told = ", ".join(f"{name} {value(one)} → {value(two)}" for name, one, two in _moved(each))
            say(out, Text.assemble(("~ ", "yellow"), (visible(each.model_id), "bold"), f"  {told}"))
    refusals = f", {refused:,} refused" if refused else ""
    say(out, cell(f"{changed:,} of {count:,} changed{refusals}", "dim"))


def _moved(each: Edited) -> Iterator[tuple[str, object, object]]:
    for name in (*EDITABLE, "touched"):
        before, after = getattr(each.before, name), getattr(each.after, name)
        if before != after:
            yield name, before, after


def edited_document(each: Edited) -> dict[str, object]:
    """One result for programs."""
    error = {"message": each.error.message, "hint": each.error.hint} if each.error else None
    return {
        "model_id": each.model_id, "changed": each.changed, "before": each.before, "after": each.after, "error": error,
    }  # fmt: skip


def rules(out: Out, found: Iterable[CurationRule]) -> None:
    """Rules in their order."""
    table(out, ("match", "sets"), ((each.match, _sets(each.changes)) for each in found))


def _sets(changes: dict[str, object]) -> str:
    return ", ".join(f"{name} {value(thing)}" for name, thing in changes.items())


def ruled(out: Out, done: RulesApplied) -> None:
    """What rules did, and what they left alone."""
    edited(out, done.changed)
    left = {"touched by a person": done.touched, "archived": done.archived, "right already": done.unchanged,
            "matched by no rule": done.unmatched}  # fmt: skip
    say(out, cell("left alone: " + ", ".join(f"{count:,} {why}" for why, count in left.items()), "dim"))
    for rule in done.idle:
        say(out, cell(f"matches no model: {rule}", "yellow"))
