"""What native listings (OpenAI, Anthropic, Google) leave out: maintained facts, and the rules that keep text LLMs."""

from __future__ import annotations

from modelcensus.sources.native.catalogs import CATALOGS, key_in, prices_in
from modelcensus.sources.native.facts import PROVIDERS, Shelves, facts_for, load_facts, shelves
from modelcensus.sources.native.filter import load_filter
from modelcensus.sources.native.said import display_name, model_name, own_prices, provider_of, said

__all__ = [
    "CATALOGS",
    "PROVIDERS",
    "Shelves",
    "display_name",
    "facts_for",
    "key_in",
    "load_facts",
    "load_filter",
    "model_name",
    "own_prices",
    "prices_in",
    "provider_of",
    "said",
    "shelves",
]
