"""Log files of a sync from the command line, and what --verbose shows."""

from __future__ import annotations

import json
import sqlite3

from tests.cli.program import Program, a_model
from tests.cli.test_collecting import an_upstream

_KEY = "a-key-that-nobody-may-see"


def test_every_line_of_a_sync_bears_its_id_in_the_file_and_on_the_terminal_and_no_secret(program: Program) -> None:
    with an_upstream(a_model()) as (url, _):
        ran = program(
            "--verbose", "sync", "openrouter", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url,
            MODELCENSUS_LOGS__FOLDER="logs", OPENROUTER_API_KEY=_KEY,
        )  # fmt: skip
    kept = [json.loads(line) for line in (program.folder / "logs" / "sync.log").read_text().splitlines()]
    shown = [json.loads(line) for line in ran.err.splitlines()]
    with sqlite3.connect(program.database) as database:
        ((run,),) = database.execute("SELECT id FROM run").fetchall()
    assert {line["run"] for line in [*kept, *shown]} == {run}
    assert [line["event"] for line in kept] == [line["event"] for line in shown]
    events = [line["event"].partition(" ")[0] for line in kept]
    assert (events[0], events[-1]) == ("the", "the")
    assert events.count("asked") >= 3
    read = {line["document"]: line for line in kept if "document" in line}
    assert (read["model"]["source"], read["model"]["appeared"], read["model"]["level"]) == ("openrouter", 1, "info")
    assert read["orphan"]["level"] == "warning"
    assert _KEY not in (program.folder / "logs" / "sync.log").read_text() + ran.err


def test_a_folder_for_logs_that_cannot_be_written_stops_no_sync(program: Program) -> None:
    (program.folder / "logs").write_text("a file where the folder should be")
    with an_upstream(a_model()) as (url, _):
        ran = program(
            "sync", "openrouter", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url, MODELCENSUS_LOGS__FOLDER="logs"
        )
    assert ran.code == 0
    assert [line for line in ran.err.splitlines() if "cannot be written" in line] == [ran.err.strip()]
