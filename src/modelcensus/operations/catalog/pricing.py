"""Price: what a use of a model cost, by the prices of that time, out of the snapshots of that time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.core import canonical
from modelcensus.core.catalog.cost import Cost, Usage, cost
from modelcensus.core.catalog.fields import RATES, prices_of
from modelcensus.core.catalog.listing import Listing, Prices, Snapshot, Untranslatable
from modelcensus.core.catalog.merging import merge
from modelcensus.core.catalog.model import Field, Origin
from modelcensus.core.errors import NotFound
from modelcensus.operations.catalog.linking import VOICES, resolve
from modelcensus.operations.catalog.translating import aids_of, meaning
from modelcensus.operations.census import Census
from modelcensus.sources.translators.contract import Aids
from modelcensus.sources.translators.registry import translator_of
from modelcensus.store import history
from modelcensus.store.catalog import aliases, curation
from modelcensus.store.catalog.evidence import FOREVER


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """What a use cost. ``origins``, by price name, are the snapshots that the prices are from; ``at`` microseconds.

    ``overridden`` names the prices that a person has set instead.
    """

    model_id: str
    at: int
    cost: Cost
    prices: Prices
    origins: dict[str, Origin]
    overridden: tuple[str, ...] = ()


def price(
    census: Census,
    name: str,
    usage: Usage,
    at: int,
    *,
    region: str | None = None,
) -> Bill:
    """The bill of one use at a time, for a model's id or any name of it.

    The prices are those that the catalog's sources said then, by the same order of sources. A person's override counts
    from when it was set. Raises ``NotFound`` for a name that means no model, or a time before the first snapshot.
    """
    found = resolve(census.store, name, anchors=census.catalog.anchors)
    if found.model_id is None:
        hint = f"did you mean: {', '.join(found.candidates)}" if found.candidates else "see 'modelcensus unmatched'"
        raise NotFound(f"'{name}' is no model of the catalog: {found.evidence}", hint)
    return bill(census, found.model_id, usage, at, region=region)


def bill(census: Census, model_id: str, usage: Usage, at: int, *, region: str | None = None) -> Bill:
    """The bill of one use of a model at a time. Raises ``NotFound`` for a time before the first snapshot."""
    fields = fields_at(census, model_id, at)
    said = {path: field.value for path, field in fields.items()}
    overridden = _overridden(census, model_id, at)
    said |= overridden
    prices = prices_of(said)
    moment = datetime.fromtimestamp(at / 1_000_000, UTC)
    return Bill(
        model_id=model_id,
        at=at,
        cost=cost(prices, usage, moment, region),
        prices=prices,
        origins={
            rate: fields[path].origin
            for rate in (*RATES, "tiers", "windows", "variable")
            if (path := f"price.{rate}") in fields and path not in overridden
        },
        overridden=tuple(sorted(path.removeprefix("price.") for path in overridden)),
    )


def fields_at(census: Census, model_id: str, at: int) -> dict[str, Field]:
    """What the sources together said of a model at a time, by path. Raises ``NotFound`` where nothing is recorded."""
    aids = aids_of(census, datetime.fromtimestamp(at / 1_000_000, UTC).date())
    with census.store.reading() as tx:
        said = list(_said(census, tx, model_id, at, aids))
    if not said:
        raise NotFound(
            f"nothing is recorded of '{model_id}' at that time",
            f"see since when it is known: modelcensus history '{model_id}'",
        )
    return merge(model_id, said, precedence=census.catalog.precedence).fields


def _said(census: Census, tx: Connection, model_id: str, at: int, aids: Aids) -> Iterator[Listing]:
    for alias in aliases.of_model(tx, model_id):
        source = census.sources.get(alias.source)
        translator = translator_of(source.adapter) if source else None
        if translator is None or alias.relation not in VOICES:
            continue
        for entity_id, _, category in history.find_entities(tx, alias.key, source=alias.source):
            snapshot = _snapshot(tx, entity_id, alias.source, category, alias.key, at)
            if snapshot is None or category not in translator.categories:
                continue
            try:
                translated = meaning(snapshot, translator, aids)
            except Untranslatable:
                continue
            if translated.listing is not None:
                yield translated.listing


def _snapshot(tx: Connection, entity_id: int, source: str, category: str, key: str, at: int) -> Snapshot | None:
    """What an entity was at a time; None while it was not there."""
    before = [version for version in history.history(tx, entity_id) if version.observed_at <= at]
    if not before or before[-1].data is None or before[-1].sha256 is None:
        return None
    data: dict[str, Any] = canonical.decode(bytes(before[-1].data))
    return Snapshot(
        source=source, category=category, key=key, sha256=before[-1].sha256, observed_at=before[-1].observed_at,
        data=data,
    )  # fmt: skip


def _overridden(census: Census, model_id: str, at: int) -> dict[str, Any]:
    with census.store.reading() as tx:
        found = curation.overrides(tx, model_id=model_id)
    return {
        each.path: each.value
        for each in found
        if each.path.startswith("price.") and each.created_at <= at < (each.expires_at or FOREVER)
    }
