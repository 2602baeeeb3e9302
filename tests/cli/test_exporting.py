from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import pytest

from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.catalog.curating import edit_one
from modelcensus.operations.census import Census
from tests.builders import census_at, openrouter, read
from tests.cli.program import Program, a_model, environment


@contextmanager
def census_in(folder: Path) -> Iterator[Census]:
    (folder / "data").mkdir(exist_ok=True)
    with census_at(f"sqlite:///{folder / 'data' / 'modelcensus.db'}") as census:
        yield census


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A census of two readings, published: lab/one stays, lab/two comes."""
    folder = tmp_path_factory.mktemp("census")
    with census_in(folder) as census:
        read(census, openrouter(a_model("lab/one")))
        read(census, openrouter(a_model("lab/one"), a_model("lab/two")), 24)
        update(census, now=census.clock())
    return Program(folder)


@pytest.fixture
def catalog(published: Program, tmp_path: Path) -> Program:
    """The published census in a folder of the test's own."""
    copytree(published.folder, tmp_path, dirs_exist_ok=True)
    return Program(tmp_path)


def test_a_feed_goes_to_standard_output_as_it_is(catalog: Program) -> None:
    done = catalog("export", "openai")
    assert (done.code, done.err) == (0, "")
    assert [row["id"] for row in done.document["data"]] == ["lab/one", "lab/two"]


def test_a_file_is_replaced_whole_and_told_with_its_size_and_hash(catalog: Program) -> None:
    target = catalog.folder / "models.json"
    target.write_text("old")
    target.chmod(0o640)
    done = catalog("export", "openrouter", "--output", "models.json", "--json")
    assert (done.code, done.err) == (0, "")
    body = target.read_bytes()
    told = done.document
    assert (told["bytes"], told["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert json.loads(body)["data"][0]["pricing"]
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in catalog.folder.glob("*models.json*")] == ["models.json"]
    shown = catalog("export", "openrouter", "--output", "again.json").out
    assert told["sha256"] in shown
    assert "openrouter" in shown


def test_the_census_is_exported_as_it_was(catalog: Program) -> None:
    before = catalog("export", "openai", "--as-of", "2026-01-01T20:00Z").document
    assert [row["id"] for row in before["data"]] == ["lab/one"]


def test_what_its_consumer_would_refuse_is_not_written_unless_forced(catalog: Program) -> None:
    refused = catalog("export", "litellm", "--output", "map.json")
    assert refused.code == 1
    assert "litellm would be refused" in refused.err
    assert "--force" in refused.err
    assert not (catalog.folder / "map.json").exists()
    forced = catalog("export", "litellm", "--output", "map.json", "--force")
    assert (forced.code, "would be refused" in forced.err) == (1, True)
    assert "lab/one" in (catalog.folder / "map.json").read_text()


def test_a_tier_gets_its_own_models(catalog: Program) -> None:
    with census_in(catalog.folder) as census:
        edit_one(census.store, "lab/one", {"enabled": True, "is_pro": True}, "ann", census.clock())
    assert catalog("export", "openai", "--tier", "free").document["data"] == []
    assert [row["id"] for row in catalog("export", "openai", "--tier", "pro").document["data"]] == ["lab/one"]
    assert [row["id"] for row in catalog("export", "openai").document["data"]] == ["lab/one"]


def test_the_formats_are_listed_without_a_census(program: Program) -> None:
    told = {each["name"]: each for each in program("export", "--list", "--json").document}
    assert told["openrouter"]["paths"] == ["/api/v1/models"]
    shown = program("export", "--list")
    assert all(name in shown.out for name in told)


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("export",), 2, "--list"),
        (("export", "opnrouter"), 3, "openrouter"),
        (("export", "openai"), 3, "sync"),
        (("export", "openai", "--as-of", "yesterday-ish"), 2, "7d"),
    ],
)
def test_what_cannot_be_exported_is_said_with_a_next_step(
    program: Program, words: tuple[str, ...], code: int, hint: str
) -> None:
    done = program(*words)
    assert done.code == code
    assert hint in done.err


def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left_behind(catalog: Program) -> None:
    done = catalog("export", "openai", "--output", "no/such/folder/models.json")
    assert (done.code, "cannot be written" in done.err) == (2, True)
    (catalog.folder / "taken").mkdir()
    assert catalog("export", "openai", "--output", "taken").code == 2
    assert [path.name for path in catalog.folder.glob(".taken*")] == []


def on_a_terminal(folder: Path, *words: str) -> tuple[int, bytes]:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "modelcensus", *words]
    with subprocess.Popen(command, cwd=folder, env=environment(), stdout=theirs, stderr=subprocess.STDOUT) as program:
        os.close(theirs)
        out = b""
        try:
            while part := os.read(ours, 65_536):
                out += part
        except OSError:
            pass  # Linux says so at the end of a terminal.
        code = program.wait(timeout=60)
    os.close(ours)
    return code, out


def test_bytes_that_would_garble_a_terminal_are_refused_and_text_is_made_safe(catalog: Program) -> None:
    code, out = on_a_terminal(catalog.folder, "export", "parquet")
    assert code == 2
    assert b"--output census.parquet" in b" ".join(out.split())
    code, out = on_a_terminal(catalog.folder, "export", "openai")
    assert (code, b"lab/one" in out) == (0, True)
