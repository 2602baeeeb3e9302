"""Every adapter there is. A new one is one file and one line here."""

from __future__ import annotations

from modelcensus.sources import genai_prices, modelsdev, openrouter
from modelcensus.sources.adapter import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter for adapter in (openrouter.ADAPTER, modelsdev.ADAPTER, genai_prices.ADAPTER)
}
