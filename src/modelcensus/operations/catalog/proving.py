"""Prove the published catalog: its chain holds, and every revision is explained by its plan and the audit log."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from modelcensus.core.catalog import planning, sealed
from modelcensus.store.catalog import audit, models, plans, revisions
from modelcensus.store.engine import Store

_MOST = 50


def catalog_problems(store: Store) -> list[str]:
    """What is wrong with the published catalog and its log; empty where all is well. At most 50 sentences."""
    with store.reading() as tx:
        found = list(revisions.problems(tx))
    return (found or list(unexplained(store)))[:_MOST]


def unexplained(store: Store) -> Iterator[str]:
    """Revisions that do not follow when the plan named in the audit log is applied to the revision before."""
    with store.reading() as tx:
        for number in range(1, revisions.head(tx) + 1):
            revision = revisions.find(tx, number)
            entries = audit.entries(tx, revision=number, act="apply", limit=2)
            if revision is None or len(entries) != 1 or entries[0].id != revision.audit_id:
                yield f"revision {number}: the audit log does not tell of it once"
                continue
            (entry,) = entries
            stored = plans.find(tx, entry.after["plan"])
            if stored is None or planning.digest_of(stored.plan) != revision.plan or entry.actor != revision.actor:
                yield f"revision {number}: its plan is not the one that the audit log names"
                continue
            taken = msgspec.convert(entry.after["taken"], plans.Taken)
            only = None if taken.only is None else frozenset(taken.only)
            made = planning.applied(models.as_of(tx, number - 1), stored.plan, only=only, released=taken.released)
            if sealed.digest_of_catalog(made.values()) != revision.catalog_digest:
                yield f"revision {number}: its plan does not make it of revision {number - 1}"
