"""A bill line by line, and what it rests on: which prices, window and tier, said by whom, in which snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from rich.text import Text

from modelcensus.cli.catalog.values import UNKNOWN
from modelcensus.cli.explanations import dollars
from modelcensus.cli.output import Out, Row, cell, facts, say, table
from modelcensus.cli.text import moment, visible
from modelcensus.core.catalog.cost import Cost, Line
from modelcensus.core.catalog.listing import Window
from modelcensus.core.catalog.model import Origin

_HASH = 12


def bill(
    out: Out,
    cost: Cost,
    *,
    model_id: str,
    at: int,
    origins: Mapping[str, Origin],
    basis: str = "",
    overridden: Collection[str] = (),
) -> None:
    """The bill of one use at a time (microseconds).

    ``origins`` by price name say which snapshots the prices are of, ``overridden`` names those that a person set.
    """
    say(out, Text.assemble((visible(model_id), "bold"), f"  {moment(at)}"))
    table(out, ("what", ">count", ">USD", "|per", ">amount", "note"), map(_line, cost.lines))
    if not cost.lines:
        say(out, "nothing was used")
    out.line()
    facts(out, _rests_on(cost, origins, basis, overridden))


def _line(line: Line) -> Row:
    rate = dollars(line.rate) if line.rate is not None else cell(UNKNOWN, "yellow")
    amount = dollars(line.amount) if line.amount is not None else cell(UNKNOWN, "yellow")
    per = "million" if line.per != 1 else "one"
    return line.what, f"{line.count:,}", rate, per, amount, line.note or ""


def _rests_on(
    cost: Cost, origins: Mapping[str, Origin], basis: str, overridden: Collection[str]
) -> Iterator[tuple[str, object]]:
    yield "total", _total(cost)
    if cost.missing:
        yield "not known", cell(", ".join(cost.missing), "yellow")
    yield "prices", window(cost.window)
    if cost.tier:
        yield "tier", f"prompts above {cost.tier.above:,} tokens: it rates the whole request"
    if basis:
        yield "as of", basis
    # The prices of a window or a tier come from one field that holds them all.
    wanted = dict.fromkeys([*(line.price for line in cost.lines), *(["tiers"] if cost.tier else []),
                            *(["windows"] if cost.window else [])])  # fmt: skip
    if own := [name for name in wanted if name in overridden]:
        yield "set by a person", cell(", ".join(own), "yellow")
    told: dict[Origin, list[str]] = {}
    for name in wanted:
        if origin := origins.get(name):
            told.setdefault(origin, []).append(name)
    for origin, names in told.items():
        yield "source", f"{origin.source} {origin.key}: {', '.join(names)}"
        yield "snapshot", f"{origin.sha256[:_HASH]}, said {moment(origin.observed_at)}"


def _total(cost: Cost) -> Text:
    if cost.total is not None:
        return cell(f"USD {dollars(cost.total)}", "bold")
    return cell(f"{UNKNOWN}: at least USD {dollars(cost.known or Decimal(0))}", "yellow")


def window(held: Window | None) -> str:
    """Which price window was taken, in words."""
    if held is None:
        return "the base prices"
    parts = []
    if held.starts or held.ends:
        parts.append(f"from {held.starts or 'the beginning'} to {held.ends or 'further notice'}")
    if held.daily_from or held.daily_until:
        parts.append(f"daily {held.daily_from or '00:00'} to {held.daily_until or '24:00'} UTC")
    if held.region:
        parts.append(f"in {visible(held.region)}")
    return f"those of a window: {', '.join(parts) or 'always'}"
