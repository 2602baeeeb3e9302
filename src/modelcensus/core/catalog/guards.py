"""Guards: each holds back one implausible thing that a plan would do, and says why. Every one comes from an incident.

A guard is a pure function of a few values and the thresholds; it gives a ``Hold`` or None. What a guard holds stays in
the plan, in sight, and a person can let it through with a reason, but for what is no price at all (``NEVER_RELEASED``).
Prices are USD per million tokens, or per one where the rate's name says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec

from modelcensus.core.catalog.fields import PER_MILLION, RATES, number, objects, says_free
from modelcensus.core.catalog.model import Hold, Value

_LOOK = "look at the provider's own price page; release it with a reason if it is right"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From where on a guard holds.

    ``jump`` is a factor, up or down; a jump of a price per million tokens by less than ``jump_worth`` USD is let
    through (``0``: none is), a unit slip is not. ``lowest_`` and ``highest_`` bound every price that is not 0.
    ``shrink`` is the share of its context from which on a loss is held. ``flaps``: how often the same correction was
    made before. ``removed_share`` and ``removed_count`` bound the models that one plan archives; a single one is let
    through unless it is the last. Archiving wants ``absent_readings`` complete readings, the first and the last of
    them at least ``absent_hours`` apart.
    """

    jump: Decimal = Decimal(10)
    jump_worth: Decimal = Decimal("0.5")
    lowest_per_million: Decimal = Decimal("0.0001")
    highest_per_million: Decimal = Decimal(1000)
    highest_each: Decimal = Decimal(100)
    shrink: Decimal = Decimal("0.5")
    flaps: int = 3
    removed_share: Decimal = Decimal("0.1")
    removed_count: int = 20
    absent_readings: int = 2
    absent_hours: int = 24


STANDARD = Thresholds()
"""Where the settings say nothing."""
NEVER_RELEASED = frozenset(("not_a_number", "negative"))
"""Guards that hold what can never be a price: a person can override the field, but not let this through."""
_SLIPS = {Decimal(1000): "10^3", Decimal(1_000_000): "10^6"}


def not_a_number(value: Value) -> Hold | None:
    """NaN, an infinity, an exponent that no price has, or text that is no number."""
    if number(value) is not None:
        return None
    return Hold("not_a_number", f"'{str(value)[:40]}' is no price", "report it upstream; set an override meanwhile")


def negative(price: Decimal) -> Hold | None:
    """A negative price. The mark -1 for a price that varies is read as such before, and is no price."""
    if price >= 0:
        return None
    return Hold("negative", f"{price:f} is below zero", "report it upstream; set an override meanwhile")


def too_low(rate: str, price: Decimal, limits: Thresholds) -> Hold | None:
    """A price that is not zero but as good as it: one per token taken for one per million, at first sight too."""
    if rate not in PER_MILLION or not 0 < price < limits.lowest_per_million:
        return None
    reason = f"{price:f} USD for a million tokens is less than {limits.lowest_per_million:f}"
    return Hold("too_low", reason, f"a wrong unit, most likely; {_LOOK}")


def too_high(rate: str, price: Decimal, limits: Thresholds) -> Hold | None:
    """A price that no model has, as when one per million is given as one per token; a first price is judged too."""
    highest = limits.highest_per_million if rate in PER_MILLION else limits.highest_each
    if price <= highest:
        return None
    unit = "a million tokens" if rate in PER_MILLION else "one"
    return Hold("too_high", f"{price:f} USD for {unit} is more than {highest:f}", f"a wrong unit, most likely; {_LOOK}")


def unit_slip(before: Decimal, after: Decimal) -> Hold | None:
    """Exactly a thousand or a million times as much or as little: a price per another number of tokens."""
    if before <= 0 or after <= 0:
        return None
    for factor, words in _SLIPS.items():
        if before * factor == after or after * factor == before:
            share = f"{words} times" if after > before else f"1/{words} of"
            return Hold("unit_slip", f"exactly {share} what it was ({before:f} -> {after:f})", f"wrong unit; {_LOOK}")
    return None


def jump(rate: str, before: Decimal, after: Decimal, limits: Thresholds) -> Hold | None:
    """Ten times as much or as little, or more; cheap models whose cheapest provider changes apart (``jump_worth``)."""
    if before <= 0 or after <= 0 or max(before, after) < limits.jump * min(before, after):
        return None
    if rate in PER_MILLION and abs(after - before) < limits.jump_worth:
        return None
    way = "dearer" if after > before else "cheaper"
    factor = f"{max(before, after) / min(before, after):,.1f}".removesuffix(".0")
    return Hold("jump", f"{factor} times {way} ({before:f} -> {after:f})", _LOOK)


def zero_crossing(before: Decimal, after: Decimal) -> Hold | None:
    """To zero: a missing price that was read as 0, or a promotion. From zero: its end, or a correction."""
    if (before == 0) == (after == 0):
        return None
    if after == 0:
        return Hold("to_zero", f"free from now on, {before:f} before", f"a missing price is not 0; {_LOOK}")
    return Hold("from_zero", f"free before, {after:f} from now on", f"users may count on it being free; {_LOOK}")


def price_gone(rate: str, before: Decimal, after: Mapping[str, Value]) -> Hold | None:
    """The price of input or output is no longer said, though the model is still listed: the last one is kept."""
    if rate not in ("input", "output") or after.get("price.variable") is True:
        return None
    return Hold("price_gone", f"no source says it any more, {before:f} before", f"unknown is not free; {_LOOK}")


_BEYOND_BASE = ("price.tiers", "price.windows", "price.variable")


def free_unsaid(model_id: str, fields: Mapping[str, Value]) -> Hold | None:
    """A model with no price before whose every price is now 0, while neither id nor name says free: not known yet."""
    prices = [number(fields[path]) for rate in RATES if (path := f"price.{rate}") in fields]
    if not prices or any(price != 0 for price in prices) or any(path in fields for path in _BEYOND_BASE):
        return None
    if says_free(f"{model_id} {fields.get('name', '')}"):
        return None
    return Hold(
        "free_unsaid", "every price is 0 and nothing says that it is free", f"a missing price is not 0; {_LOOK}"
    )


def output_below_cached(fields: Mapping[str, Value]) -> Hold | None:
    """A written token that costs less than one read from the cache: two prices swapped, or one of another model."""
    output, cached = number(fields.get("price.output")), number(fields.get("price.cache_read"))
    if not output or not cached or output >= cached or output < 0:
        return None
    return Hold("output_below_cached", f"output ({output:f}) costs less than cached input ({cached:f})", _LOOK)


def shrinking(before: Value, after: Value, limits: Thresholds) -> Hold | None:
    """A context that shrinks by half or more: a provider's limit, or the output limit, taken for the model's."""
    one, other = number(before), number(after)
    if not one or other is None or other > one * (1 - limits.shrink):
        return None
    return Hold("shrinking", f"{one:,} -> {other:,} tokens", "often one provider's limit; release it if the model's is")


def flapping(before: Value, after: Value, history: Sequence[Value], limits: Thresholds) -> Hold | None:
    """The same correction over and over: ``history`` is what the field was, oldest first."""
    times = sum(1 for one, other in pairwise(history) if one == before and other == after)
    if times < limits.flaps:
        return None
    return Hold(
        "flapping", f"the same change was made {times} times before", "two sources quarrel; set an order or override"
    )


def mass_removal(removed: int, active: int, limits: Thresholds) -> Hold | None:
    """More models archived at once than providers ever retire in a day: half an answer, most likely."""
    if removed == 0:
        return None
    few = removed == 1 or removed <= limits.removed_share * active
    if removed < active and removed <= limits.removed_count and few:
        return None
    hint = "see whether the source's last readings are whole; release those that are really gone, one by one"
    return Hold("mass_removal", f"{removed} of {active} models would go at once", hint)


def under_review(source: str) -> Hold:
    """The source's policy is that a person looks at everything it says."""
    return Hold("review", f"changes from {source} wait for a person", "release it, or set the source's policy to auto")


def judge_price(rate: str, before: Value | None, after: Value, limits: Thresholds) -> Hold | None:
    """The first guard that holds a price; ``before`` None where there was none: it is judged by itself."""
    price = number(after)
    if price is None:
        return not_a_number(after)
    hold = negative(price)
    old = number(before)
    if hold is None and old is not None:
        hold = unit_slip(old, price) or zero_crossing(old, price) or jump(rate, old, price, limits)
    return hold or too_high(rate, price, limits) or too_low(rate, price, limits)


def judge_list(before: Value, after: Value, limits: Thresholds) -> Hold | None:
    """The same for tiers and windows, each price against that of the same tier or window before."""
    old = {_when(each): each.get("rates") for each in objects(before)}
    for each in objects(after):
        rates, had = each.get("rates"), old.get(_when(each))
        for rate, price in rates.items() if isinstance(rates, dict) else ():
            hold = judge_price(rate, had.get(rate) if isinstance(had, dict) else None, price, limits)
            if hold:
                return Hold(hold.guard, f"{rate}: {hold.reason}", hold.hint)
    return None


def _when(each: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in each.items() if name != "rates"))


Held = dict[str, Hold]
"""What is held of one model, by path."""
_LISTS = ("price.tiers", "price.windows")
_CONTEXTS = ("context", "max_input")
_PAIR = ("price.output", "price.cache_read")


def judge_fields(
    model_id: str,
    before: Mapping[str, Value] | None,
    after: Mapping[str, Value],
    changed: Sequence[str],
    limits: Thresholds = STANDARD,
    history: Mapping[str, Sequence[Value]] | None = None,
) -> Held:
    """What the guards hold of one model's changed paths; ``before`` None for a new model."""
    was: Mapping[str, Value] = before or {}
    held: Held = {}
    for path in changed:
        judge = _JUDGES.get(path)
        hold = judge(path, was, after, limits) if judge else None
        if hold is None and history and path in was and path in after and (past := history.get(path)):
            hold = flapping(was[path], after[path], past, limits)
        if hold:
            held[path] = hold
    pair = [path for path in _PAIR if path in changed and path not in held]
    if pair and not output_below_cached(was):
        # Judged as it would be published: in place of a price that is held stands the one from before.
        published = {path: side[path] for path in _PAIR if path in (side := was if path in held else after)}
        if hold := output_below_cached(published):
            held.update((path, hold) for path in pair)
    unpriced = not any(path.startswith("price.") for path in was)
    if unpriced and (hold := free_unsaid(model_id, after)):
        held.update((path, hold) for path in changed if path.startswith("price.") and path not in held)
    return held


def _rate(path: str, was: Mapping[str, Value], after: Mapping[str, Value], limits: Thresholds) -> Hold | None:
    rate = path.removeprefix("price.")
    if path in after:
        return judge_price(rate, was.get(path), after[path], limits)
    old = number(was.get(path))
    return None if old is None else price_gone(rate, old, after)


def _list(path: str, was: Mapping[str, Value], after: Mapping[str, Value], limits: Thresholds) -> Hold | None:
    return judge_list(was.get(path), after.get(path), limits)


def _context(path: str, was: Mapping[str, Value], after: Mapping[str, Value], limits: Thresholds) -> Hold | None:
    return shrinking(was[path], after[path], limits) if path in was and path in after else None


_Judge = Callable[[str, Mapping[str, Value], Mapping[str, Value], Thresholds], "Hold | None"]
_JUDGES: dict[str, _Judge] = {
    **{f"price.{rate}": _rate for rate in RATES},
    **dict.fromkeys(_LISTS, _list),
    **dict.fromkeys(_CONTEXTS, _context),
}
