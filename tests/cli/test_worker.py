"""The commands of the worker: run it, look at what was due, stop and release."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelcensus.upstream import Play, Upstream
from modelcensus.wiring import open_census
from tests.cli.program import Program, Ran
from tests.operations.gated import TWO, eventually, settings_of
from tests.operations.working.bench import DUE, entered, row

_NOTHING_DUE = """
[sync]
schedule = "0 0 1 1 *"
models_schedule = "0 0 1 1 *"
catch_up = "skip"
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A folder in which a worker has done the one sync that was due."""
    folder: Path = tmp_path_factory.mktemp("worker")
    url = f"sqlite:///{folder}/data/modelcensus.db"
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up:
        chosen = settings_of(url, up, "lab")
        off = "".join(f"[sources.{name}]\nenabled = false\n" for name, each in chosen.sources.items() if name != "lab")
        lab = f'[sources.lab]\nadapter = "modelsdev"\nbase_url = "{up.url}/lab/"\n'
        (folder / "modelcensus.toml").write_text(_NOTHING_DUE + off + lab)
        with open_census(chosen) as census:
            entered(census)
        done = Program(folder)("worker", "--once", "--name", "night")
        assert done.code == 0, done.err
        assert done.err.startswith("worker night-")
        yield Program(folder)


@pytest.fixture(scope="module")
def listed(program: Program) -> Ran:
    return program("worker", "list", "--json")


def test_once_does_what_is_due_and_ends(listed: Ran) -> None:
    (found,) = listed.document["due"]
    assert (found["source"], found["state"], found["attempts"]) == ("lab", "done", 1)
    assert listed.document["workers"] == []


def test_stopping_what_is_not_there_says_where_to_look(program: Program) -> None:
    told = program("worker", "cancel", "lab")
    assert (told.code, "worker list" in told.err) == (3, True)


def test_what_is_in_quarantine_is_listed_and_released(program: Program) -> None:
    with open_census(settings_of(f"sqlite:///{program.database}", Upstream({}), "lab")) as census:
        entered(census, DUE + 1)
        with census.store.noting() as tx:
            tx.exec_driver_sql(
                f"UPDATE due SET state = 'quarantined', ended_at = 1, problem = 'it broke' WHERE due_at = {DUE + 1}"
            )
        shown = program("worker", "quarantine")
        freed = program("worker", "release", "lab")
        assert "it broke" in shown.out
        assert (freed.code, freed.out.startswith("released: lab")) == (0, True)
        assert row(census, DUE + 1).state.value == "waiting"
        stopped = program("worker", "cancel", "lab", "--as", "ann")
        assert (stopped.code, row(census, DUE + 1).problem) == (0, "stopped by ann")


def test_it_runs_until_it_is_told_to_end(program: Program) -> None:
    running = program.start("worker", "--name", "day")
    try:
        assert running.stderr is not None
        assert running.stderr.readline().startswith(b"worker day-")
        with open_census(settings_of(f"sqlite:///{program.database}", Upstream({}), "lab")) as census:
            entered(census, DUE + 2)
            assert eventually(lambda: row(census, DUE + 2).ended_at is not None, 30)
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
    finally:
        if running.poll() is None:
            running.kill()
        subprocess.Popen.communicate(running)
