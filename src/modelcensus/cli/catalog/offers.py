"""Who offers a model at which price, and what was measured of it, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from modelcensus.cli.explanations import dollars
from modelcensus.cli.output import Out, say, table
from modelcensus.core.catalog.listing import Benchmark, Offering


def listed(out: Out, offerings: Sequence[Offering], benchmarks: Sequence[Benchmark]) -> None:
    """The offerings, cheapest first, those without a price last; then the benchmarks, each with whom to name."""
    if offerings:
        out.line()
        columns = ("|offered by", "|region", ">input", ">output", ">cached", ">context", ">max output", "says")
        table(out, columns, map(_offer, sorted(offerings, key=_dearness)))
    if benchmarks:
        out.line()
        rows = ((mark.name, f"{mark.value:f}", mark.attribution) for mark in benchmarks)
        table(out, ("benchmark", ">measured", "data by"), rows)
    if not offerings and not benchmarks:
        say(out, "no source says who offers it")


def _dearness(offer: Offering) -> tuple[bool, Decimal, str]:
    price = offer.prices.base.input
    return price is None, price or Decimal(0), offer.provider


def _offer(offer: Offering) -> tuple[str, ...]:
    rates = offer.prices.base
    prices = (rates.input, rates.output, rates.cache_read)
    told = ["varies" if offer.prices.variable else "-" if price is None else dollars(price) for price in prices]
    limits = [f"{limit:,}" if limit is not None else "-" for limit in (offer.context, offer.max_output)]
    name = offer.provider + (f" ({offer.quantization})" if offer.quantization else "")
    return name, offer.region or "-", *told, *limits, offer.source
