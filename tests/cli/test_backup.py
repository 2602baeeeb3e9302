"""backup, restore and metrics roll-up, as a person types them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from tests.builders import census_at, model, openrouter, read
from tests.cli.program import Program, environment


@pytest.fixture
def small(program: Program) -> Program:
    """The program with a census of one reading."""
    with census_at(f"sqlite:///{program.database}") as census:
        read(census, openrouter(model(benchmarks={"x": 1.5})))
    return program


def test_a_backup_is_restored_and_passes_verification(small: Program) -> None:
    made = small("backup", "--json")
    assert (made.code, made.err) == (0, "")
    told = made.document
    (file,) = small.folder.glob("modelcensus-*.tar.zst")
    assert told["file"] == file.name
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    done = small("restore", file.name, "--to", "sqlite:///copy.db")
    assert done.code == 0
    assert told["digest"] in done.out
    assert "the digest is that of the backup" in done.out
    assert "all hashes and the chains are right" in done.out
    checked = small("--database", "sqlite:///copy.db", "verify", "--json").document
    assert (checked["passed"], checked["chain"]) == (True, told["syncs"]["chain"])


def test_a_backup_goes_down_a_pipe_and_is_never_restored_over_a_census(small: Program) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modelcensus", "backup", "-", "--json"], cwd=small.folder, env=environment(),
        capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    told = json.loads(done.stderr)
    assert (told["file"], told["sha256"]) == ("-", hashlib.sha256(done.stdout).hexdigest())
    (small.folder / "b.tar.zst").write_bytes(done.stdout)
    before = small.database.read_bytes()
    refused = small("restore", "b.tar.zst")
    assert refused.code == 2
    assert "the database is not empty" in refused.err
    assert "hint: name a new one" in refused.err
    assert small.database.read_bytes() == before


def test_what_cannot_be_restored_has_an_exit_code_and_a_hint(program: Program) -> None:
    (program.folder / "text").write_text("text")
    damaged = program("restore", "text", "--json")
    assert (damaged.code, damaged.out) == (2, "")
    assert not program.database.exists()


def test_metrics_are_rolled_up(small: Program) -> None:
    done = small("metrics", "roll-up", "--json")
    assert done.code == 0
    assert (done.document["by_day"], done.document["by_month"]) == (0, 0)
