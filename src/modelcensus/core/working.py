"""What the worker works on: the times at which sources are due, and the workers that live."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

PROTOCOL = 1
"""How workers agree on the rows of ``due``. A worker leaves work of a higher number alone and takes over a lower's."""

Documents = Literal["models", "all"]
"""What is read: the documents of models and endpoints, or every document of the source."""


class DueState(StrEnum):
    """How a due time stands.

    ``failed``: it was carried out, and the source could not be read whole, or a person stopped it. ``quarantined``: it
    was begun as often as is allowed and never came to an end; it waits for a person.
    """

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    QUARANTINED = "quarantined"


OPEN = (DueState.WAITING, DueState.RUNNING)
"""States of what is still to be carried out."""


class DueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A time at which a source is due, as it stands. Times are microseconds since 1970.

    ``fence`` grows with each claim: who holds a lower number may write no more. ``attempts``: how often it was begun.
    It is not begun before ``next_at``. ``beat_at`` is when the worker that has it was last heard of. ``stop`` says why
    it is to be stopped, ``problem`` what went wrong.
    """

    source: str
    due_at: int
    documents: Documents
    state: DueState
    protocol: int
    fence: int
    attempts: int
    next_at: int
    worker: str | None = None
    beat_at: int | None = None
    run_id: str | None = None
    stop: str | None = None
    problem: str | None = None
    started_at: int | None = None
    ended_at: int | None = None


class WorkerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A worker: a process that carries out what is due. ``id`` is unique among all that ever ran."""

    id: str
    name: str
    host: str
    pid: int
    protocol: int
    started_at: int
    beat_at: int


def workflow_id(source: str, due_at: int) -> str:
    """The name under which a due time is enqueued: the same whoever enqueues it."""
    return f"sync:{source}:{due_at}"
