"""One event, one line: with its run, without control characters of strangers, without secrets."""

from __future__ import annotations

import json
import logging
import sys
from threading import Thread
from typing import Any

from modelcensus.logs.binding import bound, carried, during_run
from modelcensus.logs.lines import LONGEST, Form, Mode
from modelcensus.logs.masking import masker

MODES: tuple[Mode, ...] = ("json", "text")
FORGED = "gone\n2026-01-01T00:00:00Z info all is well\x1b[31m"


def line(message: str, *args: Any, mode: Mode = "json", error: BaseException | None = None, **extra: Any) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("modelcensus.test", logging.WARNING, "file", 1, message, args, info)
    record.__dict__.update(extra)
    return Form(mode, masker(["very-secret-word"])).format(record)


def raised(text: str) -> ValueError:
    """An error with a traceback."""
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def told(message: str, *args: Any, **options: Any) -> Any:
    return json.loads(line(message, *args, **options))


def test_a_line_of_json_has_time_level_logger_and_what_is_told_beside() -> None:
    found = told("read %s", "openrouter", entities=3)
    assert found.pop("timestamp").endswith("Z")
    assert found == {"event": "read openrouter", "level": "warning", "logger": "modelcensus.test", "entities": 3}


def test_within_a_run_every_line_bears_its_id_and_source() -> None:
    with during_run("run-7", "openrouter"):
        inner = told("x")
        with during_run("run-7"):
            assert bound() == {"run": "run-7", "source": "openrouter"}
    assert (inner["run"], inner["source"]) == ("run-7", "openrouter")
    assert "run" not in told("x")


def test_another_thread_bears_the_run_only_if_it_is_carried_there() -> None:
    found: list[dict[str, str]] = []
    with during_run("run-7"):
        threads = [
            Thread(target=work) for work in (lambda: found.append(bound()), carried(lambda: found.append(bound())))
        ]
        for each in threads:
            each.start()
            each.join()
    assert found == [{}, {"run": "run-7"}]


def test_text_of_strangers_stays_in_its_line() -> None:
    for mode in MODES:
        found = line("upstream said %s", FORGED, mode=mode, model=FORGED)
        assert len(found.splitlines()) == 1
        assert found.isprintable()


def test_a_traceback_is_set_in_and_passes_for_no_line() -> None:
    broken = raised(FORGED)
    first, *rest = line("it broke", mode="text", error=broken).split("\n")
    assert "exception" in told("it broke", error=broken)
    assert first.endswith("warning it broke logger=modelcensus.test")
    assert len(rest) > 3
    assert all(each.startswith("    ") and each.isprintable() for each in rest)


def test_a_secret_is_in_no_part_of_a_line() -> None:
    nested = {"very-secret-word": ["very-secret-word"], "object": ValueError("very-secret-word")}
    broken = raised("very-secret-word")
    for mode in MODES:
        found = line("it was very-secret-word", mode=mode, error=broken, beside=nested)
        assert "very-secret-word" not in found
        assert "***" in found


def test_a_long_value_is_cut_and_says_so() -> None:
    assert told("x" * 100_000)["event"] == "x" * LONGEST + "… (100000 characters)"


def test_what_json_cannot_hold_is_told_all_the_same() -> None:
    assert told("x", beside=[{1, 2}, b"bytes", float("nan"), "\ud800"])["event"] == "x"


def test_structlog_is_not_imported_before_the_first_line() -> None:
    import subprocess

    code = (
        "import sys, modelcensus.logs.telling as t\nwith t.telling(t.Telling()): sys.exit('structlog' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
