"""The connector kit: one suite of trials for any adapter, against its own example, on this machine alone."""

from __future__ import annotations

from modelcensus.operations.trial.suite import TRIALS, try_adapter
from modelcensus.operations.trial.trials import Trial
from modelcensus.operations.trial.verdicts import Outcome

__all__ = ["TRIALS", "Outcome", "Trial", "try_adapter"]
