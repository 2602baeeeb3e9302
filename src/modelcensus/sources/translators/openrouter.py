"""OpenRouter's models, endpoints and orphans in the one schema.

Documented at https://openrouter.ai/docs/api-reference/list-available-models (models) and
https://openrouter.ai/docs/api/api-reference/endpoints/list-endpoints (endpoints); orphans are undocumented. Providers
and authors say nothing of models. An endpoint's status and uptimes are metrics, and no part of an offering.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelcensus.core.catalog import modality
from modelcensus.core.catalog.listing import (
    Benchmark,
    Listing,
    Offering,
    Prices,
    Rates,
    Snapshot,
    Stage,
    Translated,
    Untranslatable,
)
from modelcensus.core.catalog.units import Per, is_variable
from modelcensus.sources.openrouter.endpoint_keys import SEPARATOR, model_of_key
from modelcensus.sources.translators import reading
from modelcensus.sources.translators.contract import Aids, Translator

_SITE = "https://openrouter.ai"
_RATES = {
    "prompt": ("input", Per.TOKEN),
    "completion": ("output", Per.TOKEN),
    "input_cache_read": ("cache_read", Per.TOKEN),
    "input_cache_write": ("cache_write", Per.TOKEN),
    "input_cache_write_1h": ("cache_write_1h", Per.TOKEN),
    "internal_reasoning": ("reasoning", Per.TOKEN),
    "audio": ("audio_input", Per.TOKEN),
    "audio_output": ("audio_output", Per.TOKEN),
    "input_audio_cache": ("audio_cache_read", Per.TOKEN),
    "image_token": ("image_input", Per.TOKEN),
    "image_output": ("image_output", Per.TOKEN),
    "image": ("image", Per.EACH),
    "request": ("request", Per.EACH),
    "web_search": ("web_search", Per.EACH),
}
# What a parameter's presence in the list means, and its absence: the list is of all that are supported.
_LISTED = {
    "tools": "tool_calling", "structured_outputs": "structured_output", "response_format": "json_mode",
    "reasoning": "reasoning", "temperature": "temperature", "logprobs": "logprobs", "seed": "seed",
}  # fmt: skip
# Their absence means nothing: the first is a recent parameter, the second has a substitute for every model.
_SHOWN = {"parallel_tool_calls": "parallel_tools", "web_search_options": "web_search"}
_AREA = r"us|eu|europe|asia|apac|ap|me|sa|ca|uk|jp|au|in|global|africa|northamerica|southamerica|australia"
_REGION = re.compile(rf"(?:{_AREA})(?:-gov)?(?:-[a-z]+-?\d+)?|[a-z]+(?:central|east|west|north|south)\d?")
_QUANTIZATION = re.compile(r"(?:fp|bf|int|mxfp|nvfp)\d{1,2}")
_INDICES = {
    "intelligence_index": "Intelligence Index", "coding_index": "Coding Index", "agentic_index": "Agentic Index"
}  # fmt: skip


def translate(snapshot: Snapshot, _aids: Aids) -> Translated:
    """A model or orphan as a listing, an endpoint as an offering, anything else as nothing."""
    match snapshot.category:
        case "model":
            return Translated(reading.of_use(_model(snapshot)))
        case "orphan":
            return Translated(reading.of_use(_orphan(snapshot)))
        case "endpoint":
            return Translated(offerings=(_endpoint(snapshot),))
        case _:
            return Translated()


def _model(snapshot: Snapshot) -> Listing:
    said = snapshot.data
    shape = reading.members(said.get("architecture"))
    top = reading.members(said.get("top_provider"))
    inputs, outputs = _sides(shape.get("input_modalities"), shape.get("output_modalities"), shape.get("modality"))
    lab, moving = _owner(snapshot.key)
    prices = _prices(said.get("pricing"))
    return Listing(
        source=snapshot.source,
        category=snapshot.category,
        key=snapshot.key,
        sha256=snapshot.sha256,
        observed_at=snapshot.observed_at,
        name=reading.name(said.get("name")),
        provider=lab,
        lab=lab,
        description=reading.text(said.get("description")),
        canonical=reading.name(said.get("canonical_slug")),
        hugging_face_id=reading.name(said.get("hugging_face_id")),
        moving=moving,
        inputs=inputs,
        outputs=outputs,
        modality=modality.modality(inputs, outputs, shape.get("modality")),
        context=reading.whole(said.get("context_length")),
        max_input=reading.whole(reading.members(said.get("per_request_limits")).get("prompt_tokens")),
        max_output=reading.whole(top.get("max_completion_tokens")),
        capabilities=reading.media(inputs, outputs) | _parameters(said.get("supported_parameters")) | _priced(prices),
        prices=prices,
        # The listing is of what can be asked for now.
        stage=Stage.ACTIVE,
        released=reading.day(said.get("created")),
        knowledge_cutoff=reading.day(said.get("knowledge_cutoff")),
        retires=reading.day(said.get("expiration_date")),
        links=_links(said.get("links")),
        benchmarks=tuple(_benchmarks(snapshot.volatile.get("benchmarks", said.get("benchmarks")))),
    )


def _orphan(snapshot: Snapshot) -> Listing:
    """A record of the frontend's listing. That ``GET /models`` leaves it out does not say why: its stage is unknown."""
    said = snapshot.data
    inputs, outputs = _sides(said.get("input_modalities"), said.get("output_modalities"), None)
    owner, moving = _owner(snapshot.key)
    lab = reading.name(said.get("author")) or owner
    endpoint = reading.members(said.get("endpoint"))
    prices = _prices(endpoint.get("pricing"))
    return Listing(
        source=snapshot.source,
        category=snapshot.category,
        key=snapshot.key,
        sha256=snapshot.sha256,
        observed_at=snapshot.observed_at,
        name=reading.name(said.get("name")),
        provider=lab,
        lab=lab,
        description=reading.text(said.get("description")),
        canonical=reading.name(said.get("permaslug")),
        hugging_face_id=reading.name(said.get("hf_slug")),
        moving=moving,
        inputs=inputs,
        outputs=outputs,
        modality=modality.modality(inputs, outputs),
        context=reading.whole(said.get("context_length")),
        max_output=reading.whole(endpoint.get("max_completion_tokens")),
        capabilities=reading.media(inputs, outputs)
        | reading.flags({"reasoning": reading.flag(said.get("supports_reasoning"))})
        | _parameters(endpoint.get("supported_parameters"))
        | _priced(prices),
        prices=prices,
        released=reading.day(said.get("created_at")),
        knowledge_cutoff=reading.day(said.get("knowledge_cutoff")),
    )


def _endpoint(snapshot: Snapshot) -> Offering:
    said = snapshot.data
    model = reading.name(said.get("model_id")) or model_of_key(snapshot.key)
    provider = reading.name(said.get("provider_name")) or _provider_in_key(snapshot.key)
    if model is None or provider is None:
        raise Untranslatable(
            f"it does not say which {'model' if model is None else 'provider'} it is of", "report it to OpenRouter"
        )
    tag = reading.name(said.get("tag"))
    part = (tag or "").partition("/")[2].lower()
    quantization = reading.name(said.get("quantization")) or (part if _QUANTIZATION.fullmatch(part) else None)
    prices = _prices(said.get("pricing"))
    caching = reading.flag(said.get("supports_implicit_caching")) or None
    return Offering(
        source=snapshot.source,
        category=snapshot.category,
        key=snapshot.key,
        sha256=snapshot.sha256,
        observed_at=snapshot.observed_at,
        model_key=model,
        provider=provider,
        name=tag or reading.name(said.get("name")),
        region=part if _REGION.fullmatch(part) else None,
        quantization=None if quantization == "unknown" else quantization,
        context=reading.whole(said.get("context_length")),
        max_input=reading.whole(said.get("max_prompt_tokens")),
        max_output=reading.whole(said.get("max_completion_tokens")),
        capabilities=_parameters(said.get("supported_parameters"))
        | reading.flags({"caching": caching})
        | _priced(prices),
        prices=prices,
        stage=Stage.ACTIVE,
    )


def _owner(key: str) -> tuple[str | None, bool]:
    """(owner, whether it moves) of ``~owner/name-latest``; the id of an orphan may be a UUID without an owner."""
    owner, slash, _ = key.lstrip("~").partition("/")
    return (owner or None) if slash else None, key.startswith("~")


def _sides(inputs: object, outputs: object, string: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lists, or what the string says where a list is missing, as in readings before 2025."""
    before, after = modality.parted(string)
    return modality.words(inputs) or before, modality.words(outputs) or after


def _parameters(said: object) -> dict[str, bool]:
    listed = frozenset(reading.texts(said))
    if not listed:
        return {}
    found = {ours: theirs in listed for theirs, ours in _LISTED.items()}
    return found | {ours: True for theirs, ours in _SHOWN.items() if theirs in listed}


def _priced(prices: Prices) -> dict[str, bool]:
    """What has a price of its own can be done; what has none says nothing."""
    shown = {"caching": prices.base.cache_read or prices.base.cache_write, "web_search": prices.base.web_search}
    return {name: True for name, price in shown.items() if price}


def _prices(said: object) -> Prices:
    """``pricing``: USD per token as decimal text, ``-1`` where a router decides. ``discount`` is taken off already.

    ``overrides`` hold from ``min_prompt_tokens`` on ("meet or exceed" in upstream's guide for providers, under tiered
    pricing), so above one token less.
    """
    pricing = reading.members(said)
    if any(is_variable(pricing.get(name)) for name in ("prompt", "completion")):
        return Prices(variable=True)
    steps: dict[int, Rates] = {}
    for override in reading.items(pricing.get("overrides")):
        said_step = reading.members(override)
        if (least := reading.whole(said_step.get("min_prompt_tokens"))) is not None:
            steps[least - 1] = _rates(said_step)
    return Prices(base=_rates(pricing), tiers=reading.tiers(steps))


def _rates(said: Mapping[str, Any]) -> Rates:
    return reading.rates({name: value for name, value in said.items() if not is_variable(value)}, _RATES)


def _links(said: object) -> dict[str, str]:
    links = reading.members(said)
    found = {reading.name(name): reading.link(links[name], _SITE) for name in list(links)[:20]}
    return {name: address for name, address in found.items() if name and address}


def _benchmarks(said: object) -> Iterator[Benchmark]:
    """Numbers of others that the listing passes on, each under the name of who measured it."""
    benchmarks = reading.members(said)
    indices = reading.members(benchmarks.get("artificial_analysis"))
    for member, name in _INDICES.items():
        if (value := reading.number(indices.get(member))) is not None:
            yield Benchmark(name=name, value=value, attribution="Artificial Analysis")
    arenas: dict[str, Benchmark] = {}
    for item in map(reading.members, reading.items(benchmarks.get("design_arena"))):
        arena, category = reading.name(item.get("arena")), reading.name(item.get("category"))
        value = reading.number(item.get("elo"))
        if arena and category and value is not None:
            name = f"{arena}/{category} Elo"
            arenas.setdefault(name, Benchmark(name=name, value=value, attribution="Design Arena"))
    yield from (arenas[name] for name in sorted(arenas))


def _provider_in_key(key: str) -> str | None:
    parts = key.split(SEPARATOR)
    return parts[1].replace("%7C", "|").replace("%25", "%") or None if len(parts) > 2 else None


TRANSLATOR = Translator(
    version=1, categories=("model", "endpoint", "orphan", "provider", "author"), translate=translate
)
