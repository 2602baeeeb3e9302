"""Every adapter there is. A new one is one file and one line here; other packages bring theirs by entry point."""

from __future__ import annotations

from functools import cache

from modelcensus.sources import (
    anthropic,
    artificialanalysis,
    file,
    genai_prices,
    google,
    huggingface,
    litellm,
    modelsdev,
    openai,
    openai_compatible,
    openrouter,
)
from modelcensus.sources.adapter import Adapter
from modelcensus.sources.discover import Found, discover

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        openrouter.ADAPTER,
        modelsdev.ADAPTER,
        huggingface.ADAPTER,
        artificialanalysis.ADAPTER,
        openai.ADAPTER,
        anthropic.ADAPTER,
        google.ADAPTER,
        litellm.ADAPTER,
        genai_prices.ADAPTER,
        openai_compatible.ADAPTER,
        file.ADAPTER,
    )
}


@cache
def installed() -> Found:
    """The adapters above and those of other packages, with what had to be left out of these."""
    others = discover(ADAPTERS)
    return Found({**ADAPTERS, **others.adapters}, others.rejected)
