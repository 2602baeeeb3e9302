"""Every translator there is, by the name of its adapter. Other packages' adapters bring their own."""

from __future__ import annotations

from modelcensus.sources.adapter import Adapter
from modelcensus.sources.translators import (
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
from modelcensus.sources.translators.contract import Translator

TRANSLATORS: dict[str, Translator] = {
    "openrouter": openrouter.TRANSLATOR,
    "modelsdev": modelsdev.TRANSLATOR,
    "huggingface": huggingface.TRANSLATOR,
    "artificialanalysis": artificialanalysis.TRANSLATOR,
    "openai": openai.TRANSLATOR,
    "anthropic": anthropic.TRANSLATOR,
    "google": google.TRANSLATOR,
    "litellm": litellm.TRANSLATOR,
    "genai-prices": genai_prices.TRANSLATOR,
    "openai-compatible": openai_compatible.TRANSLATOR,
    "file": file.TRANSLATOR,
}


def translator_of(adapter: Adapter) -> Translator | None:
    """What translates an adapter's entities; None for one that brings no translator."""
    return TRANSLATORS.get(adapter.name) or adapter.translator
