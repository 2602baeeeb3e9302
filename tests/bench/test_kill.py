"""``kill -9`` in the middle of imports and syncs; ``python -m bench.kill`` does the same 200 times."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.kill import kill_often
from bench.readings import Readings, readings


@pytest.fixture
def generated(tmp_path: Path) -> Iterator[Readings]:
    """Generated readings: the recorded ones are not part of the project."""
    with readings("openrouter", tmp_path / "nothing-recorded") as found:
        yield found


def test_ten_kills_leave_nothing_half_written_and_the_next_run_completes(generated: Readings) -> None:
    trial = kill_often("sqlite", None, generated.files, 10, random.Random(3))
    assert trial.problems == []
    assert trial.kills == 10


def test_ten_kills_on_postgresql_leave_nothing_half_written(postgres_url: str, generated: Readings) -> None:
    trial = kill_often("postgresql", postgres_url, generated.files, 10, random.Random(4))
    assert trial.problems == []
    assert trial.kills == 10
