"""Series: what a model cost from when on and how much it took, as it was published, and as sources said before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.core import canonical
from modelcensus.core.catalog.curated import in_force
from modelcensus.core.catalog.fields import prices_of
from modelcensus.core.catalog.listing import Listing, Snapshot, Untranslatable
from modelcensus.core.catalog.merging import merge
from modelcensus.core.catalog.model import Override, Value
from modelcensus.core.catalog.record import LimitPoint, PricePoint, price_record
from modelcensus.operations.catalog.linking import VOICES
from modelcensus.operations.catalog.translating import aids_of, meaning
from modelcensus.operations.census import Census
from modelcensus.sources.translators.registry import translator_of
from modelcensus.store import history
from modelcensus.store.catalog import aliases, curation, models, revisions

MAX_POINTS = 5000
"""The latest so many are kept of a series."""
_LIMITS = ("context", "max_input", "max_output")
_Fields = Mapping[str, Value]


class Series(msgspec.Struct, frozen=True):
    """A model over time, oldest first: a point for each time at which its prices, or its limits, became others."""

    prices: tuple[PricePoint, ...]
    limits: tuple[LimitPoint, ...]


def series(census: Census, model_id: str, *, until: int | None = None) -> Series:
    """The prices and limits of a model over time.

    From the revision in which it came they are what was published; before, what sources said together, by the names
    that it has today. Overrides count from when they were set until they end, as far as they are kept. ``until``
    (microseconds) leaves out what came later.
    """
    with census.store.reading() as tx:
        published = _published(tx, model_id)
        first = published[0][0] if published else None
        turns = [*_said(census, tx, model_id, first), *published]
        overrides = [each for each in curation.overrides(tx, model_id=model_id) if _is_told(each.path)]
    prices: list[PricePoint] = []
    limits: list[LimitPoint] = []
    for at, revision, fields in _with_boundaries(turns, overrides):
        if until is not None and at > until:
            break
        holding = [each for each in overrides if each.created_at <= at and in_force(each, at)]
        said = {**fields, **{each.path: each.value for each in holding}}
        price = _price(at, revision, said, holding)
        if not prices or (prices[-1].price, prices[-1].overridden) != (price.price, price.overridden):
            prices.append(price)
        limit = _limit(at, revision, said)
        if not limits or _sizes(limits[-1]) != _sizes(limit):
            limits.append(limit)
    return Series(prices=tuple(prices[-MAX_POINTS:]), limits=tuple(limits[-MAX_POINTS:]))


def price_series(census: Census, model_id: str, *, until: int | None = None) -> list[PricePoint]:
    """The prices of ``series`` alone."""
    return list(series(census, model_id, until=until).prices)


def _is_told(path: str) -> bool:
    return path.startswith("price.") or path in _LIMITS


_Turn = tuple[int, int | None, _Fields]
"""From when on, by which revision, with which fields."""


def _price(at: int, revision: int | None, said: _Fields, holding: list[Override]) -> PricePoint:
    names = tuple(sorted(each.path.removeprefix("price.") for each in holding if each.path.startswith("price.")))
    return PricePoint(at=at, price=price_record(prices_of(said)), revision=revision, overridden=names)


def _limit(at: int, revision: int | None, said: _Fields) -> LimitPoint:
    sizes = {name: size for name in _LIMITS if isinstance(size := said.get(name), int) and not isinstance(size, bool)}
    return LimitPoint(at=at, revision=revision, **sizes)


def _sizes(point: LimitPoint) -> tuple[int | None, ...]:
    return point.context, point.max_input, point.max_output


def _with_boundaries(turns: list[_Turn], overrides: list[Override]) -> Iterator[_Turn]:
    """The turns, and between them the times at which an override begins or ends."""
    times = {each.created_at for each in overrides} | {each.expires_at for each in overrides if each.expires_at}
    starts = {turn[0]: turn for turn in turns}
    last: _Turn | None = None
    for at in sorted(times | starts.keys()):
        last = starts.get(at) or (last and (at, last[1], last[2]))
        if last is not None:
            yield last


def _published(tx: Connection, model_id: str) -> list[_Turn]:
    found: list[_Turn] = []
    for version in models.versions(tx, model_id):
        revision = revisions.find(tx, version.changed_revision)
        if revision is not None:
            found.append((revision.at, revision.number, version.fields))
    return found


def _said(census: Census, tx: Connection, model_id: str, before: int | None) -> Iterator[_Turn]:
    """What sources said together, at each time before one at which one of them said something new."""
    spoken = sorted(_spoken(census, tx, model_id), key=lambda each: (each[0], each[1]))
    now: dict[tuple[str, str, str], Listing] = {}
    for number, (at, place, listing) in enumerate(spoken):
        if before is not None and at >= before:
            return
        if listing is None:
            now.pop(place, None)
        else:
            now[place] = listing
        if number + 1 < len(spoken) and spoken[number + 1][0] == at:
            continue
        # Where nobody lists it for a while, the last price stands.
        if now:
            merged = merge(model_id, list(now.values()), precedence=census.catalog.precedence)
            yield at, None, {path: field.value for path, field in merged.fields.items()}


def _spoken(
    census: Census, tx: Connection, model_id: str
) -> Iterator[tuple[int, tuple[str, str, str], Listing | None]]:
    """Every version of every listing that speaks for a model: when, which, and what it says; None: it vanished."""
    aids = aids_of(census, datetime.fromtimestamp(census.clock() / 1_000_000, UTC).date())
    for alias in aliases.of_model(tx, model_id):
        source = census.sources.get(alias.source)
        translator = translator_of(source.adapter) if source else None
        if translator is None or alias.relation not in VOICES:
            continue
        for entity_id, _, category in history.find_entities(tx, alias.key, source=alias.source):
            if category not in translator.categories:
                continue
            for version in history.history(tx, entity_id)[-MAX_POINTS:]:
                place = (alias.source, category, alias.key)
                if version.data is None or version.sha256 is None:
                    yield version.observed_at, place, None
                    continue
                data: dict[str, Any] = canonical.decode(bytes(version.data))
                snapshot = Snapshot(
                    source=alias.source, category=category, key=alias.key, sha256=version.sha256,
                    observed_at=version.observed_at, data=data,
                )  # fmt: skip
                try:
                    yield version.observed_at, place, meaning(snapshot, translator, aids).listing
                except Untranslatable:
                    continue
