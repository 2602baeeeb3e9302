"""The suite: every trial, one after the other, each with its outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from modelcensus.core.errors import CensusError
from modelcensus.operations.trial import breaking, keys, misbehaving, plain
from modelcensus.operations.trial.scene import Stage, staged
from modelcensus.operations.trial.trials import Trial
from modelcensus.operations.trial.verdicts import Flaw, Outcome, Spared, Verdict

if TYPE_CHECKING:
    from modelcensus.sources.adapter import Adapter

TRIALS: tuple[Trial, ...] = (*plain.TRIALS, *keys.TRIALS, *breaking.TRIALS, *misbehaving.TRIALS)
Watcher = Callable[[Trial], None]


def try_adapter(
    adapter: Adapter,
    *,
    database_url: str | None = None,
    begun: Watcher = lambda _: None,
    trials: tuple[Trial, ...] = TRIALS,
) -> Iterator[Outcome]:
    """The outcome of each trial as it ends; ``begun`` is told before each.

    Needs no network. Records in a database of its own, or in the given one under source names ``trial-...``.
    Raises ``InvalidInput`` for an adapter without a usable example, and ``StoreError``.
    """
    with staged(adapter, database_url) as stage:
        for trial in trials:
            begun(trial)
            yield _outcome(trial, stage)


def _outcome(trial: Trial, stage: Stage) -> Outcome:
    started = time.monotonic()
    verdict: Verdict = "passed"
    problem = hint = None
    details: tuple[str, ...] = ()
    try:
        trial.run(stage)
    except Spared as reason:
        verdict, problem = "spared", str(reason)
    except Flaw as flaw:
        verdict, problem, hint, details = "failed", flaw.problem, flaw.hint or None, flaw.details
    except CensusError as error:
        verdict, problem, hint = "failed", error.message, error.hint or None
    except Exception as error:  # an adapter may be anybody's code
        verdict, problem = "failed", f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return Outcome(
        group=trial.group, title=trial.title, verdict=verdict, problem=problem, hint=hint, details=details,
        seconds=time.monotonic() - started,
    )  # fmt: skip
