"""sources, syncs, list, show, stats, quarantine: what there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, looked, opened, time_of

if TYPE_CHECKING:
    from modelcensus.core.records import SourceState, Version


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    add = app.command
    add(epilog=options.examples("modelcensus sources"))(sources)
    add(epilog=options.examples("modelcensus syncs --source openrouter --limit 5"))(syncs)
    add(
        "list",
        epilog=options.examples(
            "modelcensus list --match claude", "modelcensus list --source openrouter --as-of 2026-03-01"
        ),
    )(list_)
    add(epilog=options.examples("modelcensus show openai/gpt-4.1", "modelcensus show -- -odd-id"))(show)
    add(epilog=options.examples("modelcensus stats --json"))(stats)
    add(epilog=options.examples("modelcensus quarantine --source openrouter"))(quarantine)


def sources(ctx: typer.Context, json: options.Json = False) -> None:
    """List the configured sources and how each stands."""
    from modelcensus.cli import entities, output

    found = _states(ctx)
    if json:
        output.document(found)
    else:
        entities.sources(output.Out(), found)


def _states(ctx: typer.Context) -> list[SourceState]:
    from modelcensus.core.errors import NotFound
    from modelcensus.core.records import SourceState
    from modelcensus.operations import browse
    from modelcensus.wiring import configured_sources

    try:
        with opened(ctx, create=False) as census:
            return browse.sources(census)
    except NotFound:
        # Before the first sync there is no database, and looking does not make one.
        return [
            SourceState(
                name=source.name, adapter=source.adapter.name, base_url=source.base_url,
                needs_key=source.adapter.needs_key, has_key=source.has_key, enabled=source.enabled, entities=0,
                region=source.region, schedule=source.schedule, attribution=source.adapter.attribution,
                last_sync=None, last_good_at=None,
            )
            for source in configured_sources(loaded(ctx).settings).values()
        ]  # fmt: skip


def syncs(
    ctx: typer.Context, source: options.Source = None, limit: options.Limit = 20, json: options.Json = False
) -> None:
    """List the latest syncs, newest first."""
    from modelcensus.cli import output
    from modelcensus.cli import syncs as rendering
    from modelcensus.operations import browse

    with looked(ctx, source) as store:
        found = browse.syncs(store, source=source, limit=limit)
    if json:
        output.document(found)
    else:
        rendering.log(output.Out(), found)


def list_(
    ctx: typer.Context,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar=options.TIME, help="What was there then: 2026-03-01, 36h, 7d ...")
    ] = "now",
    source: options.Source = None,
    category: options.OfCategory = None,
    match: Annotated[str, typer.Option("--match", metavar="TEXT", help="Only ids and names that contain it.")] = "",
    json: options.Json = False,
) -> None:
    """List every entity as of a time. With --json one line of JSON for each."""
    from modelcensus.cli import entities, output
    from modelcensus.operations import browse

    time = time_of(as_of)
    with looked(ctx, source) as store:
        found: Iterator[Version] = browse.as_of(store, time, source=source, category=category)
        if match:
            found = (version for version in found if entities.matches(version, match))
        if json:
            output.drain(output.json_lines(found))
        else:
            entities.listing(output.Out(), found, time)


def show(
    ctx: typer.Context,
    key: options.Key,
    source: options.Source = None,
    category: options.OfCategory = None,
    json: options.Json = False,
) -> None:
    """Show what every source says of an entity.

    Of one that vanished, what it said last.
    """
    from modelcensus.cli import entities, output
    from modelcensus.operations import browse

    with looked(ctx, source) as store:
        found = browse.show(store, key, source=source, category=category)
    if json:
        output.document(found)
    else:
        entities.details(output.Out(), found)


def stats(ctx: typer.Context, json: options.Json = False) -> None:
    """Count the census."""
    from modelcensus.cli import entities, output
    from modelcensus.operations import browse

    with looked(ctx) as store:
        found = browse.census_stats(store)
    if json:
        output.document(found)
    else:
        entities.counts(output.Out(), found)


def quarantine(
    ctx: typer.Context,
    source: options.Source = None,
    sync: Annotated[int | None, typer.Option("--sync", metavar="ID", help="Only of this sync.")] = None,
    limit: options.Limit = 100,
    json: options.Json = False,
) -> None:
    """List what could not be understood, newest first."""
    from modelcensus.cli import entities, output
    from modelcensus.operations import browse

    with looked(ctx, source) as store:
        found = browse.quarantine_list(store, source=source, sync_id=sync, limit=limit)
    if json:
        output.document(found)
    else:
        entities.quarantined(output.Out(), found)
