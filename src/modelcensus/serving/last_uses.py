"""When tokens were last used, written behind the callers' backs: no request waits for it."""

from __future__ import annotations

from threading import Condition, Thread

from modelcensus.core.errors import StoreError
from modelcensus.operations import tokens
from modelcensus.store.engine import Store


class LastUses:
    """Takes notes of uses and writes them one after the other in a thread that lives while there are any."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changed = Condition()
        self._pending: dict[str, int] = {}
        self._writing = False

    def note(self, token_id: str, at: int) -> None:
        """Note a use; returns at once."""
        with self._changed:
            self._pending[token_id] = at
            if not self._writing:
                self._writing = True
                Thread(target=self._write, name="last uses of tokens", daemon=True).start()

    def written(self, timeout: float) -> bool:
        """Wait until every note is written, at most so many seconds; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._writing, timeout)

    def _write(self) -> None:
        while True:
            with self._changed:
                uses, self._pending = self._pending, {}
                if not uses:
                    self._writing = False
                    self._changed.notify_all()
                    return
            try:
                tokens.note_uses(self._store, uses)
            except StoreError:
                # A note that is lost comes again with the next use; the request that it is of went well.
                continue
