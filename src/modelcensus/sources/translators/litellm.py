"""LiteLLM's cost map in the one schema: each entry is a model at a provider, so a listing and an offering.

Documented at https://docs.litellm.ai/docs/provider_registration/add_model_pricing; the fields are explained in the
map's own ``sample_spec``. Costs are USD per token, picture, second, query and so on, never per million. Prices of the
``priority`` and ``flex`` service tiers have no place in the schema and are left aside, as are those in compute time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelcensus.core.catalog import modality
from modelcensus.core.catalog.listing import (
    Listing,
    Modality,
    Offering,
    Prices,
    Rates,
    Snapshot,
    Translated,
    Untranslatable,
)
from modelcensus.core.catalog.units import Per
from modelcensus.sources.translators import reading
from modelcensus.sources.translators.contract import Aids, Translator

LABS = {
    "ai21": "ai21", "aleph_alpha": "aleph-alpha", "amazon_nova": "amazon", "anthropic": "anthropic",
    "assemblyai": "assemblyai", "black_forest_labs": "black-forest-labs", "codestral": "mistral", "cohere": "cohere",
    "cohere_chat": "cohere", "deepgram": "deepgram", "deepseek": "deepseek", "elevenlabs": "elevenlabs",
    "gemini": "google", "gigachat": "gigachat", "inception": "inception", "jina_ai": "jina-ai",
    "meta_llama": "meta-llama", "minimax": "minimax", "mistral": "mistral", "moonshot": "moonshotai", "morph": "morph",
    "openai": "openai", "palm": "google", "recraft": "recraft", "sarvam": "sarvam",
    "stability": "stability", "text-completion-codestral": "mistral", "text-completion-inception": "inception",
    "text-completion-openai": "openai", "v0": "v0", "vertex_ai-anthropic_models": "anthropic",
    "vertex_ai-ai21_models": "ai21", "voyage": "voyage", "xai": "xai", "zai": "zai",
}  # fmt: skip
"""Providers under whose name LiteLLM lists the models of one lab alone, and that lab."""

_NO_MODELS = frozenset({"search", "vector_store"})
# What goes in as far as the mode alone says it, and what comes out.
_MODES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "chat": ((), ("text",)), "completion": ((), ("text",)), "responses": ((), ("text",)), "realtime": ((), ("text",)),
    "embedding": ((), ("embedding",)), "rerank": ((), ("rerank",)), "moderation": ((), ("text",)),
    "moderations": ((), ("text",)), "ocr": ((), ("text",)), "image_generation": ((), ("image",)),
    "image_edit": (("text", "image"), ("image",)), "video_generation": ((), ("video",)),
    "audio_transcription": (("audio",), ("text",)), "audio_speech": (("text",), ("audio",)),
}  # fmt: skip
_TOKENS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "input_cost_per_token_cache_hit": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_token_batches": "batch_input",
    "input_cost_per_token_batch_requests": "batch_input",
    "output_cost_per_token_batches": "batch_output",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_audio_token": "audio_output",
    "cache_read_input_audio_token_cost": "audio_cache_read",
    "cache_read_input_token_cost_per_audio_token": "audio_cache_read",
    "input_cost_per_image_token": "image_input",
    "output_cost_per_image_token": "image_output",
}
_UNITS = {
    "output_cost_per_image": "image",
    "input_cost_per_image": "image",
    "input_cost_per_request": "request",
    "input_cost_per_query": "request",
    "output_cost_per_video_per_second": "video_second",
    "input_cost_per_video_per_second": "video_second",
    "input_cost_per_character": "character",
    "output_cost_per_character": "character",
    "ocr_cost_per_page": "page",
}
_RATES = {theirs: (ours, Per.TOKEN) for theirs, ours in _TOKENS.items()} | {
    theirs: (ours, Per.EACH) for theirs, ours in _UNITS.items()
}
# A price per second is one of compute time, and so no price of ours, unless the mode says what the second is of.
_SECONDS = {
    "video_generation": {"output_cost_per_second": ("video_second", Per.EACH)},
    "audio_transcription": {
        "input_cost_per_second": ("audio_minute", Per.SECOND),
        "output_cost_per_second": ("audio_minute", Per.SECOND),
    },
}
_HEARD = {"input_cost_per_audio_per_second": ("audio_minute", Per.SECOND)}
_ABOVE = re.compile(r"(.+)_above_(\d{1,5})k_tokens")
_SEARCH = ("search_context_size_medium", "search_context_size_low", "search_context_size_high")
_CAPABILITIES = {
    "supports_vision": "vision", "supports_image_input": "vision", "supports_function_calling": "tool_calling",
    "supports_parallel_function_calling": "parallel_tools", "supports_response_schema": "structured_output",
    "supports_native_structured_output": "structured_output", "supports_reasoning": "reasoning",
    "supports_web_search": "web_search", "supports_audio_input": "audio_input",
    "supports_audio_output": "audio_output", "supports_video_input": "video_input", "supports_pdf_input": "file_input",
    "supports_native_streaming": "streaming", "supports_prompt_caching": "caching",
    "supports_computer_use": "computer_use",
}  # fmt: skip
_TAKEN = {"vision": "image", "audio_input": "audio", "video_input": "video", "file_input": "file"}
_PLACE = re.compile(r"(?:[a-z]{2}|us-gov)-[a-z]+-\d|us-gov")
_AREAS = frozenset({"us", "eu", "global", "apac", "jp", "au", "ca"})
_BEDROCK_AREA = re.compile(r"(us|us-gov|eu|apac|jp|au|ca|global)\.")


def translate(snapshot: Snapshot, _aids: Aids) -> Translated:
    """An entry as a listing and the offering of its ``litellm_provider``; a search engine or vector store as nothing.

    Raises ``Untranslatable`` for an entry that names no provider: in the oldest maps these are price classes.
    """
    said = snapshot.data
    mode = reading.name(said.get("mode"))
    if mode in _NO_MODELS:
        return Translated()
    provider = reading.name(said.get("litellm_provider"))
    if provider is None or " " in provider:
        raise Untranslatable(
            "it names no litellm_provider, so it is no model but a class or an example",
            "nothing to do; if it is a model, report it to LiteLLM",
        )
    listing = reading.of_use(_listing(snapshot, provider, mode or ""))
    offering = Offering(
        source=snapshot.source,
        category=snapshot.category,
        key=snapshot.key,
        sha256=snapshot.sha256,
        observed_at=snapshot.observed_at,
        model_key=snapshot.key,
        provider=provider,
        region=region(snapshot.key, provider),
        context=listing.context,
        max_input=listing.max_input,
        max_output=listing.max_output,
        capabilities=listing.capabilities,
        prices=listing.prices,
    )
    return Translated(listing, (offering,))


def region(key: str, provider: str) -> str | None:
    """The place in ``bedrock/us-east-1/...``, ``azure/eu/...`` and ``us.anthropic.claude-...``; None where none is."""
    parts = key.split("/")
    for part in parts[1:-1]:
        if _PLACE.fullmatch(part) or (part in _AREAS and provider.startswith("azure")):
            return part
    if provider.startswith("azure") and parts[1:2] == ["global-standard"]:
        return "global"
    match = _BEDROCK_AREA.match(parts[-1]) if provider.startswith("bedrock") else None
    return match[1] if match else None


def _listing(snapshot: Snapshot, provider: str, mode: str) -> Listing:
    said = snapshot.data
    able = dict(_capabilities(said))
    taken, given = _MODES.get(mode, ((), ()))
    inputs = modality.words(said.get("supported_modalities")) or taken
    outputs = modality.words(said.get("supported_output_modalities")) or given
    return Listing(
        source=snapshot.source,
        category=snapshot.category,
        key=snapshot.key,
        sha256=snapshot.sha256,
        observed_at=snapshot.observed_at,
        provider=provider,
        lab=LABS.get(provider),
        inputs=inputs,
        outputs=outputs,
        modality=_modality(inputs, outputs, able),
        # ``max_tokens`` is the one or the other of these, upstream says, and so neither.
        max_input=reading.whole(said.get("max_input_tokens")),
        max_output=reading.whole(said.get("max_output_tokens")),
        capabilities=able,
        prices=_prices(said, mode),
        retires=reading.day(said.get("deprecation_date")),
        links={"source": address} if (address := reading.link(said.get("source"))) else {},
    )


def _modality(inputs: tuple[str, ...], outputs: tuple[str, ...], able: Mapping[str, bool]) -> Modality | None:
    """By the rules of the schema; what ``supports_...`` says to go in counts like a listed input."""
    taken = [word for name, word in _TAKEN.items() if able.get(name)]
    return modality.modality([*inputs, *taken], outputs)


def _capabilities(said: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for ours in dict.fromkeys(_CAPABILITIES.values()):
        told = {reading.flag(said.get(theirs)) for theirs, name in _CAPABILITIES.items() if name == ours} - {None}
        if told:
            yield ours, True in told
    if "/v1/batch" in reading.texts(said.get("supported_endpoints")) or said.get("input_cost_per_token_batches"):
        yield "batch", True


def _prices(said: Mapping[str, Any], mode: str) -> Prices:
    """Costs, with those above so many tokens as tiers; of the web search prices the one of a medium context."""
    names = _RATES | _SECONDS.get(mode, {}) | (_HEARD if mode != "video_generation" else {})
    costs = dict(said)
    steps: dict[int, dict[str, Any]] = {}
    for name, value in said.items():
        if match := _ABOVE.fullmatch(name):
            steps.setdefault(int(match[2]) * 1000, {})[match[1]] = value
    for step in map(reading.members, reading.items(said.get("tiered_pricing"))):
        bounds = reading.items(step.get("range"))
        start = reading.whole(bounds[0], least=0) if bounds else None
        if start == 0:
            costs = {**step, **costs}
        elif start is not None:
            steps.setdefault(start, {}).update(step)
    searches = reading.members(said.get("search_context_cost_per_query"))
    if cost := next((searches[size] for size in _SEARCH if searches.get(size)), None):
        names, costs["web_search"] = names | {"web_search": ("web_search", Per.EACH)}, cost
    base = reading.rates(costs, _filled(names, costs))
    return Prices(base=base, tiers=reading.tiers({above: _step(said_there) for above, said_there in steps.items()}))


def _step(said: Mapping[str, Any]) -> Rates:
    return reading.rates(said, _RATES)


def _filled(names: Mapping[str, tuple[str, Per]], costs: Mapping[str, Any]) -> dict[str, tuple[str, Per]]:
    """``names`` with those of zero cost last: of two names for one price a zero is the one that does not apply."""
    return dict(sorted(names.items(), key=lambda item: not costs.get(item[0])))


TRANSLATOR = Translator(version=1, categories=("model",), translate=translate)
