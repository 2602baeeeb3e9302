"""A census that LiteLLM and genai-prices can be pointed at: their own maps, made up, with one model over them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelcensus.feeds.litellm import BUNDLED
from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.census import Census
from tests.builders import at, census_at, model, openrouter, read
from tests.web.serving import served

NAME = "gpt-99-made-up"
"""A model of OpenAI's that no real map has."""


def cost_map(count: int) -> bytes:
    """LiteLLM's map with so many entries, the model at another price among them."""
    entry = {"litellm_provider": "whoever", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    entries: dict[str, Any] = {f"whoever/model-{number}": entry for number in range(count - 2)}
    entries[NAME] = {**entry, "litellm_provider": "openai", "max_input_tokens": 1000}
    entries[f"azure/{NAME}"] = {**entry, "litellm_provider": "azure"}
    return json.dumps(entries).encode()


def genai_data() -> bytes:
    """genai-prices' data of one provider."""
    priced = {"id": NAME, "match": {"starts_with": NAME}, "prices": {"input_mtok": 1, "output_mtok": 2}}
    provider = {"id": "openai", "name": "OpenAI", "api_pattern": r"https://api\.openai\.com", "models": [priced]}
    return json.dumps([provider]).encode()


def stock(census: Census, entries: int = BUNDLED) -> None:
    """The model at 0.123456789 and 3.21 USD per million tokens in OpenRouter's words, published."""
    pricing = {"prompt": "0.000000123456789", "completion": "0.00000321"}
    ours = {**model(f"openai/{NAME}", context_length=400_000), "pricing": pricing}
    read(census, openrouter(ours, model("lab/other")))
    read(census, cost_map(entries), source="litellm")
    read(census, genai_data(), source="genai-prices")
    update(census, now=at(1))


@contextmanager
def shop(folder: Path, entries: int = BUNDLED) -> Iterator[str]:
    """The address at which such a census is served."""
    with census_at(f"sqlite:///{folder / 'census.db'}") as census:
        stock(census, entries)
        with served(census) as address:
            yield address
