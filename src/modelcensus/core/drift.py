"""Drift: what differs between the fields that a category is known to have and those that are seen.

Counts are kept by what comes and goes, never by looking through the catalog: the shape of an entity before is taken
away, its shape after is added.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from modelcensus.core.known import Known
from modelcensus.core.shape import ARRAY, MAX_PATHS, OBJECT, Shape, parent_path

MAX_VALUES = 200
"""Values of one enumeration that are kept."""
_UNKNOWN = "unknown to the adapter"


class DriftKind(StrEnum):
    """What can happen to a field. The value is stored and shown."""

    NEW = "new"
    MISSING = "missing"
    RETYPED = "retyped"
    VALUE = "value"


HINTS: dict[DriftKind, str] = {
    DriftKind.NEW: "a field that was never there; see whether it matters to you",
    DriftKind.MISSING: "no entity has it any more; see whether something you use depends on it",
    DriftKind.RETYPED: "the field comes in a type it never had; see that whoever reads it can take it",
    DriftKind.VALUE: "a value that was never there; see that whoever reads it can take it",
}


class DriftEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A drift as it is told. ``key`` is the first entity that showed it.

    ``times`` counts how often it happened, ``last_observed_at`` says when it last did.
    """

    source: str
    category: str
    kind: DriftKind
    path: str
    detail: str
    hint: str
    key: str | None
    sync_id: int
    observed_at: int
    times: int
    last_observed_at: int


class Event(msgspec.Struct, frozen=True):
    """A drift as it is found. ``what`` (a type, a value) tells it from others of its kind and path.

    ``repeat``: it only counts up one that is there, and is nothing where there is none.
    """

    kind: DriftKind
    path: str
    what: str
    detail: str
    entity_id: int | None
    repeat: bool = False


class Field(msgspec.Struct):
    """A path in one type: how many live entities have it, had it at most, and whether its loss has been told."""

    live: int = 0
    peak: int = 0
    entity_id: int | None = None
    first_sync: int = 0
    gone: bool = False


class Watch:
    """Folds entities into what is known of one category, during one sync.

    ``fields`` (by path, then type) and ``values`` (by path) are changed in place; ``touched`` and ``fresh_values`` say
    what must be stored. While a baseline is taken only what the adapter's record does not know is told.
    """

    def __init__(
        self,
        fields: dict[str, dict[str, Field]],
        values: dict[str, set[str]],
        *,
        sync_id: int,
        baseline: bool,
        known: Known | None = None,
    ) -> None:
        self.fields = fields
        self.values = values
        self.events: dict[tuple[DriftKind, str, str], Event] = {}
        self.touched: set[tuple[str, str]] = set()
        self.fresh_values: dict[tuple[str, str], int] = {}
        self._sync_id = sync_id
        self._baseline = baseline
        self._known = known
        self._by_pair = {(path, kind): field for path, kinds in fields.items() for kind, field in kinds.items()}

    def fold(self, entity_id: int, before: Shape | None, after: Shape | None) -> None:
        """One entity is what it is now; None where it is not there."""
        old = before.fields if before else frozenset()
        new = after.fields if after else frozenset()
        for path, kind in old - new:
            self._lose(path, kind, entity_id)
        others = []
        for pair in new - old:
            field = self._by_pair.get(pair)
            if field is None or field.gone or not field.live:
                others.append(pair)
                continue
            field.live += 1
            field.entity_id = entity_id
            if field.live > field.peak:
                field.peak = field.live
            self.touched.add(pair)
        # What holds others sorts before them: of a new object the object itself is told.
        for path, kind in sorted(others):
            self._gain(path, kind, entity_id)
        if after:
            for path, said in sorted(after.values - before.values if before else after.values):
                self._say(path, said, entity_id)

    def missing(self) -> None:
        """At the end of a sync: tell of the paths that no live entity has any more, each once."""
        gone = {path for path, kinds in self.fields.items() if not any(field.live > 0 for field in kinds.values())}
        for path in sorted(gone):
            kinds = self.fields[path]
            if all(field.gone for field in kinds.values()):
                continue
            for kind, field in kinds.items():
                field.gone = True
                self.touched.add((path, kind))
            if parent_path(path) not in gone and not self._baseline:
                peak = max(field.peak for field in kinds.values())
                detail = f"was {', '.join(sorted(kinds))} in up to {peak:,} {'entities' if peak != 1 else 'entity'}"
                entity_id = max(kinds.values(), key=lambda field: field.peak).entity_id
                self._tell(Event(DriftKind.MISSING, path, "", detail, entity_id))

    def _lose(self, path: str, kind: str, entity_id: int) -> None:
        field = self.fields.get(path, {}).get(kind)
        if field is None:
            return
        field.live = max(0, field.live - 1)
        field.entity_id = entity_id
        self.touched.add((path, kind))

    def _gain(self, path: str, kind: str, entity_id: int) -> None:
        kinds = self.fields.get(path)
        field = kinds.get(kind) if kinds else None
        if field is None:
            if len(self._by_pair) >= MAX_PATHS:
                self._tell(Event(DriftKind.NEW, "", "", f"more than {MAX_PATHS:,} fields: the rest is not watched",
                                 entity_id))  # fmt: skip
                return
            event = self._first_seen(path, kind, entity_id)
            field = Field(first_sync=self._sync_id)
            self.fields.setdefault(path, {})[kind] = self._by_pair[path, kind] = field
            if event is not None:
                self._tell(event)
        elif self._baseline:
            # Counted anew, perhaps for a record that knows less than the one before.
            event = self._first_seen(path, kind, entity_id) if not field.live else None
            if event is not None:
                self._tell(event)
        elif kinds and all(each.gone for each in kinds.values()):
            self._tell(Event(DriftKind.NEW, path, "", "", entity_id, repeat=True))
        field.gone = False
        field.live += 1
        field.peak = max(field.peak, field.live)
        field.entity_id = entity_id
        self.touched.add((path, kind))

    def _first_seen(self, path: str, kind: str, entity_id: int) -> Event | None:
        """What there is to tell of a path in a type that it never had."""
        unknown = self._known is not None and not self._known.has(path)
        expected = self._known.expected(path) if self._known else None
        unexpected = expected is not None and kind not in expected
        if self._baseline:
            if self._known is None or not (unknown or unexpected) or self._unknown_above(path):
                return None
        elif self._new_above(path):
            return None
        if expected is not None and unexpected:
            return Event(DriftKind.RETYPED, path, kind, f"{kind}, expected {' or '.join(sorted(expected))}", entity_id)
        before = self.fields.get(path, {})
        if self._baseline or not before:
            return Event(DriftKind.NEW, path, "", f"{kind}, {_UNKNOWN}" if unknown else kind, entity_id)
        if all(field.first_sync == self._sync_id for field in before.values()):
            return None
        return Event(DriftKind.RETYPED, path, kind, f"{kind}, was {' or '.join(sorted(before))}", entity_id)

    def _unknown_above(self, path: str) -> bool:
        above = parent_path(path)
        return bool(above) and self._known is not None and not self._known.has(above)

    def _new_above(self, path: str) -> bool:
        """Whether what holds the field is itself new: then that is told, and not each of its fields."""
        kinds = self.fields.get(parent_path(path), {})
        holders = [kinds[kind] for kind in (OBJECT, ARRAY) if kind in kinds]
        return bool(holders) and all(field.first_sync == self._sync_id for field in holders)

    def _say(self, path: str, said: str, entity_id: int) -> None:
        values = self.values.setdefault(path, set())
        if said in values:
            return
        if len(values) >= MAX_VALUES:
            self._tell(Event(DriftKind.VALUE, path, "", f"more than {MAX_VALUES} values: no enumeration", entity_id))
            return
        values.add(said)
        self.fresh_values[path, said] = entity_id
        kinds = self.fields.get(path, {})
        new_field = all(field.first_sync == self._sync_id for field in kinds.values())
        if not self._baseline and not new_field:
            self._tell(Event(DriftKind.VALUE, path, said, said, entity_id))

    def _tell(self, event: Event) -> None:
        self.events.setdefault((event.kind, event.path, event.what), event)

    def rows(self) -> Iterator[tuple[str, str, Field]]:
        """(path, type, field) of everything that must be stored."""
        for path, kind in sorted(self.touched):
            yield path, kind, self.fields[path][kind]
