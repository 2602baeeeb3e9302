"""A model of the catalog as fields by path, each with where it comes from; aliases, plans, and what people own.

A path is ``name``, ``context``, ``capabilities.vision``, ``price.input``, ``price.tiers`` ... (see ``FIELDS``). A value
is JSON: text, whole number, boolean, or an array or object of such; money is decimal text, exact. What is not known is
absent, never null and never 0.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

Value = Any
"""JSON: str, int, bool, list or dict; never a float."""

FIELDS = (
    "name", "provider", "lab", "description", "modality", "inputs", "outputs", "context", "max_input", "max_output",
    "capabilities", "price", "stage", "released", "knowledge_cutoff", "deprecated", "retires", "successor", "licence",
    "open_weights", "parameters", "hugging_face_id", "links", "benchmarks",
)  # fmt: skip
"""First parts of the paths, in the order in which they are shown."""


class Origin(msgspec.Struct, frozen=True, order=True):
    """The snapshot that a field comes from."""

    source: str
    category: str
    key: str
    sha256: str
    observed_at: int


class Field(msgspec.Struct, frozen=True):
    """What one source says of one field."""

    value: Value
    origin: Origin


class Disagreement(msgspec.Struct, frozen=True):
    """A field of which sources say different things: first the one that the catalog follows, then the rest."""

    path: str
    said: tuple[Field, ...]
    reason: str


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """One model as all its listings together say it is: who lists it now, and how many offerings there are."""

    id: str
    fields: dict[str, Field]
    disagreements: tuple[Disagreement, ...] = ()
    sources: tuple[str, ...] = ()
    offerings: int = 0


class Status(StrEnum):
    """The sync's word on a model. ``enabled`` is people's."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A model of the published catalog: fields and origins by path, revisions in which it came and last changed."""

    id: str
    status: Status
    fields: dict[str, Value]
    origins: dict[str, Origin] = {}
    since_revision: int = 0
    changed_revision: int = 0


class Relation(StrEnum):
    """What a name is to the model that it is linked to."""

    SAME = "same"
    SNAPSHOT = "snapshot"
    VARIANT = "variant"
    OFFERING = "offering"
    MOVING = "moving"


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """A name of a source linked to a model.

    ``evidence`` says in words what it rests on, ``confidence`` is from 0 to 100, ``decided_by`` is ``rule`` or a
    person. Valid from ``valid_from`` on, until ``valid_to`` (microseconds; None: still).
    """

    source: str
    key: str
    model_id: str
    relation: Relation
    evidence: str
    confidence: int
    decided_by: str
    valid_from: int
    valid_to: int | None = None


class Hold(msgspec.Struct, frozen=True):
    """Why a guard holds one step back, and what to do. ``released`` says who let it through, and why."""

    guard: str
    reason: str
    hint: str
    released: str | None = None


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a step; ``before`` or ``after`` is UNSET where the field is absent."""

    path: str
    before: Value | msgspec.UnsetType = msgspec.UNSET
    after: Value | msgspec.UnsetType = msgspec.UNSET
    origin: Origin | None = None
    hold: Hold | None = None


class StepKind(StrEnum):
    """What a step does to a model."""

    NEW = "new"
    UPDATED = "updated"
    ARCHIVED = "archived"
    REVIVED = "revived"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan does to one model. ``hold`` holds all of it, a field's own hold that field alone."""

    kind: StepKind
    model_id: str
    changes: tuple[FieldChange, ...] = ()
    reason: str = ""
    hold: Hold | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A computed, reviewable set of changes on a base revision: a pure value. ``digest`` is its SHA-256, hex."""

    base_revision: int
    steps: tuple[Step, ...]
    digest: str = ""
    note: str = ""


class ModelUpdate(msgspec.Struct, frozen=True):
    """A model as it is and as it would be."""

    existing: Published
    updated: Published


class ModelSyncDiff(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as the system we grew from named it."""

    new_models: tuple[Published, ...] = ()
    updated_models: tuple[ModelUpdate, ...] = ()
    archived_models: tuple[Published, ...] = ()


class Tier(StrEnum):
    """Who may use a model."""

    FREE = "free"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class Curation(msgspec.Struct, frozen=True, kw_only=True):
    """What people own of a model; no sync changes it. ``touched``: a person has, so that no rule does any more."""

    model_id: str
    enabled: bool = False
    is_curated: bool = False
    status: str = "new"
    is_free: bool = False
    is_pro: bool = False
    is_enterprise: bool = False
    display_name: str | None = None
    notes: str | None = None
    touched: bool = False


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A field that a person sets instead of what sources say.

    ``upstream`` is what they said when it was set: where that moves, a notice is due. Times are microseconds.
    """

    model_id: str
    path: str
    value: Value
    reason: str
    owner: str
    created_at: int
    expires_at: int | None = None
    upstream: Value | msgspec.UnsetType = msgspec.UNSET


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One act: who did what to which thing, when, with what before and after, and why."""

    id: int
    at: int
    actor: str
    act: str
    target: str
    before: Value = None
    after: Value = None
    reason: str | None = None
    revision: int | None = None
