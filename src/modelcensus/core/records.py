"""What the verbs answer with: plain values that every face renders in its own way.

Times are microseconds since 1970, UTC (see ``core.times``).
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from modelcensus.core.change import ChangeKind, FieldChange


class SyncStatus(StrEnum):
    """How a sync ended, from best to worst."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    HELD = "held"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class SyncRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One sync: one reading of one document of a source, named by that document's main category.

    ``id`` is its place in the recorded order; None if nothing was recorded because it was there already.

    ``observed_at`` is when upstream said so, ``started_at`` and ``finished_at`` are ours. ``origin`` says where the
    payload came from: an address, a file, or an installed package (then ``offline`` is true). ``optional``: the
    document is of minor use, and its failure is none of its source; known right after the sync only. ``problem`` is the
    category of ``error``, such as ``key_refused``: what kind of ``CensusError`` it was.
    """

    id: int | None
    source: str
    document: str
    status: SyncStatus
    observed_at: int
    epoch: int
    started_at: int
    finished_at: int
    origin: str
    offline: bool = False
    entities: int = 0
    appeared: int = 0
    altered: int = 0
    vanished: int = 0
    reappeared: int = 0
    quarantined: int = 0
    bytes_read: int = 0
    payload_sha256: str | None = None
    error: str | None = None
    hint: str | None = None
    chain: str | None = None
    optional: bool = False
    problem: str | None = None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at) / 1e6

    @property
    def changed(self) -> int:
        """Entities that are not what they were."""
        return self.appeared + self.altered + self.vanished + self.reappeared


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one entity; a tombstone has no ``data`` and no ``sha256``. ``data`` is canonical JSON text."""

    source: str
    category: str
    key: str
    observed_at: int
    epoch: int
    sync_id: int
    sha256: str | None
    data: msgspec.Raw | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one entity at one time."""

    kind: ChangeKind
    source: str
    category: str
    key: str
    observed_at: int
    sync_id: int
    fields: tuple[FieldChange, ...] = ()


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """An entity as it is now: its current version, its volatile members, since when it is known and unchanged.

    ``attribution``: whom to name when it is shown, where the source's terms ask for that.
    """

    version: Version
    first_observed_at: int
    versions: int
    live: bool
    volatile: msgspec.Raw | None = None
    attribution: str | None = None


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of a sync that could not be understood."""

    sync_id: int
    source: str
    fault: str
    place: str
    hint: str
    category: str | None
    key: str | None
    raw: str


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """A configured source and how it stands."""

    name: str
    adapter: str
    base_url: str
    needs_key: bool
    has_key: bool
    enabled: bool
    entities: int
    region: str | None = None
    schedule: str | None = None
    attribution: str | None = None
    last_sync: SyncRecord | None
    last_good_at: int | None


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """The census in numbers. ``entities`` by source and category are live ones."""

    database: str
    size_bytes: int
    sources: int
    syncs: int
    entities: dict[str, dict[str, int]]
    live: int
    snapshots: int
    tombstones: int
    bodies: int
    metrics: int
    quarantined: int
    first_observed_at: int | None
    last_observed_at: int | None


class MetricPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A volatile number from ``observed_at`` on; None where the number is no longer given."""

    name: str
    observed_at: int
    value: float | None


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What ``verify`` found. ``problems`` is empty if all is well; ``chain`` is the last link, hex."""

    bodies: int
    snapshots: int
    syncs: int
    chain: str
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything matches."""
        return not self.problems
