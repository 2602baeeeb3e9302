"""``modelcensus schedule``: the next times, and clocks of this machine, here small programs that keep what they get."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.builders import census_at
from tests.cli.program import Program

THEIRS = "MAILTO=me\n5 4 * * * /usr/bin/backup\n"
_CRONTAB = """\
#!/bin/sh
# Keeps a crontab beside itself, and talks as Debian's does.
file="$(dirname "$0")/kept"
case "$1" in
  -l) cat "$file" 2>/dev/null || { echo "no crontab for me" >&2; exit 1; } ;;
  -) cat >"$file" ;;
  *) exit 2 ;;
esac
"""
_SYSTEMCTL = """\
#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$*" >>"$(dirname "$0")/asked"
[ ! -e "$(dirname "$0")/broken" ] || { echo "Failed to connect to bus" >&2; exit 1; }
"""


@pytest.fixture
def tools(program: Program) -> Path:
    """The folder of the programs of a machine, first in PATH."""
    folder = program.folder / "bin"
    folder.mkdir()
    for name, text in (("crontab", _CRONTAB), ("systemctl", _SYSTEMCTL)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    program.env = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(program.folder / "home"), "TZ": "UTC"}
    return folder


def test_schedule_shows_what_comes_next_and_names_a_setting_that_cannot_be(program: Program) -> None:
    with census_at(f"sqlite:///{program.database}"):
        pass
    refused = program("schedule", MODEL_SYNC_SCHEDULE="0 0 30 2 *")
    assert refused.code == 2
    assert refused.err.startswith("error: sync.schedule: the cron expression '0 0 30 2 *' cannot be used")
    ran = program("schedule", TZ="Asia/Kathmandu")
    (line,) = [line for line in ran.out.splitlines() if line.startswith("openrouter ")]
    assert " +0545 " in line
    assert line.endswith("never")
    found = program("schedule", "--json", "--next", "30", MODELCENSUS_SYNC__JITTER_SECONDS="0").document
    (mine,) = [each for each in found if each["source"] == "openrouter"]
    assert len(mine["next"]) == 30
    assert {each["documents"] for each in mine["next"]} == {"models", "all"}
    assert all(
        each["due_at"].endswith("T02:00:00Z") is (each["documents"] == "all") and each["starts_at"] == each["due_at"]
        for each in mine["next"]
    )
    assert [each["off"] for each in found if each["source"] == "openai"] == [
        "it has no key: sources.openai.key (or OPENAI_API_KEY in the environment or .env)"
    ]


def test_the_crontab_gets_two_lines_once_and_loses_only_them(program: Program, tools: Path) -> None:
    (tools / "kept").write_text(THEIRS)
    tried = program("schedule", "install", "cron", "--dry-run", OPENAI_API_KEY="sk-hidden")
    assert "would add the lines of this program in your crontab" in tried.out
    assert re.search(r"put it into .env: .*\bOPENAI_API_KEY\b", tried.out)
    assert "sk-hidden" not in tried.out
    assert (tools / "kept").read_text() == THEIRS
    assert program("schedule", "install", "cron").code == 0
    kept = (tools / "kept").read_text()
    assert kept.startswith(THEIRS)
    assert f"\n0 2 * * * cd {program.folder} && " in kept
    assert " -m modelcensus health >/dev/null\n" in kept
    assert program("schedule", "install", "cron").out == "nothing to do\n"
    assert (tools / "kept").read_text() == kept
    assert program("schedule", "remove", "cron", "--json").document["dry_run"] is False
    assert (tools / "kept").read_text() == THEIRS


def test_a_crontab_that_does_not_exist_yet_is_made(program: Program, tools: Path) -> None:
    ran = program("schedule", "install", "cron", MODELCENSUS_SYNC__TIME_ZONE="Europe/Berlin")
    assert ran.code == 0
    assert (tools / "kept").read_text().startswith("# modelcensus: begin")
    assert "goes by this machine's clock, not by Europe/Berlin" in ran.out


def test_timers_are_started_and_taken_away_again(program: Program, tools: Path) -> None:
    assert program("schedule", "install", "systemd").code == 0
    units = program.folder / "home/.config/systemd/user"
    names = [f"modelcensus-{job}.{kind}" for job in ("health", "sync") for kind in ("service", "timer")]
    assert sorted(each.name for each in units.iterdir()) == names
    assert program("schedule", "remove", "systemd").code == 0
    assert list(units.iterdir()) == []
    both = "modelcensus-sync.timer modelcensus-health.timer"
    assert (tools / "asked").read_text().splitlines() == [
        "--user daemon-reload", f"--user enable --now {both}", f"--user disable --now {both}", "--user daemon-reload",
    ]  # fmt: skip


def test_what_systemctl_says_is_told_in_one_line(program: Program, tools: Path) -> None:
    (tools / "broken").touch()
    ran = program("schedule", "install", "systemd")
    assert ran.code == 1
    assert ran.err.startswith("error: systemctl --user daemon-reload failed with 1: Failed to connect to bus\nhint: ")


@pytest.mark.parametrize(("clock", "tool"), [("cron", "crontab"), ("systemd", "systemctl")])
def test_without_the_clocks_program_there_is_a_folder_to_write_to(program: Program, clock: str, tool: str) -> None:
    refused = program("schedule", "install", clock, PATH=str(program.folder))
    assert refused.code == 3
    assert refused.err.startswith(f"error: there is no program {tool} here\nhint: ")
    assert "--folder" in refused.err
    ran = program("schedule", "install", clock, "--folder", "units", PATH=str(program.folder))
    assert ran.code == 0
    assert "note: to put" in ran.out
    assert len(list((program.folder / "units").iterdir())) == (1 if clock == "cron" else 4)


def test_an_address_of_a_database_does_not_get_into_a_clocks_file(program: Program, tools: Path) -> None:
    ran = program("--database", "postgresql://me:secret@host/db", "schedule", "install", "cron")
    assert ran.code == 2
    assert "secret" not in ran.out + ran.err
    assert not (tools / "kept").exists()


def test_a_file_is_written_for_each_host(program: Program) -> None:
    assert program("schedule", "write", "github", "--dry-run").out.startswith("would write .github/workflows/model-")
    assert list(program.folder.iterdir()) == []
    assert program("schedule", "write", "kubernetes", "--image", "census:1").code == 0
    assert 'image: "census:1"' in (program.folder / "modelcensus-cronjobs.yaml").read_text()
    ran = program("schedule", "write", "vercel", "--folder", "site", MODELCENSUS_SYNC__TIME_ZONE="Asia/Tokyo")
    assert (program.folder / "site/vercel.json").exists()
    assert "its clock is UTC, not Asia/Tokyo" in ran.out
