"""``modelcensus demo``: weeks of changing catalogs in a minute, on this machine alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

if TYPE_CHECKING:
    from rich.text import Text

    from modelcensus.cli.output import Out
    from modelcensus.operations.demo import Demo, DemoDay, DemoSummary

_STYLES = {"complete": "green", "partial": "yellow", "held": "magenta", "incomplete": "magenta", "failed": "red"}


def demo(
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Days to play.")] = 28,
    seed: Annotated[int, typer.Option("--seed", help="The same seed plays the same weeks.")] = 1,
    keep: Annotated[Path | None, typer.Option("--keep", metavar="FILE", help="Keep the census in a new file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines: each sync, then the summary.")] = False,
) -> None:
    """Play weeks of changing catalogs, and an upstream that misbehaves, through a real census.

    Needs no network: the catalogs are invented and served on 127.0.0.1. Leaves nothing behind without --keep.
    """
    from modelcensus.cli.output import Out
    from modelcensus.core.errors import VerificationFailed
    from modelcensus.operations.demo import open_demo

    _say_nothing_of_retries()
    out = Out()
    started = time.monotonic()
    with open_demo(days=days, seed=seed, keep=keep) as played:
        if as_json:
            summary = _json_lines(out, played)
        else:
            _feed(out, played)
            summary = played.summary()
            _end(out, summary, time.monotonic() - started)
    if not summary.passed:
        raise VerificationFailed("the demonstration did not prove what it claims", "please report it with its --seed")


def _say_nothing_of_retries() -> None:
    import stamina

    # The feed tells of them; the library's own warnings would stand in the middle of it.
    stamina.instrumentation.set_on_retry_hooks(())


def _json_lines(out: Out, played: Demo) -> DemoSummary:
    from modelcensus.cli.text import json_safe
    from modelcensus.core import document

    for told in played.run():
        out.out(json_safe(document.encode(told).decode()), highlight=False)
    summary = played.summary()
    last = {"summary": {**msgspec.structs.asdict(summary), "passed": summary.passed}}
    out.out(json_safe(document.encode(last).decode()), highlight=False)
    return summary


def _feed(out: Out, played: Demo) -> None:
    """A line for each sync as it happens; on a terminal with a bar below them."""
    if not out.is_terminal:
        for told in played.run():
            out.print(_line(told))
        return
    from rich.progress import BarColumn, Progress, TextColumn

    with Progress(TextColumn("{task.description}"), BarColumn(), console=out, transient=True) as progress:
        bar = progress.add_task("day 1", total=played.days)
        for told in played.run():
            progress.print(_line(told))
            progress.update(bar, completed=told.day, description=f"day {told.day} of {played.days}")


def _line(told: DemoDay) -> Text:
    """``day  4  2026-03-05  openrouter   half list -> held, removed nothing``."""
    from rich.text import Text

    from modelcensus.cli.text import moment, visible

    line = Text(f"day {told.day:>2}  {moment(told.observed_at)[:10]}  ", style="")
    line.append(f"{told.source:<13}", style="bold")
    line.append(visible("; ".join(told.happened) or "quiet"), style="" if told.happened else "dim")
    if told.mischief:
        line.append(f" | {told.mischief}", style="bold red")
    line.append(" -> ", style="dim")
    line.append(visible(told.census), style=_STYLES[told.status] if told.changed or told.mischief else "dim")
    if not told.as_expected:
        line.append("  (not what it should do!)", style="bold white on red")
    return line


def _end(out: Out, summary: DemoSummary, seconds: float) -> None:
    from modelcensus.cli.text import duration, visible

    statuses = ", ".join(f"{count} {status}" for status, count in summary.by_status.items())
    whole = summary.proved_equal + summary.proof_failed
    rows = (
        ("syncs", f"{summary.syncs} in {summary.days} days ({statuses}), played in {duration(seconds)}"),
        ("census", f"{summary.entities} entities, {summary.versions} versions, {summary.changes} changes"),
        ("beside it", f"{summary.metrics} volatile numbers, {summary.quarantined} quarantined"),
        ("faults survived", f"{summary.faults_survived} of {len(summary.faults_played)}"),
        ("as of each day", f"{summary.proved_equal} of {whole} whole readings come back exactly as they were"),
        ("false removals", f"{summary.false_removals}"),
        ("verify", "passed: every hash and the chain" if not summary.problems else "; ".join(summary.problems)),
        ("census kept in", summary.database or "a temporary folder, removed now"),
    )
    out.print()
    for name, value in rows:
        out.print(f"{name:<16}  {visible(value)}", soft_wrap=True)
    out.print("\nTry next:")
    for hint in summary.hints:
        out.print(f"  {hint}", soft_wrap=True)
