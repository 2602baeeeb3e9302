"""LiteLLM's cost map: one JSON file in its repository (https://docs.litellm.ai/docs/provider_registration/add_model_pricing)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from modelcensus.core import envelope, scan
from modelcensus.core.check import Check, Date, Limit, Price, Required, Severity
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Slice, Split, key_problem
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call, Option

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


_PATH = "model_prices_and_context_window.json"
# The first shows contributors which fields there are, the second holds rules about names.
_NO_MODELS = frozenset({"sample_spec", "fallback_generalizations"})


class SearchCost(msgspec.Struct):
    """USD per web search, by the size of the context that it fills."""

    search_context_size_low: float | None = None
    search_context_size_medium: float | None = None
    search_context_size_high: float | None = None


class CostMapEntry(msgspec.Struct):
    """The fields in common use, of some 250. Costs are in USD per unit, never per million."""

    litellm_provider: str | None = None
    mode: str | None = None
    source: str | None = None
    comment: str | None = None
    deprecation_date: str | None = None
    metadata: dict[str, Any] | None = None
    provider_specific_entry: dict[str, Any] | None = None
    max_tokens: int | float | None = None
    max_input_tokens: int | float | None = None
    max_output_tokens: int | float | None = None
    output_vector_size: int | None = None
    prompt_cache_min_tokens: int | None = None
    rpm: int | None = None
    tpm: int | None = None
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    input_cost_per_token_batches: float | None = None
    output_cost_per_token_batches: float | None = None
    input_cost_per_token_flex: float | None = None
    output_cost_per_token_flex: float | None = None
    input_cost_per_token_priority: float | None = None
    output_cost_per_token_priority: float | None = None
    input_cost_per_token_above_128k_tokens: float | None = None
    output_cost_per_token_above_128k_tokens: float | None = None
    input_cost_per_token_above_200k_tokens: float | None = None
    output_cost_per_token_above_200k_tokens: float | None = None
    input_cost_per_token_above_272k_tokens: float | None = None
    output_cost_per_token_above_272k_tokens: float | None = None
    input_cost_per_token_cache_hit: float | None = None
    output_cost_per_reasoning_token: float | None = None
    cache_read_input_token_cost: float | None = None
    cache_read_input_token_cost_flex: float | None = None
    cache_read_input_token_cost_priority: float | None = None
    cache_read_input_token_cost_above_200k_tokens: float | None = None
    cache_read_input_token_cost_above_272k_tokens: float | None = None
    cache_creation_input_token_cost: float | None = None
    cache_creation_input_token_cost_above_1hr: float | None = None
    cache_creation_input_token_cost_above_200k_tokens: float | None = None
    input_cost_per_audio_token: float | None = None
    output_cost_per_audio_token: float | None = None
    cache_creation_input_audio_token_cost: float | None = None
    input_cost_per_image: float | None = None
    output_cost_per_image: float | None = None
    input_cost_per_image_token: float | None = None
    output_cost_per_image_token: float | None = None
    input_cost_per_pixel: float | None = None
    output_cost_per_pixel: float | None = None
    input_cost_per_character: float | None = None
    output_cost_per_character: float | None = None
    input_cost_per_second: float | None = None
    output_cost_per_second: float | None = None
    input_cost_per_audio_per_second: float | None = None
    input_cost_per_video_per_second: float | None = None
    output_cost_per_video_per_second: float | None = None
    input_cost_per_query: float | None = None
    input_cost_per_request: float | None = None
    input_dbu_cost_per_token: float | None = None
    output_dbu_cost_per_token: float | None = None
    ocr_cost_per_page: float | None = None
    search_context_cost_per_query: SearchCost | None = None
    tiered_pricing: list[dict[str, Any]] | None = None
    web_search_billing_unit: str | None = None
    supported_endpoints: list[str] | None = None
    supported_modalities: list[str] | None = None
    supported_output_modalities: list[str] | None = None
    supported_regions: list[str] | None = None
    supports_adaptive_thinking: bool | None = None
    supports_assistant_prefill: bool | None = None
    supports_audio_input: bool | None = None
    supports_audio_output: bool | None = None
    supports_computer_use: bool | None = None
    supports_function_calling: bool | None = None
    supports_image_input: bool | None = None
    supports_max_reasoning_effort: bool | None = None
    supports_minimal_reasoning_effort: bool | None = None
    supports_native_streaming: bool | None = None
    supports_native_structured_output: bool | None = None
    supports_none_reasoning_effort: bool | None = None
    supports_output_config: bool | None = None
    supports_parallel_function_calling: bool | None = None
    supports_parallel_tool_use_config: bool | None = None
    supports_pdf_input: bool | None = None
    supports_prompt_caching: bool | None = None
    supports_reasoning: bool | None = None
    supports_response_schema: bool | None = None
    supports_sampling_params: bool | None = None
    supports_system_messages: bool | None = None
    supports_tool_choice: bool | None = None
    supports_url_context: bool | None = None
    supports_video_input: bool | None = None
    supports_vision: bool | None = None
    supports_web_search: bool | None = None
    supports_xhigh_reasoning_effort: bool | None = None


def fetch(ask: Ask) -> Iterator[Answer]:
    """The one document."""
    yield ask.get(ask.options.get("path") or _PATH)


def split(body: bytes) -> Split:
    """``{model: {litellm_provider, mode, ...}}``. A model's key is its member name."""
    body = scan.trim(body)
    if scan.kind(body) != "object":
        return Split(faults=[Fault(FaultKind.WRONG_TOP_LEVEL, "not an object", body)], truncated=True)
    models = scan.members(body)
    if models.items and not any(map(_is_entry, models.items)):
        return Split(faults=[Fault(FaultKind.WRONG_TOP_LEVEL, "no entry has a litellm_provider", body)], truncated=True)
    found = Split(truncated=not models.closed)
    for name, raw in zip(models.names, models.items, strict=True):
        if name in _NO_MODELS:
            continue
        if problem := key_problem(name):
            found.faults.append(Fault(FaultKind.BAD_KEY, problem, bytes(raw), "model"))
        elif scan.kind(raw) != "object":
            found.faults.append(Fault(FaultKind.NOT_AN_OBJECT, name, bytes(raw), "model", name))
        else:
            found.slices.append(Slice("model", name, raw))
    return found


def _is_entry(raw: envelope.Raw) -> bool:
    return scan.kind(raw) == "object" and b'"litellm_provider"' in bytes(raw)


# The dearest token that any model is known to cost is well below a tenth of a cent.
_MOST_PER_TOKEN = "0.001"
_TOKEN_PRICES = (
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
    "output_cost_per_reasoning_token",
    "input_cost_per_audio_token",
    "output_cost_per_audio_token",
    "input_cost_per_token_batches",
    "output_cost_per_token_batches",
)
CHECKS: tuple[Check, ...] = (
    Required("litellm_provider"),
    Required("mode", severity=Severity.WARNING),
    *(Price(path, most=_MOST_PER_TOKEN) for path in _TOKEN_PRICES),
    Price("output_cost_per_image", most="10"),
    Price("output_cost_per_second", most="10"),
    Limit("max_input_tokens", most=100_000_000),
    Limit("max_output_tokens", least=0, most=100_000_000),
    Date("deprecation_date"),
)

ADAPTER = Adapter(
    name="litellm",
    title="LiteLLM",
    base_url="https://raw.githubusercontent.com/BerriAI/litellm/main/",
    calls=(
        Call(
            document=Document(
                category="model",
                covers=("model",),
                split=split,
                records={"model": CostMapEntry},
                enums={
                    "model": (
                        "litellm_provider",
                        "mode",
                        "supported_endpoints[]",
                        "supported_modalities[]",
                        "supported_output_modalities[]",
                        "web_search_billing_unit",
                    )
                },
                checks={"model": CHECKS},
            ),
            fetch=fetch,
        ),
    ),
    options=(Option("path", _PATH, "the file below the base URL"),),
    attribution="LiteLLM (https://github.com/BerriAI/litellm), MIT licence",
    documentation="https://docs.litellm.ai/docs/provider_registration/add_model_pricing",
    example=EXAMPLES / "litellm.json",
)
