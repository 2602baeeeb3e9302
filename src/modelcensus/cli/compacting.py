"""compact: old bodies into packed blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened, time_of
from modelcensus.cli.exits import UNVERIFIED
from modelcensus.cli.progress import watched

if TYPE_CHECKING:
    from modelcensus.operations.compacting import Compacted

OlderThan = Annotated[
    str | None,
    typer.Option("--older-than", metavar=options.TIME, help="Only what no version since then has: 30d, 2026-03-01 ..."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be packed; change nothing.")]
Full = Annotated[
    bool, typer.Option("--full", help="PostgreSQL: give the space back to the disk; everybody else waits meanwhile.")
]


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command(epilog=options.examples("modelcensus compact --dry-run", "modelcensus compact --older-than 30d"))(
        compact
    )


def compact(
    ctx: typer.Context, older_than: OlderThan = None, dry_run: DryRun = False, full: Full = False,
    json: options.Json = False,
) -> None:  # fmt: skip
    """Pack old bodies and metric points into small blocks, in which all is read as before; syncs may go on.

    It can be stopped at any time and run again. Without --older-than the setting keep.compact_days says what is old.
    Exit code 6 where a body does not have its hash: it is left as it is.
    """
    from modelcensus.cli import exits, output
    from modelcensus.operations import compacting

    days = loaded(ctx).settings.keep.compact_days
    before = time_of(older_than if older_than is not None else f"{days}d" if days else "now")
    with opened(ctx, create=False) as census, watched() as progress:
        done = compacting.compact(census.store, before=before, dry_run=dry_run, full=full, progress=progress)
    output.document(done) if json else _say(done)
    if done.damaged:
        exits.tell(
            f"{len(done.damaged)} bodies do not have their hash and were left as they are",
            "run 'modelcensus verify', then restore a backup",
        )
        raise typer.Exit(UNVERIFIED)


def _say(done: Compacted) -> None:
    from modelcensus.cli import output

    out = output.Out()
    if done.dry_run:
        output.say(out, f"would pack {done.bodies:,} bodies of {done.text_bytes:,} bytes into {done.blocks:,} blocks")
        if done.points:
            output.say(out, f"would pack {done.points:,} metric points")
        return
    if done.bodies:
        output.say(
            out,
            f"packed {done.bodies:,} bodies into {done.blocks:,} blocks:"
            f" {done.text_bytes:,} bytes are now {done.packed_bytes:,}",
        )
    if done.points:
        output.say(out, f"packed {done.points:,} metric points")
    if not (done.bodies or done.points):
        output.say(out, "there was nothing to pack")
    output.say(out, f"the database has {done.size_after:,} bytes, before it had {done.size_before:,}")
    if not done.given_back:
        output.say(out, "another process was in the way of giving the space back: run it again later")
