"""Trying again: which failures are worth it, how long to wait, and when to give up."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

import stamina

from modelcensus.core.errors import SourceError
from modelcensus.sources.http.answer import HttpLimits

T = TypeVar("T")

# 520-524 and 530 are how one large CDN spells 502-504; 529 is how one model vendor spells 503.
TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530})

_SECONDS = re.compile(r"\d{1,15}(\.\d{1,9})?")


class Transient(Exception):
    """A failure that may pass: the error to raise if it does not, and how long the upstream asks to wait (seconds)."""

    def __init__(self, error: SourceError, retry_after: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.retry_after = retry_after


def retry_after_seconds(header: str | None, now: float) -> float | None:
    """Seconds to wait by a ``Retry-After`` header (seconds or HTTP-date; ``now`` in Unix seconds), None if unusable."""
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def with_retries(
    call: Callable[[], T],
    limits: HttpLimits,
    sleep: Callable[[float], None] | None = None,
    jitter: Callable[[float, float], float] = random.uniform,
) -> T:
    """``call()``, again after each ``Transient`` with exponential back-off and jitter, up to ``limits.attempts`` times.

    Raises the error inside the last ``Transient``, and any other exception at once.
    """
    pause = 0.0
    tries = stamina.retry_context(
        # The wait is ours (below), because stamina takes no sleep of the caller's.
        on=lambda error: 0.0 if isinstance(error, Transient) else False,
        attempts=limits.attempts,
        timeout=None,
        wait_initial=limits.backoff_initial,
        wait_max=limits.backoff_max,
    )
    try:
        for attempt in tries:
            with attempt:
                if attempt.num > 1:
                    (sleep or time.sleep)(pause)
                try:
                    return call()
                except Transient as failure:
                    backoff = min(limits.backoff_max, attempt.next_wait + jitter(0, limits.backoff_initial))
                    pause = max(backoff, failure.retry_after or 0.0)
                    raise
    except Transient as failure:
        raise failure.error from None
    raise AssertionError("unreachable: the loop returns or raises")
