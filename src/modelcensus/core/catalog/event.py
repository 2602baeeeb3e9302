"""An event: one model's part in one revision, as the change feed tells it."""

from __future__ import annotations

import msgspec

from modelcensus.core.catalog.model import StepKind, Tier, Value


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """One field before and after; UNSET where it is absent. ``source`` is whose word the new value is."""

    path: str
    before: Value | msgspec.UnsetType = msgspec.UNSET
    after: Value | msgspec.UnsetType = msgspec.UNSET
    source: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What a revision did to a model.

    ``id`` (``12-3``: revision and position in it) orders events and is the cursor. ``at`` is when the revision was
    applied, in microseconds. ``tiers`` are those whose callers see the model today.
    """

    id: str
    revision: int
    position: int
    at: int
    kind: StepKind
    model_id: str
    name: str | None = None
    provider: str | None = None
    tiers: tuple[Tier, ...] = ()
    fields: tuple[Moved, ...] = ()
