from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from tests.cli.program import Program, Ran, a_model, environment


def told(ran: Ran, code: int, part: str) -> None:
    """One line that says what is wrong, one that says what to do, and nothing else."""
    error, hint = ran.err.splitlines()
    assert ran.code == code
    assert error.startswith("error: ")
    assert part in error
    assert hint.startswith("hint: ")
    assert len(hint) > len("hint: ")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["nope"], "no such command 'nope'"),
        (["list", "--bogus"], "no such option: --bogus"),
        (["show"], "missing argument 'KEY'"),
        (["list", "--category", "zz"], "'zz' is not one of"),
        (["list", "--as-of", "soon"], "'soon' is not a time"),
        (["--database", "oracle://x", "list"], "oracle"),
        (["--database", "foo", "list"], "not a database address"),
    ],
)
def test_wrong_usage_is_told_in_one_line(program: Program, words: list[str], part: str) -> None:
    told(program(*words), 2, part)


def test_a_global_option_behind_the_command_is_explained(program: Program) -> None:
    assert "before the command" in program("list", "--database", "x").err


def test_a_wrong_setting_is_told(program: Program) -> None:
    told(program("list", MODELCENSUS_PORT="many"), 2, "port")


def test_an_argument_that_is_no_text_is_told(program: Program) -> None:
    told(program("show", "bad\udcff"), 2, "UTF-8")


def test_looking_at_a_census_that_is_not_there_is_told_and_makes_none(program: Program) -> None:
    told(program("list"), 3, "there is no census")
    assert not program.database.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["show", "nobody"],
        ["history", "nobody"],
        ["history", "lab/one", "--field", "nothing"],
        ["list", "--source", "nowhere"],
        ["sync", "nowhere"],
        ["import", "nowhere", "--source", "openrouter"],
        ["verify", "--checkpoint", "nowhere"],
    ],
)
def test_what_is_not_there_is_told(weeks: Program, words: list[str]) -> None:
    told(weeks(*words), 3, "no")


def test_a_folder_that_cannot_be_written_is_told(program: Program) -> None:
    (program.folder / "file").write_text("")
    told(program("--database", f"sqlite:///{program.folder}/file/below/census.db", "sync"), 4, "Not a directory")


def test_a_locked_database_is_told(weeks: Program) -> None:
    weeks.keep("20260401T120000Z", a_model())
    with sqlite3.connect(weeks.database, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        ran = weeks("import", "readings", "--source", "openrouter", MODELCENSUS_DATABASE_TIMEOUT="0.2")
        holder.execute("ROLLBACK")
    holder.close()
    told(ran, 4, "locked")


def test_a_newer_database_is_told(weeks: Program) -> None:
    with sqlite3.connect(weeks.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    told(weeks("list"), 4, "newer version")


def test_a_file_that_is_no_database_is_told(program: Program) -> None:
    program.database.parent.mkdir()
    program.database.write_text("certainly not a database, but long enough to be taken for one" * 20)
    told(program("list"), 4, "not a database")


def test_a_broken_history_fails_verification(weeks: Program) -> None:
    with sqlite3.connect(weeks.database) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE body SET data = replace(data, '8192', '8193')")
    connection.close()
    ran = weeks("verify")
    told(ran, 6, "verification failed")
    assert "problem: " in ran.out


def test_an_unexpected_error_is_one_line_and_a_traceback_on_request(program: Program) -> None:
    program.folder.joinpath("sitecustomize.py").write_text(
        "import modelcensus.core.times\ndef broken(*_):\n    raise RuntimeError('gears')\n"
        "modelcensus.core.times.parse_time = broken\n"
    )
    path = f"{program.folder}:{environment()['PYTHONPATH']}"
    told(program("list", PYTHONPATH=path), 70, "RuntimeError: gears")
    assert "Traceback" in program("list", PYTHONPATH=path, MODELCENSUS_DEBUG="1").err


def test_a_reader_that_goes_away_ends_it_quietly(program: Program) -> None:
    program.keep("20260301T120000Z", *(a_model(f"lab/{number}") for number in range(3000)))
    program.read()
    running = program.start("list", "--json")
    assert running.stdout
    assert running.stderr
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(30) == 141


def test_a_reader_that_goes_away_before_the_first_line_ends_it_quietly(weeks: Program) -> None:
    running = weeks.start("list")
    assert running.stdout
    assert running.stderr
    running.stdout.close()
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(30) == 141


def test_help_names_every_exit_code(program: Program) -> None:
    out = program("--help").out
    assert all(f" {code}  " in out for code in (0, 1, 2, 3, 4, 5, 6, 70, 130, 141))


@pytest.mark.parametrize(
    "name",
    [
        "up", "demo", "serve", "sync", "import", "sources", "syncs", "list", "show", "stats", "quarantine", "history",
        "changes", "diff", "verify", "rebuild", "config",
    ],
)  # fmt: skip
def test_every_command_has_help_with_an_example(program: Program, name: str) -> None:
    ran = program(name, "--help")
    assert ran.code == 0
    assert f"  modelcensus {name}" in ran.out


def test_a_group_without_a_command_shows_its_commands_on_lines_of_their_own(program: Program) -> None:
    ran = program("trends")
    assert ran.code == 2
    assert "\n  risers " in ran.err
    assert "error:" not in ran.err


def test_help_does_not_load_what_is_heavy() -> None:
    code = (
        "import sys; sys.argv = ['modelcensus', '--help']; from modelcensus.cli.main import run; run();"
        "sys.exit(bool({'sqlalchemy', 'httpx2', 'plotext', 'rich', 'alembic', 'fastapi'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, check=False)
    assert done.returncode == 0


def test_no_color_is_printed_into_a_pipe_even_if_forced_for_others(weeks: Program) -> None:
    assert "\x1b" not in weeks("list", FORCE_COLOR="1", TERM="xterm-256color").out
