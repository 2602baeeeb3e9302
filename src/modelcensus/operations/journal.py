"""The answers of a reading that is under way, on disk: one that is interrupted goes on where it stopped.

A journal is a file of records: eight bytes for the lengths of head and body, the head as JSON, the body, and a digest
of both. It is only written from the second request on, so that what comes in one answer costs nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import msgspec

from modelcensus.sources.http import Answer, Validators

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # no such lock on Windows: readings there begin anew
    flock = None  # type: ignore[assignment]

_DIGEST = 16


class _Head(msgspec.Struct, frozen=True):
    """One answer without its body; ``asked`` is the request it answers, ``at`` when (microseconds since 1970)."""

    asked: str
    at: int
    url: str
    status: int
    content_type: str | None
    etag: str | None
    last_modified: str | None
    links: dict[str, str]


class Journal:
    """The answers of one reading of one document. A context manager; what it keeps outlives the process.

    ``identity`` says what is read and how: a journal of another identity, or with an answer from before ``not_before``
    (microseconds), is dropped. With ``folder`` None, or while another process has it, nothing is kept.
    """

    def __init__(
        self, folder: Path | None, name: str, *, identity: str, not_before: int, clock: Callable[[], int]
    ) -> None:
        self._path = folder / f"{quote(name, safe='')}.journal" if folder else None
        self._identity = identity
        self._not_before = not_before
        self._clock = clock
        self._file: IO[bytes] | None = None
        self._places: dict[str, tuple[int, int, int]] = {}
        self._first: tuple[str, int, Answer] | None = None
        self.resumed = 0

    def __enter__(self) -> Self:
        try:
            if self._path is not None and self._path.exists():
                self._open()
        except OSError:
            self._path = None
        self.resumed = len(self._places)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def find(self, asked: str) -> Answer | None:
        """The kept answer to a request, once: a second equal request is a new one."""
        place = self._places.pop(asked, None)
        if place is None or self._file is None:
            return None
        self._file.seek(place[0])
        head = msgspec.json.decode(self._file.read(place[1]), type=_Head)
        return Answer(
            url=head.url,
            status=head.status,
            body=self._file.read(place[2]),
            content_type=head.content_type,
            validators=Validators(head.etag, head.last_modified),
            links=head.links,
        )

    def keep(self, asked: str, answer: Answer) -> None:
        """Write an answer down; the first one only once a second comes.

        A full disk ends the keeping, not the reading.
        """
        if self._path is None:
            return
        if self._file is None and self._first is None:
            self._first = (asked, self._clock(), answer)
            return
        try:
            if self._file is None:
                self._open()
                if self._file is None:
                    self._path = None
                    return
                self._write(*self._first) if self._first else None
            self._write(asked, self._clock(), answer)
        except OSError:
            self.discard()
            self._path = None

    def discard(self) -> None:
        """Forget everything: the reading is recorded, or it must begin anew."""
        self._places.clear()
        self._first = None
        self.resumed = 0
        if self._file is not None and self._path is not None:
            with suppress(OSError):
                self._path.unlink()
            self._file.close()
            self._file = None

    def _open(self) -> None:
        """Open or make the file, if no other process has it, and find what is kept in it."""
        assert self._path is not None
        if flock is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except OSError:
            file.close()
            return
        self._file = file
        end = self._scan(file)
        file.seek(end)
        file.truncate()
        if end == 0:
            file.write(self._opening())

    def _opening(self) -> bytes:
        line = self._identity.encode()
        return len(line).to_bytes(4, "big") + line

    def _scan(self, file: IO[bytes]) -> int:
        """Find every whole record; where the sound part ends, 0 if none of it is of use."""
        opening = self._opening()
        if file.read(len(opening)) != opening:
            return 0
        end = len(opening)
        while len(lengths := file.read(8)) == 8:
            head_length, body_length = int.from_bytes(lengths[:4], "big"), int.from_bytes(lengths[4:], "big")
            head, body, digest = file.read(head_length), file.read(body_length), file.read(_DIGEST)
            if digest != _digest(head, body):
                break
            found = msgspec.json.decode(head, type=_Head)
            if found.at < self._not_before:
                self._places.clear()
                return 0
            self._places[found.asked] = (end + 8, head_length, body_length)
            end = file.tell()
        return end

    def _write(self, asked: str, at: int, answer: Answer) -> None:
        assert self._file is not None
        head = msgspec.json.encode(
            _Head(
                asked, at, answer.url, answer.status, answer.content_type, answer.validators.etag,
                answer.validators.last_modified, answer.links,
            )
        )  # fmt: skip
        self._file.seek(0, os.SEEK_END)
        self._file.write(len(head).to_bytes(4, "big") + len(answer.body).to_bytes(4, "big"))
        self._file.write(head + answer.body + _digest(head, answer.body))
        self._file.flush()


def _digest(head: bytes, body: bytes) -> bytes:
    return hashlib.sha256(head + body).digest()[:_DIGEST]
