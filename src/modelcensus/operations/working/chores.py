"""Chores: what a worker does beside the syncs, from time to time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import msgspec

from modelcensus.core.errors import CensusError
from modelcensus.operations import keeping_metrics
from modelcensus.operations.census import Census
from modelcensus.operations.health import watching
from modelcensus.operations.noticing import noticing
from modelcensus.settings import Settings
from modelcensus.store import working

DAY_SECONDS = 86_400.0
_OFTEN = 30.0
_KEPT_DAYS = 30
_log = logging.getLogger("modelcensus.worker")


class Chore(msgspec.Struct, frozen=True):
    """What is done each so many ``seconds``, the first time that long after the worker's start."""

    name: str
    seconds: float
    work: Callable[[], object]


def chores(census: Census, settings: Settings) -> list[Chore]:
    """The chores of a worker. Each may be done by several workers, also at the same time."""
    return [
        Chore("tell what happened", _OFTEN, lambda: noticing.tell(census, settings)),
        Chore("look at the health", _OFTEN, lambda: watching.watch(census, settings)),
        Chore("keep metrics", DAY_SECONDS, lambda: keeping_metrics.roll_up(census)),
        Chore("forget what is long over", DAY_SECONDS, lambda: forget(census)),
    ]


def forget(census: Census) -> None:
    """Forget what ended a month ago. Raises ``StoreError``."""
    with census.store.noting() as tx:
        working.forget(tx, census.clock() - int(_KEPT_DAYS * DAY_SECONDS * 1e6))


class Round:
    """Chores by turns; errors are logged, and never end anything. ``now`` is any clock in seconds."""

    def __init__(self, todo: Sequence[Chore], now: float) -> None:
        self._todo = todo
        self._next = [now + chore.seconds for chore in todo]

    def turn(self, now: float) -> None:
        """Do what it is time for."""
        for place, chore in enumerate(self._todo):
            if now < self._next[place]:
                continue
            self._next[place] = now + chore.seconds
            try:
                chore.work()
            except CensusError as error:
                _log.warning("%s: %s", chore.name, error)
            except Exception:
                # Whatever it is, the syncs go on.
                _log.exception("%s: an error that should not be", chore.name)
