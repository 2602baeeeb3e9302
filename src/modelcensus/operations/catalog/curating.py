"""People's word on models: edits of one or many, and their undoing. Every change is in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.curated import EDITABLE, brief, edited
from modelcensus.core.catalog.model import AuditEntry, Curation, Status
from modelcensus.core.errors import CensusError, InvalidInput, NotFound
from modelcensus.operations.catalog.applying import because, named
from modelcensus.store.catalog import audit, curation, models
from modelcensus.store.engine import Store

EDIT, UNDO, RULE = "edit", "undo", "rule"
UNDOABLE = (EDIT, UNDO, RULE)
"""Acts that can be undone."""
MOST_AT_ONCE = 20_000


class Edited(msgspec.Struct, frozen=True):
    """What became of one model of an edit: before and after, or why it was refused. Equal: nothing to do."""

    model_id: str
    before: Curation | None = None
    after: Curation | None = None
    error: CensusError | None = None

    @property
    def changed(self) -> bool:
        """Whether anything is other than before."""
        return self.error is None and self.before != self.after


class Refusal(msgspec.Struct, frozen=True):
    """Why one model of an edit was left as it is, and what to do."""

    message: str
    hint: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """``Edited`` for programs: ``ok`` and not ``changed`` is a model that was so already."""

    model_id: str
    ok: bool
    changed: bool
    before: Curation | None
    after: Curation | None
    error: Refusal | None


def outcome(edited_: Edited) -> Outcome:
    """One result as a plain value."""
    error = edited_.error
    return Outcome(
        model_id=edited_.model_id, ok=error is None, changed=edited_.changed, before=edited_.before,
        after=edited_.after, error=Refusal(error.message, error.hint) if error else None,
    )  # fmt: skip


def edit(
    store: Store, model_ids: Sequence[str], changes: Mapping[str, Any], actor: str, now: int, reason: str | None = None
) -> list[Edited]:
    """Make the same changes to many models: those that may be are made, in one transaction; each result is told.

    ``changes`` are fields of ``curated.EDITABLE``. Raises ``InvalidInput`` for changes that no model could take.
    """
    return edit_each(store, dict.fromkeys(model_ids, changes), actor, now, reason)


def edit_each(
    store: Store, changes: Mapping[str, Mapping[str, Any]], actor: str, now: int, reason: str | None = None
) -> list[Edited]:
    """Make each model's own changes, in one transaction; the results in the order given."""
    who, why = named(actor), because(reason) if reason else None
    check(changes)
    with store.writing() as tx:
        results = worked_out(tx, changes)
        keep_edited(tx, results, EDIT, who, now, why)
        return results


def check(changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises ``InvalidInput`` for changes that no model could take, for none, and for too many."""
    if len(changes) > MOST_AT_ONCE:
        raise InvalidInput(f"these are more than {MOST_AT_ONCE:,} models at once", "edit them in parts")
    for wanted in {id(each): each for each in changes.values()}.values():
        if not wanted:
            raise InvalidInput("there is nothing to change", f"name a field: {', '.join(EDITABLE)}")
        # What is wrong whatever the model is told once, not for each model.
        edited(Curation(model_id="the model"), wanted, Status.ACTIVE)


def edit_one(
    store: Store, model_id: str, changes: Mapping[str, Any], actor: str, now: int, reason: str | None = None
) -> Edited:
    """Change one model. Raises ``NotFound``, ``InvalidInput``."""
    (result,) = edit(store, [model_id], changes, actor, now, reason)
    if result.error:
        raise result.error
    return result


def undo(store: Store, audit_id: int, actor: str, now: int, reason: str | None = None) -> Edited:
    """Give the fields of one edit the values that they had before it: an edit of its own.

    Raises ``NotFound`` where there is no such edit, ``InvalidInput`` where a field has been changed since.
    """
    who, why = named(actor), because(reason) if reason else f"undoes {audit_id}"
    with store.writing() as tx:
        (entry,) = audit.between(tx, audit_id - 1, audit_id) or (None,)
        if entry is None or entry.act not in UNDOABLE:
            raise no_edit(audit_id)
        (result,) = taken_back(tx, [entry])
        if result.error:
            raise result.error
        keep_edited(tx, [result], UNDO, who, now, why)
        return result


def taken_back(tx: Connection, entries: Sequence[AuditEntry]) -> list[Edited]:
    """What undoing these edits makes of their models; one that has been changed since is refused. Writes nothing."""
    current = curation.find(tx, [entry.target for entry in entries])
    later: dict[str, CensusError] = {}
    for entry in entries:
        for name, value in entry.after.items():
            if (is_now := getattr(current[entry.target], name)) != value:
                later[entry.target] = InvalidInput(
                    f"'{name}' of {brief(entry.target)} has been changed since: it is now {brief(is_now)}",
                    "undo the later edit first, or edit the field",
                )
    results = worked_out(tx, {entry.target: entry.before for entry in entries})
    return [Edited(each.model_id, error=later.get(each.model_id)) if each.model_id in later else each
            for each in results]  # fmt: skip


def no_edit(audit_id: int) -> NotFound:
    """The error for an entry of the audit log that there is not, or that is no edit."""
    return NotFound(f"there is no edit {audit_id} in the audit log", "list them with 'modelcensus audit'")


def curation_of(store: Store, model_id: str) -> Curation:
    """What people said of a model. Raises ``NotFound``."""
    with store.reading() as tx:
        if model_id not in models.statuses(tx, [model_id]):
            raise unknown(tx, model_id)
        return curation.find(tx, [model_id])[model_id]


def unknown(tx: Connection, model_id: str, known: Sequence[str] | None = None) -> NotFound:
    """The error for a model that the catalog does not have. ``known``: all ids, where whoever asks has them."""
    tail = model_id.rpartition("/")[2].lower()
    close = [each for each in (models.ids(tx) if known is None else known) if tail and tail in each.lower()][:3]
    hint = f"perhaps: {', '.join(close)}" if close else "list them with 'modelcensus models list'"
    return NotFound(f"the catalog has no model {brief(model_id)}", hint)


def keep_edited(
    tx: Connection, results: Sequence[Edited], act: str, actor: str, now: int, why: str | None
) -> list[AuditEntry]:
    """Write the changed ones, each with its entry in the audit log: only the fields that changed. The entries."""
    entries = []
    for result in results:
        if result.changed and result.before is not None and result.after is not None:
            curation.keep(tx, result.after)
            names = [name for name in EDITABLE if getattr(result.before, name) != getattr(result.after, name)]
            before, after = ({n: getattr(each, n) for n in names} for each in (result.before, result.after))
            if names:
                entries.append(
                    AuditEntry(
                        id=0,
                        at=now,
                        actor=actor,
                        act=act,
                        target=result.model_id,
                        before=before,
                        after=after,
                        reason=why,
                    )
                )
    return audit.append(tx, entries)


def worked_out(tx: Connection, changes: Mapping[str, Mapping[str, Any]]) -> list[Edited]:
    """What each model's changes make of it, in the order given. Writes nothing."""
    statuses = models.statuses(tx, list(changes))
    befores = curation.find(tx, list(changes))
    known = models.ids(tx) if len(statuses) < len(changes) else ()
    results = []
    for model_id, wanted in changes.items():
        before = befores[model_id]
        try:
            if model_id not in statuses:
                raise unknown(tx, model_id, known)
            results.append(Edited(model_id, before, edited(before, wanted, statuses[model_id])))
        except CensusError as error:
            results.append(Edited(model_id, error=error))
    return results
