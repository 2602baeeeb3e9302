from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program, a_model


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program in an empty folder."""
    return Program(tmp_path)


@pytest.fixture(scope="session")
def weeks_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``weeks`` is a copy of."""
    program = Program(tmp_path_factory.mktemp("weeks"))
    program.keep("20260301T120000Z", a_model(), a_model("lab/two"))
    program.keep(
        "20260308T120000Z", a_model(prompt="0.0000005", supported_parameters=["seed", "stop"]), a_model("lab/two")
    )
    program.keep(
        "20260315T120000Z", a_model(prompt="0.0000005", supported_parameters=["seed", "stop"]), a_model("lab/three")
    )
    assert program.read().code == 0
    return program.folder


@pytest.fixture
def weeks(program: Program, weeks_made: Path) -> Program:
    """The program with a census of three readings: lab/one changes its price, lab/two vanishes, lab/three comes."""
    return program.beginning_as(weeks_made)
