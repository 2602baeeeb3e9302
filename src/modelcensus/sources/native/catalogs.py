"""What catalogs with prices say of a provider's model, in USD per million tokens: to compare facts files with."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from modelcensus.core.change import at_path

_FIELDS = {
    "modelsdev": {"input": "cost.input", "cached_input": "cost.cache_read", "output": "cost.output"},
    "genai-prices": {
        "input": "prices.input_mtok", "cached_input": "prices.cache_read_mtok", "output": "prices.output_mtok",
    },
    "litellm": {
        "input": "input_cost_per_token", "cached_input": "cache_read_input_token_cost",
        "output": "output_cost_per_token",
    },
}  # fmt: skip
_PER_TOKEN = frozenset({"litellm"})
CATALOGS = tuple(_FIELDS)
"""Adapters whose prices can be compared."""


def key_in(adapter: str, provider: str, name: str) -> str:
    """The key under which a catalog has a provider's model."""
    if adapter == "litellm":
        return f"gemini/{name}" if provider == "google" else name
    return f"{provider}/{name}"


def prices_in(adapter: str, entity: Mapping[str, Any]) -> dict[str, Decimal]:
    """The prices that a catalog states, by our names. What is no positive number is left out, dated prices too."""
    found = {}
    for name, path in _FIELDS[adapter].items():
        value = at_path(entity, path)
        if isinstance(value, dict):
            value = value.get("base")
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            continue
        price = Decimal(value)
        if price.is_finite() and price > 0:
            found[name] = price * 1_000_000 if adapter in _PER_TOKEN else price
    return found
