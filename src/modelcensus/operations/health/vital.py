"""Whether the database answers, asked so that nobody waits for one that hangs."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from threading import Lock, Thread

from modelcensus.core.errors import StoreNewer, StoreUnreachable
from modelcensus.store.engine import HEAD, Store
from modelcensus.store.health import Probe

PATIENCE_SECONDS = 0.7
"""So long whoever asks for signs of life waits."""


class Vital:
    """Asks the database in a thread, one question at a time: all who ask meanwhile share its answer.

    A question that hangs stays the only one until it ends, however often it is asked for.
    """

    def __init__(self, store: Store) -> None:
        self._probe = Probe(store)
        self._lock = Lock()
        self._asked: Future[str] | None = None

    def ask(self) -> Future[str]:
        """The schema's version, as soon as it is known, or a ``StoreError``."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                # A daemon: a question that hangs must not keep the process from ending.
                Thread(target=self._answer, args=(self._asked,), name="vital", daemon=True).start()
            return self._asked

    def wait(self, seconds: float) -> str:
        """The schema's version. Raises ``StoreError``, also where there is no answer in time."""
        try:
            return self.ask().result(seconds)
        except TooLate:
            raise silent(seconds) from None

    def start(self) -> None:
        """Begin, as a part of a server: the first question opens the connection."""

    def stop(self) -> None:
        """Let go of the connection."""
        self._probe.close()

    def _answer(self, asked: Future[str]) -> None:
        try:
            asked.set_result(self._probe.schema())
        except BaseException as error:
            asked.set_exception(error)


def silent(seconds: float) -> StoreUnreachable:
    """What a database that does not answer is."""
    return StoreUnreachable(
        f"the database has not answered for {seconds:g} seconds",
        "see whether its server hangs or is overloaded, and start it again",
    )


def check_schema(version: str) -> None:
    """Raises ``StoreNewer`` or ``StoreUnreachable`` for a schema that is not this program's."""
    if version == HEAD:
        return
    if version > HEAD:
        raise StoreNewer(
            f"the database has schema {version}, this program knows {HEAD}", "upgrade modelcensus and start it again"
        )
    raise StoreUnreachable(
        f"the database has schema {version}, this program needs {HEAD}",
        "start the program again: it upgrades the database when it starts",
    )
