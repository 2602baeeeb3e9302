"""All feeds, by name."""

from __future__ import annotations

from modelcensus.feeds import (
    atom,
    bifrost,
    genai_prices,
    langfuse,
    litellm,
    modelsdev,
    openai,
    openlit,
    openrouter,
    openrouter_rss,
    parquet,
    plain,
)
from modelcensus.feeds.feed import Feed

_FEEDS: tuple[Feed, ...] = (
    atom.FEED,
    bifrost.FEED,
    plain.CSV,
    genai_prices.FEED,
    plain.JSON,
    langfuse.FEED,
    litellm.FEED,
    litellm.INFO,
    modelsdev.FEED,
    openai.FEED,
    openlit.FEED,
    openrouter.FEED,
    openrouter_rss.FEED,
    parquet.FEED,
)

FEEDS: dict[str, Feed] = {feed.name: feed for feed in _FEEDS}
