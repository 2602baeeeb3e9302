"""What the catalog asks people: which model a name is, and which source is right. Worked out once for each state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.listing import Listing
from modelcensus.core.catalog.model import Alias, Disagreement, Published
from modelcensus.operations.catalog.catalog import merged_models
from modelcensus.operations.catalog.linking import links_of, stored_links
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.census import Census
from modelcensus.store.catalog import aliases, listings, models, stamps
from modelcensus.store.catalog.aliases import LinkDecision

T = TypeVar("T")


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A name that no rule links: what its source says of it, why, models to look at, and a person's word of it.

    ``word`` says that it is no model; without one it waits.
    """

    listing: Listing
    reason: str
    candidates: tuple[str, ...]
    word: LinkDecision | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Source and key."""
        return self.listing.source, self.listing.key


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Names by source and key: those that no rule links, those that are linked (``aliases``), what people said of a
    name, the last word on each (``words``), and what a source calls a model beside its key (``titles``)."""

    names: tuple[Waiting, ...]
    aliases: tuple[Alias, ...]
    words: dict[tuple[str, str], LinkDecision]
    titles: dict[tuple[str, str], str]


Disputed = tuple[tuple[str, Disagreement], ...]
"""Disagreements with the id of the model that each is about, by model and field."""


class Questions:
    """The questions of a census; safe to use from several threads."""

    def __init__(self, census: Census) -> None:
        self._census = census
        self._names = _Held(census, self._asked)
        self._disputed = _Held(census, self._differing)

    def names(self) -> Asked:
        """What is asked of names now."""
        return self._names.now()

    def disagreements(self) -> Disputed:
        """Where sources say different things of a model now."""
        return self._disputed.now()

    def _asked(self, tx: Connection) -> Asked:
        by_place: dict[tuple[str, str], Listing] = {}
        for each in listings.listings(tx):
            by_place.setdefault((each.source, each.key), each)
        words = {(each.source, each.key): each for each in aliases.decisions(tx)}
        links = stored_links(tx, self._census.catalog.anchors)
        names = tuple(
            Waiting(
                listing=by_place[each.source, each.key], reason=each.reason, candidates=each.candidates,
                word=words.get((each.source, each.key)),
            )
            for each in links.unmatched
        )  # fmt: skip
        titles = {place: each.name for place, each in by_place.items() if each.name}
        return Asked(names=names, aliases=tuple(aliases.current(tx)), words=words, titles=titles)

    def _differing(self, tx: Connection) -> Disputed:
        said = list(listings.listings(tx))
        links = links_of(said, aliases.decisions(tx), self._census.catalog.anchors)
        found = merged_models(links, said, {}, self._census.catalog.precedence)
        differ = ((model.id, each) for model in found for each in model.disagreements)
        return tuple(sorted(differ, key=lambda each: (each[0], each[1].path)))


class _Held(Generic[T]):
    """What was worked out last, and the state of which it is."""

    def __init__(self, census: Census, work_out: Callable[[Connection], T]) -> None:
        self._census = census
        self._work_out = work_out
        self._lock = Lock()
        self._last: tuple[tuple[int, int], T] | None = None

    def now(self) -> T:
        """What holds now."""
        with self._lock, self._census.store.reading() as tx:
            place = stamps.names(tx)
            if self._last is None or self._last[0] != place:
                with uncollected():
                    self._last = (place, self._work_out(tx))
            return self._last[1]


def models_named(census: Census, ids: Iterable[str]) -> dict[str, Published]:
    """Published models by id, as sources say they are; without those that there are not."""
    with census.store.reading() as tx:
        return models.find(tx, sorted(set(ids)))


def model_ids(census: Census) -> list[str]:
    """Ids of all published models, in order."""
    with census.store.reading() as tx:
        return models.ids(tx)
