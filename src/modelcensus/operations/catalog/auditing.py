"""The audit log as people read it: act by act, whether on one thing or on thousands."""

from __future__ import annotations

import msgspec

from modelcensus.core.catalog.model import AuditEntry
from modelcensus.core.errors import NotFound
from modelcensus.operations.catalog.curating import UNDOABLE
from modelcensus.store.catalog import audit
from modelcensus.store.catalog.audit import Act
from modelcensus.store.engine import Store


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """One act with all its entries, oldest first."""

    entries: tuple[AuditEntry, ...]

    @property
    def first(self) -> AuditEntry:
        """Its first entry: who, when, why."""
        return self.entries[0]

    @property
    def undoable(self) -> bool:
        """Whether there is an undo of it."""
        return self.first.act in UNDOABLE


def acts(
    store: Store, *, target: str | None = None, actor: str | None = None, act: str | None = None,
    since: int | None = None, revision: int | None = None, before_id: int | None = None, limit: int = 100,
) -> list[Act]:  # fmt: skip
    """Acts, newest first; of those on many things, what the filters leave of them."""
    with store.reading() as tx:
        return audit.acts(
            tx, target=target, actor=actor, act=act, since=since, revision=revision, before_id=before_id, limit=limit
        )


def acted(store: Store, audit_id: int) -> Acted:
    """The act to which an entry of the audit log belongs. Raises ``NotFound``."""
    with store.reading() as tx:
        found = audit.of_act(tx, audit_id)
    if not found:
        raise NotFound(f"the audit log has no entry {audit_id}", "look through it from its newest act on")
    return Acted(entries=tuple(found))
