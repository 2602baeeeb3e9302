"""up, demo, serve: begin here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened
from modelcensus.cli.demo import demo
from modelcensus.cli.progress import watched

if TYPE_CHECKING:
    from modelcensus.operations.census import Census, Source

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
    from modelcensus.cli.exits import tell
    from modelcensus.core.errors import NotNow

    with opened(ctx) as census:
        ready = [source for source in census.sources.values() if source.ready]
        try:
            if ready:
                _read(census, ready, json)
        except NotNow as late:
            tell(late.message, late.hint)
    _serve(ctx, host, port)


def _read(census: Census, ready: list[Source], json: bool) -> None:
    from modelcensus.cli import output, syncs
    from modelcensus.cli.catalog.after import updated
    from modelcensus.cli.holding import slots_of
    from modelcensus.operations.collect import collect_all

    with slots_of(census, ready) as held, watched() as progress:
        results = held.noted(collect_all(census, held.sources, progress=held.progress(progress)))
        done = list(output.json_lines(results) if json else results)
        out = None if json else output.Out()
        if out:
            syncs.summary(out, sorted(done, key=lambda each: each.source))
        updated(census, out, held.published)


def serve(ctx: typer.Context, host: Host = None, port: Port = None) -> None:
    """Serve pages and API until stopped."""
    _serve(ctx, host, port)


def _serve(ctx: typer.Context, host: str | None, port: int | None) -> None:
    from modelcensus.cli.interrupt import leave_threads

    # Imported here: the web framework is most of the program's start-up, and only the server needs it.
    from modelcensus.server import serve as run_server

    found = loaded(ctx)
    settings = found.settings
    with opened(ctx) as census:
        run_server(
            census,
            settings,
            settings.host if host is None else host,
            settings.port if port is None else port,
            ready=lambda address: typer.echo(f"serving {address} (stop with Ctrl-C)", err=True),
            origins=found.origins,
        )
    leave_threads()
