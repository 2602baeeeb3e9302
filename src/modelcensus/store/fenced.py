"""Stores for workers: one that a frozen process cannot block, and one in which only who holds a due time can write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from modelcensus.core.errors import Interrupted
from modelcensus.store import working
from modelcensus.store.engine import Store, open_bare


class WorkerStore(Store):
    """The same store with connections that the server ends when their process stands still in a transaction.

    Without this a process that was frozen would keep what it has locked for as long as it is. Only PostgreSQL can do
    it; a SQLite file that a frozen process writes stays locked, and the connections are those of the given store.
    See https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT
    """

    def __init__(self, store: Store, idle_seconds: float) -> None:
        self._own = store.file is None
        super().__init__(store.url, open_bare(store.url)._engine if self._own else store._engine)
        if self._own:
            # Of the connection, not of a transaction: it may be frozen before its second statement.
            milliseconds = max(int(idle_seconds * 1000), 1)
            event.listen(self._engine, "connect", lambda connection, _: _bound(connection, milliseconds))

    def close(self) -> None:
        """Let go of all connections of its own."""
        if self._own:
            super().close()


class FencedStore(Store):
    """The same store for one due time: whoever has lost it writes nothing, and what is recorded is noted with it.

    ``writing`` raises ``Interrupted`` once somebody else has claimed the due time.
    """

    def __init__(self, store: Store, *, source: str, due_at: int, fence: int) -> None:
        super().__init__(store.url, store._engine)
        self._due = (source, due_at, fence)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in the one writing transaction, in which the due time stays with its holder."""
        with super().writing() as tx:
            if not working.holds(tx, *self._due):
                raise Interrupted(
                    "another worker has taken this over", "nothing is to be done: the other one carries it out"
                )
            newest = working.newest_sync(tx)
            yield tx
            working.note_syncs(tx, *self._due, after=newest)


def _bound(connection: Any, milliseconds: int) -> None:
    connection.execute(f"SET idle_in_transaction_session_timeout = {milliseconds}")
    connection.commit()
