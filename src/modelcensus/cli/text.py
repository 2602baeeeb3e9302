"""Text from strangers, made safe to print; values and times as people read them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import msgspec

from modelcensus.core.change import ABSENT
from modelcensus.core.times import from_micros

LONG = 160
"""Characters of one value that a table shows before it says how many more there are."""
_LEAD = 20
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_encoder = msgspec.json.Encoder(decimal_format="number")
_AMBIGUOUS = frozenset({"", "null", "true", "false"})


def visible(text: str) -> str:
    """One line of text in which nothing acts on the terminal: control, direction and hidden characters are escaped."""
    return _UNSAFE.sub(_escape, text)


def json_safe(text: str) -> str:
    """JSON text with every character that could act on a terminal as a JSON escape; the value stays the same."""
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    named = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    return named or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def moment(micros: int | None) -> str:
    """A time to the second, ``2026-03-01T12:00:00Z``, in the form that every time option takes."""
    return f"{from_micros(micros):%Y-%m-%dT%H:%M:%SZ}" if micros is not None else "-"


def duration(seconds: float) -> str:
    """``0.4 s``, ``2 min 5 s``."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else str(timedelta(seconds=round(seconds)))


def size(count: float) -> str:
    """Bytes in the unit that suits: ``1.2 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def value(thing: Any, *, quoted: bool = False) -> str:
    """A JSON value in one safe line, numbers exact. Text stands without quotes where nothing is doubtful."""
    if thing is ABSENT:
        return "(absent)"
    if isinstance(thing, str) and not quoted and thing not in _AMBIGUOUS and thing == thing.strip():
        return visible(thing)
    return visible(compact(thing))


def compact(thing: Any) -> str:
    """JSON in one line, numbers exact."""
    return json_safe(_encoder.encode(thing).decode())


def both(before: Any, after: Any, *, full: bool = False) -> tuple[str, str]:
    """Two values of one field, told apart: quoted if they would read alike, cut (and said so) to where they differ."""
    one, other = value(before), value(after)
    if one == other:
        one, other = value(before, quoted=True), value(after, quoted=True)
    if full:
        return one, other
    start = 0
    if len(one) > LONG and len(other) > LONG:
        pairs = zip(one, other, strict=False)
        start = next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
    return shortened(one, start - _LEAD), shortened(other, start - _LEAD)


def shortened(text: str, start: int = 0) -> str:
    """At most ``LONG`` characters from ``start`` on; what is left out is marked and counted."""
    start = max(start, 0)
    if len(text) <= LONG:
        return text
    part = text[start : start + LONG]
    head = "…" if start else ""
    tail = f"… ({len(text)} characters)" if start + LONG < len(text) or start else ""
    return f"{head}{part}{tail}"
