"""history, changes, diff: what was."""

from __future__ import annotations

from typing import Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import looked, time_of
from modelcensus.core.change import ChangeKind

Full = Annotated[bool, typer.Option("--full", help="Print long values whole.")]
LATEST = 50
"""Changes that are shown where neither --since nor --limit says how many."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    add = app.command
    add(
        epilog=options.examples(
            "modelcensus history openai/gpt-4.1",
            "modelcensus history deepseek/deepseek-chat --field pricing.prompt",
            "modelcensus history -- -odd-id",
        )
    )(history)
    add(
        epilog=options.examples(
            "modelcensus changes --since 7d --source openrouter", "modelcensus changes --kind vanished --limit 20"
        )
    )(changes)
    add(epilog=options.examples("modelcensus diff --from 2026-03-01 --to 2026-04-01 --source openrouter"))(diff)


def history(
    ctx: typer.Context,
    key: options.Key,
    field: Annotated[
        str | None, typer.Option("--field", metavar="PATH", help="Only this field, e.g. pricing.prompt; with a chart.")
    ] = None,
    source: options.Source = None,
    category: options.OfCategory = None,
    full: Full = False,
    json: options.Json = False,
) -> None:
    """Show every version of an entity, or of one field.

    Values that are numbers are drawn as a chart too.
    """
    from modelcensus.cli import output, timeline
    from modelcensus.operations import browse

    with looked(ctx, source) as store:
        if field is None:
            versions = browse.history(store, key, source=source, category=category)
        else:
            values = browse.field_history(store, key, field, source=source, category=category)
            until = browse.last_observed(store) if not json else None
    if field is None:
        output.document(versions) if json else timeline.versions(output.Out(), versions, full=full)
    elif json:
        output.document(values)
    else:
        timeline.values(output.Out(), field, values, until or 0)


def changes(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option("--since", metavar=options.TIME, help="After then: 2026-03-01, 36h, 7d ...")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar=options.TIME, help="Up to then.")] = None,
    source: options.Source = None,
    category: options.OfCategory = None,
    key: Annotated[str | None, typer.Option("--key", metavar="KEY", help="Only of this entity.")] = None,
    kind: Annotated[ChangeKind | None, typer.Option("--kind", help="Only this kind of change.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help=f"At most so many. Default: {LATEST} without --since.")
    ] = None,
    full: Full = False,
    json: options.Json = False,
) -> None:
    """Show what changed, field by field, newest first.

    With --json one line of JSON for each change.
    """
    from modelcensus.cli import output, timeline
    from modelcensus.operations import browse
    from modelcensus.store.history import FOREVER

    if limit is None and since is None:
        limit = LATEST
    start = time_of(since) if since is not None else 0
    end = time_of(until) if until is not None else FOREVER
    with looked(ctx, source) as store:
        found = browse.changes(
            store, since=start, until=end, source=source, category=category, key=key, kind=kind, limit=limit
        )
        if json:
            output.drain(output.json_lines(found))
        else:
            timeline.changes(output.Out(), found, full=full, limit=limit)


def diff(
    ctx: typer.Context,
    earlier: Annotated[str, typer.Option("--from", metavar=options.TIME, help="The earlier time.")],
    later: Annotated[str, typer.Option("--to", metavar=options.TIME, help="The later time.")] = "now",
    source: options.Source = None,
    category: options.OfCategory = None,
    full: Full = False,
    json: options.Json = False,
) -> None:
    """Compare the census at two times.

    Whatever happened between does not matter. With --json one line of JSON for each difference.
    """
    from modelcensus.cli import output, timeline
    from modelcensus.core.errors import InvalidInput
    from modelcensus.operations.diff import diff as compare

    start, end = time_of(earlier), time_of(later)
    if start > end:
        raise InvalidInput("--from is later than --to", "swap them")
    with looked(ctx, source) as store:
        found = compare(store, start, end, source=source, category=category)
        if json:
            output.drain(output.json_lines(found))
        else:
            timeline.differences(output.Out(), found, full=full)
