"""Bifrost's pricing datasheet: LiteLLM's map in its own narrower types.

``framework.pricing.pricing_url`` (https://docs.getbifrost.ai/providers/custom-pricing). Bifrost reads the whole file
into typed records, so that a single text in place of a number refuses all of it; and it calls the provider
``provider``. It refuses private hosts, but takes a ``file:`` address: ``modelcensus export bifrost`` writes the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.litellm import RESERVED, cost_map
from modelcensus.feeds.writing import decode, encode

_LIMITS = ("max_input_tokens", "max_output_tokens", "context_length")
_SEARCH = "search_context_cost_per_query"
_MOST = 2**63 - 1


def build(material: Material) -> bytes:
    """The entries of the LiteLLM feed that say their provider and mode: costs, limits, and nothing else."""
    found = {}
    for key, entry in cost_map(material).items():
        provider, mode = entry.get("litellm_provider"), entry.get("mode")
        if key not in RESERVED and _is_word(provider) and _is_word(mode):
            found[key] = {"provider": provider, "mode": mode, **dict(_facts(entry))}
    return encode(found)


def _facts(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        if name in _LIMITS:
            # Written as 8192.0 or 1e5 it is no whole number to a typed reader.
            if _is_number(value) and value == int(value) and 0 <= value <= _MOST:
                yield name, int(value)
        elif name == _SEARCH and isinstance(value, Mapping):
            if sizes := {size: cost for size, cost in value.items() if _is_number(cost)}:
                yield name, sizes
        elif _is_cost(name) and _is_number(value):
            yield name, value


def _is_cost(name: str) -> bool:
    return "cost" in name and name != _SEARCH


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and " " not in value


def refusals(document: bytes) -> list[str]:
    """Its typed reader takes all or nothing: provider and mode are texts, costs numbers, limits whole numbers."""
    try:
        found = decode(document)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    if not isinstance(found, dict) or not found:
        return ["it is no JSON object with entries"]
    odd = [f"{key[:80]}: {problem}" for key, entry in found.items() for problem in _problems(entry)]
    return [f"{len(odd)} values of the wrong type, such as {odd[0]}"] if odd else []


def _problems(entry: object) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "no object"
        return
    yield from (f"no {name}" for name in ("provider", "mode") if not _is_word(entry.get(name)))
    for name, value in entry.items():
        if name in _LIMITS and not (isinstance(value, int) and not isinstance(value, bool)):
            yield f"{name} is no whole number"
        elif name == _SEARCH and not (isinstance(value, dict) and all(map(_is_number, value.values()))):
            yield f"{name} is no object of numbers"
        elif _is_cost(name) and not _is_number(value):
            yield f"{name} is no number"


FEED = Feed(
    name="bifrost",
    title="Bifrost pricing",
    consumer="Bifrost: set framework.pricing.pricing_url to the address, or to a file that was exported",
    media_type="application/json",
    suffix="json",
    paths=("/feeds/bifrost.json",),
    build=build,
    refusals=refusals,
    over="litellm",
)
