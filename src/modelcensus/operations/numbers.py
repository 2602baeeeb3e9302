"""Numbers for monitors."""

from __future__ import annotations

from modelcensus.store import numbers as counted
from modelcensus.store.engine import Store
from modelcensus.store.numbers import Numbers


def numbers(store: Store) -> Numbers:
    """The census in the few numbers that a monitor asks for. Raises ``StoreError``."""
    with store.reading() as tx:
        return counted.numbers(tx)
