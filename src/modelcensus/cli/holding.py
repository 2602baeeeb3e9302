"""Slots of sources while the command line syncs them; those that somebody else syncs are told of and left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from modelcensus.cli.interrupt import stops_at_once

if TYPE_CHECKING:
    from modelcensus.operations.census import Census, Source
    from modelcensus.operations.triggering.holding import Held


@contextmanager
def slots_of(census: Census, sources: Sequence[Source]) -> Iterator[Held]:
    """Hold the slots of those sources that are free. Ctrl-C frees them and ends the process at once.

    Raises ``AlreadyRunning`` if none is free.
    """
    from modelcensus.cli.catalog.actor import acting
    from modelcensus.cli.exits import tell
    from modelcensus.core.errors import InvalidInput
    from modelcensus.core.run import Trigger
    from modelcensus.operations.triggering.holding import held

    try:
        actor = acting(None)
    except InvalidInput:
        actor = "command line"  # a container may run under a number that has no name
    with stops_at_once() as first, held(census, sources, trigger=Trigger.CLI, actor=actor, partly=True) as holding:
        first.append(holding.release)
        for late in holding.refused.values():
            tell(late.message, late.hint)
        yield holding
