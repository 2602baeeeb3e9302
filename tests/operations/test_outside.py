"""Files for clocks outside: what they say is what was meant, in the words of each."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types
from cronsim import CronSim

from modelcensus.core.errors import InvalidInput
from modelcensus.operations.outside import crontab, github, kubernetes, systemd, vercel
from modelcensus.operations.outside.job import Place, jobs, place
from modelcensus.operations.outside.timing import calendars, plain_cron
from modelcensus.settings import HealthSettings, Settings, SyncSettings

ODD = "it's 100% \\% of $HOME"
THEIRS = "MAILTO=me\n# mine: 50%\n5 4 * * * /usr/bin/backup\n"


def at_place(folder: Path, program: str = "/opt/census/modelcensus") -> Place:
    return place([program], folder, folder / ".env")


@pytest.mark.parametrize(
    ("timing", "plain"),
    [
        ("0 2 * * *", "0 2 * * *"),
        ("5 4 * JAN,dec sun", "5 4 * 1,12 0"),
        ("0 0 * * 5-7", "0 0 * * 0,5,6"),
        ("0 0 * * mon-fri", "0 0 * * 1-5"),
        ("7/20 * * * *", "7-59/20 * * * *"),
        ("every 1m", "* * * * *"),
        ("every 15m", "*/15 * * * *"),
        ("every 60 m", "0 * * * *"),
        ("every 6h", "0 */6 * * *"),
        ("every 1d", "0 0 * * *"),
        ("every 86400s", "0 0 * * *"),
    ],
)
def test_a_timing_becomes_cron_of_numbers_that_means_the_same(timing: str, plain: str) -> None:
    assert plain_cron(timing).text == plain
    if not timing.startswith("every"):
        begin = datetime(2026, 1, 1)  # noqa: DTZ001  # in no zone
        assert list(islice(CronSim(plain, begin), 50)) == list(islice(CronSim(timing, begin), 50))


@pytest.mark.parametrize("timing", ["every 90s", "every 7m", "every 5h", "every 2d", "0 0 30 2 *"])
def test_a_timing_that_cron_cannot_tell_is_refused_with_a_hint(timing: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        plain_cron(timing)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("timing", "told"),
    [
        ("0 2 * * *", ("*-*-* 02:00:00 UTC",)),
        ("*/30 * * * *", ("*-*-* *:00,30:00 UTC",)),
        ("5 4 1,15 jan *", ("*-01-01,15 04:05:00 UTC",)),
        ("0 0 * * sun,5", ("Sun,Fri *-*-* 00:00:00 UTC",)),
        ("0 0 13 * fri", ("*-*-13 00:00:00 UTC", "Fri *-*-* 00:00:00 UTC")),
    ],
)
def test_a_timing_becomes_a_calendar_of_systemd(timing: str, told: tuple[str, ...]) -> None:
    assert calendars(timing, "UTC") == told


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_reads_the_calendars_and_the_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for timing in ("0 2 * * *", "*/20 8-18 * * mon-fri", "59 23 31 12 *"):
        for calendar in calendars(timing, "Europe/Berlin"):
            _run("systemd-analyze", "calendar", calendar)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    program = tmp_path / "pro g%ram $x"
    program.symlink_to("/bin/true")
    units = systemd.Systemd(folder=tmp_path / "units")
    for step in systemd.install(at_place(tmp_path, str(program)), jobs(Settings()), SyncSettings(), units):
        step.do()
    assert _run("systemd-analyze", "verify", "--user", *map(str, sorted(units.units.iterdir()))) == ""


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_units_say_where_and_when_and_as_whom(tmp_path: Path) -> None:
    whose = systemd.Systemd(system=True, folder=tmp_path / "units", run_as="census")
    late = SyncSettings(jitter_seconds=90, catch_up="skip")
    for step in systemd.install(at_place(tmp_path), jobs(Settings(sync=late)), late, whose):
        step.do()
    service = (tmp_path / "units/modelcensus-sync.service").read_text()
    assert f"\nWorkingDirectory={tmp_path}\nExecStart=/opt/census/modelcensus sync\n" in service
    assert "\nUser=census\n" in service
    timer = (tmp_path / "units/modelcensus-sync.timer").read_text()
    assert "\nOnCalendar=*-*-* 02:00:00 UTC\nPersistent=false\nAccuracySec=1s\nRandomizedDelaySec=90\n" in timer


def test_words_in_a_unit_are_quoted(tmp_path: Path) -> None:
    (step, *_) = systemd.install(
        at_place(tmp_path / "a 5%", "/a b/$c%d"), jobs(Settings()), SyncSettings(), systemd.Systemd(folder=tmp_path)
    )
    assert step.content is not None
    assert 'ExecStart=:"/a b/$c%%d" sync' in step.content
    assert f"WorkingDirectory={tmp_path}/a 5%%\n" in step.content


@pytest.mark.parametrize("program", ["/a\nb/modelcensus", "/a\x1b[2J", "/ends\\"])
def test_a_name_that_no_file_of_a_clock_can_hold_is_refused(program: str) -> None:
    with pytest.raises(InvalidInput, match="cannot stand"):
        at_place(Path("/srv"), program)


def test_a_unit_that_is_not_ours_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "modelcensus-sync.timer").write_text("[Timer]\n")
    whose = systemd.Systemd(folder=tmp_path)
    with pytest.raises(InvalidInput, match="was not written by this program"):
        systemd.install(at_place(tmp_path), jobs(Settings()), SyncSettings(), whose)
    with pytest.raises(InvalidInput, match="was not written by this program"):
        systemd.uninstall(whose)


@pytest.mark.parametrize("before", ["", THEIRS, THEIRS.rstrip("\n"), "\n\n", "odd \udcff byte\n"])
def test_nothing_else_of_a_crontab_is_touched(before: str, tmp_path: Path) -> None:
    lines = crontab.block(at_place(tmp_path), jobs(Settings()))
    with_ours = crontab.with_block(before, lines)
    assert with_ours.startswith(before)
    assert with_ours.count("\n# modelcensus: begin") + with_ours.startswith("# modelcensus: begin") == 1
    assert crontab.with_block(with_ours + "# after\n", lines) == with_ours + "# after\n"
    assert crontab.with_block(with_ours + "# after\n", "").removesuffix("# after\n").rstrip("\n") == before.rstrip("\n")


def test_half_a_block_in_a_crontab_is_left_to_a_person() -> None:
    with pytest.raises(InvalidInput, match="do not fit"):
        crontab.with_block("# modelcensus: begin\n5 4 * * * /usr/bin/backup\n", "")


def test_a_line_of_a_crontab_starts_the_program_in_its_folder_whatever_their_names(tmp_path: Path) -> None:
    folder = tmp_path / ODD
    folder.mkdir()
    program = folder / f"run {ODD}"
    program.write_text('#!/bin/sh\nprintf "%s|%s" "$PWD" "$*" >out\n')
    program.chmod(0o755)
    lines = crontab.block(at_place(folder, str(program)), jobs(Settings())).splitlines()
    (line,) = [each for each in lines if each.startswith("0 2 * * * ")]
    subprocess.run(["/bin/sh", "-c", _as_cron(line.removeprefix("0 2 * * * "))], check=True, timeout=10)
    assert (folder / "out").read_text() == f"{folder}|sync"


def _as_cron(line: str) -> str:
    """What cron gives to the shell: up to the first bare percent sign; one after a backslash is itself.

    As in do_command.c of Vixie cron, which cronie and Debian's cron come from.
    """
    command, escaped = "", False
    for char in line:
        if escaped and char == "%":
            command = command[:-1] + "%"
        elif char == "%":
            return command
        else:
            command += char
        escaped = char == "\\" and not escaped
    return command


def test_a_heartbeat_that_is_set_is_called_by_the_job_that_looks() -> None:
    (_, health) = jobs(Settings(health=HealthSettings(heartbeat_url="https://beat.example/secret")))
    assert health.words == ("health", "--heartbeat")


def test_the_workflow_has_two_jobs_and_no_secret(tmp_path: Path) -> None:
    github.workflow(Settings(), tmp_path).do()
    found = yaml.safe_load((tmp_path / ".github/workflows/model-census.yml").read_text())
    # YAML 1.1 takes the key "on" for a truth.
    assert found[True]["schedule"] == [{"cron": "0 2 * * *"}, {"cron": "0 * * * *"}]
    assert found["permissions"] == {}
    assert {name: job["if"].rpartition("== ")[2] for name, job in found["jobs"].items()} == {
        "sync": "'0 2 * * *'", "health": "'0 * * * *'",
    }  # fmt: skip
    environment = {name: value for job in found["jobs"].values() for name, value in job["steps"][0]["env"].items()}
    assert environment["CRON_SECRET"] == "${{ secrets.CRON_SECRET }}"
    for job in found["jobs"].values():
        # What comes from outside is never part of the script itself.
        assert "${{" not in job["steps"][0]["run"]
        _run("bash", "-n", "-c", job["steps"][0]["run"])


def test_the_cron_jobs_never_overlap_and_take_what_is_secret_from_a_secret(tmp_path: Path) -> None:
    settings = Settings(sync=SyncSettings(schedule="0 3 * * sun", time_zone="Europe/Berlin"))
    kubernetes.cron_jobs(jobs(settings), settings.sync, tmp_path, image="census:1").do()
    found = list(yaml.safe_load_all((tmp_path / "modelcensus-cronjobs.yaml").read_text()))
    assert [(each["spec"]["schedule"], each["spec"]["timeZone"]) for each in found] == [
        ("0 3 * * 0", "Europe/Berlin"), ("0 * * * *", "Europe/Berlin"),
    ]  # fmt: skip
    for each, command in zip(found, ("sync", "health"), strict=True):
        assert each["spec"]["concurrencyPolicy"] == "Forbid"
        (container,) = each["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        assert (container["image"], container["command"]) == ("census:1", ["modelcensus", command])
        assert container["envFrom"] == [{"secretRef": {"name": "modelcensus"}}]
        assert "env" not in container


def test_a_file_that_is_not_ours_is_overwritten_with_force_only(tmp_path: Path) -> None:
    path = tmp_path / ".github/workflows/model-census.yml"
    path.parent.mkdir(parents=True)
    path.write_text("on: push\n")
    with pytest.raises(InvalidInput, match="not written by this program"):
        github.workflow(Settings(), tmp_path)
    github.workflow(Settings(), tmp_path, force=True).do()
    github.workflow(Settings(sync=SyncSettings(schedule="0 5 * * *")), tmp_path).do()
    assert '"0 5 * * *"' in path.read_text()


def test_vercel_calls_the_path_for_clocks(tmp_path: Path) -> None:
    vercel.crons(Settings(), tmp_path).do()
    vercel.crons(Settings(sync=SyncSettings(schedule="0 5 * * sun")), tmp_path).do()
    assert _vercel(tmp_path)["crons"] == [{"path": "/api/cron/sync-models", "schedule": "0 5 * * 0"}]


def test_what_else_is_in_a_file_of_vercel_stays_and_takes_force(tmp_path: Path) -> None:
    theirs = {"rewrites": [{"source": "/api/(.*)", "destination": "https://x/$1"}], "crons": [{"path": "/mine"}]}
    (tmp_path / "vercel.json").write_text(json.dumps(theirs))
    with pytest.raises(InvalidInput, match="not only ours"):
        vercel.crons(Settings(), tmp_path)
    vercel.crons(Settings(), tmp_path, force=True).do()
    found = _vercel(tmp_path)
    assert found["rewrites"] == theirs["rewrites"]
    assert [each["path"] for each in found["crons"]] == ["/mine", "/api/cron/sync-models"]


@pytest.mark.parametrize("text", ["[]", "{", '{"crons": 1}'])
def test_a_file_that_vercel_could_not_read_is_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / "vercel.json").write_text(text)
    with pytest.raises(InvalidInput, match="not what Vercel reads"):
        vercel.crons(Settings(), tmp_path, force=True)


def test_vercel_is_not_given_days_of_month_and_week(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Vercel cannot tell"):
        vercel.crons(Settings(sync=SyncSettings(schedule="0 0 13 * fri")), tmp_path)


def _vercel(folder: Path) -> Any:
    return json.loads((folder / "vercel.json").read_text())
