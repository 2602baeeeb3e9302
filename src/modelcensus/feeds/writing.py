"""JSON for consumers: every number with all its digits, in plain notation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

import msgspec

from modelcensus.core.catalog.units import decimal_text

_EXACT = Context(prec=400)
_MAX_MAGNITUDE = 60
"""Powers of ten, up or down, within which a number is written without an exponent."""


def encode(value: Any) -> bytes:
    """JSON bytes; decimals become numbers without an exponent, digit by digit, never through a float."""
    return msgspec.json.encode(_written(value))


def decode(body: bytes) -> Any:
    """The document as its consumer would read it. Raises ``ValueError``."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def times(price: Decimal, count: int) -> Decimal:
    """The price of so many, to the last digit."""
    return _EXACT.multiply(price, Decimal(count))


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return {name: _written(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(item) for item in value]
    return value


def _number(value: Decimal) -> Any:
    if not value.is_finite():
        return None
    if value and abs(value.adjusted()) > _MAX_MAGNITUDE:
        return msgspec.Raw(str(value).encode())
    return msgspec.Raw(decimal_text(value).encode())
