"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from modelcensus.cli.context import Category

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Source = Annotated[str | None, typer.Option("--source", metavar="NAME", help="Only this source.")]
OfCategory = Annotated[Category | None, typer.Option("--category", help="Only this kind of entity.")]
AcceptSmaller = Annotated[
    bool, typer.Option("--accept-smaller", help="Believe a reading with far fewer entities than before.")
]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The entity's id in its source.", show_default=False)]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]
TIME = "TIME"
"""How a time is named in help: ISO 8601 (UTC if it names no zone), now, or an age such as 36h or 7d."""


def examples(*lines: str) -> str:
    """The end of a help page: commands to try, not re-wrapped."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
