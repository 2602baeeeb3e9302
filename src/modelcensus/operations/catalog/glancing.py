"""The catalog at a glance: some models in an order, each with its prices over time and what is worth a mark."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec

from modelcensus.core.catalog.curated import effectively_enabled
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.fields import number
from modelcensus.core.catalog.glance import RECENT_DAYS, Glance, Turn, came_lately, cut_since
from modelcensus.core.catalog.model import Tier
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.query import Cursor, ModelQuery, Page, Sort, lifecycle_of, page, read, written
from modelcensus.core.times import iso
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.store.catalog import plans, price_turns, revisions

TREND_DAYS = 90
_DAY = 86_400_000_000
_KEPT = 16


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """What only those may ask who see administration.

    ``tier``: as its callers see the catalog, instead of as the visitor's own; ``whole``: everything, whoever sees it.
    ``enabled``, ``held``: only those that are; ``enabled`` False those that are not.
    """

    tier: Tier | None = None
    whole: bool = False
    enabled: bool | None = None
    held: bool = False


class Glances(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list; ``next`` is ``after`` of the next page. ``edition`` is what it was chosen from.

    ``moved``: the catalog is at another revision than the first page was. ``since`` is where the prices begin, ``now``
    where they end, in microseconds: whole days, so that a page is the same all day long.
    """

    glances: tuple[Glance, ...]
    total: int
    next: str | None
    moved: bool
    edition: Edition
    since: int
    now: int


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """Providers and labs of an edition with the number of their models that somebody offers, by name."""

    providers: tuple[tuple[str, int], ...]
    labs: tuple[tuple[str, int], ...]
    models: int


@dataclass(frozen=True)
class Glancing:
    """Lists of the public catalog; safe to use from several threads."""

    public: PublicCatalog
    _facets: OrderedDict[tuple[Any, ...], Facets] = field(default_factory=OrderedDict)
    _plans: OrderedDict[str, frozenset[str]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def glances(
        self, tier: Tier, query: ModelQuery, *, sort: Sort, limit: int = 100, after: str | None = None,
        as_of: int | None = None, inside: Inside | None = None,
    ) -> Glances:  # fmt: skip
        """One page of the models that fit, as a tier or whoever is ``inside`` sees them.

        Raises ``InvalidInput`` for a cursor of another query.
        """
        cursor = read(after) if after is not None else None
        held = self._held() if inside else {}
        edition = self.edition(tier, cursor.as_of if cursor else as_of, inside)
        now = _end_of_day(edition.as_of if edition.as_of is not None else self.public.census.clock())
        with uncollected():
            found = page(
                _inside(edition.portraits, inside, held), query, sort=sort, limit=limit, after=cursor,
                revision=edition.stamp.revision, today=_today(now), as_of=edition.as_of,
            )  # fmt: skip
        since = now - TREND_DAYS * _DAY
        return Glances(
            glances=self._looked(found, edition, held, since, now), total=found.total,
            next=written(found.next) if found.next else None, moved=_has_moved(edition, cursor), edition=edition,
            since=since, now=now,
        )  # fmt: skip

    def fitting(
        self, tier: Tier, query: ModelQuery, *, sort: Sort, as_of: int | None = None, inside: Inside | None = None
    ) -> Edition:
        """The edition with all models that fit and no others, in order."""
        edition = self.edition(tier, as_of, inside)
        now = edition.as_of if edition.as_of is not None else self.public.census.clock()
        chosen = _inside(edition.portraits, inside, self._held() if inside else {})
        with uncollected():
            found = page(chosen, query, sort=sort, limit=len(edition.portraits) + 1, today=iso(now)[:10])
        return msgspec.structs.replace(edition, portraits=found.portraits)

    def edition(self, tier: Tier, as_of: int | None = None, inside: Inside | None = None) -> Edition:
        """What a tier sees, or whoever is ``inside``."""
        if inside is None or not inside.whole:
            return self.public.edition(inside.tier if inside and inside.tier else tier, as_of)
        past = as_of if as_of is not None and as_of < self.public.census.clock() else None
        return self.public.shelf.current() if past is None else self.public.shelf.at(past)

    def facets(self, edition: Edition) -> Facets:
        """The words that one may choose from, counted once for each edition."""
        place = (edition.stamp, edition.until, edition.as_of, edition.tier, edition.open, edition.fallback)
        with self._lock:
            found = self._facets.get(place)
        if found is None:
            found = Facets(
                providers=_counted(edition, "provider"), labs=_counted(edition, "lab"),
                models=sum(1 for _ in edition.active),
            )  # fmt: skip
            with self._lock:
                self._facets[place] = found
                while len(self._facets) > _KEPT:
                    self._facets.popitem(last=False)
        return found

    def _looked(
        self, found: Page, edition: Edition, held: Mapping[str, str], since: int, now: int
    ) -> tuple[Glance, ...]:
        ids = [each.entry.model.id for each in found.portraits]
        turns: dict[str, list[Turn]] = {}
        applied: dict[int, int] = {}
        if edition.stamp.revision and edition.fallback is None and ids:
            came = {each.entry.model.since_revision for each in found.portraits}
            with self.public.census.store.reading() as tx:
                start = revisions.at_time(tx, since)
                turns = price_turns.price_turns(tx, ids, since=start, until=edition.stamp.revision)
                applied = price_turns.applied(tx, sorted(came))
        moments = _Moments(lately=now - RECENT_DAYS * _DAY, today=_today(now))
        return tuple(
            _glance(each, turns.get(each.entry.model.id, []), applied, held, moments) for each in found.portraits
        )

    def _held(self) -> dict[str, str]:
        """The plan that holds back something of a model, by model; a plan never changes, so it is read once."""
        found: dict[str, str] = {}
        with self.public.census.store.reading() as tx:
            for digest in plans.opened(tx):
                with self._lock:
                    models = self._plans.get(digest)
                if models is None:
                    stored = plans.find(tx, digest)
                    steps = stored.plan.steps if stored else ()
                    models = frozenset(
                        each.model_id for each in steps if each.hold or any(change.hold for change in each.changes)
                    )
                    with self._lock:
                        self._plans[digest] = models
                        while len(self._plans) > _KEPT:
                            self._plans.popitem(last=False)
                for each in models:
                    found.setdefault(each, digest)
        return found


class _Moments(msgspec.Struct, frozen=True, kw_only=True):
    """Since when something is recent, and which day it is."""

    lately: int
    today: str


def _glance(
    portrait: Portrait, turns: list[Turn], applied: Mapping[int, int], held: Mapping[str, str], moments: _Moments
) -> Glance:
    model = portrait.entry.model
    retires = model.fields.get("retires")
    set_ = any(each.path.startswith("price.") for each in portrait.entry.overrides)
    return Glance(
        portrait=portrait,
        lifecycle=lifecycle_of(portrait, moments.today),
        turns=_with_overrides(portrait, turns) if set_ else tuple(turns),
        new=came_lately(
            model.since_revision, applied.get(model.since_revision), model.fields.get("released"),
            since=moments.lately, day=iso(moments.lately)[:10], today=moments.today,
        ),
        cut=None if set_ else cut_since(turns, moments.lately),
        retires=retires if isinstance(retires, str) and retires >= moments.today else None,
        held=held.get(model.id),
    )  # fmt: skip


def _with_overrides(portrait: Portrait, turns: list[Turn]) -> tuple[Turn, ...]:
    """Prices that people set lie over the last published ones."""
    since = [each.created_at for each in portrait.entry.overrides if each.path.startswith("price.")]
    fields = portrait.entry.model.fields
    set_ = Turn(max(since), number(fields.get("price.input")), number(fields.get("price.output")))
    return (*(each for each in turns if each.at < set_.at), set_)


def _inside(portraits: tuple[Portrait, ...], inside: Inside | None, held: Mapping[str, str]) -> Iterable[Portrait]:
    if inside is None or (inside.enabled is None and not inside.held):
        return portraits
    return (
        each
        for each in portraits
        if (not inside.held or each.entry.model.id in held)
        and inside.enabled in (None, effectively_enabled(each.entry.curation, each.entry.model.status))
    )


def _counted(edition: Edition, path: str) -> tuple[tuple[str, int], ...]:
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for each in edition.active:
        word = each.entry.model.fields.get(path)
        if isinstance(word, str) and word:
            spelled.setdefault(word.casefold(), word)
            counts[word.casefold()] += 1
    return tuple((spelled[key], counts[key]) for key in sorted(counts))


def _end_of_day(micros: int) -> int:
    return (micros // _DAY + 1) * _DAY


def _today(end: int) -> str:
    return iso(end - _DAY)[:10]


def _has_moved(edition: Edition, cursor: Cursor | None) -> bool:
    return cursor is not None and cursor.revision != edition.stamp.revision
