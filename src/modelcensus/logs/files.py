"""Log files that several processes write to and rotate, and that stop nobody: not a full disk, not a frozen process."""

from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

# A named pipe without a reader would have us wait for one.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def complain(text: str) -> None:
    """Say it on standard error, if there is one."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{text}\n")


def _locked(fd: int) -> bool:
    """Whether the lock is ours now; where the system has no such locks, everybody's."""
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # pragma: no cover  # no Unix
        return True
    try:
        flock(fd, LOCK_EX | LOCK_NB)
    except OSError:
        return False
    return True


class LogFile(logging.Handler):
    """Appends lines to a file, which is put aside as ``.1`` ... ``.old`` where it would outgrow ``max_bytes``.

    Each line is one ``write`` to a file opened for appending: lines of several processes do not mix. Before each it is
    looked whether the file is still the one at the path, so that whoever put it aside is followed. To put it aside
    takes a lock that nobody waits for: where another process holds it, the line goes into the file as it is. What
    cannot be written is lost, and said once.
    """

    def __init__(self, path: Path, *, max_bytes: int, old: int, problem: Callable[[str], None] = complain) -> None:
        super().__init__()
        self._path = path
        self._max_bytes = max_bytes
        self._old = old
        self._problem = problem
        self._fd: int | None = None
        self._cut = False
        self._has_complained = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            self._write(f"{self.format(record)}\n".encode(errors="backslashreplace"))
        except OSError as error:
            self._shut()
            if not self._has_complained:
                self._has_complained = True
                self._problem(f"warning: {self._path} cannot be written: {error.strerror or error}; lines are lost")
        except Exception:  # a line that cannot be made stops nobody either
            self.handleError(record)

    def close(self) -> None:
        """Let go of the file."""
        self._shut()
        super().close()

    def _write(self, line: bytes) -> None:
        fd = self._current()
        found = os.fstat(fd)
        if found.st_size and found.st_size + len(line) > self._max_bytes and stat.S_ISREG(found.st_mode):
            self._put_aside(found.st_ino)
            fd = self._current()
        if self._cut:
            line = b"\n" + line
        written = os.write(fd, line)
        self._cut = written < len(line)
        if self._cut:
            # Once more, to be told why: a full disk takes a part first.
            os.write(fd, line[written:])
            self._cut = False

    def _current(self) -> int:
        if self._fd is not None:
            mine = os.fstat(self._fd)
            try:
                there = os.stat(self._path)
                if (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino):
                    return self._fd
            except FileNotFoundError:
                pass
            self._shut()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._path, _FLAGS, 0o640)
        return self._fd

    def _put_aside(self, inode: int) -> None:
        lock = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o640)
        try:
            if not _locked(lock):
                return
            # Another process may have done it between our look and the lock.
            if os.stat(self._path).st_ino == inode:
                self._shift()
        except FileNotFoundError:
            return
        finally:
            os.close(lock)

    def _shift(self) -> None:
        for number in range(self._old - 1, 0, -1):
            with suppress(FileNotFoundError):
                os.replace(self._aside(number), self._aside(number + 1))
        if self._old:
            os.replace(self._path, self._aside(1))
        else:
            os.unlink(self._path)
        number = self._old + 1
        while self._aside(number).exists():
            self._aside(number).unlink(missing_ok=True)
            number += 1

    def _aside(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _shut(self) -> None:
        if self._fd is not None:
            with suppress(OSError):
                os.close(self._fd)
            self._fd = None
