"""worker, worker list, cancel, quarantine, release: syncs by schedule, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.catalog.actor import As, acting
from modelcensus.cli.context import loaded, looked, opened

if TYPE_CHECKING:
    from modelcensus.core.working import DueRow

Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="What it is called; default: the machine.")]
Once = Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")]
What = Annotated[str, typer.Argument(metavar="SOURCE", help="The source, or the id of a run.", show_default=False)]
Source = Annotated[str, typer.Argument(metavar="SOURCE", help="The source.", show_default=False)]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="Only what was due at this time.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help="Sync by schedule until stopped, and look at what is due.", rich_markup_mode=None,
        invoke_without_command=True,
        epilog=options.examples("modelcensus worker", "modelcensus worker --name night", "modelcensus worker --once"),
    )  # fmt: skip
    group.callback()(worker)
    group.command("list", epilog=options.examples("modelcensus worker list", "modelcensus worker list --json"))(list_)
    group.command(
        "cancel", epilog=options.examples("modelcensus worker cancel openrouter", "modelcensus worker cancel 0006531c")
    )(cancel)
    group.command("quarantine", epilog=options.examples("modelcensus worker quarantine"))(quarantine)
    group.command(
        "release",
        epilog=options.examples(
            "modelcensus worker release openrouter", "modelcensus worker release openrouter --at 2026-01-01T02:00:00Z"
        ),
    )(release)
    app.add_typer(group, name="worker")


def worker(ctx: typer.Context, name: Name = None, once: Once = False) -> None:
    """Sync each source when its schedule says so, until stopped; any number may run on one PostgreSQL census.

    SIGTERM and Ctrl-C end it: what it is at may end within seconds, else it is open for other workers.
    """
    if ctx.invoked_subcommand is None:
        _work(ctx, name, once)


def _work(ctx: typer.Context, name: str | None, once: bool) -> None:
    import signal

    from modelcensus.cli.interrupt import leave_threads
    from modelcensus.worker import Worker

    settings = loaded(ctx).settings
    with opened(ctx, serving=True) as census:
        running = Worker(census, settings, name=name, once=once)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: running.ask_to_stop())
        typer.echo(f"worker {running.row.id} (stop with Ctrl-C)", err=True)
        running.start()
        running.wait()
        running.stop()
    leave_threads()


def list_(ctx: typer.Context, limit: options.Limit = 50, json: options.Json = False) -> None:
    """List what is and was due, newest first, and the workers that run."""
    from modelcensus.cli import output
    from modelcensus.cli.text import moment
    from modelcensus.operations.working import looking

    with looked(ctx) as store:
        running, found = looking.workers(store), looking.dues(store, limit=limit)
    if json:
        output.document({"workers": running, "due": found})
        return
    out = output.Out()
    rows = ((each.id, each.host, each.pid, moment(each.started_at), moment(each.beat_at)) for each in running)
    if not output.table(out, ("|worker", "|host", ">pid", "|since", "|heard of"), rows):
        output.say(out, "no worker runs; start one with 'modelcensus worker'")
    _table(out, found)


def cancel(ctx: typer.Context, what: What, actor: As = None, json: options.Json = False) -> None:
    """Stop what a worker does or would do next for a source, or the run of an id. Its next due time is not touched."""
    from modelcensus.cli import output
    from modelcensus.operations.working import looking

    who = acting(actor)
    with opened(ctx, create=False) as census:
        done = looking.cancel(census, what, who)
    output.document(done) if json else _said(done, "stopped")


def quarantine(ctx: typer.Context, limit: options.Limit = 50, json: options.Json = False) -> None:
    """List what was begun as often as worker.attempts allows and never came to an end."""
    from modelcensus.cli import output
    from modelcensus.core.working import DueState
    from modelcensus.operations.working import looking

    with looked(ctx) as store:
        found = looking.dues(store, state=DueState.QUARANTINED, limit=limit)
    if json:
        output.document(found)
        return
    if not found:
        output.say(output.Out(), "nothing is in quarantine")
    else:
        _table(output.Out(), found)


def release(ctx: typer.Context, source: Source, at: At = None, json: options.Json = False) -> None:
    """Take a source's due times out of quarantine: workers begin them anew."""
    from modelcensus.cli import output
    from modelcensus.cli.context import time_of
    from modelcensus.operations.working import looking

    when = time_of(at) if at else None
    with opened(ctx, create=False) as census:
        done = looking.release(census, source, when)
    output.document(done) if json else _said(done, "released")


def _said(rows: list[DueRow], word: str) -> None:
    from modelcensus.cli import output
    from modelcensus.cli.text import moment

    for row in rows:
        output.say(output.Out(), f"{word}: {row.source}, due {moment(row.due_at)}")


def _table(out: object, found: list[DueRow]) -> None:
    from modelcensus.cli import output
    from modelcensus.cli.text import moment

    rows = (
        (moment(row.due_at), row.source, row.documents, row.state.value, row.attempts, row.run_id or "",
         row.problem or row.stop or "")
        for row in found
    )  # fmt: skip
    columns = ("|due", "|source", "|reads", "|state", ">attempts", "|run", "problem")
    output.table(out, columns, rows)  # type: ignore[arg-type]
