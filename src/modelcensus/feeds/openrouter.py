"""OpenRouter's list of models, with prices and limits, for its own clients and those that read its shape.

``GET /api/v1/models``, documented at https://openrouter.ai/docs/api-reference/list-available-models. What OpenRouter
itself says of a model is kept where the catalog has no word for it (tokenizer, parameters); the rest is the census's.

A row always has a text for the price of input and output and a number for the context: LibreChat drops the prices of
all models for one row without them, and every client computes with them. So a model of which one of these is not known
is left out. It is not given "0", which means free, nor "-1", which OpenRouter keeps for routers, whose price varies: a
client that keeps balances would count with it. All else that is not known is null, an empty list or absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from modelcensus.core.catalog.portrait import Portrait
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.openai import repeated
from modelcensus.feeds.openrouter_prices import pricing
from modelcensus.feeds.portraits import (
    capabilities,
    created,
    in_path,
    member,
    name_of,
    prices_now,
    text,
    whole,
    words,
)

MAX_NAMES = 200
"""Names in one recorded list that are passed on."""
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_PARAMETERS = {
    "tools": "tool_calling", "tool_choice": "tool_calling", "structured_outputs": "structured_output",
    "response_format": "json_mode", "reasoning": "reasoning", "include_reasoning": "reasoning",
    "temperature": "temperature", "logprobs": "logprobs", "seed": "seed", "parallel_tool_calls": "parallel_tools",
}  # fmt: skip
"""What a parameter in the list says of a model."""
_WORDS = {"embedding": "embeddings"}
_DEFAULTS = ("temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "repetition_penalty")


def rows(material: Material) -> Iterator[dict[str, Any]]:
    """The models of which price and context are known, by id."""
    for each in material.edition.active:
        row = _row(each, material)
        if row is not None:
            yield row


def build(material: Material) -> bytes:
    """The whole list as one page."""
    found = list(rows(material))
    return _ENCODER.encode({"data": found, "links": {"next": None}, "total_count": len(found)})


def _row(portrait: Portrait, material: Material) -> dict[str, Any] | None:
    model = portrait.entry.model
    fields, said = model.fields, material.beneath.get(model.id)
    price, context = pricing(prices_now(portrait, material.edition)), whole(fields, "context")
    if price is None or context is None:
        return None
    top = member(said, "top_provider", dict)
    return {
        "id": model.id,
        "canonical_slug": member(said, "canonical_slug", str) or model.id,
        "hugging_face_id": text(fields, "hugging_face_id"),
        "name": name_of(portrait),
        "created": created(portrait, material),
        "description": text(fields, "description") or "",
        "context_length": context,
        "architecture": architecture(portrait, said),
        "pricing": price,
        "top_provider": {
            "context_length": member(top, "context_length", int) or context,
            "max_completion_tokens": whole(fields, "max_output"),
            "is_moderated": member(top, "is_moderated", bool) or False,
        },
        "per_request_limits": _limits(fields, said),
        "supported_parameters": parameters(capabilities(fields), said),
        "default_parameters": _defaults(said),
        "supported_voices": _texts(said, "supported_voices") or None,
        "knowledge_cutoff": text(fields, "knowledge_cutoff"),
        "expiration_date": text(fields, "retires"),
        "links": {"details": f"/api/v1/models/{in_path(model.id)}/endpoints"},
    }


def architecture(portrait: Portrait, said: object) -> dict[str, Any]:
    """What goes in and comes out, and how; ``said`` is the recorded row."""
    fields, shape = portrait.entry.model.fields, member(said, "architecture", dict)
    inputs, outputs = ([_WORDS.get(each, each) for each in words(fields, side)] for side in ("inputs", "outputs"))
    return {
        "modality": f"{'+'.join(inputs)}->{'+'.join(outputs)}" if inputs and outputs else None,
        "input_modalities": inputs,
        "output_modalities": outputs,
        "tokenizer": member(shape, "tokenizer", str) or "Other",
        "instruct_type": member(shape, "instruct_type", str),
    }


def parameters(known: Mapping[str, bool], said: object) -> list[str]:
    """What may be asked for: what is recorded, with what the census knows to be so or not so."""
    listed = [each for each in _texts(said, "supported_parameters") if known.get(_PARAMETERS.get(each, ""), True)]
    shown = [name for name, able in _PARAMETERS.items() if known.get(able)]
    # A model with tools takes a choice of them or not; only the recorded list knows.
    return listed + [name for name in shown if name not in listed and name not in ("tool_choice", "include_reasoning")]


def _texts(said: object, name: str) -> list[str]:
    found = member(said, name, list) or []
    return [each for each in found[:MAX_NAMES] if isinstance(each, str)]


def _limits(fields: Mapping[str, Any], said: object) -> dict[str, int] | None:
    """Recorded limits of one request; the larger listings have none."""
    told = member(said, "per_request_limits", dict)
    prompt, answer = whole(fields, "max_input"), member(told, "completion_tokens", int)
    return {"prompt_tokens": prompt, "completion_tokens": answer} if prompt and answer else None


def _defaults(said: object) -> dict[str, Any] | None:
    told = member(said, "default_parameters", dict)
    return {name: _number(told.get(name)) for name in _DEFAULTS} if told is not None else None


def _number(value: object) -> int | Decimal | None:
    return value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


class _Pricing(msgspec.Struct):
    prompt: str
    completion: str


class _Row(msgspec.Struct):
    id: str
    pricing: _Pricing
    context_length: int | float
    name: str
    created: int
    canonical_slug: str
    architecture: dict[str, Any]
    supported_parameters: list[str]
    top_provider: dict[str, Any]


class _Listing(msgspec.Struct):
    data: list[_Row]


def refusals(document: bytes) -> list[str]:
    """LibreChat's rule (packages/api/src/utils/tokens.ts) and the types of OpenRouter's own clients."""
    try:
        found = msgspec.json.decode(document, type=_Listing).data
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return [f"LibreChat would drop all prices: {error}"]
    odd = [row.id for row in found if not (_is_price(row.pricing.prompt) and _is_price(row.pricing.completion))]
    reasons = [f"no plain price: {', '.join(odd[:5])}"] if odd else []
    return reasons + repeated([row.id for row in found])


def _is_price(said: str) -> bool:
    return said == "-1" or (said.isascii() and said.replace(".", "", 1).isdigit())


FEED = Feed(
    name="openrouter",
    title="OpenRouter models",
    consumer="OpenRouter clients and LibreChat: set the base URL to ours + /api/v1",
    media_type="application/json",
    suffix="json",
    paths=("/api/v1/models",),
    build=build,
    refusals=refusals,
    over="openrouter",
)
