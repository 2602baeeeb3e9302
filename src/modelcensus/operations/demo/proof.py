"""Whether the census, asked as of each day, tells what was true that day."""

from __future__ import annotations

from modelcensus.core.reading import Document, understand
from modelcensus.core.records import SyncStatus
from modelcensus.operations.browse import as_of
from modelcensus.store.engine import Store

Truth = dict[tuple[str, str], str]
"""(category, key) -> SHA-256 of the canonical form without volatile members, hex."""


def truth_of(document: Document, body: bytes) -> Truth:
    """What a good catalog says."""
    return {
        (each.category, each.key): understand(bytes(each.raw), document.volatile.get(each.category, ())).hash.hex()
        for each in document.split(body).slices
    }


class Proof:
    """Compares the census with the truth, day by day in order, source by source."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._before: dict[str, set[tuple[str, str]]] = {}
        self.equal = self.failed = self.false_removals = 0

    def compare(self, source: str, observed_at: int, truth: Truth, status: SyncStatus) -> None:
        """A whole reading must be given back exactly; no reading may lose what was known and still is there."""
        found: Truth = {}
        for version in as_of(self._store, observed_at, source=source):
            found[version.category, version.key] = version.sha256 or ""
        if status is SyncStatus.COMPLETE:
            self.equal += found == truth
            self.failed += found != truth
        lost = self._before.get(source, set()) & (truth.keys() - found.keys())
        self.false_removals += len(lost)
        self._before[source] = set(found)
