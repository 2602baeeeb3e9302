"""How prices move and models come and go: the catalog looked at on the first of each month, and now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from threading import Lock

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.fields import number
from modelcensus.core.catalog.listing import CAPABILITIES
from modelcensus.core.catalog.model import Value
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.times import from_micros, to_micros
from modelcensus.core.trends import By, ModelTrend, PriceTrend, Seen, View, model_trend, price_trend
from modelcensus.operations.catalog.catalog import merged_models
from modelcensus.operations.catalog.linking import links_of
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.catalog.rebuilding import Known, said_at
from modelcensus.operations.census import Census, Progress, silent
from modelcensus.store import trends
from modelcensus.store.catalog import aliases, revisions

MAX_MONTHS = 60
_DAY = 86_400_000_000
_KEPT = MAX_MONTHS + 12
"""Moments that are remembered."""
Sees = Callable[[str], bool]
"""Whether the caller may see a model of the catalog."""


def everything(_: str) -> bool:
    """Sees every model."""
    return True


class Moving:
    """Trends over months; remembers the months that are over. Safe to use from several threads.

    Where the catalog had been published it is taken as it was; before, it is worked out from the payloads of that
    time. What people override is left out: it says nothing of the market.
    """

    def __init__(self, census: Census) -> None:
        self._census = census
        self._lock = Lock()
        self._held: OrderedDict[tuple[int, int, int], View] = OrderedDict()

    def prices(
        self, by: By, months: int, *, only: str | None = None, limit: int | None = None, sees: Sees = everything,
        progress: Progress = silent,
    ) -> PriceTrend:  # fmt: skip
        """Price indices of the last so many months, the current one included.

        ``only``: of this provider or capability. Raises ``NotFound`` where no price is known, or none of ``only``.
        """
        found = price_trend(self._views(months, sees, progress), by, only=only, limit=limit)
        if found.data:
            return found
        if only is not None:
            raise NotFound(f"no prices of the {by} '{only[:80]}' are known", "see the indices of all of them first")
        raise NotFound("no prices are known yet", "read the sources: modelcensus sync; or import older readings")

    def models(self, months: int, *, sees: Sees = everything, progress: Progress = silent) -> ModelTrend:
        """New and retired models of the last so many months. Raises ``NotFound`` where nothing was ever read."""
        views = self._views(months, sees, progress)
        if not views[-1].read:
            raise NotFound("the census is empty", "read the sources: modelcensus sync; or import older readings")
        return model_trend(views)

    def _views(self, months: int, sees: Sees, progress: Progress) -> list[View]:
        """The catalog at the beginning of each month and now; from the last moment on at which there was nothing."""
        if not 1 <= months <= MAX_MONTHS:
            raise InvalidInput(f"{months} months cannot be shown", f"ask for 1 to {MAX_MONTHS}")
        moments = [*starts_of_months(self._census.now(), months), self._census.clock()]
        views: list[View] = []
        known: Known = {}
        with self._lock:
            with self._census.store.reading() as tx:
                began = trends.began(tx)
            for done, at in enumerate(moments, 1):
                read = frozenset(name for name, first in began.items() if first <= at)
                views.append(self._view(at, read, known) if read else View(at=at, models={}))
                progress("months", done, len(moments))
        nothing = sum(not view.read for view in views)
        return [_seen(view, sees) for view in views[max(nothing - 1, 0) :]]

    def at_hand(self, months: int) -> bool:
        """Whether every month is remembered, or is nothing: then an answer takes a moment, else seconds.

        Waits for nobody.
        """
        with self._census.store.reading() as tx:
            first = min(trends.began(tx).values(), default=None)
            moments = [*starts_of_months(self._census.now(), months), self._census.clock()]
            return all(_place(tx, at)[1] in self._held for at in moments if first is not None and first <= at)

    def _view(self, at: int, read: frozenset[str], known: Known) -> View:
        with uncollected(), self._census.store.reading() as tx:
            revision, place = _place(tx, at)
            if place in self._held:
                self._held.move_to_end(place)
                return msgspec.structs.replace(self._held[place], at=at, read=read)
            models = dict(_published(tx, revision) if revision else _worked_out(self._census, tx, at, known))
        view = self._held[place] = View(at=at, models=models, read=read)
        while len(self._held) > _KEPT:
            self._held.popitem(last=False)
        return view


def starts_of_months(now: datetime, months: int) -> list[int]:
    """The first moments (UTC) of the last so many months, the current one included, oldest first; microseconds."""
    count = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1
    return [
        to_micros(datetime(each // 12, each % 12 + 1, 1, tzinfo=UTC)) for each in range(count - months + 1, count + 1)
    ]


def month_before(at: int) -> str:
    """The month that ends at a moment, or in which it is: ``2026-03``."""
    return f"{from_micros(at - 1):%Y-%m}"


def _place(tx: Connection, at: int) -> tuple[int, tuple[int, int, int]]:
    """The revision of a time, and under which place its view is remembered."""
    revision = revisions.at_time(tx, at)
    # What was published stays; what is worked out is another as soon as an older reading is imported, and facts have
    # days.
    return revision, (revision, 0, 0) if revision else (0, at - at % _DAY, trends.last_sync(tx, at))


def _published(tx: Connection, revision: int) -> Iterator[tuple[str, Seen]]:
    for told in trends.told_by(tx, revision):
        yield told.model_id, seen_of(told.fields, told.sources, active=told.active)


def _worked_out(census: Census, tx: Connection, at: int, known: Known) -> Iterator[tuple[str, Seen]]:
    said, _ = said_at(census, tx, at, known)
    links = links_of(said, [each for each in aliases.decisions(tx) if each.at <= at], census.catalog.anchors)
    for model in merged_models(links, said, {}, census.catalog.precedence):
        fields = {path: field.value for path, field in model.fields.items()}
        sources = sorted({field.origin.source for field in model.fields.values()})
        yield model.id, seen_of(fields, tuple(sources), active=True)


def seen_of(fields: Mapping[str, Value], sources: tuple[str, ...] = (), *, active: bool) -> Seen:
    """A model's fields by path, as trends look at them."""
    provider = fields.get("provider")
    variable = fields.get("price.variable") is True
    return Seen(
        active=active,
        provider=provider if isinstance(provider, str) else None,
        capabilities=tuple(name for name in CAPABILITIES if fields.get(f"capabilities.{name}") is True),
        input=None if variable else number(fields.get("price.input")),
        output=None if variable else number(fields.get("price.output")),
        sources=sources,
    )


def sees_of(edition: Edition) -> Sees:
    """Which models somebody sees who sees this edition."""
    return everything if edition.open else frozenset(each.entry.model.id for each in edition.portraits).__contains__


def _seen(view: View, sees: Sees) -> View:
    if sees is everything:
        return view
    models = {model_id: seen for model_id, seen in view.models.items() if sees(model_id)}
    return msgspec.structs.replace(view, models=models)
