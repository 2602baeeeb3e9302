"""After a sync: the catalog is brought up to date, and one line says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog.catalog import Updated
    from modelcensus.operations.census import Census


def updated(census: Census, out: Out | None, published: Callable[[Updated], None] = lambda _: None) -> bool:
    """Update the catalog; whether somebody should look. With ``out`` None nothing is printed.

    ``published`` is told what it did.

    Trouble with the catalog is told, and does not undo the sync.
    """
    from modelcensus.cli.output import say
    from modelcensus.cli.text import visible
    from modelcensus.core.errors import CensusError
    from modelcensus.operations.catalog import catalog

    try:
        found = catalog.update(census, now=census.clock())
    except CensusError as error:
        if out:
            say(out, f"catalog: not updated: {visible(error.message)}")
            say(out, f"hint: {visible(error.hint)}", indent=2)
        return True
    published(found)
    if out and (found.plan.steps or found.refreshed.models):
        say(out, _told(found))
    return False


def _told(found: Updated) -> str:
    counts: dict[str, int] = {}
    for step in found.plan.steps:
        counts[step.kind.value] = counts.get(step.kind.value, 0) + 1
    moved = ", ".join(f"{count:,} {kind}" for kind, count in counts.items()) or "nothing new"
    line = f"catalog: {found.refreshed.models:,} models, {moved}"
    if found.revision:
        line += f"; published as revision {found.revision.number}"
    elif found.plan.steps and not found.held:
        line += "; not published, the setting catalog.automatic is off: see 'modelcensus plan'"
    if found.held:
        line += f"; {found.held:,} held back: see 'modelcensus plan'"
    return line
