"""Where lines go: standard error, and sync.log and health.log in a folder."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import msgspec

from modelcensus.logs.files import LogFile
from modelcensus.logs.lines import Form, Mode
from modelcensus.logs.masking import masker

Level = Literal["debug", "info", "warning", "error"]
PROGRAM = "modelcensus"
"""The logger of the whole program; of libraries only warnings and errors are told."""
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What is told, and where. ``level``: the least grave that goes into files, ``shown`` to standard error.

    ``quiet`` loggers are not shown. ``folder`` None keeps no files. ``secrets`` are words that no line may hold.
    """

    level: Level = "info"
    shown: Level = "warning"
    quiet: frozenset[str] = frozenset()
    mode: Mode = "auto"
    folder: Path | None = None
    max_bytes: int = 10_000_000
    old: int = 5
    secrets: tuple[str, ...] = ()


@contextmanager
def telling(plan: Telling) -> Iterator[None]:
    """Within the block lines go where the plan says; a block within another one takes its place meanwhile."""
    root, program = logging.getLogger(), logging.getLogger(PROGRAM)
    before, level = [each for each in root.handlers if isinstance(each, (Shown, LogFile))], program.level
    mine = _handlers(plan)
    for each in before:
        root.removeHandler(each)
    for each in mine:
        root.addHandler(each)
    program.setLevel(min(_LEVELS[plan.level], _LEVELS[plan.shown]))
    try:
        yield
    finally:
        for each in mine:
            root.removeHandler(each)
            each.close()
        for each in before:
            root.addHandler(each)
        program.setLevel(level)


class Shown(logging.Handler):
    """Standard error, asked for at each line: whoever replaces it wants the lines too."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. That nobody reads it stops nothing."""
        try:
            line = f"{self.format(record)}\n"
        except Exception:  # a line that cannot be made stops nobody either
            self.handleError(record)
            return
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(line)
            sys.stderr.flush()


def _handlers(plan: Telling) -> list[Shown | LogFile]:
    mask = masker(plan.secrets)
    shown = Shown()
    shown.setFormatter(Form(plan.mode, mask))
    shown.addFilter(_least(plan.shown))
    shown.addFilter(lambda record: record.name not in plan.quiet)
    handlers: list[Shown | LogFile] = [shown]
    for name, of_health in (("sync.log", False), ("health.log", True)) if plan.folder else ():
        assert plan.folder is not None
        file = LogFile(plan.folder / name, max_bytes=plan.max_bytes, old=plan.old)
        # In a file lines are read by programs, unless somebody asked for text.
        file.setFormatter(Form("json" if plan.mode == "auto" else plan.mode, mask))
        file.addFilter(_least(plan.level))
        file.addFilter(_is_of_health if of_health else _is_not_of_health)
        handlers.append(file)
    return handlers


def _least(level: Level) -> _Least:
    return _Least(_LEVELS[level])


class _Least(logging.Filter):
    """The program's own lines from a level on, and warnings of libraries."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self._level = level

    def filter(self, record: logging.LogRecord) -> bool:
        ours = record.name == PROGRAM or record.name.startswith(f"{PROGRAM}.")
        return record.levelno >= (self._level if ours else max(self._level, logging.WARNING))


def _is_of_health(record: logging.LogRecord) -> bool:
    return "health" in record.name.split(".")


def _is_not_of_health(record: logging.LogRecord) -> bool:
    return not _is_of_health(record)
