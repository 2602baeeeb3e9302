"""What answers ``GET models`` as OpenAI does, and says more beside it: see docs/sources/openai-compatible.md.

Prices are taken from two upstreams only, whose units are published: xAI (USD cents per 100 million tokens,
https://docs.x.ai/developers/rest-api-reference/inference/models) and Together (USD per million tokens,
https://docs.together.ai/reference/models). Both say 0 where they sell a model otherwise or not at all, so 0 is unknown.
``pricing.prompt`` and its like mean per token here and per million there, and stay unknown: the facts are for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from modelcensus.core.catalog.listing import Prices, Rates, Snapshot, Tier, Translated
from modelcensus.core.catalog.modality import words
from modelcensus.core.catalog.units import Per, plain
from modelcensus.core.native import Day, Said, Stage
from modelcensus.sources.translators import native
from modelcensus.sources.translators.contract import Aids, Translator
from modelcensus.sources.translators.reading import day, flag, link, members, name, rate, text, whole

_CONTEXT = ("context_length", "context_window", "max_context_length", "max_model_len")
"""xAI, Together and Fireworks; Groq; Mistral; vLLM."""
_CENTS = -4
"""Powers of ten from USD cents per 100 million tokens to USD per million."""
_XAI = {
    "input": "prompt_text_token_price", "cache_read": "cached_prompt_text_token_price",
    "output": "completion_text_token_price", "image_input": "prompt_image_token_price",
}  # fmt: skip
_TOGETHER = {"input": "input", "output": "output", "cache_read": "cached_input"}
_TOGETHERS_OWN = frozenset({"hourly", "base", "finetune"})
"""Members by which Together's ``pricing`` is told from others'."""
_CAPABILITIES = {
    "tool_calling": ("capabilities.function_calling", "supports_tools"),
    "vision": ("capabilities.vision", "supports_image_input"),
    "fine_tuning": ("capabilities.fine_tuning",),
}
"""Mistral's and Fireworks' members."""
_TYPES = {"chat": "text", "language": "text", "code": "text"}
"""Together's types that write text; image, audio, video, embedding and rerank are words of ours."""


def translate(snapshot: Snapshot, aids: Aids) -> Translated:
    """One model. The source itself is the provider, with facts and rules under its name."""
    entity = snapshot.data
    return native.translated(
        snapshot,
        aids,
        snapshot.source,
        snapshot.key,
        _said(entity),
        lab=_lab(entity),
        name=name(entity.get("display_name")) or name(entity.get("name")),
        description=text(entity.get("description")),
        inputs=words(entity.get("input_modalities")),
        outputs=words(entity.get("output_modalities")) or _outputs(entity),
        capabilities=_capabilities(entity),
        prices=_prices(entity),
        licence=name(entity.get("license")),
        parameters=native.parameters(members(entity.get("meta")).get("n_params")),
        successor=name(entity.get("deprecation_replacement_model")),
        links={"model": found} if (found := link(entity.get("link"))) else None,
    )


def _said(entity: Mapping[str, Any]) -> Said:
    """Limits, announced days, and Groq's ``active``: true says it, false does not say why."""
    limits: list[tuple[str, int, str]] = []
    for field in _CONTEXT:
        if not limits and (tokens := whole(entity.get(field))):
            limits.append(("context", tokens, field))
    if tokens := whole(entity.get("max_completion_tokens")):
        limits.append(("max_output", tokens, "max_completion_tokens"))
    active = entity.get("active") is True
    return Said(
        stage=Stage.ACTIVE if active else None,
        stage_words="the listing says active = true" if active else "",
        deprecated=_day(entity, "deprecation"),
        retires=_day(entity, "shutdown_date"),
        limits=tuple(limits),
    )


def _day(entity: Mapping[str, Any], field: str) -> Day | None:
    found = day(entity.get(field))
    # A month or a year names no day.
    return Day(date.fromisoformat(found), f"the listing says {field} = {found}") if found and len(found) == 10 else None


def _lab(entity: Mapping[str, Any]) -> str | None:
    """Who made it: Together's ``organization``; ``owned_by`` of Groq, Mistral, xAI: servers put their own name."""
    known = {"context_window", "max_context_length", "prompt_text_token_price"} & entity.keys()
    return name(entity.get("organization")) or (name(entity.get("owned_by")) if known else None)


def _outputs(entity: Mapping[str, Any]) -> tuple[str, ...]:
    said = name(entity.get("type")) or ""
    return words([_TYPES.get(said, said)])


def _capabilities(entity: Mapping[str, Any]) -> dict[str, bool]:
    mistral = members(entity.get("capabilities"))
    found = {}
    for ours, fields in _CAPABILITIES.items():
        for field in fields:
            _, dot, inner = field.partition(".")
            known = flag(mistral.get(inner) if dot else entity.get(field))
            if known is not None:
                found[ours] = known
    return found


def _prices(entity: Mapping[str, Any]) -> Prices:
    pricing = members(entity.get("pricing"))
    if _TOGETHERS_OWN & pricing.keys():
        return Prices(base=_known({ours: rate(pricing.get(field), Per.MILLION) for ours, field in _TOGETHER.items()}))
    # "at or above which the long context prices apply"
    threshold, long = whole(entity.get("long_context_threshold")), _cents(entity, "_long_context")
    tiers = (Tier(above=threshold - 1, rates=long),) if threshold and any(long.known()) else ()
    return Prices(base=_cents(entity), tiers=tiers)


def _cents(entity: Mapping[str, Any], ending: str = "") -> Rates:
    said = {ours: rate(entity.get(field + ending), Per.MILLION) for ours, field in _XAI.items()}
    return _known({ours: plain(cents.scaleb(_CENTS)) for ours, cents in said.items() if cents is not None})


def _known(prices: Mapping[str, Decimal | None]) -> Rates:
    return Rates(**{ours: price for ours, price in prices.items() if price})


TRANSLATOR = Translator(version=1, categories=("model",), translate=translate, aided=True)
