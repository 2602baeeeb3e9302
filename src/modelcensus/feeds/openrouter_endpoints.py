"""OpenRouter's list of who offers one model.

``GET /api/v1/models/{author}/{slug}/endpoints``, documented at
https://openrouter.ai/docs/api/api-reference/endpoints/list-endpoints. Where OpenRouter lists endpoints of the model,
these are they; where it does not, the offerings of other catalogs are told in its shape. As in the list, an endpoint of
which price or context is not known is left out. Uptime, latency and throughput are null: the census keeps them as
series, and a stale one is worse than none.
"""

from __future__ import annotations

from typing import Any

import msgspec

from modelcensus.core.catalog.listing import Offering
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds.feed import Material
from modelcensus.feeds.openrouter import architecture, parameters
from modelcensus.feeds.openrouter_prices import pricing
from modelcensus.feeds.portraits import created, member, moment_of, name_of, standing, text

_CHOICES = ("auto", "function", "none", "required")
_METRICS = ("uptime_last_5m", "uptime_last_30m", "uptime_last_1d", "latency_last_30m", "throughput_last_30m")


def build(portrait: Portrait, material: Material) -> bytes:
    """``{"data": {"id": ..., "endpoints": [...]}}`` of one model."""
    model = portrait.entry.model
    own = [each for each in portrait.offerings if each.source in material.sources and each.category == "endpoint"]
    others = [each for each in portrait.offerings if each.source not in material.sources]
    told = (_endpoint(each, portrait, material) for each in own or others)
    document = {
        "id": model.id,
        "name": name_of(portrait),
        "created": created(portrait, material),
        "description": text(model.fields, "description") or "",
        "architecture": architecture(portrait, material.beneath.get(model.id)),
        "endpoints": [each for each in told if each is not None],
    }
    return msgspec.json.encode({"data": document})


def _endpoint(offering: Offering, portrait: Portrait, material: Material) -> dict[str, Any] | None:
    price = pricing(standing(offering.prices, moment_of(material.edition)))
    if price is None or offering.context is None:
        return None
    recorded = offering.source in material.sources and offering.category == "endpoint"
    said = material.beneath.get(offering.key) if recorded else None
    choice = member(said, "supports_tool_choice", dict)
    return {
        "name": member(said, "name", str) or f"{offering.provider} | {portrait.entry.model.id}",
        "model_id": portrait.entry.model.id,
        "model_name": name_of(portrait),
        "context_length": offering.context,
        "pricing": price,
        "provider_name": offering.provider,
        "tag": member(said, "tag", str) or _tag(offering),
        "quantization": offering.quantization or "unknown",
        "max_completion_tokens": offering.max_output,
        "max_prompt_tokens": offering.max_input,
        "supported_parameters": parameters(offering.capabilities, said),
        "supports_tool_choice": {each: member(choice, each, bool) or False for each in _CHOICES},
        "supports_implicit_caching": member(said, "supports_implicit_caching", bool) or False,
        "supports_diarization": member(said, "supports_diarization", bool) or False,
        "native_tools": {},
        "service_tier": member(said, "service_tier", str),
        **dict.fromkeys(_METRICS),
    }


def _tag(offering: Offering) -> str:
    parts = (offering.provider.lower().replace(" ", "-"), offering.region or offering.quantization)
    return "/".join(each for each in parts if each)
