"""Find keys by a part of their name."""

from __future__ import annotations

from modelcensus.store.engine import Store
from modelcensus.store.history import similar_keys

_LONGEST = 200
_SHORTEST = 3


def suggest(store: Store, text: str, *, limit: int = 8) -> list[str]:
    """Keys that contain ``text``; else its last part, or the longest start of that."""
    text = text.strip()[:_LONGEST].replace("\0", "")
    last = text.rpartition("/")[2]
    shorter = [last[: len(last) * part // 8] for part in (7, 6, 5, 4)]
    with store.reading() as tx:
        for wanted in dict.fromkeys([text, last, *shorter]):
            if len(wanted) < _SHORTEST and wanted != text:
                continue
            if found := similar_keys(tx, wanted, limit=limit):
                return found
    return []
