"""What every line of a piece of work bears: the id of its run, its source, the id of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_BOUND: ContextVar[dict[str, str]] = ContextVar("modelcensus_bound")


def bound() -> dict[str, str]:
    """What lines of this thread, or task, bear now."""
    return dict(_BOUND.get({}))


@contextmanager
def bearing(**names: str) -> Iterator[None]:
    """Within the block every line of this thread bears these too."""
    before = _BOUND.set({**_BOUND.get({}), **names})
    try:
        yield
    finally:
        _BOUND.reset(before)


@contextmanager
def during_run(run: str, source: str | None = None) -> Iterator[None]:
    """Within the block every line of this thread bears the run's id, and the source that is read.

    A thread that is started within bears nothing of itself: begin a block there too, or hand it ``carried`` work.
    """
    with bearing(run=run, **({"source": source} if source is not None else {})):
        yield


def carried(work: Callable[P, R]) -> Callable[P, R]:
    """The same work for another thread, whose lines bear what they would bear here; to be called once."""
    context = copy_context()
    return lambda *args, **kwargs: context.run(work, *args, **kwargs)
