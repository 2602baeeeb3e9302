"""backup, restore, metrics roll-up: what keeps a census, and keeps it small."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened
from modelcensus.cli.exits import ATTENTION, tell
from modelcensus.cli.progress import watched

if TYPE_CHECKING:
    from modelcensus.operations.backup.backing_up import BackedUp
    from modelcensus.operations.census import Census, Progress

STDOUT = "-"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        epilog=options.examples(
            "modelcensus backup",
            "modelcensus backup /backups/census.tar.zst --json",
            "modelcensus backup - | ssh elsewhere 'cat > census.tar.zst'",
        )
    )(backup)
    app.command(
        epilog=options.examples(
            "modelcensus restore census.tar.zst --to sqlite:///restored.db",
            "modelcensus restore census.tar.zst --to postgresql://census@localhost/restored",
        )
    )(restore)
    metrics = typer.Typer(help="Make old metrics coarser.", rich_markup_mode=None, no_args_is_help=True)
    metrics.callback()(lambda: None)
    metrics.command(
        "roll-up",
        epilog=options.examples(
            "modelcensus metrics roll-up", "MODELCENSUS_KEEP__HOURLY_DAYS=7 modelcensus metrics roll-up"
        ),
    )(roll_up)
    app.add_typer(metrics, name="metrics")


def backup(
    ctx: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help="Where to; a folder, or - for standard output. Default: a name with the time, here.",
            show_default=False,
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Write the whole census into one file, while syncs go on.

    The file is complete, packed, and every part of it has its hash. It can be restored to either kind of database. It
    holds no keys or settings, but hashes of tokens and the addresses of webhooks: only you can read it. With - what
    would be printed goes to standard error.
    """
    from modelcensus.cli import output
    from modelcensus.core.document import document, encode

    with opened(ctx, create=False) as census, watched() as progress:
        done = _to_stdout(census, progress) if file == STDOUT else _to_file(census, file, progress)
    if file == STDOUT:
        sys.stderr.write(
            encode(done).decode() + "\n" if json else f"backup: {done.rows:,} rows, digest {done.digest}\n"
        )
    elif json:
        output.document(document(done))
    else:
        output.facts(
            output.Out(), [("written", done.file), ("bytes", f"{done.bytes:,}"), ("sha256", done.sha256), *_held(done)]
        )


def _to_file(census: Census, file: str | None, progress: Progress) -> BackedUp:
    from modelcensus.operations.backup.backing_up import back_up, default_name

    target = Path(file or ".")
    return back_up(census, target / default_name(census.clock()) if target.is_dir() else target, progress=progress)


def _to_stdout(census: Census, progress: Progress) -> BackedUp:
    from modelcensus.core.errors import InvalidInput
    from modelcensus.operations.backup.backing_up import stream

    if sys.stdout.isatty():
        raise InvalidInput("a backup would garble the terminal", "send it somewhere: modelcensus backup - > FILE")
    try:
        done = stream(census, sys.stdout.buffer, name=STDOUT, progress=progress)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InvalidInput(f"standard output cannot be written: {error.strerror}", "name a file") from error
    return done


def _held(done: Any) -> list[tuple[str, object]]:
    return [
        ("rows", f"{done.rows:,}"),
        ("syncs", f"{done.syncs.number:,} (chain {done.syncs.chain})"),
        ("revisions", f"{done.revisions.number:,} (chain {done.revisions.chain})"),
        ("digest", done.digest),
    ]


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'backup' wrote.", show_default=False)],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="An empty database, or one that does not exist; default: the census."),
    ] = None,
    flawed: Annotated[
        bool, typer.Option("--flawed", help="Take it even if it does not pass 'verify': what was backed up did not.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Make a census of a backup: whole, or not at all; then verify it.

    A database with anything in it is refused, and so is a file that is damaged, cut short, or not ours. A backup of an
    older version is brought forward.
    """
    from modelcensus.cli import output
    from modelcensus.core.document import document
    from modelcensus.operations.backup.restoring import restore as restored

    settings = loaded(ctx).settings
    with watched() as progress:
        done = restored(
            file, to or settings.database_url, timeout_seconds=settings.database_timeout, flawed=flawed,
            progress=progress,
        )  # fmt: skip
    if json:
        output.document({"verified": not done.problems, **document(done)})
    else:
        out = output.Out()
        output.facts(out, [("restored", done.database), *_held(done)])
        output.say(out, output.cell("the digest is that of the backup", "green"))
        if not done.problems:
            output.say(out, output.cell("all hashes and the chains are right", "green"))
    for problem in done.problems:
        tell(problem)
    if done.problems:
        raise typer.Exit(ATTENTION)


def roll_up(ctx: typer.Context, json: options.Json = False) -> None:
    """Keep one metric point a day, then one a month, of series that grow old.

    Settings: keep.hourly_days, keep.daily_days, metric_days. What was in force at the end of each day (or month) stays.
    """
    from modelcensus.cli import output
    from modelcensus.core.document import document
    from modelcensus.operations.keeping_metrics import roll_up as rolled

    with opened(ctx, create=False) as census, watched() as progress:
        done = rolled(census, progress)
    if json:
        output.document(document(done))
        return
    rows = [
        ("every point since", _day(done.hourly_since_at)),
        ("one a day since", _day(done.daily_since_at)),
        ("points of days", f"{done.by_day:,} forgotten"),
        ("points of months", f"{done.by_month:,} forgotten"),
        ("past their time", f"{done.past_their_time:,} forgotten"),
    ]
    output.facts(output.Out(), rows)


def _day(micros: int | None) -> str:
    from modelcensus.cli.text import moment

    return moment(micros)[:10] if micros is not None else "ever"
