"""Numbers and spans as findings say them."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 3
_LONG = 120


def ago(micros: int) -> str:
    """``3 min ago``, ``26 h ago``, ``4 days ago``; ``in the future`` for a time to come."""
    return f"{span(micros)} ago" if micros >= 0 else f"{span(-micros)} in the future"


def span(micros: int) -> str:
    """A length of time in the unit that suits: ``5.2 s``, ``3 min``, ``26 h``, ``4 days``."""
    seconds = micros / 1_000_000
    if seconds < 60:
        return f"{seconds:.3g} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 72 * 3600 else f"{seconds / 86_400:.0f} days"


def many(count: int, thing: str) -> str:
    """``1 run``, ``2 runs``."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def first(texts: Sequence[str]) -> str:
    """The first few of some texts; upstream may have written them, so each is one short printable line."""
    shown = ("".join(each if each.isprintable() else "?" for each in text[:_LONG]) for text in texts[:_NAMED])
    return ", ".join(shown) + (" ..." if len(texts) > _NAMED else "")
