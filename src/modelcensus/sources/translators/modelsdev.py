"""models.dev's entries in the one schema: each is a model at a provider, so a listing and an offering.

Documented at https://github.com/anomalyco/models.dev (README, and the schema in packages/core/src/schema.ts). Prices
are USD per million tokens. Many entries carry the price of a reseller; only where the provider makes the models itself
is it their lab. A subscription's entries are priced zero, as free ones are: upstream tells no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelcensus.core.catalog import modality
from modelcensus.core.catalog.listing import Listing, Offering, Prices, Rates, Snapshot, Stage, Translated
from modelcensus.core.catalog.units import Per
from modelcensus.sources.translators import reading
from modelcensus.sources.translators.contract import Aids, Translator

LABS = frozenset(
    {
        "anthropic", "bailing", "cohere", "deepseek", "google", "inception", "kimi-for-coding", "llama", "minimax",
        "minimax-cn", "minimax-cn-coding-plan", "minimax-coding-plan", "mistral", "moonshotai", "moonshotai-cn",
        "morph", "nova", "openai", "perplexity", "sarvam", "stepfun", "upstage", "v0", "xai", "xiaomi",
        "xiaomi-token-plan-ams", "xiaomi-token-plan-cn", "xiaomi-token-plan-sgp", "zai", "zai-coding-plan", "zhipuai",
        "zhipuai-coding-plan",
    }
)  # fmt: skip
"""Providers that list no models but their own. Alibaba, NVIDIA and Tencent do list others'."""

_RATES = {
    "input": ("input", Per.MILLION),
    "output": ("output", Per.MILLION),
    "cache_read": ("cache_read", Per.MILLION),
    "cache_write": ("cache_write", Per.MILLION),
    "reasoning": ("reasoning", Per.MILLION),
    "input_audio": ("audio_input", Per.MILLION),
    "output_audio": ("audio_output", Per.MILLION),
    "per_minute": ("audio_minute", Per.EACH),
}
_OVER_200K = 200_000
_STAGES = {"deprecated": Stage.DEPRECATED, "alpha": Stage.ACTIVE, "beta": Stage.ACTIVE}


def translate(snapshot: Snapshot, _aids: Aids) -> Translated:
    """A model as a listing and the offering of its provider; a provider as nothing."""
    if snapshot.category != "model":
        return Translated()
    said = snapshot.data
    provider = snapshot.key.partition("/")[0]
    sides = reading.members(said.get("modalities"))
    inputs, outputs = modality.words(sides.get("input")), modality.words(sides.get("output"))
    limit = reading.members(said.get("limit"))
    prices = _prices(said.get("cost"))
    listing = Listing(
        source=snapshot.source,
        category=snapshot.category,
        key=snapshot.key,
        sha256=snapshot.sha256,
        observed_at=snapshot.observed_at,
        name=reading.name(said.get("name")),
        provider=provider,
        lab=provider if provider in LABS else None,
        description=reading.text(said.get("description")),
        inputs=inputs,
        outputs=outputs,
        modality=modality.modality(inputs, outputs, _embedding(said.get("family"))),
        context=reading.whole(limit.get("context")),
        max_input=reading.whole(limit.get("input")),
        max_output=reading.whole(limit.get("output")),
        capabilities=_capabilities(said, inputs, outputs, prices),
        prices=prices,
        stage=_STAGES.get(str(said.get("status")), Stage.UNKNOWN),
        released=reading.day(said.get("release_date")),
        knowledge_cutoff=reading.day(said.get("knowledge")),
        open_weights=reading.flag(said.get("open_weights")),
    )
    return Translated(reading.of_use(listing), (_offering(listing, provider),))


def _offering(listing: Listing, provider: str) -> Offering:
    return Offering(
        source=listing.source,
        category=listing.category,
        key=listing.key,
        sha256=listing.sha256,
        observed_at=listing.observed_at,
        model_key=listing.key,
        provider=provider,
        name=listing.name,
        context=listing.context,
        max_input=listing.max_input,
        max_output=listing.max_output,
        capabilities=listing.capabilities,
        prices=listing.prices,
        stage=listing.stage,
    )


def _embedding(family: object) -> str | None:
    """The family where it is one of embeddings, for upstream has no word for that among its outputs."""
    family = reading.name(family)
    return family if family and "embedding" in family else None


def _capabilities(
    said: Mapping[str, Any], inputs: tuple[str, ...], outputs: tuple[str, ...], prices: Prices
) -> dict[str, bool]:
    told = {
        "tool_calling": reading.flag(said.get("tool_call")),
        "structured_output": reading.flag(said.get("structured_output")),
        "reasoning": reading.flag(said.get("reasoning")),
        "temperature": reading.flag(said.get("temperature")),
        "caching": True if prices.base.cache_read or prices.base.cache_write else None,
    }
    return reading.media(inputs, outputs) | reading.flags(told)


def _prices(said: object) -> Prices:
    """``cost``: base prices, and those of long requests.

    A tier holds from its ``size`` on, by upstream's schema, so above one token less; ``context_over_200k`` is the older
    way to say the same, and left aside where there are tiers.
    """
    cost = reading.members(said)
    steps: dict[int, Rates] = {}
    for tier in map(reading.members, reading.items(cost.get("tiers"))):
        step = reading.members(tier.get("tier"))
        size = reading.whole(step.get("size"))
        if size is not None and step.get("type") in (None, "context"):
            steps[size - 1] = reading.rates(tier, _RATES)
    if not steps:
        steps[_OVER_200K] = reading.rates(reading.members(cost.get("context_over_200k")), _RATES)
    return Prices(base=reading.rates(cost, _RATES), tiers=reading.tiers(steps))


TRANSLATOR = Translator(version=1, categories=("model", "provider"), translate=translate)
