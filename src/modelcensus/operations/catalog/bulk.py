"""Many models at once, for a person: look first, do exactly what was looked at, take all of it back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from modelcensus.core.errors import StalePlan
from modelcensus.operations.catalog.applying import because, named
from modelcensus.operations.catalog.curating import (
    EDIT,
    UNDO,
    UNDOABLE,
    Edited,
    check,
    keep_edited,
    no_edit,
    taken_back,
    worked_out,
)
from modelcensus.store.catalog import audit
from modelcensus.store.engine import Store


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit would make of each model; ``digest`` names exactly this outcome."""

    results: tuple[Edited, ...]
    digest: str

    @property
    def changed(self) -> tuple[Edited, ...]:
        """The models that would be other than they are."""
        return tuple(each for each in self.results if each.changed)

    @property
    def idle(self) -> tuple[Edited, ...]:
        """The models that are so already."""
        return tuple(each for each in self.results if each.error is None and not each.changed)

    @property
    def refused(self) -> tuple[Edited, ...]:
        """The models of which it may not be done, each with its error."""
        return tuple(each for each in self.results if each.error is not None)


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was made of each model; ``audit_id`` is the first entry in the audit log, None where nothing was done."""

    results: tuple[Edited, ...]
    audit_id: int | None

    @property
    def changed(self) -> int:
        """How many models are other than before."""
        return sum(each.changed for each in self.results)

    @property
    def refused(self) -> tuple[Edited, ...]:
        """The models that were left as they are, each with its error."""
        return tuple(each for each in self.results if each.error is not None)


def review(store: Store, changes: Mapping[str, Mapping[str, Any]]) -> Review:
    """What these changes would do, by model; nothing is written. Raises ``InvalidInput``."""
    check(changes)
    with store.reading() as tx:
        return _reviewed(worked_out(tx, changes))


def carry_out(
    store: Store, changes: Mapping[str, Mapping[str, Any]], digest: str, actor: str, now: int,
    reason: str | None = None,
) -> Done:  # fmt: skip
    """Make the changes that were looked at, in one transaction.

    Raises ``StalePlan`` where they would no longer do exactly what the digest of the review names, ``InvalidInput``.
    """
    who, why = named(actor), because(reason) if reason else None
    check(changes)
    with store.writing() as tx:
        results = worked_out(tx, changes)
        if _reviewed(results).digest != digest:
            raise StalePlan("these models have been changed since you looked", "look again at what would change")
        entries = keep_edited(tx, results, EDIT, who, now, why)
    return Done(results=tuple(results), audit_id=entries[0].id if entries else None)


def undo_act(store: Store, audit_id: int, actor: str, now: int, reason: str | None = None) -> Done:
    """Take back all edits of the act to which an entry of the audit log belongs, in one transaction.

    A model that has been changed since is refused and keeps what it has. Raises ``NotFound`` where it is no edit.
    """
    who, why = named(actor), because(reason) if reason else f"undoes {audit_id}"
    with store.writing() as tx:
        found = audit.of_act(tx, audit_id)
        if not found or found[0].act not in UNDOABLE:
            raise no_edit(audit_id)
        results = taken_back(tx, found)
        entries = keep_edited(tx, results, UNDO, who, now, why)
    return Done(results=tuple(results), audit_id=entries[0].id if entries else None)


def _reviewed(results: Sequence[Edited]) -> Review:
    told = [(each.model_id, each.before, each.after, each.error and each.error.message) for each in results]
    return Review(results=tuple(results), digest=hashlib.sha256(msgspec.json.encode(told)).hexdigest())
