"""Is a source fresh? One badge and one sentence for each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from modelcensus.core.records import SourceState, SyncStatus
from modelcensus.core.times import to_micros

STALE_HOURS = 25
"""A daily sync may be an hour late."""


class Tone(StrEnum):
    """How a badge looks."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"


TONES = {
    SyncStatus.COMPLETE: Tone.GOOD,
    SyncStatus.PARTIAL: Tone.WARN,
    SyncStatus.HELD: Tone.WARN,
    SyncStatus.INCOMPLETE: Tone.BAD,
    SyncStatus.FAILED: Tone.BAD,
}


class Standing(msgspec.Struct, frozen=True):
    """A source's badge."""

    tone: Tone
    word: str


def standing(state: SourceState, now: datetime) -> Standing:
    """How a source stands. Recorded readings count by when they were observed: old data is stale, however new here."""
    if not state.enabled:
        return Standing(Tone.QUIET, "switched off")
    if state.last_sync is None:
        return Standing(Tone.QUIET, "needs a key" if state.needs_key and not state.has_key else "never synced")
    if state.last_sync.status not in (SyncStatus.COMPLETE, SyncStatus.PARTIAL):
        return Standing(TONES[state.last_sync.status], state.last_sync.status)
    if state.last_sync.offline:
        return Standing(Tone.WARN, "offline data")
    if to_micros(now) - (state.last_good_at or 0) > STALE_HOURS * 3_600_000_000:
        return Standing(Tone.WARN, "stale")
    return Standing(
        TONES[state.last_sync.status], "fresh" if state.last_sync.status is SyncStatus.COMPLETE else "partial"
    )
