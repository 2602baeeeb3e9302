"""trends risers, trends prices, trends models: what rises, what gets cheaper, what comes and goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import opened
from modelcensus.cli.progress import watched
from modelcensus.core.trends import By, Measure, Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modelcensus.cli.output import Out
    from modelcensus.core.trends import ModelTrend, Month, PriceIndex, PriceTrend, Risers

_NAMED = 3
"""Models of a month that the table names."""
Months = Annotated[int, typer.Option("--months", min=1, max=60, help="So many, the current one included.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="See what rises, and what comes and goes.", rich_markup_mode=None, no_args_is_help=True)
    group.command(
        epilog=options.examples(
            "modelcensus trends risers", "modelcensus trends risers --metric likes --days 7 --sort gain --provider Qwen"
        )
    )(risers)
    group.command(
        epilog=options.examples(
            "modelcensus trends prices --months 24", "modelcensus trends prices --by capability --only reasoning"
        )
    )(prices)
    group.command(epilog=options.examples("modelcensus trends models --months 6"))(models)
    app.add_typer(group, name="trends")


def risers(
    ctx: typer.Context,
    metric: Annotated[Metric, typer.Option("--metric", help="What is counted.")] = Metric.DOWNLOADS,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="Since so many days ago.")] = 30,
    provider: Annotated[str | None, typer.Option("--provider", metavar="NAME", help="Only models of it.")] = None,
    sort: Annotated[
        Measure, typer.Option("--sort", help="By growth for their size, or by what they gained in whole.")
    ] = Measure.GROWTH,
    limit: options.Limit = 20,
    json: options.Json = False,
) -> None:
    """List the models whose downloads or likes rise fastest.

    Growth is the gain divided by the size at the beginning and the usual (median) size together: 3 that become 9 are
    no wonder, 30,000 that become 90,000 are. Downloads are those of 30 days each, as Hugging Face counts them.
    """
    from modelcensus.cli import output
    from modelcensus.operations.trends.rising import rising

    with opened(ctx, create=False) as census:
        found = rising(census, metric=metric, days=days, provider=provider, measure=sort, limit=limit)
    if json:
        output.document(found)
    else:
        _risers(output.Out(), found)


def prices(
    ctx: typer.Context,
    by: Annotated[By, typer.Option("--by", help="What models are grouped by.")] = By.PROVIDER,
    only: Annotated[str | None, typer.Option("--only", metavar="NAME", help="Only this group.")] = None,
    months: Months = 12,
    limit: options.Limit = 15,
    json: options.Json = False,
) -> None:
    """Show how prices move as a whole: an index of each provider or capability, 100 at its first month.

    From month to month it follows those models only that had a price in both (the geometric mean of their relatives,
    for 3 tokens of input and 1 of output), so that models which come or go do not move it.
    """
    from modelcensus.cli import output
    from modelcensus.operations.trends.moving import Moving

    with opened(ctx, create=False) as census, watched() as progress:
        found = Moving(census).prices(by, months, only=only, limit=limit, progress=progress)
    if json:
        output.document(found)
    else:
        _prices(output.Out(), found)


def models(ctx: typer.Context, months: Months = 12, json: options.Json = False) -> None:
    """Count new and retired models month by month.

    Models that came with a source which had not been read before are counted apart: nobody knows how old they are.
    """
    from modelcensus.cli import output
    from modelcensus.operations.trends.moving import Moving

    with opened(ctx, create=False) as census, watched() as progress:
        found = Moving(census).models(months, progress=progress)
    if json:
        output.document(found)
    else:
        _models(output.Out(), found)


def _risers(out: Out, found: Risers) -> None:
    from modelcensus.cli.output import cell, say, table
    from modelcensus.cli.text import moment

    rows = (
        (
            each.model_id or each.key, each.provider or "-", f"{each.before:,}", f"{each.after:,}", f"+{each.gain:,}",
            f"+{each.growth * 100:.1f} %", moment(each.since_at)[:10],
        )
        for each in found.data
    )  # fmt: skip
    shown = table(out, ("model", "provider", ">before", ">now", ">gain", ">growth", "|since"), rows)
    if not shown:
        say(out, f"nothing rose: {found.compared:,} compared since {moment(found.since_at)[:10]}")
    else:
        note = f"{found.compared:,} compared; usual size {found.usual:,.0f} {found.metric.value}, added to each base"
        say(out, cell(note, "dim"))


def _prices(out: Out, found: PriceTrend) -> None:
    from modelcensus.cli.chart import step_chart
    from modelcensus.cli.output import cell, chart_width, say, table
    from modelcensus.cli.text import moment

    table(
        out,
        (found.by.value, "|from", ">index", ">in the last month", ">lowest", ">matched", ">models"),
        map(_price_row, found.data),
    )
    hidden = found.groups - sum(each.group != "all" for each in found.data)
    if hidden > 0:
        say(out, cell(f"{hidden:,} more with --limit", "dim"))
    first = found.data[0]
    if len(first.points) < 2:
        say(out, cell(f"prices are known since {moment(first.points[0].at)[:10]} only: there is no trend yet", "dim"))
        return
    out.line()
    say(out, cell(f"index of {first.group}", "bold"))
    steps = [(point.at, point.index) for point in first.points]
    out.file.write(step_chart(steps, first.points[-1].at, chart_width()) + "\n")


def _price_row(index: PriceIndex) -> tuple[str, ...]:
    from modelcensus.cli.text import moment

    last = index.points[-1]
    before = index.points[-2] if len(index.points) > 1 else None
    moved = f"{(last.index / before.index - 1) * 100:+.1f} %" if before and before.index else "-"
    lowest = min(point.index for point in index.points)
    return (
        index.group, moment(index.points[0].at)[:10], f"{last.index:.2f}", moved, f"{lowest:.2f}", f"{last.matched:,}",
        f"{last.models:,}",
    )  # fmt: skip


def _models(out: Out, found: ModelTrend) -> None:
    from modelcensus.cli.chart import step_chart
    from modelcensus.cli.output import cell, chart_width, say, table

    columns = ("|month", ">new", ">with new sources", ">back", ">retired", ">models", "new and -retired ones")
    if not table(out, columns, _month_rows(found)):
        say(out, cell("the census began a moment ago: there is no trend yet", "dim"))
        return
    out.line()
    say(out, cell("models on offer", "bold"))
    steps = [(month.until_at, month.after) for month in found.data]
    out.file.write(step_chart(steps, found.data[-1].until_at, chart_width()) + "\n")


def _month_rows(found: ModelTrend) -> Iterator[tuple[str, ...]]:
    from modelcensus.operations.trends.moving import month_before

    for month in found.data:
        yield (
            month_before(month.until_at), f"{month.new:,}", f"{month.found:,}", f"{month.back:,}",
            f"{month.retired:,}", f"{month.after:,}", _named(month),
        )  # fmt: skip


def _named(month: Month) -> str:
    names = [*month.new_ids[:_NAMED], *(f"-{each}" for each in month.retired_ids[:_NAMED])]
    more = len(month.new_ids) + len(month.retired_ids) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "") or "-"
