"""The summary of an import."""

from __future__ import annotations

from typing import Any

import msgspec
from rich.text import Text

from modelcensus.cli import output, syncs
from modelcensus.cli.text import visible
from modelcensus.core.document import document
from modelcensus.core.records import SyncRecord
from modelcensus.operations.replay import Imported


class Tally(msgspec.Struct):
    """What an import did so far. Only what needs attention is kept in full."""

    recorded: int = 0
    there: int = 0
    failed: list[Imported] = []
    odd: list[tuple[str, SyncRecord]] = []
    appeared: int = 0
    altered: int = 0
    vanished: int = 0
    reappeared: int = 0

    @property
    def needs_attention(self) -> bool:
        """Whether a reading was not imported, or not whole."""
        return bool(self.failed or self.odd)

    def add(self, result: Imported) -> None:
        """Count one reading."""
        if result.error:
            self.failed.append(result)
        elif result.sync is None:
            self.there += 1
        else:
            self.recorded += 1
            self.appeared += result.sync.appeared
            self.altered += result.sync.altered
            self.vanished += result.sync.vanished
            self.reappeared += result.sync.reappeared
            if syncs.needs_attention(result.sync):
                self.odd.append((result.name, result.sync))


def ready(result: Imported) -> dict[str, Any]:
    """One reading as JSON-ready values."""
    kind = "failed" if result.error else "recorded" if result.sync else "there"
    error = {"message": result.error.message, "hint": result.error.hint} if result.error else None
    return {"name": result.name, "result": kind, "sync": document(result.sync), "error": error}


def summary(out: output.Out, tally: Tally) -> None:
    """Counts, and each reading that needs attention with its hint."""
    columns = (">recorded", ">already there", ">failed", ">new", ">altered", ">vanished", ">back")
    counts = (
        tally.recorded, tally.there, len(tally.failed), tally.appeared, tally.altered, tally.vanished, tally.reappeared
    )  # fmt: skip
    output.table(out, columns, [[f"{count:,}" for count in counts]])
    for result in tally.failed:
        if result.error:
            output.say(out, Text.assemble(("failed: ", "red"), visible(result.error.message)))
            _hint(out, result.error.hint)
    for name, sync in tally.odd:
        what = sync.error or f"{sync.quarantined:,} of its parts could not be understood"
        output.say(out, Text.assemble((f"{sync.status.value}: ", "yellow"), f"{visible(name)}: {visible(what)}"))
        _hint(out, sync.hint or "")


def _hint(out: output.Out, hint: str) -> None:
    if hint:
        output.say(out, Text.assemble(("hint: ", "dim"), visible(hint)), indent=2)
