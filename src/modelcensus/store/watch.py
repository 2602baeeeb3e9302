"""The watch: whether anything has moved, asked so cheaply that every request can ask."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from typing import Any

from modelcensus.core.catalog.edition import Stamp
from modelcensus.core.errors import StoreError, StoreUnreachable
from modelcensus.store.catalog.stamps import STAMP
from modelcensus.store.engine import Store
from modelcensus.store.faults import translated

_PATIENCE_MS = 2000


class Watch:
    """Reads the stamp over a connection of its own; safe to use from several threads.

    What ``stamp`` returns was committed, and nothing that was committed before the call is missing from it, whichever
    process wrote it. ``quick``: it takes microseconds and waits for nothing (a SQLite file); a server takes a round
    trip.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._connection: Any = None
        self._closed = False
        self._row: tuple[int, ...] = ()
        self._stamp = Stamp(0, 0, 0, 0)
        self.quick = store.file is not None

    def stamp(self) -> Stamp:
        """The stamp of now. Raises ``StoreError``."""
        with self._lock:
            if self._connection is None:
                return self._asked_anew()
            try:
                return self._asked()
            except StoreError:
                # The server may have been started again meanwhile.
                self._close()
                return self._asked_anew()

    def close(self) -> None:
        """Let go of the connection, for good: who asks later is refused."""
        with self._lock:
            self._closed = True
            self._close()

    def _asked_anew(self) -> Stamp:
        if self._closed:
            raise StoreUnreachable("the watch is closed", "the server is stopping; ask again once it runs")
        connection = self._connection = self._store.alone()
        try:
            with translated(self._store.url):
                if self.quick:
                    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS // 10}")
                else:
                    connection.autocommit = True
                    connection.execute(f"SET statement_timeout = {_PATIENCE_MS}")
                    connection.prepare_threshold = 0
            return self._asked()
        except StoreError:
            self._close()
            raise

    def _asked(self) -> Stamp:
        try:
            row = self._connection.execute(STAMP).fetchone()
        except Exception as error:  # a block of ``translated`` for each request would cost as much as the question
            with translated(self._store.url):
                raise error
        if row != self._row:
            self._row, self._stamp = row, Stamp(*row)
        return self._stamp

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # it is being thrown away; what it says of that matters to nobody
                connection.close()
