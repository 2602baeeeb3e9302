"""Syncs as tables: how each ended, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from modelcensus.cli.output import Out, cell, say, table
from modelcensus.cli.text import duration, moment, visible
from modelcensus.core.records import SyncRecord, SyncStatus

_STYLES = {
    SyncStatus.COMPLETE: "green",
    SyncStatus.PARTIAL: "yellow",
    SyncStatus.HELD: "yellow",
    SyncStatus.INCOMPLETE: "yellow",
    SyncStatus.FAILED: "red",
}


def needs_attention(sync: SyncRecord) -> bool:
    """Whether somebody should look: not complete, or complete from other data than its upstream's."""
    if sync.optional and sync.status is SyncStatus.FAILED:
        return False
    return sync.status is not SyncStatus.COMPLETE or sync.error is not None


def status_cell(sync: SyncRecord) -> Text:
    """How a sync ended."""
    return cell(f"{sync.status.value}{' (offline)' if sync.offline else ''}", _STYLES[sync.status])


def summary(out: Out, syncs: Iterable[SyncRecord]) -> None:
    """The syncs of one run, and below it each trouble with its hint."""
    found = list(syncs)
    columns = ("|source", "|what", "|status", ">entities", ">new", ">altered", ">vanished", ">back", ">time")
    table(
        out,
        columns,
        (
            (
                sync.source, f"{sync.document}s", status_cell(sync), f"{sync.entities:,}", f"{sync.appeared:,}",
                f"{sync.altered:,}", f"{sync.vanished:,}", f"{sync.reappeared:,}", duration(sync.seconds),
            )
            for sync in found
        ),
    )  # fmt: skip
    troubles(out, found)


def troubles(out: Out, syncs: Iterable[SyncRecord]) -> None:
    """One line for each sync that went otherwise than it should, one for its hint."""
    for sync in syncs:
        if sync.status is not SyncStatus.COMPLETE or sync.error is not None:
            missing = f"{sync.quarantined:,} of its parts could not be understood" if sync.quarantined else ""
            what = sync.error or missing or sync.status.value
            named = f"{sync.source} {sync.document}s{' (optional)' if sync.optional else ''}"
            say(out, Text.assemble((visible(named), "bold"), ": ", visible(what)))
            if sync.hint and not sync.optional:
                say(out, Text.assemble(("hint: ", "dim"), visible(sync.hint)), indent=2)


def log(out: Out, syncs: Iterable[SyncRecord]) -> None:
    """The log of syncs."""
    found = list(syncs)
    columns = (">id", "|source", "|what", "|observed (UTC)", "status", ">entities", "changes")
    rows = (
        (
            sync.id or "-", sync.source, f"{sync.document}s", moment(sync.observed_at), status_cell(sync),
            f"{sync.entities:,}", _changes(sync),
        )
        for sync in found
    )  # fmt: skip
    if not table(out, columns, rows):
        say(out, "no syncs yet")
    troubles(out, found)


def _changes(sync: SyncRecord) -> str:
    """``+2 ~19 -3 ^1``: new, altered, vanished, back."""
    counts = (("+", sync.appeared), ("~", sync.altered), ("-", sync.vanished), ("^", sync.reappeared))
    return " ".join(f"{sign}{count:,}" for sign, count in counts if count) or "none"
