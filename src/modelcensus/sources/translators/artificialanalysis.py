"""What Artificial Analysis measures of models: https://artificialanalysis.ai/documentation.

Its prices are those of the lab itself or the median of providers, so there is a listing and no offering. The older
API says 0 where it does not know: of 7,585 recorded entries 2,510 have an input price of 0, and every one of them an
output price of 0 too, dear models among them. So 0 is never a price here, nor a speed; ``blended`` is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from modelcensus.core.catalog.listing import (
    Benchmark,
    Listing,
    Prices,
    Rates,
    Snapshot,
    Translated,
    Untranslatable,
)
from modelcensus.core.catalog.units import Per
from modelcensus.sources.translators import native
from modelcensus.sources.translators.contract import Aids, Translator
from modelcensus.sources.translators.reading import day, flag, members, name, number, rate

ATTRIBUTION = "Artificial Analysis (https://artificialanalysis.ai)"
"""Upstream asks for it wherever its numbers are shown."""
_PRICES = {
    "input": "price_1m_input_tokens", "output": "price_1m_output_tokens", "cache_read": "price_1m_cache_hit_tokens",
    "cache_write": "price_1m_cache_write_tokens",
}  # fmt: skip
_SPEEDS = {
    "median_output_tokens_per_second": "median_output_tokens_per_second",
    "median_time_to_first_token_seconds": "median_time_to_first_token_seconds",
    "median_time_to_first_answer_token": "median_time_to_first_answer_token_seconds",
    "median_time_to_first_answer_token_seconds": "median_time_to_first_answer_token_seconds",
    "median_end_to_end_response_time_seconds": "median_end_to_end_response_time_seconds",
}
"""Names of either API, and the one that we use for both."""
_MOST = 200
"""Benchmarks of one model that are kept; 17 is the most that was seen."""


def translate(snapshot: Snapshot, aids: Aids) -> Translated:  # noqa: ARG001  # every translator is given the aids
    """One model at one reasoning setting. Raises ``Untranslatable`` for one without a name."""
    entity = snapshot.data
    called, slug = name(entity.get("name")), name(entity.get("slug"))
    if called is None and slug is None:
        raise Untranslatable("it has neither a name nor a slug", "see whether upstream changed its format")
    creator = members(entity.get("model_creator"))
    found = Listing(
        **native.origin(snapshot),
        name=called or slug,
        lab=name(creator.get("slug")) or name(creator.get("name")),
        canonical=slug,
        prices=Prices(base=_rates(members(entity.get("pricing")))),
        released=day(entity.get("release_date")),
        open_weights=flag(members(entity.get("licensing")).get("is_open_weights")),
        benchmarks=tuple(_benchmarks(snapshot.volatile)),
    )
    return Translated(found)


def _rates(said: Mapping[str, Any]) -> Rates:
    prices = {ours: rate(said.get(theirs), Per.MILLION) for ours, theirs in _PRICES.items()}
    return Rates(**{ours: price for ours, price in prices.items() if price})


def _benchmarks(volatile: Mapping[str, Any]) -> Iterator[Benchmark]:
    """Scores, a real 0 among them, then speeds, where 0 is not measured."""
    scores = sorted(members(volatile.get("evaluations")).items())[:_MOST]
    for field, said in scores:
        called, score = name(field), number(said)
        if called is not None and score is not None:
            yield Benchmark(name=called, value=score, attribution=ATTRIBUTION)
    yield from (Benchmark(name=speed, value=value, attribution=ATTRIBUTION) for speed, value in _speeds(volatile))


def _speeds(volatile: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    measured = {**volatile, **members(volatile.get("performance"))}
    found = {ours: value for theirs, ours in _SPEEDS.items() if (value := number(measured.get(theirs)))}
    return list(found.items())


TRANSLATOR = Translator(version=1, categories=("model",), translate=translate)
