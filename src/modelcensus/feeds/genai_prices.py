"""genai-prices' data, version 2: upstream's own with the census over it.

``UpdatePrices(url=...)`` (https://github.com/pydantic/genai-prices) replaces all of its data, so that every provider
and model of upstream stays, with its rules of matching. Over it go the prices that the census knows to hold at that
provider (``places.py``), and models that upstream lacks. Prices are USD per million tokens, thousand requests or pages,
hour. Its package is imported where it is used: it takes as long as the rest of this one.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.times import from_micros
from modelcensus.feeds import genai_terms as terms
from modelcensus.feeds import places
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.places import Place
from modelcensus.feeds.portraits import moment_of, standing, text
from modelcensus.feeds.writing import decode, encode

_OPENROUTER = "openrouter"


def build(material: Material) -> bytes:
    """Providers, each with its models: ours that upstream lacks first, for the first that matches a name counts."""
    known = _providers(material)
    rows: dict[str, list[dict[str, Any]]] = {provider: [] for provider in known}
    for provider, row in _own(material):
        if provider in rows:
            rows[provider].append(row)
    for provider, row in _upstreams(material):
        if provider in rows:
            rows[provider].append(row)
    return encode([{**known[each], "models": models} for each, models in rows.items() if models])


def _providers(material: Material) -> dict[str, dict[str, Any]]:
    """Upstream's records of providers where they are recorded, and those that this file knows."""
    recorded = {
        key: {**entity, "id": key}
        for key, entity in material.beneath.items()
        if "/" not in key and isinstance(entity, Mapping) and "api_pattern" in entity
    }
    return {**terms.PROVIDERS, **recorded}


def _upstreams(material: Material) -> Iterator[tuple[str, dict[str, Any]]]:
    owners = {
        alias.key: portrait
        for portrait in material.edition.portraits
        for alias in places.spelled(portrait, "genai-prices", material.sources)
    }
    for key, entity in material.beneath.items():
        provider, slash, _ = key.partition("/")
        if not slash or key in material.hidden or not isinstance(entity, Mapping):
            continue
        portrait = owners.get(key)
        place = _place(portrait, provider) if portrait is not None else None
        laid = _laid(entity, portrait, place, material) if portrait is not None and place is not None else None
        yield provider, terms.readable(laid or dict(entity))


def _place(portrait: Portrait, provider: str) -> Place | None:
    if provider == _OPENROUTER:
        return Place.OPENROUTER
    return Place.LAB if terms.OWN.get(places.lab(portrait)) == provider else None


def _laid(entity: Mapping[str, Any], portrait: Portrait, place: Place, material: Material) -> dict[str, Any] | None:
    """Upstream's record with our prices where they differ; what held earlier stays as it is.

    Where upstream dates its prices, ours hold from the revision on that last changed the model.
    """
    edition = material.edition
    offered = places.prices_at(portrait, place)
    if offered is None:
        return None
    sets = terms.dated(entity.get("prices"))
    now = terms.in_force(sets, _day(moment_of(edition)))
    known = terms.prices(standing(offered, moment_of(edition)), now)
    # Upstream prices what its readers report; a price beside these would count what they do not.
    ours = {name: price for name, price in known.items() if name in now or not now}
    if all(terms.same(now.get(name), value) for name, value in ours.items()):
        return None
    if len(sets) < 2:
        return {**entity, "prices": {**now, **ours}}
    since = _day(material.applied.get(portrait.entry.model.changed_revision, edition.published_at))
    return {**entity, "prices": terms.with_set(sets, since, {**now, **ours})}


def _day(at: int) -> str:
    return from_micros(at).date().isoformat()


def _own(material: Material) -> Iterator[tuple[str, dict[str, Any]]]:
    unshared = places.unambiguous(material.edition.portraits)
    for portrait in material.edition.portraits:
        listed = {
            alias.key.partition("/")[0] for alias in places.spelled(portrait, "genai-prices", material.sources)
            if alias.key in material.beneath
        }  # fmt: skip
        names = unshared[portrait.entry.model.id]
        native = [name for name in places.native_names(portrait) if name in names]
        lab = terms.OWN.get(places.lab(portrait))
        for provider, spelled, place in (
            (lab, native, Place.LAB),
            (_OPENROUTER, places.openrouter_ids(portrait), Place.OPENROUTER),
        ):
            if provider and spelled and provider not in listed and (row := _row(portrait, tuple(spelled), place)):
                yield provider, row


def _row(portrait: Portrait, names: tuple[str, ...], place: Place) -> dict[str, Any] | None:
    prices = places.prices_at(portrait, place)
    sets = terms.history(prices) if prices is not None else []
    if not sets:
        return None
    context = places.told_at(portrait, "context", place)
    name = text(portrait.entry.model.fields, "name")
    clauses = [{"equals": each} for each in names]
    return {
        "id": names[0],
        "match": clauses[0] if len(clauses) == 1 else {"or": clauses},
        **({"name": name} if name else {}),
        **({"context_window": context} if isinstance(context, int) else {}),
        **({"deprecated": True} if portrait.entry.model.fields.get("stage") == "deprecated" else {}),
        "prices": sets[0]["prices"] if len(sets) == 1 and "constraint" not in sets[0] else sets,
    }


def refusals(document: bytes) -> list[str]:
    """The package's own parser reads all of it, and can count with every set of prices in it."""
    from genai_prices import Usage

    # There is no public name for what UpdatePrices does with an answer.
    from genai_prices.types import ModelPrice, _providers_from_raw

    try:
        found = decode(document)
        if not isinstance(found, list):
            return ["it is no list of providers"]
        providers = _providers_from_raw(found)
    except ValueError as error:
        return [f"genai-prices cannot read it: {' '.join(str(error).split())[:300]}"]
    if not any(provider.models for provider in providers):
        return ["it has no model"]
    reasons = []
    used = Usage(input_tokens=1, output_tokens=1)
    for provider in providers:
        for model in provider.models:
            sets = [model.prices] if isinstance(model.prices, ModelPrice) else [each.prices for each in model.prices]
            try:
                # Only counting shows that a price lacks the one that it is a part of.
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    for each in sets:
                        each.calc_price(used)
            except (ValueError, UserWarning) as error:
                reasons.append(f"{provider.id}/{model.id}: {' '.join(str(error).split())[:200]}")
    return reasons[:10]


FEED = Feed(
    name="genai-prices",
    title="genai-prices data",
    consumer="genai-prices: UpdatePrices(url=...) with the address",
    media_type="application/json",
    suffix="json",
    paths=("/feeds/genai-prices.json",),
    build=build,
    refusals=refusals,
    over="genai-prices",
)
