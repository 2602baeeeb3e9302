"""Words of which news are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from modelcensus.web.rendering.shown import delta


class Move(msgspec.Struct, frozen=True):
    """One figure before and after, as text; ``what`` it is where the sentence does not say so, ``by`` how much."""

    before: str
    after: str
    what: str = ""
    by: str = ""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of the fields at ``paths``; ``direction`` and ``weight`` (percent) are those of prices."""

    said: str
    paths: frozenset[str]
    moves: tuple[Move, ...] = ()
    tail: str = ""
    direction: str = ""
    weight: float = 0


def joined(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def by(before: Any, after: Any, path: str) -> str:
    """By how much an amount moved, such as ``+25 %``; empty where that is next to nothing."""
    found = delta(before, after, path)
    return "" if found in ("+0 %", "−0 %") else found
