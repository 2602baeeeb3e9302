"""compare: what two sources say of the same things."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import opened, time_of

if TYPE_CHECKING:
    from modelcensus.cli.output import Out
    from modelcensus.operations.compare import Difference

Name = Annotated[str, typer.Argument(metavar="SOURCE", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        epilog=options.examples(
            "modelcensus compare openrouter openrouter-eu",
            "modelcensus compare openrouter openrouter-eu --category endpoint --as-of 2026-03-01",
        )
    )(compare)


def compare(
    ctx: typer.Context,
    one: Name,
    other: Name,
    category: options.OfCategory = None,
    as_of: Annotated[str, typer.Option("--as-of", metavar=options.TIME, help="As of then.")] = "now",
    full: Annotated[bool, typer.Option("--full", help="Print long values whole.")] = False,
    json: options.Json = False,
) -> None:
    """Show where two sources of the same kind differ, such as two regions of one catalog.

    With --json one line of JSON for each difference.
    """
    from modelcensus.cli import output
    from modelcensus.operations.compare import compare as differing
    from modelcensus.wiring import source_named

    time = time_of(as_of)
    with opened(ctx, create=False) as census:
        first, second = source_named(census, one), source_named(census, other)
        found = differing(census.store, first.name, second.name, time, category=category)
        if json:
            output.drain(output.json_lines(found))
        else:
            _differences(output.Out(), found, first.name, second.name, full=full)


def _differences(out: Out, found: Iterable[Difference], one: str, other: str, *, full: bool) -> None:
    from rich.text import Text

    from modelcensus.cli.output import say
    from modelcensus.cli.text import visible
    from modelcensus.cli.timeline import field_line

    counts = {one: 0, other: 0, None: 0}
    for each in found:
        counts[each.only_in] += 1
        what = f"only in {each.only_in}" if each.only_in else "differs"
        line = Text.assemble(f"{each.category:<8} ", (visible(each.key), "bold"), "  ", (visible(what), "yellow"))
        say(out, line, indent=2, hang=4)
        for field in each.fields:
            say(out, field_line(field, full=full), indent=6, hang=4)
    say(
        out,
        f"{counts[one]:,} only in {one}, {counts[other]:,} only in {other}, {counts[None]:,} differ ({one} → {other})",
    )
