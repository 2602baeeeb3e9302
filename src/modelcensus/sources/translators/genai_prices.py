"""genai-prices' entries in the one schema: prices of a model, or of a family of names, at a provider.

Documented at https://github.com/pydantic/genai-prices (prices/README.md). Prices are USD per million tokens
(``_mtok``), thousand requests (``_kcount``) and so on. It says little but prices: neither modalities nor capabilities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from modelcensus.core.catalog.listing import (
    Listing,
    Offering,
    Prices,
    Rates,
    Snapshot,
    Stage,
    Tier,
    Translated,
    Window,
)
from modelcensus.core.catalog.units import Per, meant
from modelcensus.sources.translators import reading
from modelcensus.sources.translators.contract import Aids, Translator

LABS = frozenset(
    {"anthropic", "cohere", "deepseek", "google", "minimax", "mistral", "moonshotai", "openai", "perplexity",
     "voyageai", "x-ai", "zai", "zhipuai"}
)  # fmt: skip
"""Providers that list their own models; other labs' at Google say so in their ids, and have no lab here."""

_RATES = {
    "input_mtok": ("input", Per.MILLION),
    "output_mtok": ("output", Per.MILLION),
    "cache_read_mtok": ("cache_read", Per.MILLION),
    "cache_write_mtok": ("cache_write", Per.MILLION),
    "cache_write_1h_mtok": ("cache_write_1h", Per.MILLION),
    "output_reasoning_mtok": ("reasoning", Per.MILLION),
    "input_audio_mtok": ("audio_input", Per.MILLION),
    "output_audio_mtok": ("audio_output", Per.MILLION),
    "cache_audio_read_mtok": ("audio_cache_read", Per.MILLION),
    "input_image_mtok": ("image_input", Per.MILLION),
    "output_image_mtok": ("image_output", Per.MILLION),
    "requests_kcount": ("request", Per.THOUSAND_EACH),
    "web_searches_kcount": ("web_search", Per.THOUSAND_EACH),
    "input_mchars": ("character", Per.MILLION_EACH),
    "input_document_kpages": ("page", Per.THOUSAND_EACH),
    "input_audio_hours": ("audio_minute", Per.HOUR),
    "audio_hours": ("audio_minute", Per.HOUR),
}
_NOT_LABS_OWN = re.compile(r"claude|llama|mistral|codestral|deepseek|qwen|gpt-oss|kimi|minimax|glm", re.IGNORECASE)
_TIME = re.compile(r"(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|\+00:00)?")
# The older data files write times as Python shows them.
_PYTHON_TIME = re.compile(r"datetime\.time\((\d{1,2}), (\d{1,2})(?:, \d{1,2}){0,2}, tzinfo=datetime\.timezone\.utc\)")


def translate(snapshot: Snapshot, _aids: Aids) -> Translated:
    """A model as a listing and the offering of its provider; a provider as nothing."""
    if snapshot.category != "model":
        return Translated()
    said = snapshot.data
    provider, _, model = snapshot.key.partition("/")
    prices = _prices(said, datetime.fromtimestamp(snapshot.observed_at / 1_000_000, UTC).date().isoformat())
    listing = Listing(
        source=snapshot.source,
        category=snapshot.category,
        key=snapshot.key,
        sha256=snapshot.sha256,
        observed_at=snapshot.observed_at,
        name=reading.name(said.get("name")),
        provider=provider,
        lab=provider if provider in LABS and not (provider == "google" and _NOT_LABS_OWN.search(model)) else None,
        description=reading.text(said.get("description")),
        context=reading.whole(said.get("context_window")),
        capabilities={"caching": True} if prices.base.cache_read or prices.base.cache_write else {},
        prices=prices,
        stage=Stage.DEPRECATED if said.get("deprecated") is True else Stage.UNKNOWN,
    )
    offering = Offering(
        source=snapshot.source,
        category=snapshot.category,
        key=snapshot.key,
        sha256=snapshot.sha256,
        observed_at=snapshot.observed_at,
        model_key=snapshot.key,
        provider=provider,
        name=listing.name,
        context=listing.context,
        capabilities=listing.capabilities,
        prices=prices,
        stage=listing.stage,
    )
    # An empty set of prices is how upstream says that there is nothing to count: not that anything is free.
    return Translated(listing if said.get("prices") == {} else reading.of_use(listing), (offering,))


class _Dated(msgspec.Struct, frozen=True):
    rates: Rates
    tiers: tuple[Tier, ...]
    starts: str | None = None
    daily: tuple[str, str] | None = None


def _prices(said: Mapping[str, Any], observed: str) -> Prices:
    """``prices``: one set, or several that hold from a day on or between two times of day; the last that holds counts.

    The set in force on the day of the reading is the base; what held before ends where the next begins, and what comes
    later starts on its day, so that any day finds its price.
    """
    given = said.get("prices")
    entries = [_dated({"prices": given})] if isinstance(given, dict) else [_dated(each) for each in _all(given)]
    sets = [each for each in entries if each is not None]
    dated = sorted((each for each in sets if each.daily is None), key=lambda each: each.starts or "")
    now = next((each for each in reversed(dated) if (each.starts or "") <= observed), None)
    windows = [
        Window(rates=each.rates, tiers=each.tiers, starts=each.starts, ends=after.starts if after else None)
        for each, after in zip(dated, [*dated[1:], None], strict=False)
        if each is not now
    ]
    for each in sets:
        if each.daily is not None:
            start, end = each.daily
            windows.append(Window(rates=each.rates, tiers=each.tiers, daily_from=start, daily_until=end))
    base = now.rates if now else Rates()
    return Prices(base=_with_batch(base, said), tiers=now.tiers if now else (), windows=tuple(windows))


def _all(given: object) -> Iterator[Mapping[str, Any]]:
    return map(reading.members, reading.items(given))


def _dated(entry: Mapping[str, Any]) -> _Dated | None:
    """One set of prices; None where it cannot be said when it holds, or nothing in it can be read."""
    rates, tiers = _tiered(reading.members(entry.get("prices")))
    constraint = entry.get("constraint")
    if not (tiers or any(True for _ in rates.known())):
        return None
    if constraint is None:
        return _Dated(rates, tiers)
    when = reading.members(constraint)
    if starts := reading.day(when.get("start_date")):
        return _Dated(rates, tiers, starts)
    start, end = _time(when.get("start_time")), _time(when.get("end_time"))
    return _Dated(rates, tiers, daily=(start, end)) if start and end else None


def _tiered(said: Mapping[str, Any]) -> tuple[Rates, tuple[Tier, ...]]:
    """Base prices and tiers out of ``{name: price}`` and ``{name: {base, tiers: [{start, price}]}}``.

    A tier holds for more than ``start`` tokens (``TieredPrices`` in upstream's types.py), and re-rates all of them.
    """
    base: dict[str, Any] = {}
    steps: dict[int, dict[str, Any]] = {}
    for name, price in said.items():
        if not isinstance(price, dict):
            base[name] = price
            continue
        base[name] = price.get("base")
        for step in _all(price.get("tiers")):
            if (start := reading.whole(step.get("start"))) is not None:
                steps.setdefault(start, {})[name] = step.get("price")
    tiers = reading.tiers({start: reading.rates(prices, _RATES) for start, prices in steps.items()})
    return reading.rates(base, _RATES), tiers


def _with_batch(base: Rates, said: Mapping[str, Any]) -> Rates:
    """``base`` and the prices of ``price_variants`` for ``{"processing": "batch"}``; others have no place here."""
    found: dict[str, Decimal] = {}
    for variant in _all(said.get("price_variants")):
        if variant.get("when") == {"processing": "batch"} and variant.get("constraint") is None:
            rates, _ = _tiered(reading.members(variant.get("prices")))
            found |= {f"batch_{name}": price for name, price in rates.known() if name in ("input", "output")}
    return meant(msgspec.structs.replace(base, **found)) if found else base


def _time(said: object) -> str | None:
    """``HH:MM`` of a time of day in UTC."""
    if isinstance(said, dict):
        match = _PYTHON_TIME.fullmatch(str(said.get("$time"))[:100])
    else:
        match = _TIME.fullmatch(said) if isinstance(said, str) else None
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


TRANSLATOR = Translator(version=1, categories=("model", "provider"), translate=translate)
