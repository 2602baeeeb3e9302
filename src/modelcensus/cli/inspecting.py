"""drift, quality: how what upstream sends changes its form, and whether it is of use."""

from __future__ import annotations

from typing import Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import looked, time_of


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(epilog=options.examples("modelcensus drift", "modelcensus drift --source openrouter --since 30d"))(
        drift
    )
    app.command(epilog=options.examples("modelcensus quality", "modelcensus quality --source modelsdev --limit 500"))(
        quality
    )


def drift(
    ctx: typer.Context,
    source: options.Source = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar=options.TIME, help="Only what happened then or later: 2026-03-01, 7d ..."),
    ] = None,
    limit: options.Limit = 50,
    json: options.Json = False,
) -> None:
    """List new, missing and retyped fields and new values of enumerations, newest first.

    Each is told once; what happens again is counted up.
    """
    from modelcensus.cli import inspected, output
    from modelcensus.operations import inspect

    moment = time_of(since) if since is not None else None
    with looked(ctx, source) as store:
        found = inspect.drift_events(store, source=source, since=moment, limit=limit)
    if json:
        output.document(found)
    else:
        inspected.drift(output.Out(), found, limit)


def quality(
    ctx: typer.Context,
    source: options.Source = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, help="At most so many findings: 10, or 100 of one source.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Show how good each catalog is, and the worst findings; with --source, what is wrong with each of its entities.

    The score is the mean over all entities: 0 with an error, 75 with warnings only, 100 otherwise.
    """
    from modelcensus.cli import inspected, output
    from modelcensus.core.document import document
    from modelcensus.operations import inspect

    most = limit if limit is not None else 10 if source is None else 100
    with looked(ctx, source) as store:
        found = inspect.quality_of(store, source=source, limit=most)
    if json:
        output.document(document(found))
    else:
        inspected.quality(output.Out(), found)
