"""Prices that moved, in words: cheaper or dearer, by how much, per what."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from modelcensus.core.catalog.event import Moved
from modelcensus.core.catalog.fields import PER_MILLION, RATES
from modelcensus.web.changes.words import Move, Telling, by
from modelcensus.web.rendering.shown import amount, money

WORDS: Mapping[str, str] = {
    "cache_read": "cached input", "cache_write": "cache writes", "cache_write_1h": "cache writes for an hour",
    "batch_input": "batch input", "batch_output": "batch output", "audio_input": "audio input",
    "audio_output": "audio output", "audio_cache_read": "cached audio", "image_input": "image input",
    "image_output": "image output", "image": "images", "request": "requests", "web_search": "web searches",
    "video_second": "video", "audio_minute": "audio", "character": "characters", "page": "pages",
}  # fmt: skip
"""Prices by name, as a sentence calls them; the others by their own name."""
UNITS: Mapping[str, str] = {
    "image": "per image", "request": "per request", "web_search": "per search", "video_second": "per second",
    "audio_minute": "per minute", "character": "per character", "page": "per page",
}  # fmt: skip
"""What a price is for, of those that are not per million tokens."""
_MAIN = frozenset({"input", "output"})


class _Turn(msgspec.Struct, frozen=True):
    rate: str
    before: Decimal
    after: Decimal

    @property
    def percent(self) -> float:
        """By how much, with its sign; from free on it is no number."""
        return float((self.after - self.before) / self.before * 100) if self.before else 0.0


def unit(rate: str) -> str:
    """Per what a price is."""
    return UNITS.get(rate, "per million tokens")


def told(moved: Mapping[str, Moved]) -> Telling | None:
    """What is said of the prices that were known before and after; None where there is none of these."""
    turns = [turn for rate in RATES if (turn := _turn(rate, moved.get(f"price.{rate}"))) is not None]
    if not turns:
        return None
    main = [turn for turn in turns if turn.rate in _MAIN] or turns
    falls = sum(turn.after < turn.before for turn in main)
    direction = "cheaper" if falls == len(main) else "dearer" if not falls else "repriced"
    units = {unit(turn.rate) for turn in turns}
    moves = tuple(_move(turn, alone=len(turns) == 1, one_unit=len(units) == 1) for turn in turns)
    return Telling(
        said=_said(turns, main, direction),
        paths=frozenset(f"price.{turn.rate}" for turn in turns),
        moves=moves,
        tail=units.pop() if len(units) == 1 else "",
        direction=direction,
        weight=max(abs(turn.percent) for turn in main),
    )


def _turn(rate: str, moved: Moved | None) -> _Turn | None:
    if moved is None:
        return None
    before, after = amount(moved.before), amount(moved.after)
    if before is None or after is None or before < 0 or after < 0 or before == after:
        return None
    return _Turn(rate, before, after)


def _said(turns: list[_Turn], main: list[_Turn], direction: str) -> str:
    if direction == "repriced":
        return "is cheaper in part, and dearer in part"
    if all(not turn.after for turn in main):
        return f"is now free{_for(turns)}"
    if all(not turn.before for turn in main):
        return f"is no longer free{_for(turns)}"
    shares = {_share(turn) for turn in turns}
    share = shares.pop() if len(shares) == 1 else ""
    return f"is {share}{direction}{_for(turns)}"


def _share(turn: _Turn) -> str:
    if not turn.before:
        return ""
    if turn.percent >= 150:
        return f"{turn.after / turn.before:,.1f}".removesuffix(".0") + " times "
    return f"{abs(turn.percent):.0f} % " if abs(turn.percent) >= 1 else "a little "


def _for(turns: list[_Turn]) -> str:
    return f" for {word(turns[0].rate)}" if len(turns) == 1 else ""


def word(rate: str) -> str:
    """A price's name in a sentence."""
    return WORDS.get(rate, rate)


def _move(turn: _Turn, *, alone: bool, one_unit: bool) -> Move:
    per = "" if one_unit or turn.rate in PER_MILLION else f" {unit(turn.rate)}"
    return Move(
        money(turn.before), f"{money(turn.after)}{per}", "" if alone else word(turn.rate),
        "" if alone else by(turn.before, turn.after, "price"),
    )  # fmt: skip
