"""sync, import: readings come in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import Category, opened, time_of
from modelcensus.cli.exits import ATTENTION
from modelcensus.cli.progress import watched

if TYPE_CHECKING:
    from modelcensus.cli.imports import Tally
    from modelcensus.operations.census import Census, Source


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        epilog=options.examples(
            "modelcensus sync",
            "modelcensus sync openrouter --category endpoint",
            "modelcensus sync openrouter --accept-smaller",
        )
    )(sync)
    app.command(
        "import",
        epilog=options.examples(
            "modelcensus import readings/ --source openrouter --category model",
            "modelcensus import models.json --source openrouter --at 2026-03-01T12:00Z",
        ),
    )(import_)


def sync(
    ctx: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Default: all that are ready.", show_default=False)
    ] = None,
    category: Annotated[
        list[Category] | None, typer.Option("--category", help="Only these kinds of entity; may be given again.")
    ] = None,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Do not go on where an interrupted reading stopped: begin anew.")
    ] = False,
    accept_smaller: options.AcceptSmaller = False,
    json: options.Json = False,
) -> None:
    """Read sources now and record what they say.

    One source's trouble is its own: the others go on. A reading that was interrupted goes on where it stopped. With
    --json one line of JSON for each document of a source (models, endpoints ...) as it is done.
    """
    from modelcensus.cli import output, syncs
    from modelcensus.cli.catalog.after import updated
    from modelcensus.cli.holding import slots_of
    from modelcensus.operations.collect import collect_all

    with opened(ctx) as census, slots_of(census, wanted(census, sources or [])) as held:
        with watched() as progress:
            results = collect_all(
                census, held.sources, categories=category or (), accept_smaller=accept_smaller, afresh=afresh,
                progress=held.progress(progress),
            )  # fmt: skip
            results = held.noted(results)
            done = list(output.json_lines(results) if json else results)
        out = None if json else output.Out()
        if out:
            syncs.summary(out, sorted(done, key=lambda each: each.source))
        troubled = updated(census, out, held.published)
    if troubled or held.refused or any(map(syncs.needs_attention, done)):
        raise typer.Exit(ATTENTION)


def wanted(census: Census, names: list[str]) -> list[Source]:
    """The named sources, or all that are ready. Raises ``NotFound`` and ``SettingsError``."""
    from modelcensus.core.errors import SettingsError
    from modelcensus.wiring import source_named

    if names:
        return [source_named(census, name) for name in dict.fromkeys(names)]
    ready = [source for source in census.sources.values() if source.ready]
    if not ready:
        raise SettingsError("no source is ready", "enable one or set its key; see 'modelcensus sources'")
    return ready


def import_(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, folder, tar or JSON-lines file of readings.")],
    source: Annotated[str, typer.Option("--source", metavar="NAME", help="The source that said it.")],
    category: options.OfCategory = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar=options.TIME, help="When it was observed, if its name does not say.")
    ] = None,
    accept_smaller: options.AcceptSmaller = False,
    json: options.Json = False,
) -> None:
    """Record kept readings with their own times, oldest first.

    Plain, gzip or zstd JSON. What is there already is left alone, and older readings find their place in history.
    With --json one line of JSON for each reading.
    """
    from modelcensus.cli import imports, output
    from modelcensus.operations.replay import import_readings
    from modelcensus.wiring import source_named

    moment = time_of(at) if at is not None else None
    tally = imports.Tally()
    with opened(ctx) as census, watched() as progress:
        results = import_readings(
            census, source_named(census, source), path, category=_name(category), at=moment,
            accept_smaller=accept_smaller, progress=progress,
        )  # fmt: skip
        for result in results:
            tally.add(result)
            if json:
                output.drain(output.json_lines([imports.ready(result)]))
    _end(tally, json)


def _end(tally: Tally, json: bool) -> None:
    from modelcensus.cli import imports, output

    if not json:
        imports.summary(output.Out(), tally)
    if tally.needs_attention:
        raise typer.Exit(ATTENTION)


def _name(category: Category | None) -> str | None:
    return category.value if category else None
