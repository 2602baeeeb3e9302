"""up, demo, serve: begin here."""

from __future__ import annotations

from typing import Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened
from modelcensus.cli.demo import demo
from modelcensus.cli.progress import watched

Host = Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="Default: the setting host.")]
Port = Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Default: the setting port.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(epilog=options.examples("modelcensus up", "modelcensus up --port 8080"))(up)
    app.command(epilog=options.examples("modelcensus demo", "modelcensus demo --days 60 --keep demo.db"))(demo)
    app.command(epilog=options.examples("modelcensus serve", "modelcensus serve --host 0.0.0.0 --port 80"))(serve)


def up(ctx: typer.Context, host: Host = None, port: Port = None, json: options.Json = False) -> None:
    """Read all sources, then serve until stopped.

    Every source that is ready is read; one that fails stops nothing.
    """
    from modelcensus.cli import output, syncs
    from modelcensus.cli.catalog.after import updated
    from modelcensus.cli.interrupt import stops_at_once
    from modelcensus.operations.collect import collect_all

    with opened(ctx) as census, stops_at_once(), watched() as progress:
        ready = [source for source in census.sources.values() if source.ready]
        results = collect_all(census, ready, progress=progress)
        done = list(output.json_lines(results) if json else results)
        out = None if json else output.Out()
        if out:
            syncs.summary(out, sorted(done, key=lambda each: each.source))
        updated(census, out)
    _serve(ctx, host, port)


def serve(ctx: typer.Context, host: Host = None, port: Port = None) -> None:
    """Serve pages and API until stopped."""
    _serve(ctx, host, port)


def _serve(ctx: typer.Context, host: str | None, port: int | None) -> None:
    # Imported here: the web framework is most of the program's start-up, and only the server needs it.
    from modelcensus.server import serve as run_server

    settings = loaded(ctx).settings
    with opened(ctx) as census:
        run_server(
            census,
            settings,
            settings.host if host is None else host,
            settings.port if port is None else port,
            ready=lambda address: typer.echo(f"serving {address} (stop with Ctrl-C)", err=True),
        )
