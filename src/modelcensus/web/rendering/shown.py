"""How values look on a page: short, unambiguous, and harmless whatever an upstream put into them."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Context, Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

import msgspec

from modelcensus.core.change import ABSENT
from modelcensus.core.times import from_micros, iso

LONGEST = 120
_PROSE = 4000
# Controls, and marks that reorder or hide text: a reader must see them, not what they make of the line.
_TRICKS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_ODD_PATH = re.compile(r"(^|/)\.{0,2}(/|$)")
_AMOUNTS = re.compile(r"pric|cost|context|limit|max_|tokens")
_TEN = Context(prec=10)
_encoder = msgspec.json.Encoder(decimal_format="number")


def plain(text: str) -> str:
    """Text with control and direction marks spelled out."""
    return _TRICKS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def brief(text: str, longest: int = LONGEST) -> str:
    """Plain text of at most so many characters."""
    text = plain(text[: longest + 1])
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def prose(text: str) -> str:
    """A description: its own line breaks, and at most a page of it."""
    return "\n".join(plain(line) for line in text[:_PROSE].splitlines()) + ("…" if len(text) > _PROSE else "")


def value(field: Any) -> str:
    """A field's value in at most 120 characters: text as it is, everything else as JSON."""
    if field is ABSENT:
        return "absent"
    if isinstance(field, str):
        return brief(field) if field.strip() else f'"{brief(field)}"'
    return brief(_encoder.encode(field).decode(errors="replace"))


def delta(before: Any, after: Any, path: str) -> str:
    """By how much an amount changed, such as ``+25 %``; empty where that says nothing."""
    if not _AMOUNTS.search(path):
        return ""
    one, other = amount(before), amount(after)
    if not one or other is None or one < 0 or other < 0:
        return ""
    percent = (other - one) / one * 100
    if abs(percent) >= 1000:
        return f"×{other / one:,.0f}"
    return f"{percent:+.0f} %".replace("-", "−")


def amount(field: Any) -> Decimal | None:
    """A number, or text that is one; None for everything else."""
    if isinstance(field, bool) or not isinstance(field, (int, Decimal, str)) or len(str(field)) > 40:
        return None
    try:
        number = Decimal(field)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None


def money(amount: Any, zero: str = "$0") -> str:
    """US dollars to ten digits; ``zero`` is what nothing is called, and a dash stands for what is not known."""
    if amount is None or amount is ABSENT:
        return "—"
    found = _decimal(amount)
    if found is None:
        return value(amount)
    if found == 0:
        return zero
    shown = f"{_TEN.plus(found).normalize():f}"
    whole, _, cents = shown.lstrip("-").partition(".")
    return f"{'−' if found < 0 else ''}${int(whole):,}.{cents.ljust(2, '0')}"


def _decimal(field: Any) -> Decimal | None:
    """A number of any length that can be written out."""
    if isinstance(field, Decimal):
        return field if field.is_finite() and abs(field.adjusted()) < 40 else None
    return amount(field)


def number(count: int) -> str:
    """A whole number with thin spaces."""
    return f"{count:,}".replace(",", "\u202f")


def size(count: int) -> str:
    """Bytes in the largest fitting unit."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if amount >= 10 or unit == "bytes" else f"{amount:.1f} {unit}"


def age(micros: int, now: datetime) -> str:
    """How long ago, in the largest fitting unit."""
    seconds = max(0, int((now - from_micros(micros)).total_seconds()))
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def minute(micros: int) -> str:
    """Date and minute, UTC."""
    return from_micros(micros).strftime("%Y-%m-%d %H:%M")


def day(micros: int) -> str:
    """Date, UTC."""
    return from_micros(micros).strftime("%Y-%m-%d")


def entity_url(key: str, source: str | None = None) -> str:
    """The page of an entity. Keys that a browser would rewrite as a path (``..``, ``//``) go into the query."""
    only = f"source={quote(source, safe='')}" if source else ""
    if _ODD_PATH.search(key):
        return f"/entity?key={quote(key, safe='')}" + (f"&{only}" if only else "")
    return f"/entity/{quote(key, safe='/:@~()+,')}" + (f"?{only}" if only else "")


def model_url(model_id: str, as_of: str = "") -> str:
    """The page of a model, as of a time where one is given. An id that a browser would rewrite goes into the query."""
    when = f"as_of={quote(as_of, safe=':+')}" if as_of else ""
    if _ODD_PATH.search(model_id):
        return f"/models/-?id={quote(model_id, safe='')}" + (f"&{when}" if when else "")
    return f"/models/{quote(model_id, safe='/:@~()+,')}" + (f"?{when}" if when else "")


def provider_url(name: str) -> str:
    """The page of a provider. A name that a browser would rewrite goes into the query."""
    if _ODD_PATH.search(name):
        return f"/providers/-?name={quote(name, safe='')}"
    return f"/providers/{quote(name, safe='/:@~()+,')}"


def pretty(raw: bytes) -> str:
    """JSON over several lines, its numbers and order as recorded."""
    return plain_lines(msgspec.json.format(raw, indent=2).decode(errors="replace"))


def plain_lines(text: str) -> str:
    """Plain text whose line breaks stay."""
    return "\n".join(plain(line) for line in text.split("\n"))


FILTERS = {
    "plain": plain, "brief": brief, "prose": prose, "value": value, "number": number, "money": money,
    "size": size, "minute": minute, "day": day, "iso": iso, "entity_url": entity_url, "model_url": model_url,
    "provider_url": provider_url,
}  # fmt: skip
"""What templates may use; ``age`` comes with the clock."""
