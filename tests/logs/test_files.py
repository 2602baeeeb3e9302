"""Log files: several processes write and put them aside; nothing that happens to them stops anybody."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelcensus.logs.files import LogFile
from modelcensus.logs.telling import Telling, telling

_WRITER = """
import logging, sys
from pathlib import Path
from modelcensus.logs.files import LogFile
file = LogFile(Path(sys.argv[1]), max_bytes=20_000, old=100)
for number in range(1500):
    file.emit(logging.LogRecord("x", 20, "", 0, f"{sys.argv[2]} {number} " + "x" * 50, (), None))
"""


def a_file(path: Path, *, max_bytes: int = 100, old: int = 2) -> tuple[LogFile, list[str]]:
    said: list[str] = []
    return LogFile(path, max_bytes=max_bytes, old=old, problem=said.append), said


def write(file: LogFile, *lines: str) -> None:
    for each in lines:
        file.emit(logging.LogRecord("modelcensus", logging.INFO, "", 0, each, (), None))


def held(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in folder.iterdir() if not each.name.startswith(".")}


def test_processes_that_write_and_put_aside_at_once_lose_and_mix_no_line(tmp_path: Path) -> None:
    path = tmp_path / "sync.log"
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name]) for name in "abc"]
    assert [each.wait(timeout=60) for each in writers] == [0, 0, 0]
    lines = [line for text in held(tmp_path).values() for line in text.splitlines()]
    assert sorted(lines) == sorted(f"{name} {number} " + "x" * 50 for name in "abc" for number in range(1500))
    assert len(held(tmp_path)) > 3


def test_the_oldest_go_and_the_newest_is_at_the_path(tmp_path: Path) -> None:
    file, _ = a_file(tmp_path / "sync.log", old=2)
    write(file, *(str(number) * 60 for number in range(5)))
    assert held(tmp_path) == {f"sync.log{end}": str(n) * 60 + "\n" for end, n in (("", 4), (".1", 3), (".2", 2))}
    fewer, _ = a_file(tmp_path / "sync.log", old=0)
    write(fewer, "x" * 60)
    assert held(tmp_path) == {"sync.log": "x" * 60 + "\n"}


def test_a_process_that_froze_while_it_put_the_file_aside_stops_nobody(tmp_path: Path) -> None:
    file, said = a_file(tmp_path / "sync.log")
    with (tmp_path / ".sync.log.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        write(file, "a" * 80, "b" * 80)
        assert held(tmp_path) == {"sync.log": "a" * 80 + "\n" + "b" * 80 + "\n"}
    write(file, "c" * 80)
    assert held(tmp_path)["sync.log"] == "c" * 80 + "\n"
    assert said == []


def test_a_file_that_somebody_else_moved_away_is_begun_anew(tmp_path: Path) -> None:
    file, _ = a_file(tmp_path / "sync.log")
    write(file, "one")
    (tmp_path / "sync.log").rename(tmp_path / "kept")
    write(file, "two")
    assert held(tmp_path) == {"kept": "one\n", "sync.log": "two\n"}
    (tmp_path / "sync.log").rename(tmp_path / "kept too")
    (tmp_path / "sync.log").write_text("of another process\n")
    write(file, "three")
    assert held(tmp_path)["sync.log"] == "of another process\nthree\n"


def test_a_file_that_another_process_has_just_put_aside_is_not_put_aside_again(tmp_path: Path) -> None:
    file, _ = a_file(tmp_path / "sync.log")
    write(file, "new")
    file._put_aside((tmp_path / "sync.log").stat().st_ino + 1)
    assert held(tmp_path) == {"sync.log": "new\n"}


def test_a_disk_that_is_full_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "sync.log").symlink_to("/dev/full")
    file, said = a_file(tmp_path / "sync.log")
    write(file, "one", "two", "three")
    assert said == [f"warning: {tmp_path}/sync.log cannot be written: No space left on device; lines are lost"]


def test_a_folder_that_cannot_be_made_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    file, said = a_file(tmp_path / "logs" / "sync.log")
    write(file, "one", "two")
    assert len(said) == 1
    assert "cannot be written" in said[0]


def test_a_pipe_that_nobody_reads_does_not_hold_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sync.log")
    file, said = a_file(tmp_path / "sync.log")
    write(file, "one")
    assert len(said) == 1


def test_lines_of_health_go_to_a_file_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with telling(Telling(level="info", shown="warning", folder=tmp_path / "logs", secrets=("very-secret-word",))):
        logging.getLogger("modelcensus.operations.triggering").info("a sync of very-secret-word")
        logging.getLogger("modelcensus.operations.health.checks").warning("it is late")
        logging.getLogger("modelcensus.test").debug("too fine")
        logging.getLogger("some.library").info("chatter")
        logging.getLogger("some.library").warning("a library warns")
    logging.getLogger("modelcensus.test").error("after the block")
    files = {
        name: [json.loads(line)["event"] for line in text.splitlines()]
        for name, text in held(tmp_path / "logs").items()
    }
    assert files == {"sync.log": ["a sync of ***", "a library warns"], "health.log": ["it is late"]}
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == [
        "it is late",
        "a library warns",
    ]


def test_a_block_within_another_takes_its_place_so_that_no_line_is_doubled(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("modelcensus.test")
    with telling(Telling(shown="warning", mode="text")):
        with telling(Telling(shown="info", mode="json")):
            log.info("inner")
            log.warning("inner too")
        log.info("not told")
        log.warning("outer")
    first, second, third = capsys.readouterr().err.splitlines()
    assert json.loads(first)["event"] == "inner"
    assert json.loads(second)["event"] == "inner too"
    assert third.endswith("warning outer logger=modelcensus.test")
