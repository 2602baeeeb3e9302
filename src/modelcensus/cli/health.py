"""health: is the census well, and what is to be done?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded

if TYPE_CHECKING:
    from modelcensus.cli.output import Out
    from modelcensus.core.health import Health
    from modelcensus.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        epilog=options.examples(
            "modelcensus health", "modelcensus health --json", "modelcensus health --quiet || echo 'look at it'"
        )
        + "\n\n\b\nExit codes:\n  0  all well\n  1  warnings\n  2  something critical"
    )(health)


def health(
    ctx: typer.Context,
    json: options.Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; the exit code says it.")] = False,
    heartbeat: Annotated[
        bool, typer.Option("--heartbeat", help="Call health.heartbeat_url too, for schedules without a worker.")
    ] = False,
) -> None:
    """Look at all that must be well: sources, models, runs, plans, feeds, workers, disk, database, clock.

    The worst comes first, each with what to do. Thresholds are settings: see 'modelcensus config --all'.
    """
    from modelcensus.cli import output
    from modelcensus.core.health import EXIT_CODES

    settings = loaded(ctx).settings
    found = _looked(settings)
    if json:
        output.document(found)
    elif not quiet:
        _shown(output.Out(), found)
    if heartbeat:
        _beat(settings, found)
    if code := EXIT_CODES[found.severity]:
        raise typer.Exit(code)


def _looked(settings: Settings) -> Health:
    """A database that cannot be opened is a finding too. Raises ``SettingsError``."""
    from modelcensus.core.errors import NotFound, StoreError
    from modelcensus.core.times import to_micros
    from modelcensus.operations.health.looking import look, without_database
    from modelcensus.wiring import open_census, utc_now

    try:
        with open_census(settings, create=False) as census:
            return look(census, settings)
    except (StoreError, NotFound) as error:
        return without_database(error, settings, to_micros(utc_now()))


def _beat(settings: Settings, found: Health) -> None:
    from modelcensus.cli.exits import tell
    from modelcensus.operations.health.watching import beat

    beaten = beat(settings.health, found)
    if beaten is None:
        tell("no heartbeat is set", "set health.heartbeat_url")
    elif not beaten.ok:
        tell(f"the heartbeat was not taken: {beaten.problem}", "see health.heartbeat_url")


def _shown(out: Out, found: Health) -> None:
    from rich.text import Text

    from modelcensus.cli.output import cell, lines_cell, say, table
    from modelcensus.cli.text import moment
    from modelcensus.core.health import Severity

    styles = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.CRITICAL: "bold red"}
    counts = [(each, sum(one.severity is each for one in found.findings)) for each in reversed(Severity)]
    told = ", ".join(f"{count} {each.value}" for each, count in counts if count)
    say(out, Text.assemble((found.severity.value.upper(), styles[found.severity]), f"  {told}  {moment(found.at)}"))
    rows = (
        (
            cell(each.severity.value, styles[each.severity]),
            each.check,
            each.subject or "-",
            lines_cell([cell(each.message), *([cell(f"-> {each.hint}", "dim")] if each.hint else [])]),
        )
        for each in found.findings
    )
    table(out, ("|severity", "|check", "|about", "finding, and what to do"), rows)
