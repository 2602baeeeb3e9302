"""Prices as OpenRouter writes them: decimal text, USD per token, never an exponent."""

from __future__ import annotations

from typing import Any

from modelcensus.core.catalog.listing import Prices, Rates
from modelcensus.core.catalog.units import Per, decimal_text, told
from modelcensus.feeds.portraits import in_order

VARIES = "-1"
"""OpenRouter's own mark of a price that depends on what a router chooses."""
_NAMES = {
    "input": ("prompt", Per.TOKEN),
    "output": ("completion", Per.TOKEN),
    "cache_read": ("input_cache_read", Per.TOKEN),
    "cache_write": ("input_cache_write", Per.TOKEN),
    "cache_write_1h": ("input_cache_write_1h", Per.TOKEN),
    "reasoning": ("internal_reasoning", Per.TOKEN),
    "audio_input": ("audio", Per.TOKEN),
    "audio_output": ("audio_output", Per.TOKEN),
    "audio_cache_read": ("input_audio_cache", Per.TOKEN),
    "image_input": ("image_token", Per.TOKEN),
    "image_output": ("image_output", Per.TOKEN),
    "image": ("image", Per.EACH),
    "request": ("request", Per.EACH),
    "web_search": ("web_search", Per.EACH),
}


def pricing(prices: Prices) -> dict[str, Any] | None:
    """``pricing``; None where the price of input or output is not known, for then a row cannot be told.

    Both are texts that every client computes with. A missing one is refused by clients that check, and ``"0"`` would
    mean free. ``"-1"`` says "a router decides": it is said of exactly those models.
    """
    if prices.variable:
        return {"prompt": VARIES, "completion": VARIES}
    if prices.base.input is None or prices.base.output is None or _below_zero(prices.base):
        return None
    steps = [{"min_prompt_tokens": tier.above + 1, **_rates(tier.rates)} for tier in in_order(prices)]
    return {**_rates(prices.base), **({"overrides": steps} if steps else {})}


def _below_zero(rates: Rates) -> bool:
    return any(price < 0 for _, price in rates.known())


def _rates(rates: Rates) -> dict[str, str]:
    found = {}
    for name, price in rates.known():
        if name in _NAMES:
            theirs, per = _NAMES[name]
            found[theirs] = decimal_text(told(price, per))
    return found
