"""What a clock outside is to start, where, and the steps by which it is told so."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from modelcensus.core.errors import CensusError, InvalidInput, NotFound, StoreError, StoreUnwritable
from modelcensus.core.schedule import time_zone
from modelcensus.settings import Settings

_PATIENCE_SECONDS = 60
_MOST_BYTES = 4_000_000
MARK = "written by 'modelcensus schedule"
"""Stands in the first line of every file of ours."""


class Job(msgspec.Struct, frozen=True):
    """One thing to be started: its name, when, and the words after the program's name."""

    name: str
    timing: str
    words: tuple[str, ...]
    told: str


class Place(msgspec.Struct, frozen=True):
    """The words that start the program, the folder in which, and the file of settings that it reads there."""

    program: tuple[str, ...]
    folder: Path
    env_file: Path

    def words(self, job: Job) -> tuple[str, ...]:
        """All words of a command."""
        return (*self.program, *job.words)


class Step(msgspec.Struct, frozen=True):
    """One thing that is done: in words, what is written (if anything), and how."""

    does: str
    content: str | None
    do: Callable[[], None]


def jobs(settings: Settings) -> tuple[Job, ...]:
    """What clocks outside start: a sync of everything, and a look at the health of the census.

    Raises ``InvalidInput`` for an unknown time zone.
    """
    time_zone(settings.sync.time_zone)
    beat = ("--heartbeat",) if settings.health.heartbeat_url else ()
    return (
        Job("sync", settings.sync.schedule, ("sync",), "read all sources"),
        Job("health", settings.health.every, ("health", *beat), "look whether all is well"),
    )


def place(program: Sequence[str], folder: Path, env_file: Path) -> Place:
    """Where to start the program. Raises ``InvalidInput`` for names that no clock's file can hold."""
    for word in (*program, str(folder), str(env_file)):
        if not word.isprintable() or word.endswith("\\"):
            raise InvalidInput(f"the name {word!r} cannot stand in a clock's file", "rename it: no control characters")
    return Place(tuple(program), folder, env_file)


def write(path: Path, content: str, *, force: bool = False) -> Step:
    """Write a file of ours. Raises ``InvalidInput`` if one that is not is there, unless with ``force``."""
    there = read(path)
    if there is not None and not is_ours(there) and not force:
        raise InvalidInput(f"{path} is there and was not written by this program", "move it away, or give --force")
    return Step(f"write {path}", content, lambda: _write(path, content))


def remove(path: Path) -> Step | None:
    """Remove a file of ours; nothing to do where there is none. Raises ``InvalidInput`` if it is not ours."""
    there = read(path)
    if there is None:
        return None
    if not is_ours(there):
        raise InvalidInput(f"{path} was not written by this program", "remove it yourself if it is to go")
    return Step(f"remove {path}", None, lambda: path.unlink(missing_ok=True))


def run(words: Sequence[str], hint: str) -> Step:
    """Run a program."""
    return Step(f"run {' '.join(words)}", None, lambda: _ran(words, hint))


def read(path: Path) -> str | None:
    """The text of a file; None where there is none. Raises ``StoreError`` if it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as file:
            return file.read(_MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}", "look at the path and its permissions") from error


def is_ours(content: str) -> bool:
    """Whether this program wrote a file."""
    return MARK in content.partition("\n")[0]


def ask(words: Sequence[str], *, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end and take what it says. Raises ``NotFound`` where there is none, ``CensusError``."""
    try:
        return subprocess.run(
            words, input=stdin, capture_output=True, timeout=_PATIENCE_SECONDS, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (FileNotFoundError, PermissionError) as error:
        raise NotFound(
            f"there is no program {words[0]} here", f"install {words[0]}, or write to a folder with --folder"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise CensusError(f"{words[0]} does not end", f"try by hand: {' '.join(words)}") from error


def check(done: subprocess.CompletedProcess[bytes], hint: str) -> None:
    """Raises ``CensusError`` with what a program said if it failed."""
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        name = " ".join(done.args)
        raise CensusError(f"{name} failed with {done.returncode}: {said[0][:200] if said else 'it says nothing'}", hint)


def _ran(words: Sequence[str], hint: str) -> None:
    check(ask(words), hint)


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(content, encoding="utf-8", errors="surrogateescape")
        beside.replace(path)
    except OSError as error:
        raise StoreUnwritable(f"{path} cannot be written: {error.strerror}", "look at the folder's permissions") from (
            error
        )
