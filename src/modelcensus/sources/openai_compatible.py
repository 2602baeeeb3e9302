"""Whatever answers ``GET models`` as OpenAI does: Ollama, vLLM, Groq, Together, DeepSeek, xAI, Mistral and others.

Base URLs and what is particular to each: docs/sources/openai-compatible.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from modelcensus.core import envelope
from modelcensus.core.check import AtMost, Date, Limit, Price
from modelcensus.core.reading import Document, Split, slice_by_id
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call, Option
from modelcensus.sources.openai import last_id
from modelcensus.sources.paged import is_set, pages, taken_apart

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


_MORE = ("has_more", "next", "next_cursor", "next_page_token", "nextPageToken")
"""Members by which one upstream or another says that a page is not the last."""
_MOST_CENTS = "10000000"
"""1,000 USD per million tokens in xAI's unit, USD cents per 100 million tokens."""


class Model(msgspec.Struct):
    """One model, with what is often found beside OpenAI's own members; each upstream has some of them.

    The limits are in tokens. ``pricing`` has the upstream's own unit; the ``*_token_price`` members are xAI's, in USD
    cents per 100 million tokens.
    """

    id: str
    object: str | None = None
    created: int | None = None
    owned_by: str | None = None
    shutdown_date: str | None = None
    # vLLM and others that hold weights themselves
    root: str | None = None
    parent: str | None = None
    max_model_len: int | None = None
    permission: list[dict[str, Any]] | None = None
    meta: dict[str, Any] | None = None
    # Groq
    active: bool | None = None
    context_window: int | None = None
    max_completion_tokens: int | None = None
    public_apps: Any = None
    # Together
    type: str | None = None
    display_name: str | None = None
    organization: str | None = None
    link: str | None = None
    license: str | None = None
    context_length: int | None = None
    config: dict[str, Any] | None = None
    pricing: dict[str, Any] | None = None
    # Mistral
    name: str | None = None
    description: str | None = None
    capabilities: dict[str, Any] | None = None
    max_context_length: int | None = None
    aliases: list[str] | None = None
    deprecation: str | None = None
    deprecation_replacement_model: str | None = None
    default_model_temperature: float | None = None
    # xAI
    fingerprint: str | None = None
    version: str | None = None
    input_modalities: list[str] | None = None
    output_modalities: list[str] | None = None
    prompt_text_token_price: int | None = None
    cached_prompt_text_token_price: int | None = None
    completion_text_token_price: int | None = None
    prompt_image_token_price: int | None = None
    prompt_text_token_price_long_context: int | None = None
    cached_prompt_text_token_price_long_context: int | None = None
    completion_text_token_price_long_context: int | None = None
    long_context_threshold: int | None = None
    search_price: int | None = None
    image_price: int | None = None
    # Fireworks
    kind: str | None = None
    supports_chat: bool | None = None
    supports_image_input: bool | None = None
    supports_tools: bool | None = None


def fetch(ask: Ask) -> Iterator[Answer]:
    """The listing. It comes whole; ``has_more`` and ``after`` are followed where they are given."""
    return pages(ask, ask.options["path"], list(ask.query.items()), "after", last_id)


def split(body: bytes) -> Split:
    """One page of ``{"data": [{"id": ...}]}``, of ``{"models": [{"id": ...}]}`` (xAI) or of a bare array (Together).

    A page that says in any known way that another one follows is not the last, also where that way is not followed.
    """
    listing = envelope.open_listing(body, "data")
    if listing.fault:
        other = envelope.open_listing(body, "models")
        listing = listing if other.fault else other
    more = any(is_set(listing.beside.get(name)) for name in _MORE)
    return taken_apart(listing, slice_by_id(listing.items, "model"), more=more)


ADAPTER = Adapter(
    name="openai-compatible",
    title="OpenAI-compatible API",
    base_url=None,
    calls=(
        Call(
            document=Document(
                category="model",
                covers=("model",),
                split=split,
                # vLLM, llama.cpp and Mistral make these anew for each answer: the time of the request, random ids.
                volatile={"model": ("created", "permission")},
                records={"model": Model},
                enums={"model": ("object", "type", "kind", "input_modalities[]", "output_modalities[]")},
                checks={
                    "model": (
                        Date("deprecation"),
                        Date("shutdown_date"),
                        Limit("max_model_len"),
                        Limit("context_window"),
                        Limit("max_context_length"),
                        AtMost("max_completion_tokens", "context_window"),
                        Price("pricing.input", "10000"),
                        Price("pricing.output", "10000"),
                        Price("pricing.prompt", "10000", variable="-1"),
                        Price("pricing.completion", "10000", variable="-1"),
                        Price("prompt_text_token_price", _MOST_CENTS),
                        Price("cached_prompt_text_token_price", _MOST_CENTS),
                        Price("completion_text_token_price", _MOST_CENTS),
                    )
                },
            ),
            fetch=fetch,
        ),
    ),
    key_header="Authorization",
    options=(Option("path", "models", "the listing's path below the base URL"),),
    documentation="https://developers.openai.com/api/reference/resources/models/methods/list",
    example=EXAMPLES / "openai-compatible.json",
)
