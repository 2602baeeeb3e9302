"""One result: a table for people, or a JSON document."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

DATABASE_HELP = "also on PostgreSQL: the URL of a server where databases may be created, or auto to start one"


@dataclass
class Report:
    """A titled table and what is to be said below it. ``passed`` is None where there is nothing to pass."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    passed: bool | None = None

    def require(self, holds: bool) -> None:
        """Pass only if this holds too."""
        self.passed = self.passed is not False and holds

    def show(self, *, as_json: bool) -> int:
        """Print it; the exit code."""
        if as_json:
            rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
            print(json.dumps({**asdict(self), "rows": rows}, indent=1))
        else:
            table = Table(title=self.title, title_justify="left")
            for index, name in enumerate(self.columns):
                table.add_column(name, justify="left" if index == 0 else "right", overflow="fold")
            for row in self.rows:
                table.add_row(*map(_cell, row))
            console = Console()
            if not console.is_terminal:
                console = Console(width=140)
            console.print(table)
            for note in self.notes:
                console.print(note, highlight=False, markup=False)
        return 1 if self.passed is False else 0


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return str(value)


def arguments(text: str | None) -> argparse.ArgumentParser:
    """The options that all programs have."""
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument(
        "--recorded", default="../shared/recorded", help="folder of recorded readings (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON document")
    return parser
