"""Every adapter, every fault that the local upstream knows, both databases: nothing is removed, nothing is lost.

The connector kit strikes every page; here each fault strikes one page, in turn, through the same collecting.
"""

from __future__ import annotations

import pytest

from modelcensus.operations.trial import TRIALS, try_adapter
from modelcensus.operations.trial.misbehaving import GROUPS, survives
from modelcensus.operations.trial.scene import staged
from modelcensus.sources.registry import ADAPTERS


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.split(",")[0].replace(" ", "-"))
@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_no_fault_removes_or_loses_anything(name: str, group: str, database_url: str) -> None:
    with staged(ADAPTERS[name], database_url) as stage:
        survives(stage, GROUPS[group], every_page=False)


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_every_adapter_passes_the_other_trials_of_the_kit(name: str) -> None:
    trials = tuple(trial for trial in TRIALS if trial.group != "misbehaviour")
    failed = [each for each in try_adapter(ADAPTERS[name], trials=trials) if each.verdict == "failed"]
    assert failed == []
