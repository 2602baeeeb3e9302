"""The house keeps its own rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import floors, papers, shape
from tests.house.tree import ROOT

RULES = [
    shape.long_files,
    shape.long_functions,
    shape.empty_names,
    floors.broken_floors,
    floors.import_circles,
    floors.impure_core,
    papers.dead_links,
    papers.registry_hosts,
    papers.foreign_locks,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_has_no(rule: Callable[[Path], list[str]]) -> None:
    violations = rule(ROOT)
    assert not violations, "\n" + "\n".join(violations)
