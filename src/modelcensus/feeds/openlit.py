"""OpenLIT's pricing file: USD per thousand tokens, by the name under which a model is asked.

``openlit.init(pricing_json=...)`` (https://docs.openlit.io/latest/sdk/features/pricing). A model that is not there, or
of which one of two prices is missing, costs 0 for OpenLIT: models are in it only with all that OpenLIT needs.
"""

from __future__ import annotations

from typing import Any

from modelcensus.core.catalog.listing import Modality
from modelcensus.core.catalog.units import Per, told
from modelcensus.feeds import places
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.portraits import moment_of, standing
from modelcensus.feeds.writing import decode, encode, times

_KINDS = ("chat", "embeddings", "images", "audio")


def build(material: Material) -> bytes:
    """Every model, archived ones too, under each of its names at its lab and at OpenRouter.

    Speech is priced per thousand characters there. Pictures are priced by quality and size, of which the census knows
    nothing, so that ``images`` is empty.
    """
    found: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    unshared = places.unambiguous(material.edition.portraits)
    for portrait in material.edition.portraits:
        fields = portrait.entry.model.fields
        rates = standing(places.published_prices(portrait), moment_of(material.edition)).base
        names = unshared[portrait.entry.model.id]
        if fields.get("modality") == Modality.EMBEDDING:
            if rates.input is not None:
                found["embeddings"] |= dict.fromkeys(names, told(rates.input, Per.THOUSAND))
        elif rates.input is not None and rates.output is not None:
            costs = {
                "promptPrice": told(rates.input, Per.THOUSAND),
                "completionPrice": told(rates.output, Per.THOUSAND),
            }
            found["chat"] |= dict.fromkeys(names, costs)
        elif rates.character is not None:
            found["audio"] |= dict.fromkeys(names, times(rates.character, 1000))
    return encode(found)


def refusals(document: bytes) -> list[str]:
    """OpenLIT refuses nothing but counts 0 where it stumbles: every price must be there and be a number."""
    try:
        found = decode(document)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    if not isinstance(found, dict) or not all(isinstance(found.get(kind), dict) for kind in _KINDS):
        return [f"it is no object with {', '.join(_KINDS)}"]
    odd = [
        name
        for name, costs in found["chat"].items()
        if not isinstance(costs, dict)
        or not all(_is_price(costs.get(each)) for each in ("promptPrice", "completionPrice"))
    ]
    odd += [name for kind in ("embeddings", "audio") for name, cost in found[kind].items() if not _is_price(cost)]
    return [f"{len(odd)} models lack a price, such as {odd[0][:80]}"] if odd else []


def _is_price(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


FEED = Feed(
    name="openlit",
    title="OpenLIT pricing",
    consumer="OpenLIT: openlit.init(pricing_json=...) with the address",
    media_type="application/json",
    suffix="json",
    paths=("/feeds/openlit.json",),
    build=build,
    refusals=refusals,
)
