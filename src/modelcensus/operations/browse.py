"""Look: what there is, what there was, what changed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.core import canonical
from modelcensus.core.change import ABSENT, at_path, differences
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.records import (
    Change,
    Entity,
    MetricPoint,
    Quarantined,
    SourceState,
    Stats,
    SyncRecord,
    Version,
)
from modelcensus.operations.census import Census
from modelcensus.sources.registry import installed
from modelcensus.store import history as past
from modelcensus.store import quarantine, stats
from modelcensus.store.engine import Store
from modelcensus.store.syncs import list_syncs


class FieldValue(msgspec.Struct, frozen=True):
    """The value of one field from ``observed_at`` on; UNSET while the entity or the field is absent."""

    observed_at: int
    sync_id: int | None
    value: Any


def sources(census: Census) -> list[SourceState]:
    """Every configured source and how it stands."""
    states = []
    with census.store.reading() as tx:
        live = stats.live_by_source(tx)
        for source in census.sources.values():
            first = source.adapter.calls[0].document.category
            last = list_syncs(tx, source=source.name, document=first)
            good = list_syncs(tx, source=source.name, document=first, good=True)
            states.append(
                SourceState(
                    name=source.name, adapter=source.adapter.name, base_url=source.base_url,
                    needs_key=source.adapter.needs_key, has_key=source.has_key, enabled=source.enabled,
                    entities=live.get(source.name, 0), region=source.region, schedule=source.schedule,
                    attribution=source.adapter.attribution, last_sync=last[0] if last else None,
                    last_good_at=good[0].observed_at if good else None,
                )
            )  # fmt: skip
    return states


def syncs(store: Store, *, source: str | None = None, limit: int = 20) -> list[SyncRecord]:
    """The log of syncs, newest first."""
    with store.reading() as tx:
        return list_syncs(tx, source=source, limit=limit)


def as_of(
    store: Store,
    time: int,
    *,
    source: str | None = None,
    category: str | None = None,
    after: tuple[str, str, str] | None = None,
) -> Generator[Version, None, None]:
    """Every live entity as of a time, by source, category and key, from after such a place on."""
    with store.reading() as tx:
        yield from past.as_of(tx, time, source=source, category=category, after=after)


def show(store: Store, key: str, *, source: str | None = None, category: str | None = None) -> list[Entity]:
    """What every source says of a key today; for a vanished entity its last version. Raises ``NotFound``."""
    entities = []
    with store.reading() as tx:
        for entity_id, _, _ in _found(tx, key, source, category):
            versions = past.history(tx, entity_id)
            if not versions:
                continue
            content = [version for version in versions if version.data is not None]
            volatile = past.volatile_of(tx, entity_id)
            entities.append(
                Entity(
                    version=content[-1],
                    first_observed_at=versions[0].observed_at,
                    versions=len(content),
                    live=versions[-1].data is not None,
                    volatile=msgspec.Raw(volatile.encode()) if volatile else None,
                    attribution=_attribution(past.adapter_of(tx, entity_id)),
                )
            )
    return entities


def history(store: Store, key: str, *, source: str | None = None, category: str | None = None) -> list[Version]:
    """All versions of a key, tombstones included, by source and category, oldest first. Raises ``NotFound``."""
    with store.reading() as tx:
        found = _found(tx, key, source, category)
        return [version for entity_id, _, _ in found for version in past.history(tx, entity_id)]


def field_history(
    store: Store, key: str, field: str, *, source: str | None = None, category: str | None = None
) -> list[FieldValue]:
    """The values of one field over time, where it changed. A volatile number comes from its metric series.

    Raises ``NotFound`` for an unknown key or a field it never had, ``InvalidInput`` for a key in several places.
    """
    with store.reading() as tx:
        found = _found(tx, key, source, category)
        if len(found) > 1:
            places = ", ".join(f"{name}/{kind}" for _, name, kind in found)
            raise InvalidInput(f"'{key}' is in several places: {places}", "add --source or --category")
        values = _values(past.history(tx, found[0][0]), field)
        if all(value.value is ABSENT for value in values):
            points = past.metric_points(tx, found[0][0], field)
            values = [FieldValue(p.observed_at, None, ABSENT if p.value is None else p.value) for p in points]
    if not values:
        raise NotFound(f"'{key}' never had a field '{field}'", f"see its fields: modelcensus show '{key}'")
    return values


def metrics(store: Store, key: str, *, source: str | None = None) -> list[MetricPoint]:
    """The metric series of a key. Raises ``NotFound``."""
    with store.reading() as tx:
        found = _found(tx, key, source, None)
        return [point for entity_id, _, _ in found for point in past.metric_points(tx, entity_id)]


def changes(
    store: Store,
    *,
    since: int = 0,
    until: int = past.FOREVER,
    source: str | None = None,
    category: str | None = None,
    key: str | None = None,
    kind: str | None = None,
    limit: int | None = None,
    newest_first: bool = True,
) -> Iterator[Change]:
    """What happened in (since, until], field by field."""
    with store.reading() as tx:
        found = past.raw_changes(
            tx, since=since, until=until, source=source, category=category, key=key, kind=kind, limit=limit,
            newest_first=newest_first,
        )  # fmt: skip
        for raw in found:
            both = raw.before is not None and raw.after is not None
            fields = tuple(differences(_value(raw.before), _value(raw.after))) if both else ()
            yield Change(
                kind=raw.kind, source=raw.source, category=raw.category, key=raw.key, observed_at=raw.observed_at,
                sync_id=raw.sync_id, fields=fields,
            )  # fmt: skip


def quarantine_list(
    store: Store, *, source: str | None = None, sync_id: int | None = None, limit: int = 100
) -> list[Quarantined]:
    """What could not be understood, newest first."""
    with store.reading() as tx:
        return quarantine.quarantined(tx, source=source, sync_id=sync_id, limit=limit)


def last_observed(store: Store) -> int | None:
    """When upstream last said anything that is recorded, in microseconds since 1970."""
    with store.reading() as tx:
        return stats.last_observed(tx)


def census_stats(store: Store) -> Stats:
    """The census counted."""
    with store.reading() as tx:
        return stats.stats(tx, store.url, store.shown_url)


def _found(tx: Connection, key: str, source: str | None, category: str | None) -> list[tuple[int, str, str]]:
    found = past.find_entities(tx, key, source=source, category=category)
    if not found:
        close = past.similar_keys(tx, key)
        hint = f"did you mean: {', '.join(close)}" if close else "see all keys: 'modelcensus list'"
        raise NotFound(f"there is no entity '{key}'" + (f" in '{source}'" if source else ""), hint)
    return found


def _attribution(adapter: str) -> str | None:
    known = installed().adapters.get(adapter)
    return known.attribution if known else None


def _values(versions: list[Version], field: str) -> list[FieldValue]:
    values: list[FieldValue] = []
    for version in versions:
        value = at_path(canonical.decode(bytes(version.data)), field) if version.data is not None else ABSENT
        if not values or values[-1].value != value or type(values[-1].value) is not type(value):
            values.append(FieldValue(version.observed_at, version.sync_id, value))
    return values


def _value(data: bytes | None) -> Any:
    return canonical.decode(data) if data is not None else None
