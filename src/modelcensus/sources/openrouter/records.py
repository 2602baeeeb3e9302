"""What is known of OpenRouter's entities: field by field, every one of them optional.

Documented at https://openrouter.ai/docs/api-reference/list-available-models and
https://openrouter.ai/docs/api/api-reference/endpoints/list-endpoints; ``Orphan`` and ``Author`` are undocumented.
"""

from __future__ import annotations

from typing import Any

import msgspec

Number = int | float

TOKEN_PRICES = (
    "prompt", "completion", "internal_reasoning", "input_cache_read", "input_cache_write", "input_cache_write_1h",
    "input_audio_cache", "audio", "audio_output", "image_token", "image_output",
)  # fmt: skip
"""Members of ``pricing`` in USD per token, as decimal text."""
UNIT_PRICES = ("request", "web_search", "image")
"""Members of ``pricing`` in USD per request, search and image (for some models per image token)."""


class Prices(msgspec.Struct):
    """USD as decimal text; ``"-1"`` where the price depends on the model that a router chooses."""

    prompt: str | None = None
    completion: str | None = None
    request: str | None = None
    image: str | None = None
    image_token: str | None = None
    image_output: str | None = None
    audio: str | None = None
    audio_output: str | None = None
    input_audio_cache: str | None = None
    input_cache_read: str | None = None
    input_cache_write: str | None = None
    input_cache_write_1h: str | None = None
    internal_reasoning: str | None = None
    web_search: str | None = None


class Override(Prices):
    """Prices of requests whose prompt has at least so many tokens."""

    min_prompt_tokens: int | None = None


class Pricing(Prices):
    """All prices of an offer. ``discount`` is a share of 1, taken off already; a number among texts."""

    discount: Number | None = None
    overrides: list[Override] | None = None


class Architecture(msgspec.Struct):
    """What goes in and comes out."""

    modality: str | None = None
    input_modalities: list[str] | None = None
    output_modalities: list[str] | None = None
    tokenizer: str | None = None
    instruct_type: str | None = None


class TopProvider(msgspec.Struct):
    """Limits at the provider that is asked first; tokens."""

    context_length: int | None = None
    max_completion_tokens: int | None = None
    is_moderated: bool | None = None


class DefaultParameters(msgspec.Struct):
    """Sampling parameters that are used where a request names none."""

    temperature: Number | None = None
    top_p: Number | None = None
    top_k: Number | None = None
    frequency_penalty: Number | None = None
    presence_penalty: Number | None = None
    repetition_penalty: Number | None = None


class Reasoning(msgspec.Struct):
    """Whether and how hard it thinks before it answers."""

    mandatory: bool | None = None
    default_enabled: bool | None = None
    default_effort: str | None = None
    supported_efforts: list[str] | None = None
    supports_max_tokens: bool | None = None


class Links(msgspec.Struct):
    """Addresses of more about a model."""

    details: str | None = None


class Model(msgspec.Struct):
    """An element of ``GET /models``. ``created`` is seconds since 1970; ``benchmarks`` are metrics."""

    id: str
    canonical_slug: str | None = None
    hugging_face_id: str | None = None
    name: str | None = None
    created: int | None = None
    description: str | None = None
    context_length: int | None = None
    architecture: Architecture | None = None
    pricing: Pricing | None = None
    top_provider: TopProvider | None = None
    per_request_limits: dict[str, Any] | None = None
    supported_parameters: list[str] | None = None
    default_parameters: DefaultParameters | None = None
    supported_voices: list[str] | None = None
    knowledge_cutoff: str | None = None
    expiration_date: str | None = None
    links: Links | None = None
    reasoning: Reasoning | None = None
    benchmarks: dict[str, Any] | None = None


class ToolChoice(msgspec.Struct):
    """Values of ``tool_choice`` that an endpoint takes."""

    none: bool | None = None
    auto: bool | None = None
    required: bool | None = None
    function: bool | None = None


class Endpoint(msgspec.Struct):
    """An element of ``data.endpoints``: one model at one provider. Status, uptimes and speeds are metrics."""

    id: str | None = None
    name: str | None = None
    model_id: str | None = None
    model_name: str | None = None
    provider_name: str | None = None
    tag: str | None = None
    quantization: str | None = None
    context_length: int | None = None
    max_completion_tokens: int | None = None
    max_prompt_tokens: int | None = None
    pricing: Pricing | None = None
    supported_parameters: list[str] | None = None
    supports_tool_choice: ToolChoice | None = None
    supports_implicit_caching: bool | None = None
    supports_voice_cloning: bool | None = None
    supports_multiple_audio_references: bool | None = None
    supports_image_reference: bool | None = None
    status: Number | str | None = None
    uptime_last_5m: Number | None = None
    uptime_last_30m: Number | None = None
    uptime_last_1d: Number | None = None
    latency_last_30m: dict[str, Number | None] | None = None
    throughput_last_30m: dict[str, Number | None] | None = None


class Provider(msgspec.Struct):
    """An element of ``GET /providers``. ``headquarters`` and ``datacenters`` are country codes."""

    slug: str
    name: str | None = None
    privacy_policy_url: str | None = None
    terms_of_service_url: str | None = None
    status_page_url: str | None = None
    headquarters: str | None = None
    datacenters: list[str] | None = None


class Orphan(msgspec.Struct):
    """An element of the frontend's listing; what is nested in it is undocumented and comes and goes."""

    slug: str | None = None
    permaslug: str | None = None
    name: str | None = None
    short_name: str | None = None
    author: str | None = None
    author_display_name: str | None = None
    author_icon_uri: str | None = None
    author_flagship_modalities: list[str] | None = None
    hf_slug: str | None = None
    description: str | None = None
    context_length: int | None = None
    input_modalities: list[str] | None = None
    output_modalities: list[str] | None = None
    has_text_output: bool | None = None
    group: str | None = None
    instruct_type: str | None = None
    hidden: bool | None = None
    is_private: bool | None = None
    router: Any = None
    created_at: str | None = None
    updated_at: str | None = None
    hf_updated_at: str | None = None
    knowledge_cutoff: str | None = None
    model_version_group_id: str | None = None
    default_system: str | None = None
    default_stops: list[str] | None = None
    default_order: list[str] | None = None
    default_parameters: dict[str, Any] | None = None
    warning_message: str | None = None
    promotion_message: str | None = None
    routing_error_message: str | None = None
    supports_reasoning: bool | None = None
    reasoning_config: dict[str, Any] | None = None
    features: dict[str, Any] | None = None
    quick_start_example_type: str | None = None
    is_trainable_text: bool | None = None
    is_trainable_image: bool | None = None
    endpoint: dict[str, Any] | None = None


class Author(msgspec.Struct):
    """What the frontend's listing says of an author, under the name of its slug."""

    slug: str
    author: str | None = None
    author_display_name: str | None = None
    author_icon_uri: str | None = None
    author_flagship_modalities: list[str] | None = None
