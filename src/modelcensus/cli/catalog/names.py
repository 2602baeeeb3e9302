"""What a name means, and names that wait, on screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from modelcensus.cli.catalog import models
from modelcensus.cli.catalog.plans import quoted
from modelcensus.cli.output import Out, cell, say, table
from modelcensus.cli.text import visible
from modelcensus.core.catalog.linking import Unmatched

if TYPE_CHECKING:
    from modelcensus.core.catalog.resolving import Resolution


def resolution(out: Out, found: Resolution) -> None:
    """The model that a name means, why, and its other names; or why it means none, and models to look at."""
    name = (visible(found.name), "bold")
    if found.model_id is None:
        say(out, Text.assemble(name, " means no model that is known: ", visible(found.evidence)))
        if found.links:
            models.names(out, found.links)
        _candidates(out, found.candidates)
        return
    say(out, Text.assemble(name, " is ", (visible(found.model_id), "bold green"), f" ({found.confidence} % sure)"))
    say(out, f"because: {visible(found.evidence)}")
    if found.aliases:
        out.line()
        models.names(out, found.aliases)


def _candidates(out: Out, candidates: Iterable[str]) -> None:
    shown = ", ".join(map(visible, candidates))
    if shown:
        say(out, f"look at: {shown}")
        say(out, cell("if it is one of them: modelcensus link SOURCE NAME MODEL --reason WHY", "dim"))


def queue(out: Out, found: list[Unmatched], limit: int) -> None:
    """Names that no rule links, with the reason and candidates."""
    columns = ("|source", "name", "why", "look at")
    rows = ((each.source, each.key, each.reason, ", ".join(each.candidates) or "-") for each in found)
    count = table(out, columns, rows)
    if not count:
        say(out, "every name is linked")
        return
    more = "; more with --limit" if count == limit else ""
    say(out, cell(f"{count:,} wait{more}", "dim"))
    first = next((each for each in found if each.candidates), None)
    if first:
        words = " ".join(map(quoted, (first.source, first.key, first.candidates[0])))
        say(out, cell(f"to link one: modelcensus link {words} --reason WHY", "dim"))
