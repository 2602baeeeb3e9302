"""Fields of which sources say different things, with what each says and the snapshot that proves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.text import Text

from modelcensus.cli.catalog.values import columned, field, moved
from modelcensus.cli.output import Out, cell, say
from modelcensus.cli.text import moment, visible
from modelcensus.core.catalog.model import Disagreement

_HASH = 12
"""Characters of a snapshot's SHA-256 that a table shows; JSON has all."""


def listed(out: Out, found: Iterable[tuple[str, Disagreement]], limit: int) -> None:
    """Disagreements with the model that each is about."""
    count = 0
    last = None
    for model_id, each in found:
        count += 1
        if model_id != last:
            say(out, Text(visible(model_id), style="bold"))
            last = model_id
        one(out, each)
    if not count:
        say(out, "no disagreement: of every field all sources say the same, or only one says anything")
    elif count == limit:
        say(out, cell(f"the first {count:,}; more with --limit", "dim"))


def one(out: Out, each: Disagreement, *, indent: int = 2) -> None:
    """One field: first what the catalog follows, and why; then what the others say, and how far off it is."""
    say(out, Text.assemble((visible(each.path), "cyan"), (f"  {visible(each.reason)}", "dim")), indent=indent)
    for place, line in enumerate(_said(each)):
        say(out, Text.assemble(("→ " if not place else "  ", "green"), line), indent=indent + 2, hang=4)


def _said(each: Disagreement) -> Iterator[Text]:
    values = columned([field(each.path, said.value) for said in each.said])
    sources = columned([visible(said.origin.source) for said in each.said])
    followed: Any = each.said[0].value if each.said else None
    for text, source, said in zip(values, sources, each.said, strict=True):
        line = Text.assemble(text, f"  {source}", overflow="fold")
        if words := moved(each.path, followed, said.value):
            line.append(f"  {words}", style="yellow")
        origin = said.origin
        line.append(f"  {visible(origin.key)} {origin.sha256[:_HASH]} {moment(origin.observed_at)}", style="dim")
        yield line
