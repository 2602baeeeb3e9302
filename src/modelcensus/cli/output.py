"""Standard output: tables for people, JSON for programs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from typing import Any, NoReturn

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from modelcensus.cli.text import json_safe, visible
from modelcensus.core.document import encode

_PAGE = 500
_LEAST = 10
"""Columns that a folding table column wants at least."""


class Out(Console):
    """Standard output. Markup is off: what upstream calls ``[bold]`` is printed as it is."""

    def __init__(self) -> None:
        piped = not sys.stdout.isatty()
        super().__init__(
            markup=False,
            highlight=False,
            emoji=False,
            # Rich would believe TERM and FORCE_COLOR of whoever pipes us.
            no_color=True if piped else None,
            force_terminal=False if piped else None,
        )
        self.folds = not piped or bool(os.environ.get("COLUMNS"))
        """Whether lines are fitted to a width; a piped line is whole, so that grep finds what it looks for."""

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to ``run``, which ends quietly."""
        raise BrokenPipeError


def chart_width() -> int:
    """Columns for a chart."""
    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120))


def cell(text: object, style: str = "") -> Text:
    """A table cell with anything in it, safe to print."""
    return Text(visible(str(text)), style=style, overflow="fold")


def lines_cell(lines: Iterable[Text]) -> Text:
    """A cell of several lines."""
    return Text("\n", overflow="fold").join(lines)


Row = Sequence[Text | str | int]


def table(out: Out, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Print a table; how many rows it has. ``>name`` is a column of numbers, ``|name`` one that is never folded.

    Long tables are printed page by page, so that memory does not grow with them.
    """
    count = 0
    rest = iter(rows)
    while page := [[each if isinstance(each, Text) else cell(each) for each in row] for row in islice(rest, _PAGE)]:
        if out.folds:
            out.print(_laid(columns, page, out.width))
        else:
            _plain(out, columns, page)
        count += len(page)
    return count


def _laid(columns: Sequence[str], rows: Sequence[Sequence[Text]], width: int) -> Table:
    # Rich cuts what it may not fold; where even the fixed columns do not fit, they are folded rather than cut.
    fixed = [place for place, name in enumerate(columns) if name[0] in ">|"]
    needed = sum(max(_widest(rows, place), len(columns[place]) - 1) + 2 for place in fixed)
    fits = needed + _LEAST * (len(columns) - len(fixed)) <= width
    laid = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for name in columns:
        right = name.startswith(">")
        laid.add_column(
            name.lstrip(">|"), justify="right" if right else "left", no_wrap=fits and name[0] in ">|", overflow="fold"
        )
    for row in rows:
        laid.add_row(*row)
    return laid


def _widest(rows: Sequence[Sequence[Text]], place: int) -> int:
    """The widest cell of a column."""
    return max(row[place].cell_len for row in rows)


def _plain(out: Out, columns: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    """Aligned columns without lines, colours or folding."""
    texts = [[name.lstrip(">|").upper() for name in columns], *([each.plain for each in row] for row in rows)]
    widths = [max(len(line) for text in column for line in text.split("\n")) for column in zip(*texts, strict=True)]
    for row in texts:
        for parts in zip_longest(*(text.split("\n") for text in row), fillvalue=""):
            aligned = (
                part.rjust(width) if name.startswith(">") else part.ljust(width)
                for name, part, width in zip(columns, parts, widths, strict=True)
            )
            out.file.write("  ".join(aligned).rstrip() + "\n")


def facts(out: Out, rows: Iterable[tuple[str, object]]) -> None:
    """Print names and values side by side."""
    shown = [(name, thing if isinstance(thing, Text) else cell(thing)) for name, thing in rows]
    width = max((len(name) for name, _ in shown), default=0)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, min_width=width)
    grid.add_column(overflow="fold")
    for name, thing in shown:
        grid.add_row(Text(name, style="bold"), thing)
    if out.folds:
        out.print(grid)
    else:
        out.file.writelines(f"{name.ljust(width)}  {thing.plain}\n" for name, thing in shown)


def say(out: Out, text: Text | str, *, indent: int = 0, hang: int = 2) -> None:
    """Print one line; where it must be folded, what follows hangs."""
    line = text if isinstance(text, Text) else cell(text)
    if not out.folds:
        out.file.write(" " * indent + line.plain + "\n")
        return
    first, *rest = line.wrap(out, max(out.width - indent - hang, 20), overflow="fold")
    out.print(Padding(first, (0, 0, 0, indent)))
    for more in rest:
        out.print(Padding(more, (0, 0, 0, indent + hang)))


def document(record: Any) -> None:
    """Print one JSON document, numbers exact."""
    sys.stdout.write(json_safe(msgspec.json.format(encode(record), indent=2).decode()) + "\n")


def json_lines(records: Iterable[Any]) -> Iterator[Any]:
    """Print each record as one line of JSON as it comes, and hand it on."""
    for record in records:
        sys.stdout.write(json_safe(encode(record).decode()) + "\n")
        yield record


def drain(records: Iterator[Any]) -> int:
    """How many there are."""
    return sum(1 for _ in records)
