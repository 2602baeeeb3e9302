"""The catalog as callers are told of it: each what their tier sees, and nothing that shows that there is more."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, cast

import msgspec

from modelcensus.core.catalog.answers import Access, Changes, ModelDetail, Models
from modelcensus.core.catalog.curated import brief
from modelcensus.core.catalog.edition import Edition, Stamp
from modelcensus.core.catalog.merging import merge
from modelcensus.core.catalog.model import Disagreement, Status, Tier
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.query import Cursor, ModelQuery, Sort, chosen, only, page, read, written
from modelcensus.core.catalog.record import (
    Model,
    conflicts_of,
    members_of,
    names_of,
    offer_record,
    provenance_of,
)
from modelcensus.core.document import document
from modelcensus.core.errors import NotFound
from modelcensus.core.times import iso
from modelcensus.operations.catalog.events import event_page
from modelcensus.operations.catalog.linking import VOICES
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.price_series import series
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings
from modelcensus.store import history
from modelcensus.store.catalog import listings

_DETAILS = 500
"""Models that are kept whole."""
_EVENTS = 100
"""Changes that are told with a model."""
_SCAN = 20_000
"""Versions that one request for changes looks at."""


@dataclass(frozen=True)
class PublicCatalog:
    """An open census with what is kept between requests; safe to use from several threads."""

    census: Census
    access: AccessSettings
    shelf: Shelf
    names: Names
    _details: OrderedDict[tuple[Stamp, int | None, int | None, str], ModelDetail] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def edition(self, tier: Tier, as_of: int | None = None) -> Edition:
        """What a caller of a tier sees; of a time that is still to come there is nothing but today's catalog."""
        past = as_of if as_of is not None and as_of < self.census.clock() else None
        return self.shelf.seen(tier, as_of=past)

    def find(self, tier: Tier, model_id: str, as_of: int | None = None) -> tuple[Edition, Portrait]:
        """One model. Raises ``NotFound``, also where the tier does not see it; the hint says what the name means."""
        edition = self.edition(tier, as_of)
        for each in edition.portraits:
            if each.entry.model.id == model_id:
                return edition, each
        then = f" as of {iso(as_of)}" if as_of is not None else ""
        raise NotFound(f"the catalog has no model '{brief(model_id)}'{then}", self._hint(edition, model_id))

    def models(
        self, tier: Tier, query: ModelQuery, *, sort: Sort, limit: int, after: str | None = None,
        as_of: int | None = None, fields: str | None = None,
    ) -> Models:  # fmt: skip
        """One page of the models that fit. Raises ``InvalidInput`` for a cursor of another query, or unknown fields."""
        names = chosen(fields) if fields is not None else None
        cursor = read(after) if after is not None else None
        edition = self.edition(tier, cursor.as_of if cursor else as_of)
        found = page(
            edition.portraits, query, sort=sort, limit=limit, after=cursor, revision=edition.stamp.revision,
            today=iso(edition.as_of if edition.as_of is not None else self.census.clock())[:10], as_of=edition.as_of,
        )  # fmt: skip
        data: list[Any] = [Model(**members_of(each, open_=edition.open)) for each in found.portraits]
        if names is not None:
            data = [only(document(each), names) for each in data]
        return Models(
            data=cast("tuple[Model, ...]", data), next=written(found.next) if found.next else None, total=found.total,
            moved=_has_moved(edition, cursor), **_marks(edition),
        )  # fmt: skip

    def model(self, tier: Tier, model_id: str, as_of: int | None = None) -> ModelDetail:
        """All about one model. Raises ``NotFound``."""
        edition, portrait = self.find(tier, model_id, as_of)
        place = (edition.stamp, edition.until, edition.as_of, model_id)
        with self._lock:
            held = self._details.get(place)
        if held is None:
            held = self._detail(edition, portrait)
            with self._lock:
                self._details[place] = held
                while len(self._details) > _DETAILS:
                    self._details.popitem(last=False)
        return held

    def may_use(self, tier: Tier, model_id: str) -> Access:
        """Whether a caller of a tier may use a model: they see it, and somebody offers it."""
        seen = [each for each in self.edition(tier).portraits if each.entry.model.id == model_id]
        if not seen:
            return Access(
                model_id=model_id, tier=tier, allowed=False, reason=f"there is no such model for {tier} callers"
            )
        status = seen[0].entry.model.status
        allowed = status is Status.ACTIVE
        reason = "it is offered, and open to this tier" if allowed else "it is archived: nobody offers it any more"
        return Access(model_id=model_id, tier=tier, allowed=allowed, reason=reason, status=status)

    def changes(
        self, tier: Tier, *, after: str | None = None, before: str | None = None, limit: int = 100, **wanted: Any
    ) -> Changes:
        """Changes that a tier sees: those behind ``after`` oldest first, else the newest first.

        ``wanted`` are filters of ``events``. Raises ``InvalidInput`` for a cursor that is none.
        """
        backwards = after is None
        found = event_page(
            self.census.store, self.access, after=after, before=before, tier=tier, limit=limit,
            newest_first=backwards, scan=_SCAN, **wanted,
        )  # fmt: skip
        return Changes(
            data=found.events, after=found.head if backwards else found.reached,
            before=found.reached if backwards and found.more else None, more=found.more,
        )  # fmt: skip

    def _detail(self, edition: Edition, portrait: Portrait) -> ModelDetail:
        model_id, then = portrait.entry.model.id, edition.as_of
        told = event_page(
            self.census.store, self.access, model=model_id, until=then, limit=_EVENTS, newest_first=True
        )  # fmt: skip
        if then is None:
            portrait = msgspec.structs.replace(portrait, disagreements=self._disagreements(portrait))
        over_time = series(self.census, model_id, until=then)
        return ModelDetail(
            **members_of(portrait, open_=edition.open),
            offerings=tuple(map(offer_record, portrait.offerings)),
            aliases=names_of(portrait),
            benchmarks=portrait.benchmarks,
            provenance=provenance_of(portrait.entry),
            disagreements=conflicts_of(portrait),
            history=told.events,
            prices=over_time.prices,
            limits=over_time.limits,
            **_marks(edition),
        )

    def _disagreements(self, portrait: Portrait) -> tuple[Disagreement, ...]:
        with self.census.store.reading() as tx:
            entities = [
                entity_id
                for each in portrait.aliases
                if each.relation in VOICES
                for entity_id, _, _ in history.find_entities(tx, each.key, source=each.source)
            ]
            said = listings.of_entities(tx, entities)
        return merge(portrait.entry.model.id, said, precedence=self.census.catalog.precedence).disagreements

    def _hint(self, edition: Edition, name: str) -> str:
        found = self.names.seen(name, {each.entry.model.id for each in edition.portraits})
        if found.model_id is not None:
            return f"'{brief(name)}' is a name of {found.model_id}: ask for that one"
        near = ", ".join(found.candidates)
        return f"did you mean: {near}" if near else "see the models: /api/models, or what a name means: /api/resolve"


def _marks(edition: Edition) -> dict[str, Any]:
    return {
        "revision": edition.stamp.revision,
        "published_at": edition.published_at if edition.stamp.revision else None,
        "observed_at": edition.observed_at or None,
        "as_of": msgspec.UNSET if edition.as_of is None else edition.as_of,
        "rebuilt": edition.rebuilt,
    }


def _has_moved(edition: Edition, cursor: Cursor | None) -> bool:
    return cursor is not None and cursor.revision != edition.stamp.revision
