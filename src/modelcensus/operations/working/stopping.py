"""A run stopped by a person, wherever it runs: in this process, or in a worker."""

from __future__ import annotations

from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.run import Run, RunState
from modelcensus.operations.census import Census
from modelcensus.operations.triggering.runs import Runs
from modelcensus.operations.working import looking


def stop(census: Census, runs: Runs, run: str, actor: str) -> Run:
    """Have a run stop at the next moment at which it can; what it has recorded before stays. The run as it is now.

    Raises ``NotFound``, ``InvalidInput`` for one that is over or runs where nobody hears of it, ``StoreError``.
    """
    found = runs.find(run)
    if found.state is not RunState.RUNNING:
        raise InvalidInput(f"the run is over: it is {found.state.value}", "there is nothing to stop")
    if not runs.cancel(run, actor):
        try:
            looking.cancel(census, run, actor)
        except NotFound:
            raise InvalidInput(
                f"the run was started elsewhere ({found.trigger.value}), and only that process can stop it",
                "stop it where it was started, for instance with Ctrl-C",
            ) from None
    return found
