from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from modelcensus.core.run import RunState, Trigger
from modelcensus.core.times import iso
from modelcensus.operations.triggering import slots
from modelcensus.operations.triggering.runs import Runs
from modelcensus.upstream import Fault, Play, Upstream
from modelcensus.upstream.play import Received
from tests.cli.program import Program, a_model
from tests.operations.gated import gated


@contextmanager
def an_upstream(*models: dict[str, Any], fault: Fault | None = None) -> Iterator[tuple[str, Event]]:
    """The base URL of an OpenRouter whose models have no endpoints, and an event that a request came."""
    asked = Event()
    answers = {"models": list(models), "providers": [], "endpoints": {"endpoints": []}}

    def play(request: Received) -> Play:
        asked.set()
        last = request.path.rpartition("/")[2]
        if "frontend" in request.path:
            return Play(b"", fault=Fault.NOT_FOUND)
        return Play(json.dumps({"data": answers[last]}).encode(), fault=fault)

    with Upstream(play) as up:
        yield f"{up.url}/api/v1/", asked


def test_sync_records_a_source_and_says_how_it_went(program: Program) -> None:
    with an_upstream(a_model(), a_model("lab/two")) as (url, _):
        ran = program("sync", "openrouter", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url)
    assert ran.code == 0
    assert "complete" in ran.out
    assert ran.err == ""
    assert len(program("list", "--json").lines) == 2


def test_sync_in_json_is_one_line_for_each_document_of_a_source(program: Program) -> None:
    with an_upstream(a_model()) as (url, _):
        ran = program("sync", "openrouter", "--json", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url)
    assert [(sync["document"], sync["status"], sync["appeared"]) for sync in ran.lines] == [
        ("model", "complete", 1),
        ("endpoint", "complete", 0),
        ("provider", "complete", 0),
        ("orphan", "failed", 0),
        ("author", "failed", 0),
    ]
    assert ran.code == 0


def test_sync_reads_only_the_kinds_of_entity_that_are_asked_for(program: Program) -> None:
    with an_upstream(a_model()) as (url, _):
        ran = program(
            "sync", "openrouter", "--category", "provider", "--json", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url
        )
    assert [sync["document"] for sync in ran.lines] == ["provider"]


def test_a_source_that_fails_gives_one_and_a_hint(program: Program) -> None:
    with an_upstream(fault=Fault.FORBIDDEN) as (url, _):
        ran = program("sync", "openrouter", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url)
    assert ran.code == 1
    assert "failed" in ran.out
    assert "hint: " in ran.out


def test_a_much_smaller_catalog_is_held_until_it_is_accepted(program: Program) -> None:
    with an_upstream(*(a_model(f"lab/{number}") for number in range(100))) as (url, _):
        program("sync", "openrouter", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url)
    with an_upstream(a_model("lab/1")) as (url, _):
        held = program("sync", "openrouter", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url)
        told = program("sync", "openrouter", "--accept-smaller", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url)
    assert (held.code, "--accept-smaller" in held.out, told.code) == (1, True, 0)
    assert len(program("list", "--json").lines) == 1


def test_ctrl_c_stops_a_sync_at_once_and_leaves_nothing_half_recorded(program: Program) -> None:
    with an_upstream(fault=Fault.HANG_BEFORE_HEADERS) as (url, asked):
        running = program.start("sync", "openrouter", MODELCENSUS_SOURCES__OPENROUTER__BASE_URL=url)
        assert asked.wait(30)
        running.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, err = running.communicate(timeout=30)
        assert time.monotonic() - begun < 5
    assert (running.returncode, b"interrupted" in err) == (130, True)
    assert b"Traceback" not in err
    with sqlite3.connect(program.database) as connection:
        assert connection.execute("SELECT count(*) FROM sync").fetchone() == (0,)
    connection.close()


def test_an_import_counts_what_it_recorded_and_what_was_there(program: Program) -> None:
    program.keep("20260301T120000Z", a_model())
    assert program.read().code == 0
    program.keep("20260308T120000Z", a_model(prompt="0.000002"))
    ran = program("import", "readings", "--source", "openrouter", "--json")
    assert [(line["name"], line["result"]) for line in ran.lines] == [
        ("20260301T120000Z.json", "there"),
        ("20260308T120000Z.json", "recorded"),
    ]
    assert ran.lines[1]["sync"]["observed_at"] == "2026-03-08T12:00:00Z"


def test_a_reading_that_cannot_be_imported_is_named_with_its_hint_and_gives_one(program: Program) -> None:
    folder = program.keep("20260301T120000Z", a_model())
    (folder / "timeless.json").write_text('{"data":[]}')
    ran = program.read()
    assert ran.code == 1
    assert "failed: timeless.json" in ran.out
    assert "hint: " in ran.out


def test_at_gives_a_reading_its_time(program: Program) -> None:
    (program.folder / "models.json").write_text(json.dumps({"data": [a_model()]}))
    program("import", "models.json", "--source", "openrouter", "--at", "2026-03-01T12:00Z")
    assert program("syncs", "--json").document[0]["observed_at"] == "2026-03-01T12:00:00Z"


def test_a_checkpoint_is_written_and_holds_later(weeks: Program) -> None:
    assert weeks("verify", "--write-checkpoint", "kept.json").code == 0
    weeks.keep("20260401T120000Z", a_model())
    weeks.read()
    ran = weeks("verify", "--checkpoint", "kept.json", "--json")
    assert (ran.code, ran.document["passed"]) == (0, True)


def test_a_rebuild_of_a_sound_census_corrects_nothing(weeks: Program) -> None:
    assert weeks("rebuild", "--json").document == {"corrected": 0}


def test_a_source_that_is_synced_elsewhere_is_told_in_a_line_and_the_others_go_on(
    program: Program, tmp_path: Path
) -> None:
    with gated(f"sqlite:///{tmp_path / 'gated.db'}", "lab", "other") as world:
        held = slots.claim(world.census, ["lab"], trigger=Trigger.HTTP, actor="ann").run
        world.gate.opened.set()
        given = {"MODELCENSUS_DATABASE_URL": world.settings.database_url}
        for name in ("lab", "other"):
            given[f"MODELCENSUS_SOURCES__{name.upper()}__ADAPTER"] = "modelsdev"
            given[f"MODELCENSUS_SOURCES__{name.upper()}__BASE_URL"] = world.settings.sources[name].base_url or ""
        ran = program("sync", "lab", "other", "--json", **given)
        assert ran.code == 1
        assert [line["source"] for line in ran.lines] == ["other"]
        assert (
            f"error: lab is being synced since {iso(held.started_at // 1_000_000 * 1_000_000)}, by the run {held.id}"
            in ran.err
        )
        last = Runs(world.census, world.settings.sync).newest(running=False)[0]
        assert (last.trigger, last.sources, last.state) == (Trigger.CLI, ("other",), RunState.DONE)
        assert last.result is not None
        assert (last.result.success, last.result.added) == (True, 3)


def test_an_interrupted_sync_frees_its_slots_at_once(program: Program, tmp_path: Path) -> None:
    with gated(f"sqlite:///{tmp_path / 'gated.db'}") as world:
        process = program.start(
            "sync", "lab", MODELCENSUS_DATABASE_URL=world.settings.database_url,
            MODELCENSUS_SOURCES__LAB__ADAPTER="modelsdev",
            MODELCENSUS_SOURCES__LAB__BASE_URL=world.settings.sources["lab"].base_url or "",
        )  # fmt: skip
        assert world.gate.asked.wait(30)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 130
        slots.claim(world.census, ["lab"], trigger=Trigger.HTTP, actor="ann")
