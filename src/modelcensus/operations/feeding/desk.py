"""The desk at which feeds are made: the census as its readers may see it, and what feeds ask for beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from modelcensus.core import canonical
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.event import Event
from modelcensus.core.catalog.model import Tier
from modelcensus.feeds.feed import Feed, Material
from modelcensus.operations.catalog.events import events
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.census import Census
from modelcensus.settings import Settings
from modelcensus.store import feeds as copies
from modelcensus.store import history
from modelcensus.store.engine import Store

EVENTS = 200
"""Latest changes that a feed of them tells."""


@dataclass(frozen=True)
class Desk:
    """What feeds are made with.

    ``address`` is ours as the outside knows it. ``later`` runs what must not hold up a reader: a copy is kept in the
    only writing transaction, which a sync may hold for seconds. ``recorded`` and ``kept`` remember what was
    read and kept last.
    """

    census: Census
    settings: Settings
    shelf: Shelf
    later: Callable[[Callable[[], None]], None] = lambda act: act()
    lock: Lock = field(default_factory=Lock)
    recorded: dict[str, tuple[object, Mapping[str, Any]]] = field(default_factory=dict)
    kept: dict[tuple[str, Tier], tuple[int, bytes, int]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where we are, without a slash at the end."""
        told = self.settings.api.public_url or f"http://{self.settings.host}:{self.settings.port}"
        return told.rstrip("/")


def material_of(desk: Desk, feed: Feed, tier: Tier, *, as_of: int | None = None) -> Material:
    """What a feed is made of, for a tier."""
    whole = desk.shelf.current() if as_of is None else desk.shelf.at(as_of)
    edition = whole.for_tier(tier)
    with desk.census.store.reading() as tx:
        applied = copies.applied_at(tx)
    sources = tuple(sorted(name for name, source in desk.census.sources.items() if source.adapter.name == feed.over))
    return Material(
        edition=edition,
        beneath=_beneath(desk, sources, whole),
        events=_events(desk, tier, as_of) if feed.with_events else (),
        address=desk.address,
        hidden=_hidden(whole, edition),
        sources=frozenset(sources),
        applied=applied,
    )


def _events(desk: Desk, tier: Tier, as_of: int | None) -> tuple[Event, ...]:
    found = events(
        desk.census.store, desk.settings.access, tier=tier, until=as_of, limit=EVENTS, newest_first=True
    )  # fmt: skip
    return tuple(found)


def _hidden(whole: Edition, seen: Edition) -> frozenset[str]:
    """Every name of the models that are not seen. A name that a seen model has too is hidden with them."""
    ids = {each.entry.model.id for each in seen.portraits}
    unseen = [each for each in whole.portraits if each.entry.model.id not in ids]
    return frozenset(
        name for each in unseen for name in (each.entry.model.id, *(alias.key for alias in each.aliases))
    )  # fmt: skip


def _beneath(desk: Desk, sources: tuple[str, ...], edition: Edition) -> Mapping[str, Any]:
    """What these sources say of each key, as recorded then; of several sources and kinds of entity models come first.

    What is recorded now stays at hand until the next sync.
    """
    if not sources:
        return {}
    if edition.as_of is not None:
        return _read(desk.census.store, sources, edition.as_of)
    place, state = ",".join(sources), edition.stamp.sync_id
    with desk.lock:
        held = desk.recorded.get(place)
        if held is None or held[0] != state:
            held = desk.recorded[place] = (state, _read(desk.census.store, sources, desk.census.clock()))
        return held[1]


def _read(store: Store, sources: tuple[str, ...], at: int) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    models: set[str] = set()
    with uncollected(), store.reading() as tx:
        for source in sources:
            for version in history.as_of(tx, at, source=source):
                first_model = version.category == "model" and version.key not in models
                if first_model or version.key not in found:
                    found[version.key] = canonical.decode(bytes(version.data or b"{}"))
                if first_model:
                    models.add(version.key)
    return found
