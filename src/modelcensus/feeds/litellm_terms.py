"""The census in LiteLLM's words: costs in USD per unit, limits in tokens, abilities as ``supports_...``.

The names are those of its cost map (https://docs.litellm.ai/docs/provider_registration/add_model_pricing), read the
other way by ``sources/translators/litellm.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from modelcensus.core.catalog.listing import Modality, Prices, Rates
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.units import Per, told
from modelcensus.feeds.places import Place, told_at
from modelcensus.feeds.portraits import stepped

_TOKENS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    "batch_input": "input_cost_per_token_batches",
    "batch_output": "output_cost_per_token_batches",
    "reasoning": "output_cost_per_reasoning_token",
    "audio_input": "input_cost_per_audio_token",
    "audio_output": "output_cost_per_audio_token",
    "audio_cache_read": "cache_read_input_audio_token_cost",
    "image_input": "input_cost_per_image_token",
    "image_output": "output_cost_per_image_token",
}
_EACH = {
    "request": ("input_cost_per_request", Per.EACH),
    "video_second": ("output_cost_per_video_per_second", Per.EACH),
    "audio_minute": ("input_cost_per_second", Per.SECOND),
    "character": ("input_cost_per_character", Per.EACH),
    "page": ("ocr_cost_per_page", Per.EACH),
}
_STEPPED = ("input", "output", "cache_read", "cache_write")
_THOUSAND = 1000
_CAPABILITIES = {
    "vision": "supports_vision",
    "tool_calling": "supports_function_calling",
    "parallel_tools": "supports_parallel_function_calling",
    "structured_output": "supports_response_schema",
    "reasoning": "supports_reasoning",
    "web_search": "supports_web_search",
    "audio_input": "supports_audio_input",
    "audio_output": "supports_audio_output",
    "video_input": "supports_video_input",
    "file_input": "supports_pdf_input",
    "caching": "supports_prompt_caching",
    "computer_use": "supports_computer_use",
}
_MODES = {"embedding": "embedding", "image": "image_generation", "video": "video_generation"}
"""By modality; everything else is a chat."""
_NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "chat": (("input", "output"),),
    "embedding": (("input",),),
    "image_generation": (("image",), ("image_output",)),
    "video_generation": (("video_second",),),
    "audio_speech": (("character",), ("output", "audio_output")),
    "audio_transcription": (("audio_minute",), ("input", "output")),
}
"""By mode: prices of which one set must be known. LiteLLM counts a price that is missing as 0, so that without them no
entry is better than one."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def mode_of(portrait: Portrait, place: Place) -> str:
    """What LiteLLM asks the model for. OpenRouter gives everything but embeddings through its chat."""
    fields = portrait.entry.model.fields
    modality = fields.get("modality")
    if place is Place.OPENROUTER and modality != Modality.EMBEDDING:
        return "chat"
    if modality == Modality.AUDIO:
        return "audio_speech" if "audio" in (fields.get("outputs") or ()) else "audio_transcription"
    return _MODES.get(str(modality), "chat")


def is_priced(prices: Prices, mode: str) -> bool:
    """Whether enough is known that LiteLLM would count no unknown price as 0."""
    known = {name for name, _ in prices.base.known()}
    return any(known.issuperset(wanted) for wanted in _NEEDED[mode])


def costs(prices: Prices, mode: str) -> dict[str, Any]:
    """Every price that LiteLLM has a word for, exact."""
    found = dict(_costs(prices.base, mode))
    for tier in stepped(prices):
        # LiteLLM knows thresholds in thousands; "from 200,000 on" is above 199,999, and 200k in its words.
        if tier.above % _THOUSAND in (0, _THOUSAND - 1):
            above = f"_above_{(tier.above + 1) // _THOUSAND}k_tokens"
            rates = {name: getattr(tier.rates, name) for name in _STEPPED}
            found |= {_TOKENS[n] + above: told(p, Per.TOKEN) for n, p in rates.items() if p is not None}
    return found


def _costs(rates: Rates, mode: str) -> Iterator[tuple[str, Any]]:
    for name, price in rates.known():
        if name in _TOKENS:
            yield _TOKENS[name], told(price, Per.TOKEN)
        elif name == "image" and mode == "image_generation":
            yield "output_cost_per_image", price
        elif name == "web_search":
            yield "search_context_cost_per_query", {"search_context_size_medium": price}
        elif name in _EACH and not (name == "audio_minute" and mode != "audio_transcription"):
            theirs, per = _EACH[name]
            yield theirs, told(price, per)


def limits(portrait: Portrait, place: Place) -> dict[str, int]:
    """The limits that are known to hold there. The context stands in for an input limit that nobody tells."""
    whole = {path: told_at(portrait, path, place) for path in ("max_input", "context", "max_output")}
    known = {path: value for path, value in whole.items() if isinstance(value, int) and value > 0}
    found = {}
    if most := known.get("max_input") or known.get("context"):
        found["max_input_tokens"] = most
    if "max_output" in known:
        found["max_output_tokens"] = known["max_output"]
    return found


def abilities(portrait: Portrait, place: Place) -> dict[str, bool]:
    """What is known of what the model can and cannot do there."""
    told_of = {theirs: told_at(portrait, f"capabilities.{ours}", place) for ours, theirs in _CAPABILITIES.items()}
    return {theirs: able for theirs, able in told_of.items() if isinstance(able, bool)}


def end(portrait: Portrait, place: Place) -> dict[str, str]:
    """The day on which it ends, if it is known to the day."""
    day = told_at(portrait, "retires", place)
    return {"deprecation_date": day} if isinstance(day, str) and _DAY.fullmatch(day) else {}


def same_number(one: object, other: object) -> bool:
    """Whether two JSON values are one number."""
    return all(isinstance(each, (int, Decimal, float)) and not isinstance(each, bool) for each in (one, other)) and (
        Decimal(str(one)) == Decimal(str(other))
    )
