"""What a use of a model costs: an exact bill from its prices, line by line.

Money is exact to the last digit and never rounded. A price that is not known makes its line and the total None, and
``missing`` names it; it is never 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, Inexact

import msgspec

from modelcensus.core.catalog.listing import Prices, Rates, Tier, Window
from modelcensus.core.errors import InvalidInput

MAX_COUNT = 10**15
"""Tokens, images or requests that one usage may have."""
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
_MILLION = 6


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was used, as one request.

    ``input`` is the whole prompt: ``cached``, ``cache_written``, ``cache_written_1h`` and ``audio_input`` are parts of
    it. ``output`` is the whole answer: ``reasoning`` and ``audio_output`` are parts of it. All are tokens; ``images``,
    ``requests`` and ``web_searches`` are counts. ``requests`` above 1 only multiplies a price per request: each request
    has a prompt of its own, so that several are several usages.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_written: int = 0
    cache_written_1h: int = 0
    reasoning: int = 0
    images: int = 0
    audio_input: int = 0
    audio_output: int = 0
    requests: int = 1
    web_searches: int = 0
    batch: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a bill: so many of ``what``, at ``rate`` USD per ``per`` of them, make ``amount`` USD.

    ``price`` names the price in ``Rates``. ``rate`` and ``amount`` are None where it is not known.
    """

    what: str
    count: int
    price: str
    per: int
    rate: Decimal | None = None
    amount: Decimal | None = None
    note: str | None = None


class Cost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A bill in USD. ``total`` is None where a price is not known; ``missing`` names each such price once.

    ``window`` and ``tier`` are those whose prices were taken, None for the base ones.
    """

    lines: tuple[Line, ...]
    total: Decimal | None
    missing: tuple[str, ...] = ()
    window: Window | None = None
    tier: Tier | None = None

    @property
    def known(self) -> Decimal:
        """The sum of what is known: the total, or less than it would be."""
        return _sum(line.amount for line in self.lines if line.amount is not None)


def cost(prices: Prices, usage: Usage, at: datetime, region: str | None = None) -> Cost:
    """The bill for one use at a time, which must have a zone, and in a region where one is given.

    The prices of the window that holds then and there count, whole, else the base ones. A prompt above a tier's
    threshold puts the tier's prices on the whole request; what the tier names no price for keeps the one below it.
    Raises ``InvalidInput`` for a usage that cannot be, and for a time without a zone.
    """
    _check(usage)
    if at.tzinfo is None:
        raise InvalidInput("the time has no zone", "write 2026-03-01T12:00:00Z, or pass a datetime with a zone")
    window = window_at(prices, at, region)
    base, tiers = (window.rates, window.tiers) if window else (prices.base, prices.tiers)
    reached = sorted((tier for tier in tiers if usage.input > tier.above), key=lambda tier: tier.above)
    rates = base
    for tier in reached:
        rates = msgspec.structs.replace(rates, **_rerated(tier.rates))
    # A router's price is known only once it has chosen: numbers beside the mark would be a guess.
    rates = Rates() if prices.variable else rates
    lines = tuple(_lines(rates, usage, _varies(prices)))
    missing = tuple(dict.fromkeys(line.price for line in lines if line.amount is None))
    total = None if missing else _sum(line.amount for line in lines if line.amount is not None)
    return Cost(lines=lines, total=total, missing=missing, window=window, tier=reached[-1] if reached else None)


def _rerated(tier: Rates) -> dict[str, Decimal | None]:
    """The prices that a tier sets; a batch's is not known any more where the tier sets only that of single requests."""
    batch = {f"batch_{side}": None for side in ("input", "output") if getattr(tier, side) is not None}
    return {**batch, **dict(tier.known())}


def repeated(amount: Decimal, times: int) -> Decimal:
    """So many times an amount, exact."""
    return _EXACT.multiply(amount, Decimal(times))


def window_at(prices: Prices, at: datetime, region: str | None = None) -> Window | None:
    """The window that holds; of several the one for the region, then the one for hours, then the one begun last."""
    moment = at.astimezone(UTC)
    holding = [window for window in prices.windows if _holds(window, moment, region)]
    return max(
        enumerate(holding),
        key=lambda each: (each[1].region is not None, each[1].daily_from is not None, each[1].starts or "", each[0]),
        default=(0, None),
    )[1]


def _holds(window: Window, moment: datetime, region: str | None) -> bool:
    if window.region is not None and (region is None or window.region.casefold() != region.casefold()):
        return False
    day = moment.date().isoformat()
    # As text "2026-03" comes before every day in it: a month begins and ends a window with its first day.
    if (window.starts is not None and day < window.starts) or (window.ends is not None and day >= window.ends):
        return False
    begin, end = window.daily_from, window.daily_until
    if begin is None and end is None:
        return True
    begin, end, time = begin or "00:00", end or "24:00", f"{moment:%H:%M}"
    # One that ends before it begins goes on past midnight.
    return begin <= time < end if begin < end else time >= begin or time < end


def _check(usage: Usage) -> None:
    for field in usage.__struct_fields__:
        count = getattr(usage, field)
        if field != "batch" and not 0 <= count <= MAX_COUNT:
            raise InvalidInput(f"{field} = {count} is no number from 0 to {MAX_COUNT:,}", "correct the usage")
    parts = usage.cached + usage.cache_written + usage.cache_written_1h + usage.audio_input
    if parts > usage.input:
        raise InvalidInput(
            f"cached, written and audio tokens ({parts:,}) are more than the input ({usage.input:,})",
            "input counts the whole prompt, cached and written tokens too: add them to it",
        )
    if usage.reasoning + usage.audio_output > usage.output:
        raise InvalidInput(
            f"reasoning and audio tokens ({usage.reasoning + usage.audio_output:,}) are more than the output "
            f"({usage.output:,})",
            "output counts the whole answer, reasoning and audio tokens too: add them to it",
        )


def _varies(prices: Prices) -> str | None:
    return "the price depends on the model that the router chooses" if prices.variable else None


def _lines(rates: Rates, usage: Usage, why: str | None) -> Iterator[Line]:
    """Every line with something on it."""
    for line in (*_prompt(rates, usage), *_answer(rates, usage), *_counts(rates, usage)):
        if line.count:
            yield msgspec.structs.replace(line, note=why) if why else line


def _prompt(rates: Rates, usage: Usage) -> Iterator[Line]:
    plain = "batch_input" if usage.batch else "input"
    parts = usage.cached + usage.cache_written + usage.cache_written_1h + usage.audio_input
    yield _tokens(rates, "input", usage.input - parts, plain)
    # A batch has no price of its own for cached tokens, and that of single requests is not for it.
    if usage.batch or rates.cache_read is None:
        note = f"no price is known for cached tokens{' in a batch' if usage.batch else ''}: billed as other input"
        yield _tokens(rates, "cached input", usage.cached, plain, note=note)
    else:
        yield _tokens(rates, "cached input", usage.cached, "cache_read")
    yield _tokens(rates, "written to the cache", usage.cache_written, "cache_write", batch=usage.batch)
    yield _tokens(rates, "written to the cache for 1 hour", usage.cache_written_1h, "cache_write_1h", batch=usage.batch)
    yield _tokens(rates, "audio input", usage.audio_input, "audio_input", batch=usage.batch)


def _answer(rates: Rates, usage: Usage) -> Iterator[Line]:
    plain = "batch_output" if usage.batch else "output"
    apart = usage.reasoning if rates.reasoning is not None and not usage.batch else 0
    note = f"{usage.reasoning:,} of them reasoning" if usage.reasoning and not apart else None
    yield _tokens(rates, "output", usage.output - apart - usage.audio_output, plain, note=note)
    yield _tokens(rates, "reasoning", apart, "reasoning")
    yield _tokens(rates, "audio output", usage.audio_output, "audio_output", batch=usage.batch)


def _counts(rates: Rates, usage: Usage) -> Iterator[Line]:
    yield _line("images", usage.images, "image", 1, rates.image)
    yield _line("web searches", usage.web_searches, "web_search", 1, rates.web_search)
    # Hardly any model has a price per request, and sources leave it out rather than say 0.
    if rates.request is not None:
        yield _line("requests", usage.requests, "request", 1, rates.request)


def _tokens(rates: Rates, what: str, count: int, price: str, *, note: str | None = None, batch: bool = False) -> Line:
    """A line of tokens. ``batch``: the price is that of single requests, and in a batch none is known."""
    if batch:
        return _line(what, count, price, 10**_MILLION, None, "no price is known for it in a batch")
    return _line(what, count, price, 10**_MILLION, getattr(rates, price), note)


def _line(what: str, count: int, price: str, per: int, rate: Decimal | None, note: str | None = None) -> Line:
    amount = None
    if rate is not None:
        amount = _EXACT.multiply(Decimal(count), rate)
        amount = amount.scaleb(-_MILLION, _EXACT) if per != 1 else amount
    elif note is None:
        note = "no price is known"
    return Line(what=what, count=count, price=price, per=per, rate=rate, amount=amount, note=note)


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total
