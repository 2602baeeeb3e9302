"""Upstream's own words for lifecycle, limits and prices: the one place here that knows their field names.

OpenAI: https://developers.openai.com/api/reference/resources/models/methods/list,
Anthropic: https://platform.claude.com/docs/en/api/models/list, Google: https://ai.google.dev/api/models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from modelcensus.core.change import ABSENT, at_path
from modelcensus.core.native import Day, Said, Stage
from modelcensus.sources.native.facts import PROVIDERS

_LISTINGS = frozenset({*PROVIDERS, "openai-compatible"})
"""Adapters whose listings name no prices."""
_LIMITS = {
    "anthropic": {"max_input": "max_input_tokens", "max_output": "max_tokens"},
    "google": {"max_input": "inputTokenLimit", "max_output": "outputTokenLimit"},
}
_DAYS = {
    "openai": {"retires": "shutdown_date"},
    "anthropic": {"deprecated": "deprecated_at", "retires": "retires_at"},
}
_STAGES = {"anthropic": "lifecycle"}
_NAMES = ("display_name", "displayName", "name")
_PRICES = {
    "openrouter": ("pricing",),
    "modelsdev": ("cost",),
    "genai-prices": ("prices",),
    "artificialanalysis": ("pricing",),
    "litellm": (
        "input_cost_per_token", "cache_read_input_token_cost", "cache_creation_input_token_cost",
        "output_cost_per_token",
    ),
}  # fmt: skip
_MAX_PRICES = 100


def provider_of(adapter: str | None, source: str) -> str | None:
    """Whose facts and rules are for a source: None where its listing has prices of its own, or is none of ours.

    An OpenAI-compatible source is a provider of its own, with its own file and no shipped one.
    """
    if adapter is None:
        # A source that is configured no longer: its name tells.
        return source if source in PROVIDERS else None
    if adapter not in _LISTINGS:
        return None
    return adapter if adapter in PROVIDERS else source


def model_name(provider: str, key: str) -> str:
    """A key as files name it: Google's without ``models/``."""
    return key.removeprefix("models/") if provider == "google" else key


def display_name(entity: Mapping[str, Any]) -> str | None:
    """The name for people, if there is one."""
    return next((name for field in _NAMES if isinstance(name := entity.get(field), str)), None)


def said(provider: str, entity: Mapping[str, Any]) -> Said:
    """What a listing says of a model's life and limits. A field of another type than it should be says nothing."""
    days = {
        name: day for name, field in _DAYS.get(provider, {}).items() if (day := _day(field, entity.get(field)))
    }  # fmt: skip
    field = _STAGES.get(provider)
    stage = _stage(entity.get(field)) if field else None
    return Said(
        stage=stage,
        stage_words=f"the listing says {field} = {stage.value}" if stage else "",
        deprecated=days.get("deprecated"),
        retires=days.get("retires"),
        limits=tuple(
            (name, tokens, field)
            for name, field in _LIMITS.get(provider, {}).items()
            if isinstance(tokens := entity.get(field), int) and not isinstance(tokens, bool) and tokens > 0
        ),
    )


def _stage(value: Any) -> Stage | None:
    return Stage(value) if value in ("active", "deprecated", "retired") else None


def _day(field: str, value: Any) -> Day | None:
    if not isinstance(value, str):
        return None
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return None
    return Day(day, f"the listing says {field} = {day}")


def own_prices(adapter: str | None, entity: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A source's own price fields as they stand: (path, value), at most 100 of them."""
    found: list[tuple[str, Any]] = []
    for field in _PRICES.get(adapter or "", ()):
        value = at_path(entity, field)
        if value is not ABSENT and value is not None:
            found += _leaves(field, value)
    return tuple(found[:_MAX_PRICES])


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _leaves(f"{path}.{name}", value[name])
    else:
        yield path, value
