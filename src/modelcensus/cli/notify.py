"""notify test, list, now: whether people can be told, what they were told, and telling them at once."""

from __future__ import annotations

from typing import Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened
from modelcensus.cli.exits import ATTENTION

One = Annotated[str | None, typer.Argument(metavar="[TARGET]", help="Only this one.", show_default=False)]
Of = Annotated[str | None, typer.Option("--target", metavar="TARGET", help="Only what goes to this one.")]
Waiting = Annotated[bool, typer.Option("--waiting", help="Only what is still to be told.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Tell people what happened.", rich_markup_mode=None, no_args_is_help=True)
    group.command(
        "test", epilog=options.examples("modelcensus notify test", "modelcensus notify test slack")
    )(try_)  # fmt: skip
    group.command(
        "list", epilog=options.examples("modelcensus notify list", "modelcensus notify list --waiting --json")
    )(list_)  # fmt: skip
    group.command("now", epilog=options.examples("modelcensus notify now"))(now)
    app.add_typer(group, name="notify")


def try_(ctx: typer.Context, target: One = None, json: options.Json = False) -> None:
    """Send a test message to one target, or to all. Exit code 1 where one did not take it."""
    from modelcensus.cli import output
    from modelcensus.operations.noticing.noticing import try_targets

    settings = loaded(ctx).settings
    with opened(ctx) as census:
        done = try_targets(census, settings, target)
    if json:
        output.document(done)
    else:
        rows = ((each.target, "taken" if each.ok else "not taken", each.why) for each in done)
        output.table(output.Out(), ("|target", "|message", "why"), rows)
    if not all(each.ok for each in done):
        raise typer.Exit(ATTENTION)


def list_(
    ctx: typer.Context, target: Of = None, waiting: Waiting = False, limit: options.Limit = 50,
    json: options.Json = False,
) -> None:  # fmt: skip
    """List notices: what waits first, then what was told, newest first."""
    from modelcensus.cli import output
    from modelcensus.cli.text import moment
    from modelcensus.operations.noticing.noticing import listed

    with opened(ctx, create=False) as census:
        found = listed(census, waiting=waiting, target=target, limit=limit)
    if json:
        output.document(found)
        return
    rows = (
        (moment(each.at), each.target, f"told {moment(each.sent_at)}" if each.sent_at else "waits",
         each.severity.value, each.text, each.last_error or "")
        for each in found
    )  # fmt: skip
    columns = ("|happened", "|target", "|state", "|severity", "what", "last error")
    if not output.table(output.Out(), columns, rows):
        output.say(output.Out(), "there is no such notice; 'modelcensus notify test' shows whether one would arrive")


def now(ctx: typer.Context, json: options.Json = False) -> None:
    """Find what happened and tell it at once, without gathering; a worker does so by itself.

    Quiet hours and limits hold all the same. Exit code 1 where a target did not take its message.
    """
    from modelcensus.cli import output
    from modelcensus.operations.noticing.noticing import tell

    settings = loaded(ctx).settings
    with opened(ctx, create=False) as census:
        done = tell(census, settings, at_once=True)
    if json:
        output.document(done)
    else:
        out = output.Out()
        output.say(out, f"new: {done.incidents}, told: {done.notices} in {done.messages} messages,"
                   f" waiting: {sum(done.waiting.values())}")  # fmt: skip
        for target, why in done.failed.items():
            output.say(out, f"{target} did not take it: {why}")
    if done.failed:
        raise typer.Exit(ATTENTION)
