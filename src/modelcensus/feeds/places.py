"""Of which place is what the census says of a model: of its lab's own API, or of OpenRouter.

A model has one published price, and every provider has one of its own. A feed that names providers must say of each
only what holds there:

- what a source says of the model at its lab (the lab's listing or price page, a directory's entry of the lab) holds at
  the lab; what OpenRouter says holds at OpenRouter;
- for a model whose weights are closed the one holds for the other too: OpenRouter passes its provider's prices through
  (https://openrouter.ai/docs/faq#pricing-and-fees);
- open weights are sold by many, each at its own price: there OpenRouter's endpoint of the lab itself says what holds at
  the lab;
- what a person sets holds at both. What other resellers charge is their own, and no feed of ours touches it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import Enum
from typing import Any

import msgspec

from modelcensus.core.catalog.fields import RATES, number, prices_of
from modelcensus.core.catalog.labs import lab_of, maker
from modelcensus.core.catalog.listing import Offering, Prices, Rates, Tier
from modelcensus.core.catalog.model import Alias, Origin, Relation
from modelcensus.core.catalog.portrait import Portrait

_NATIVE = ("anthropic", "google", "openai")
_SPELLED = (Relation.SAME, Relation.SNAPSHOT)
"""What a name must be to its model to be asked for it: a variant has its own price, a moving name its own day."""


class Place(Enum):
    """Where a model is asked."""

    LAB = "lab"
    OPENROUTER = "openrouter"


def is_of(source: str, adapter: str) -> bool:
    """Whether a source is of an adapter, by its name: ``openrouter``, ``openrouter-eu``."""
    return source == adapter or source.startswith(f"{adapter}-")


def lab(portrait: Portrait) -> str:
    """Who made the model, by its id."""
    return lab_of(portrait.entry.model.id.partition("/")[0])


def spelled(portrait: Portrait, adapter: str, sources: Collection[str] = ()) -> Iterator[Alias]:
    """The names under which the model itself is meant, in sources of an adapter, or in these sources if any."""
    return (
        each
        for each in portrait.aliases
        if each.relation in _SPELLED and (each.source in sources if sources else is_of(each.source, adapter))
    )


def _native(portrait: Portrait, source: str) -> Iterator[str]:
    # No more than the lab's own source: "openai-compatible" is not OpenAI.
    yield from (each.key for each in portrait.aliases if each.source == source and each.relation in _SPELLED)
    told = (each for each in portrait.entry.model.origins.values() if each.source == source)
    yield from (each.key for each in told if each.category == "model")


def openrouter_ids(portrait: Portrait) -> tuple[str, ...]:
    """The model's ids at OpenRouter: of an archived model those that its fields come from."""
    found = [each.key for each in spelled(portrait, "openrouter")]
    told = [each.key for each in _origins(portrait, "openrouter") if each.category == "model"]
    return tuple(dict.fromkeys([*sorted(found), *sorted(told)]))


def native_names(portrait: Portrait) -> tuple[str, ...]:
    """The model's names at its lab's own API, the lab's own spelling first."""
    whose = lab(portrait)
    names = []
    for native in (each for each in _NATIVE if lab_of(each) == whose):
        keys = sorted(_native(portrait, native), key=lambda key: (len(key), key))
        names += [key.removeprefix("models/") for key in keys]
    # genai-prices' ids are of families: what it knows of their names is in its rules of matching.
    for alias in spelled(portrait, "modelsdev"):
        provider, _, name = alias.key.partition("/")
        # What a lab sells at home may have another name and price there.
        if name and maker(provider) == whose and not provider.endswith("-cn"):
            names.append(name)
    for alias in spelled(portrait, "litellm"):
        seller = next((each.provider for each in portrait.offerings if _is_at(each, alias)), None)
        if seller is not None and lab_of(seller) == whose:
            names.append(alias.key.removeprefix(f"{seller}/"))
    return tuple(dict.fromkeys(names))


def names(portrait: Portrait) -> tuple[str, ...]:
    """All names under which the model is asked for at its lab or at OpenRouter: its price is known to hold for them."""
    return tuple(dict.fromkeys([portrait.entry.model.id, *native_names(portrait), *openrouter_ids(portrait)]))


def unambiguous(portraits: Iterable[Portrait]) -> dict[str, tuple[str, ...]]:
    """The names of each model, by its id, without those (whatever their case) that another model has too."""
    found = {each.entry.model.id: names(each) for each in portraits}
    owners: dict[str, set[str]] = {}
    for model_id, spellings in found.items():
        for name in spellings:
            owners.setdefault(name.casefold(), set()).add(model_id)
    return {
        model_id: tuple(each for each in spellings if len(owners[each.casefold()]) == 1)
        for model_id, spellings in found.items()
    }


def published_prices(portrait: Portrait) -> Prices:
    """The model's own prices as the catalog publishes them; one below zero is no price, and not known."""
    return _sound(prices_of(portrait.entry.model.fields))


def prices_at(portrait: Portrait, place: Place) -> Prices | None:
    """What the model costs there; None where the census does not know."""
    prices = published_prices(portrait)
    if prices.variable:
        return None
    origin = _price_origin(portrait)
    if origin is None or _holds(portrait, origin, place):
        return prices if prices.known else None
    there = _endpoints(portrait, place)
    if there is not None:
        return _overridden(portrait, there)
    if not _is_open(portrait):
        return prices
    set_ = _overridden(portrait, Prices())
    return set_ if set_.known else None


def told_at(portrait: Portrait, path: str, place: Place) -> Any:
    """The value of a field as it holds there; None where the census does not know."""
    model = portrait.entry.model
    origin = model.origins.get(path)
    by_hand = any(each.path == path for each in portrait.entry.overrides)
    if by_hand or origin is None or _holds(portrait, origin, place) or not _is_open(portrait):
        return model.fields.get(path)
    return None


def _holds(portrait: Portrait, origin: Origin, place: Place) -> bool:
    routed = is_of(origin.source, "openrouter")
    return routed if place is Place.OPENROUTER else not routed or lab(portrait) == "openrouter"


def _price_origin(portrait: Portrait) -> Origin | None:
    origins = portrait.entry.model.origins
    found = (origins.get(path) for path in ("price.input", "price.output"))
    other = (origin for path, origin in origins.items() if path.startswith("price."))
    return next((each for each in (*found, *other) if each is not None), None)


def _is_open(portrait: Portrait) -> bool:
    fields = portrait.entry.model.fields
    said = fields.get("open_weights")
    return said is True or (said is None and "hugging_face_id" in fields)


def _endpoints(portrait: Portrait, place: Place) -> Prices | None:
    """What OpenRouter's endpoints say: those of the lab itself, or all of them; None where they differ, or are none."""
    ids, whose = openrouter_ids(portrait), lab(portrait)
    said = [
        each.prices
        for each in portrait.offerings
        if is_of(each.source, "openrouter") and each.category == "endpoint" and each.model_key in ids
        and (place is Place.OPENROUTER or lab_of(each.provider) == whose)
    ]  # fmt: skip
    return _sound(said[0]) if said and said[0].known and all(each == said[0] for each in said) else None


def _sound(prices: Prices) -> Prices:
    return msgspec.structs.replace(
        prices,
        base=_not_below_zero(prices.base),
        tiers=tuple(Tier(above=each.above, rates=_not_below_zero(each.rates)) for each in prices.tiers),
    )


def _not_below_zero(rates: Rates) -> Rates:
    return Rates(**{name: price for name, price in rates.known() if price.is_finite() and price >= 0})


def _overridden(portrait: Portrait, prices: Prices) -> Prices:
    by_hand = {
        each.path.removeprefix("price."): price
        for each in portrait.entry.overrides
        if each.path.startswith("price.") and (price := number(each.value)) is not None
    }
    known = {name: price for name, price in by_hand.items() if name in RATES}
    return msgspec.structs.replace(prices, base=msgspec.structs.replace(prices.base, **known)) if known else prices


def _origins(portrait: Portrait, adapter: str) -> set[Origin]:
    return {each for each in portrait.entry.model.origins.values() if is_of(each.source, adapter)}


def _is_at(offering: Offering, alias: Alias) -> bool:
    return (offering.source, offering.model_key) == (alias.source, alias.key)
