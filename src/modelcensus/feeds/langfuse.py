"""Langfuse's custom models: one body for ``POST /api/public/models`` each (https://api.reference.langfuse.com).

Langfuse fetches nothing: ``modelcensus push langfuse`` brings it there. Names begin with ``PREFIX``, so that what the
census made is told from what people made. Prices are USD per token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from modelcensus.core.catalog.listing import Modality, Rates
from modelcensus.core.catalog.units import Per, told
from modelcensus.feeds import places
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.portraits import moment_of, standing
from modelcensus.feeds.writing import decode, encode

PREFIX = "modelcensus:"
_PRICES = ("inputPrice", "outputPrice", "totalPrice")
_KNOWN = frozenset({"modelName", "matchPattern", "startDate", *_PRICES, "unit", "tokenizerId", "tokenizerConfig"})


def build(material: Material) -> bytes:
    """A definition for each model whose prices are known, archived ones too."""
    return encode(definitions(material))


def definitions(material: Material) -> list[dict[str, Any]]:
    """The bodies, prices exact, by the model's id."""
    unshared = places.unambiguous(material.edition.portraits)
    found = []
    for portrait in material.edition.portraits:
        model_id = portrait.entry.model.id
        rates = standing(places.published_prices(portrait), moment_of(material.edition)).base
        is_embedding = portrait.entry.model.fields.get("modality") == Modality.EMBEDDING
        if (prices := _prices(rates, is_embedding)) and unshared[model_id]:
            pattern = "|".join(re.escape(name) for name in sorted(unshared[model_id]))
            found.append(
                {
                    "modelName": f"{PREFIX}{model_id}",
                    "matchPattern": f"(?i)^({pattern})$",
                    "unit": "TOKENS",
                    **prices,
                }
            )
    return found


def _prices(rates: Rates, is_embedding: bool) -> dict[str, Any]:
    """Input and output: Langfuse would count one that is missing as 0. An embedding gives no tokens out."""
    if rates.input is None or (rates.output is None and not is_embedding):
        return {}
    found = {"inputPrice": told(rates.input, Per.TOKEN)}
    return found if rates.output is None else {**found, "outputPrice": told(rates.output, Per.TOKEN)}


def refusals(document: bytes) -> list[str]:
    """The checks of Langfuse's ``PostModelsV1Body`` (web/src/features/public-api/types/models.ts), and unique names."""
    try:
        found = decode(document)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    if not isinstance(found, list):
        return ["it is no list of definitions"]
    reasons = [f"{_name(body)}: {problem}" for body in found if (problem := _problem(body))]
    names = [_name(body) for body in found]
    if len(set(names)) < len(names):
        reasons.append("two definitions have one name")
    return reasons


def _name(body: object) -> str:
    return str(body.get("modelName"))[:80] if isinstance(body, dict) else "a definition"


def _problem(body: object) -> str | None:
    if not isinstance(body, Mapping):
        return "it is no object"
    if extra := body.keys() - _KNOWN:
        return f"{min(extra)} is no field of it"
    if not all(isinstance(body.get(name), str) and body[name] for name in ("modelName", "matchPattern", "unit")):
        return "modelName, matchPattern or unit is missing"
    given = [body[name] for name in _PRICES if body.get(name) is not None]
    if not given:
        return "it has no price"
    if not all(isinstance(each, (int, float)) and not isinstance(each, bool) and each >= 0 for each in given):
        return "a price is no number of 0 or more"
    if len(given) > 1 and body.get("totalPrice") is not None:
        return "it has a total price beside others"
    try:
        re.compile(body["matchPattern"])
    except re.error as error:
        return f"its pattern is none: {error}"
    return None


FEED = Feed(
    name="langfuse",
    title="Langfuse model definitions",
    consumer="Langfuse: modelcensus push langfuse --url ADDRESS brings them there",
    media_type="application/json",
    suffix="json",
    paths=("/feeds/langfuse.json",),
    build=build,
    refusals=refusals,
)
