"""One model at one provider as models.dev writes it: what the census knows, laid over models.dev's own entry."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from modelcensus.core.catalog.listing import Offering, Prices, Rates, Stage
from modelcensus.core.catalog.model import Status
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.units import decimal_text
from modelcensus.feeds.feed import Material
from modelcensus.feeds.modelsdev_schema import MEDIA, fits, is_address, is_package
from modelcensus.feeds.portraits import (
    capabilities,
    in_order,
    member,
    moment_of,
    name_of,
    prices_now,
    standing,
    stepped,
    text,
    whole,
    words,
)

_RATES = {
    "input": "input", "output": "output", "cache_read": "cache_read", "cache_write": "cache_write",
    "reasoning": "reasoning", "audio_input": "input_audio", "audio_output": "output_audio",
    "audio_minute": "per_minute",
}  # fmt: skip
_KEPT = ("family", "reasoning_options", "interleaved", "experimental", "last_updated")
"""What only models.dev knows."""
_OVER_200K = (199_999, 200_000)
_ATTACHED = ("vision", "file_input", "audio_input", "video_input")
_WORDS = {"file": "pdf"}
_ENDED = (Stage.DEPRECATED.value, Stage.RETIRED.value)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def own(name: str, offering: Offering | None, portrait: Portrait, material: Material, said: object) -> msgspec.Raw:
    """The model at its lab; ``said`` is models.dev's own entry, where it has one, and ``offering`` what it offers.

    The format tells what a provider asks for, so the lab's own price and limits count before the catalog's, which may
    be a router's; but a person's word counts before both, and the catalog's where the lab's price is implausible beside
    it, for offerings pass no guard.
    """
    fields, by_hand = portrait.entry.model.fields, {each.path for each in portrait.entry.overrides}
    prices = prices_now(portrait, material.edition)
    if offering is not None and not any(path.startswith("price.") for path in by_hand):
        theirs = standing(offering.prices, moment_of(material.edition))
        prices = theirs if _is_plausible(theirs, prices) else prices
    limits = {}
    for side, path in (("context", "context"), ("input", "max_input"), ("output", "max_output")):
        at_lab = getattr(offering, path) if offering is not None and path not in by_hand else None
        limits[side] = at_lab or whole(fields, path)
    able = {**(offering.capabilities if offering else {}), **capabilities(fields)}
    return _entry(
        name, fields, portrait, said, prices=prices, limits=limits, able=able, stage=text(fields, "stage")
    )  # fmt: skip


def _is_plausible(prices: Prices, beside: Prices) -> bool:
    """Whether prices are known, and within ten times of those that guards have let through."""
    pairs = [(getattr(prices.base, side), getattr(beside.base, side)) for side in ("input", "output")]
    if prices.variable or any(price is None for price, _ in pairs):
        return False
    return all(other is None or price / 10 <= other <= price * 10 for price, other in pairs)


def offered(name: str, offering: Offering, portrait: Portrait, material: Material, said: object) -> msgspec.Raw:
    """The model at another provider, as this one offers it: what models.dev says of that counts before the model's own.

    Whether its answers can be held to a schema differs from provider to provider: only the offering tells.
    """
    able = {each: can for each, can in capabilities(portrait.entry.model.fields).items() if each != "structured_output"}
    return _entry(
        name, _own_words(portrait, said), portrait, said,
        prices=standing(offering.prices, moment_of(material.edition)),
        limits={"context": offering.context, "input": offering.max_input, "output": offering.max_output},
        able={**able, **offering.capabilities}, stage=offering.stage.value,
    )  # fmt: skip


def _own_words(portrait: Portrait, said: object) -> dict[str, Any]:
    """The model's fields, with what models.dev says of this offering in their place."""
    told = {
        "released": member(said, "release_date", str),
        "knowledge_cutoff": member(said, "knowledge", str),
        "open_weights": member(said, "open_weights", bool),
    }
    sides = member(said, "modalities", dict)
    told |= {f"{side}s": member(sides, side, list) for side in ("input", "output")}
    known = {path: value for path, value in told.items() if value is not None and value not in ("", [])}
    return {**portrait.entry.model.fields, **known}


def _entry(
    name: str,
    fields: Mapping[str, Any],
    portrait: Portrait,
    said: object,
    *,
    prices: Prices,
    limits: Mapping[str, int | None],
    able: Mapping[str, bool],
    stage: str | None,
) -> msgspec.Raw:
    """Required members of which nothing is known are what the format has for it: false, "" and, for a limit, 0."""
    released = text(fields, "released") or member(said, "release_date", str) or ""
    found: dict[str, Any] = {
        "id": name,
        "name": _name(portrait, said),
        "attachment": _known(said, "attachment", any(able.get(each, False) for each in _ATTACHED)),
        "reasoning": able.get("reasoning", _known(said, "reasoning", False)),
        "temperature": able.get("temperature", _known(said, "temperature", False)),
        "tool_call": able.get("tool_calling", _known(said, "tool_call", False)),
        "release_date": released,
        "last_updated": released,
        "limit": {side: limits[side] or 0 for side in ("context", "output")},
    }
    if limits["input"]:
        found["limit"]["input"] = limits["input"]
    optional = {
        "structured_output": able.get("structured_output"),
        "open_weights": fields.get("open_weights", member(said, "open_weights", bool)),
        "knowledge": text(fields, "knowledge_cutoff"),
        "modalities": _modalities(fields, said),
        "cost": _cost(prices),
        "status": _status(portrait, stage, said),
    }
    found |= {each: value for each, value in optional.items() if value is not None}
    return _laid(found, said)


def _laid(found: dict[str, Any], said: object) -> msgspec.Raw:
    """With what only models.dev knows, as far as its readers take it."""
    extra = {each: said[each] for each in _KEPT if each in said} if isinstance(said, Mapping) else {}
    if interface := _interface(member(said, "provider", dict)):
        extra["provider"] = interface
    whole_entry = _ENCODER.encode({**found, **extra})
    return msgspec.Raw(whole_entry if fits(whole_entry) else _ENCODER.encode(found))


def _interface(said: Mapping[str, Any] | None) -> dict[str, str]:
    """How this one model is called, where it differs from its provider."""
    checks = {"npm": is_package, "api": is_address}
    return {name: said[name] for name, check in checks.items() if check(said.get(name))} if said else {}


def _known(said: object, name: str, otherwise: bool) -> bool:
    told = member(said, name, bool)
    return otherwise if told is None else bool(told)


def _name(portrait: Portrait, said: object) -> str:
    """A person's name for it; else models.dev's, which does not say the provider twice; else the catalog's."""
    person = portrait.entry.curation.display_name or any(each.path == "name" for each in portrait.entry.overrides)
    return name_of(portrait) if person else member(said, "name", str) or name_of(portrait)


def _modalities(fields: Mapping[str, Any], said: object) -> dict[str, list[str]] | None:
    told = member(said, "modalities", dict)
    sides = {side: _media(words(fields, f"{side}s") or member(told, side, list)) for side in ("input", "output")}
    return sides if any(sides.values()) else None


def _media(named: list[Any] | None) -> list[str]:
    """Embeddings and rankings have no word here."""
    return [word for each in named or () if isinstance(each, str) and (word := _WORDS.get(each, each)) in MEDIA]


def _status(portrait: Portrait, stage: str | None, said: object) -> str | None:
    """``deprecated`` is models.dev's word for what is not offered any more, too: so it keeps its price."""
    if portrait.entry.model.status is Status.ARCHIVED or stage in _ENDED:
        return "deprecated"
    told = member(said, "status", str)
    return told if told in ("alpha", "beta") else None


def _cost(prices: Prices) -> dict[str, Any] | None:
    """USD per million tokens. None where the price of input or output is not known, or a router decides it."""
    base = prices.base
    if prices.variable or base.input is None or base.output is None or any(price < 0 for _, price in base.known()):
        return None
    cost: dict[str, Any] = _rates(prices.base)
    tiers = zip(in_order(prices), stepped(prices), strict=True)
    steps = [(own.above, _step(own.rates, full.rates)) for own, full in tiers]
    if steps:
        cost["tiers"] = [{**rates, "tier": {"type": "context", "size": above + 1}} for above, rates in steps]
    for above, rates in steps:
        if above in _OVER_200K:
            cost["context_over_200k"] = rates
    return cost


def _step(own: Rates, full: Rates) -> dict[str, msgspec.Raw]:
    """What a tier asks for itself, and always the price of input and output: both are required."""
    return _rates(msgspec.structs.replace(own, input=full.input, output=full.output))


def _rates(rates: Rates) -> dict[str, msgspec.Raw]:
    return {_RATES[name]: _number(price) for name, price in rates.known() if name in _RATES}


def _number(price: Decimal) -> msgspec.Raw:
    return msgspec.Raw(decimal_text(price).encode())
