"""Our feeds as our own adapters read them: what another census would take from us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from modelcensus.core import canonical
from modelcensus.core.catalog.listing import Listing, Snapshot
from modelcensus.core.reading import Split
from modelcensus.sources.translators.contract import Aids, Translator


def listings(split: Callable[[bytes], Split], translator: Translator, document: bytes) -> dict[str, Listing]:
    """What each model's row says, by its key; the adapter must find nothing wrong."""
    found = split(document)
    assert not found.faults
    assert not found.truncated
    aids = Aids(today=date(2026, 3, 1))
    said: dict[str, Listing] = {}
    for each in found.slices:
        if each.category == "model":
            data: dict[str, Any] = canonical.decode(bytes(each.raw))
            snapshot = Snapshot(
                source="x", category="model", key=each.key, sha256="", observed_at=0, data=data
            )  # fmt: skip
            listing = translator.translate(snapshot, aids).listing
            assert listing is not None
            said[each.key] = listing
    return said
