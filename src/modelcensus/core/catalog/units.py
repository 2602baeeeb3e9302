"""Numbers as sources write them, and the one place where prices change their unit.

Sources say prices per token, per thousand or per million tokens, as JSON numbers or as decimal text. All become USD per
million tokens, exactly. What cannot be read is refused with a reason, so that it stays unknown and never becomes 0.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact
from enum import Enum

from modelcensus.core.catalog.listing import Rates

MAX_CHARS = 100
"""Characters that a number written as text may have."""
MAX_MAGNITUDE = 30
"""Powers of ten, up or down, that a price may have. Real ones per token or million have at most 10."""
VARIABLE = Decimal(-1)
"""Said in place of a price that depends on what a router chooses."""
MAX_QUOTIENT_PLACES = 12
"""Decimal places that remain where a division does not end, as from an hour to a minute."""

_EXACT = Context(prec=MAX_CHARS + 2 * MAX_MAGNITUDE)
_NO_ROUNDING = Context(prec=_EXACT.prec, traps=[Inexact])


class Unreadable(ValueError):
    """It is no number that could be a price; ``reason`` says why in one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Per(Enum):
    """How many of a thing the said price is for: ``(times, parts)`` of it make the price that we keep.

    The first three are of tokens and give USD per million. The others give USD per one: of anything, of what is priced
    by the thousand or million, and per minute from a price per second or hour.
    """

    TOKEN = (1_000_000, 1)
    THOUSAND = (1_000, 1)
    MILLION = (1, 1)
    EACH = MILLION
    THOUSAND_EACH = (1, 1_000)
    MILLION_EACH = (1, 1_000_000)
    SECOND = (60, 1)
    HOUR = (1, 60)


def exact(said: object) -> Decimal:
    """A JSON number or decimal text as it is, without needless zeros. Raises ``Unreadable``.

    A negative number is given as it is: whoever plans a change holds it back, and shows it.
    """
    if isinstance(said, bool) or not isinstance(said, (int, Decimal, float, str)):
        raise Unreadable(f"a number was due, not {_kind(said)}")
    if isinstance(said, str):
        said = said.strip()
        if not said or len(said) > MAX_CHARS or "_" in said or not said.isascii():
            raise Unreadable(f"no decimal number: {said[:40]!r}")
    try:
        number = Decimal(repr(said) if isinstance(said, float) else said)
    except ArithmeticError:
        raise Unreadable(f"no decimal number: {said!r}") from None
    if not number.is_finite():
        raise Unreadable(f"not finite: {said}")
    if number and abs(number.adjusted()) > MAX_MAGNITUDE:
        raise Unreadable(f"beyond 10^{MAX_MAGNITUDE}: {str(said)[:40]}")
    if len(number.as_tuple().digits) > MAX_CHARS:
        raise Unreadable(f"more than {MAX_CHARS} digits")
    return plain(number)


def price(said: object, per: Per) -> Decimal:
    """What is said as a price, in our unit: USD per million tokens or per one. Raises ``Unreadable``.

    Exact but for a division that does not end, which is rounded to ``MAX_QUOTIENT_PLACES``.
    """
    times, parts = per.value
    product = _EXACT.multiply(exact(said), Decimal(times))
    if parts == 1:
        return plain(product)
    try:
        return plain(_NO_ROUNDING.divide(product, Decimal(parts)))
    except Inexact:
        places = Decimal(1).scaleb(-MAX_QUOTIENT_PLACES)
        return plain(_EXACT.divide(product, Decimal(parts)).quantize(places, ROUND_HALF_EVEN, _EXACT))


def told(price: Decimal, per: Per) -> Decimal:
    """Our price as those say it who read us, the way back from ``price``: USD per token, per thousand ...

    Exact but for a division that does not end, which is rounded to ``MAX_QUOTIENT_PLACES`` more than the price has.
    """
    times, parts = per.value
    product = _EXACT.multiply(price, Decimal(parts))
    try:
        return plain(_NO_ROUNDING.divide(product, Decimal(times)))
    except Inexact:
        exponent = product.as_tuple().exponent
        places = min(int(exponent), 0) - MAX_QUOTIENT_PLACES
        return plain(_EXACT.divide(product, Decimal(times)).quantize(Decimal(1).scaleb(places), context=_EXACT))


def is_variable(said: object) -> bool:
    """Whether it is the mark ``-1``, in any spelling, of a price that varies."""
    try:
        return exact(said) == VARIABLE
    except Unreadable:
        return False


def meant(rates: Rates) -> Rates:
    """``rates`` without the zeros that stand for "nothing is said".

    Free is what costs 0 for both input and output. Beside a price, catalogs fill in 0 for what is not charged apart or
    not known (a cache write, a request, the tokens of a model that is paid by the picture): these become unknown.
    """
    tokens = [price for price in (rates.input, rates.output) if price is not None]
    priced = any(price for _, price in rates.known())
    kept = ("input", "output") if not priced or any(tokens) else ()
    if not tokens and not priced:
        return rates
    return Rates(**{name: price for name, price in rates.known() if price or name in kept})


def plain(number: Decimal) -> Decimal:
    """The same number without needless zeros and without an exponent above 0, so that equal ones are written alike."""
    number = number.normalize(_EXACT)
    exponent = number.as_tuple().exponent
    if not number:
        return Decimal(0)
    return number.quantize(Decimal(1), context=_EXACT) if isinstance(exponent, int) and exponent > 0 else number


def decimal_text(number: Decimal) -> str:
    """Exact decimal text without an exponent, one spelling for one value: ``0.15``, ``3``."""
    return format(plain(number), "f")


def _kind(said: object) -> str:
    names = {type(None): "null", bool: "a boolean", list: "an array", dict: "an object"}
    return names.get(type(said), type(said).__name__)
