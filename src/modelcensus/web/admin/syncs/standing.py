"""How a run or a sync stands, as a badge."""

from __future__ import annotations

import msgspec

from modelcensus.core.records import SyncStatus
from modelcensus.core.run import Run, RunState


class Standing(msgspec.Struct, frozen=True):
    """A badge: its tone and its word."""

    tone: str
    word: str


SYNCS = {
    SyncStatus.COMPLETE: "good",
    SyncStatus.PARTIAL: "warn",
    SyncStatus.HELD: "warn",
    SyncStatus.INCOMPLETE: "bad",
    SyncStatus.FAILED: "bad",
}
"""Tones of a sync's status."""


def standing_of(run: Run) -> Standing:
    """How a run stands: one that came to its end may still have failed at a source."""
    if run.state is RunState.RUNNING:
        return Standing("altered", "running")
    if run.state is not RunState.DONE:
        return Standing("bad", run.state.value)
    if run.result is not None and run.result.success:
        return Standing("good", "done")
    return Standing("warn", "done, with errors")
