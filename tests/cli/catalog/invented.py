"""Invented values of the catalog, with defaults for everything a test does not care about."""

from __future__ import annotations

from typing import Any

import msgspec

from modelcensus.core.catalog.model import (
    Alias,
    AuditEntry,
    Curation,
    Disagreement,
    Field,
    FieldChange,
    Hold,
    Origin,
    Override,
    Plan,
    Published,
    Relation,
    Status,
    Step,
    StepKind,
)
from modelcensus.store.catalog.plans import PlanState, StoredPlan
from modelcensus.store.catalog.revisions import Revision

MARCH = 1_772_366_400_000_000
"""2026-03-01T12:00:00Z."""
DIGEST = "3f9a1c2b" * 8
EVIL = "\x1b[31mred\u202eback[bold]"


def origin(source: str = "openrouter", key: str = "lab/one", **more: Any) -> Origin:
    return Origin(
        **{"source": source, "category": "model", "key": key, "sha256": "ab" * 32, "observed_at": MARCH, **more}
    )


def change(
    path: str = "price.input", before: Any = msgspec.UNSET, after: Any = msgspec.UNSET, **more: Any
) -> FieldChange:
    return FieldChange(path=path, before=before, after=after, **more)


def hold(guard: str = "unit-slip", reason: str = "it is 1,000 times what it was", hint: str = "look at the source",
         released: str | None = None) -> Hold:  # fmt: skip
    return Hold(guard, reason, hint, released)


def step(kind: StepKind = StepKind.UPDATED, model_id: str = "lab/one", *changes: FieldChange, **more: Any) -> Step:
    return Step(kind=kind, model_id=model_id, changes=changes, **more)


def plan(*steps: Step, base_revision: int = 12, digest: str = DIGEST, note: str = "") -> Plan:
    return Plan(base_revision=base_revision, steps=steps, digest=digest, note=note)


def published(
    model_id: str = "lab/one",
    *,
    status: Status = Status.ACTIVE,
    prices: dict[str, str] | None = None,
    **fields: Any,
) -> Published:
    known = {"name": "Lab One", "modality": "text", "context": 200000, **fields}
    known |= {"price.input": "3", "price.output": "15"} if prices is None else prices
    origins = {path: origin() for path in known}
    return Published(id=model_id, status=status, fields=known, origins=origins, since_revision=3, changed_revision=11)


def curation(model_id: str = "lab/one", **more: Any) -> Curation:
    return Curation(model_id=model_id, **more)


def alias(key: str = "one-20260301", **more: Any) -> Alias:
    return Alias(
        **{"source": "litellm", "key": key, "model_id": "lab/one", "relation": Relation.SAME,
           "evidence": "its name hits", "confidence": 90, "decided_by": "rule", "valid_from": MARCH, **more}
    )  # fmt: skip


def disagreement(path: str = "price.input", **said: Any) -> Disagreement:
    """``said`` is source = value, first the one that is followed."""
    fields = tuple(Field(value, origin(source)) for source, value in said.items())
    return Disagreement(path, fields, f"{next(iter(said))} comes first for prices")


def override(path: str = "price.input", value: Any = "2", **more: Any) -> Override:
    return Override(
        **{"model_id": "lab/one", "path": path, "value": value, "reason": "our contract", "owner": "ada",
           "created_at": MARCH, **more}
    )  # fmt: skip


def entry(act: str = "curation.edit", **more: Any) -> AuditEntry:
    return AuditEntry(**{"id": 1, "at": MARCH, "actor": "ada", "act": act, "target": "lab/one", **more})


def stored(of: Plan, **more: Any) -> StoredPlan:
    return StoredPlan(**{"plan": of, "state": PlanState.OPEN, "proposed_by": "ada", "proposed_at": MARCH, **more})


def revision(**more: Any) -> Revision:
    return Revision(
        **{"number": 13, "at": MARCH, "plan": DIGEST, "actor": "ada", "models": 1, "catalog_digest": b"\xab" * 32,
           "written_digest": b"\xab" * 32, "audit_id": 1, "audit_digest": b"\xab" * 32, **more}
    )  # fmt: skip
