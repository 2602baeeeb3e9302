"""Sources as people look at them: how each stands, what it holds, and how its last readings went."""

from __future__ import annotations

import msgspec

from modelcensus.core.errors import NotFound
from modelcensus.core.records import Quarantined, SourceState, SyncRecord, SyncStatus
from modelcensus.operations import browse
from modelcensus.operations.census import Census, Source
from modelcensus.store import quarantine, stats
from modelcensus.store.readings import live_page
from modelcensus.store.syncs import list_syncs

READINGS = 30
"""So many of its last readings are shown of a source."""
_GOOD = (SyncStatus.COMPLETE, SyncStatus.PARTIAL)


class SourcePortrait(msgspec.Struct, frozen=True, kw_only=True):
    """A configured source. ``entities``: live ones by category, models first; ``readings``: of its first document, the
    oldest first.

    ``trouble`` is the latest sync of any document that was not good, where no good one of that document followed.
    ``documentation`` is the upstream's own, ``categories`` is what its adapter reads.
    """

    state: SourceState
    title: str
    entities: dict[str, int]
    readings: tuple[SyncRecord, ...]
    trouble: SyncRecord | None
    documentation: str | None
    categories: tuple[str, ...]


def portraits(census: Census) -> list[SourcePortrait]:
    """Every configured source, in the order of the settings."""
    states = browse.sources(census)
    with census.store.reading() as tx:
        live = stats.live_by_category(tx)
    return [_portrait(census, state, live.get(state.name, {})) for state in states]


def portrait(census: Census, name: str) -> SourcePortrait:
    """One configured source. Raises ``NotFound``."""
    for each in portraits(census):
        if each.state.name == name:
            return each
    raise NotFound(f"there is no source '{name[:80]}'", f"the sources are: {', '.join(census.sources)}")


def syncs_page(census: Census, name: str, *, before: int | None, limit: int) -> list[SyncRecord]:
    """Syncs of a source, newest first, from before such an id on."""
    with census.store.reading() as tx:
        return list_syncs(tx, source=name, before_id=before, limit=limit)


def entities_page(
    census: Census, name: str, category: str, *, part: str = "", after: str = "", limit: int
) -> list[str]:
    """Keys of live entities, after such a key; ``part``: only those that have it, in any case."""
    if "\0" in f"{category}{part}{after}":
        return []
    with census.store.reading() as tx:
        return live_page(tx, name, category, part=part, after=after, limit=limit)


def quarantine_page(census: Census, *, source: str | None, limit: int, offset: int) -> list[Quarantined]:
    """What could not be understood, newest first."""
    with census.store.reading() as tx:
        return quarantine.quarantined(tx, source=source, limit=limit, offset=offset)


def _portrait(census: Census, state: SourceState, entities: dict[str, int]) -> SourcePortrait:
    source = census.sources[state.name]
    adapter = source.adapter
    first = adapter.calls[0].document.category
    with census.store.reading() as tx:
        readings = list_syncs(tx, source=state.name, document=first, limit=READINGS)
    troubled = [each for each in _last_syncs(census, source) if each.status not in _GOOD]
    return SourcePortrait(
        state=state,
        title=adapter.title,
        entities=dict(sorted(entities.items(), key=lambda each: (each[0] != "model", each[0]))),
        readings=tuple(reversed(readings)),
        trouble=max(troubled, key=lambda each: each.id or 0, default=None),
        documentation=adapter.documentation,
        categories=tuple(dict.fromkeys(name for call in adapter.calls for name in call.document.covers)),
    )


def _last_syncs(census: Census, source: Source) -> list[SyncRecord]:
    with census.store.reading() as tx:
        return [
            found
            for call in source.adapter.calls
            for found in list_syncs(tx, source=source.name, document=call.document.category)
        ]
