"""The pulse of a run: its process says that it lives and how far it is, and hears when to stop."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType
from typing import Self

from modelcensus.core.errors import Interrupted, StoreError
from modelcensus.core.run import Run, RunProgress
from modelcensus.operations.census import Census
from modelcensus.operations.triggering.slots import BEAT_SECONDS
from modelcensus.store import runs

_PROGRESS_SECONDS = 1.0
"""Progress is written at most so often."""


class Pulse:
    """Beats while its block runs. ``progress`` is to be called by the syncs: it raises ``Interrupted`` once they should
    stop, which is all that can end a sync before its time."""

    def __init__(self, census: Census, run: Run) -> None:
        self._census = census
        self._run = run
        self._over = Event()
        self._stop = Event()
        self._why = ""
        self._latest: RunProgress | None = None
        self._thread = Thread(target=self._beat, name=f"pulse {run.id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def progress(self, what: str, done: int, total: int | None) -> None:
        """Remember how far a sync is. Raises ``Interrupted``."""
        self.check()
        number = self._latest.number + 1 if self._latest else 1
        self._latest = RunProgress(number=number, what=what, done=done, total=total)

    def check(self) -> None:
        """Raises ``Interrupted`` if the run is to stop."""
        if self._stop.is_set():
            raise Interrupted(self._why, "trigger it again; what was recorded before stays")

    def stop(self, why: str) -> None:
        """Have the run stop at the next moment at which it can."""
        self._why = self._why or why
        self._stop.set()

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until the run is to stop. Raises ``Interrupted``."""
        self._stop.wait(seconds)
        self.check()

    def _beat(self) -> None:
        written, quiet = 0, 0.0
        while not self._over.wait(_PROGRESS_SECONDS):
            quiet += _PROGRESS_SECONDS
            latest = self._latest
            news = latest is not None and latest.number != written
            if not news and quiet < BEAT_SECONDS:
                continue
            try:
                with self._census.store.noting() as tx:
                    lives = runs.beat(tx, self._run.id, self._census.clock(), latest if news else None)
            except StoreError:
                continue  # a database that is busy or away now may take the next beat
            written, quiet = latest.number if latest else written, 0.0
            if not lives and not self._over.is_set():
                self.stop("the run was given up for lost: its process was not heard of for a minute")
