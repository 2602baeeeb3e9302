"""A progress bar on stderr, where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelcensus.operations.census import Progress

PER_SECOND = 10
"""Updates that reach the terminal: more would only cost time."""


@contextmanager
def watched() -> Iterator[Progress]:
    """A ``Progress`` that draws on a terminal, and does nothing where stderr is none."""
    if not sys.stderr.isatty():
        from modelcensus.operations.census import silent

        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[counted]}", markup=False),
        TimeElapsedColumn(),
    )
    tasks: dict[str, TaskID] = {}
    drawn: dict[str, float] = {}
    console = Console(stderr=True, markup=False, emoji=False)
    with Progress(*columns, console=console, transient=True, refresh_per_second=PER_SECOND) as bars:

        def update(what: str, done: int, total: int | None) -> None:
            now = monotonic()
            if done != total and now - drawn.get(what, 0.0) < 1 / PER_SECOND:
                return
            drawn[what] = now
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total, counted="")
            counted = f"{done:,}/{total:,}" if total is not None else f"{done:,}"
            bars.update(tasks[what], completed=done, total=total, counted=counted)

        yield update
