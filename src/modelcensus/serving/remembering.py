"""A small memory of what was found out, bounded; safe to use from several threads."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """The latest ``size`` findings. What was begun before ``forget`` is not remembered after it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._found: OrderedDict[bytes, T] = OrderedDict()
        self.generation = 0
        """How often everything was forgotten."""

    def get(self, key: bytes) -> T | None:
        """What was found for a key."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def keep(self, key: bytes, found: T, generation: int) -> None:
        """Remember a finding that was begun at a generation."""
        with self._lock:
            if generation != self.generation:
                return
            self._found[key] = found
            self._found.move_to_end(key)
            if len(self._found) > self._size:
                self._found.popitem(last=False)

    def drop(self, key: bytes) -> None:
        """Forget one finding."""
        with self._lock:
            self._found.pop(key, None)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self.generation += 1
            self._found.clear()
