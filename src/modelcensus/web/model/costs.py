"""The cost calculator: what somebody wants to use, as they typed it, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from modelcensus.core.catalog.cost import MAX_COUNT, Usage
from modelcensus.core.catalog.fields import prices_of
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.quotes import Quote, quote, quotes
from modelcensus.core.errors import InvalidInput

_FIELDS = {
    "input": ("Prompt tokens", "10000"),
    "cached": ("of them cached", "0"),
    "output": ("Answer tokens", "1000"),
    "requests": ("Requests", "1000"),
}
_LONGEST = 40


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the form: its name, what it is called, what was typed, and what is wrong with that."""

    name: str
    label: str
    text: str
    problem: str = ""


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """The filled form and, where nothing is wrong with it, the answers. ``own`` is at the model's published prices."""

    wanted: tuple[Wanted, ...]
    own: Quote | None = None
    offered: tuple[Quote, ...] = ()
    requests: int = 0
    problem: str = ""
    timed: bool = False


def costs_of(portrait: Portrait, typed: Mapping[str, str | None], at: datetime) -> Costs:
    """What was typed, and what it costs at a time: of each request, then of all."""
    wanted, counts = [], {}
    for name, (label, default) in _FIELDS.items():
        given = typed.get(name)
        text = default if given is None else given.strip()[:_LONGEST]
        count = _count(text)
        counts[name] = count if count is not None else 0
        wrong = "" if count is not None else f"a whole number from 0 to {MAX_COUNT:,}"
        wanted.append(Wanted(name=name, label=label, text=text, problem=wrong))
    prices = prices_of({path: said for path, said in portrait.entry.model.fields.items() if path.startswith("price.")})
    timed = bool(prices.windows) or any(each.prices.windows for each in portrait.offerings)
    if any(each.problem for each in wanted):
        return Costs(wanted=tuple(wanted), problem="one of these is no number")
    try:
        usage = Usage(input=counts["input"], output=counts["output"], cached=counts["cached"])
        own = quote(prices, usage, counts["requests"], at) if prices.known else None
        offered = tuple(quotes(portrait.offerings, usage, counts["requests"], at))
    except InvalidInput as error:
        return Costs(wanted=tuple(wanted), problem=f"{error.message}: {error.hint}")
    return Costs(wanted=tuple(wanted), own=own, offered=offered, requests=counts["requests"], timed=timed)


def _count(text: str) -> int | None:
    """A whole number as people write it: spaces, commas and underscores between its digits are theirs."""
    plain = text.replace(",", "").replace("_", "").replace(" ", "").replace("\u202f", "")
    if not plain.isascii() or not plain.isdigit():
        return None
    count = int(plain)
    return count if count <= MAX_COUNT else None
