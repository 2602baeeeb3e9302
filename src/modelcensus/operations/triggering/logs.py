"""The log of syncs with what went wrong in each, by category, each with what to do about it."""

from __future__ import annotations

import msgspec

from modelcensus.core.errors import NotFound
from modelcensus.core.faults import HINTS, FaultKind
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.core.run import error_of
from modelcensus.operations.census import Census
from modelcensus.store.quarantine import fault_counts
from modelcensus.store.syncs import list_syncs


class SyncTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: the reading itself, or ``count`` things in it that could not be understood."""

    category: str
    message: str
    hint: str
    count: int = 1


class SyncLog(msgspec.Struct, frozen=True, kw_only=True):
    """A sync and what went wrong in it."""

    sync: SyncRecord
    errors: tuple[SyncTrouble, ...]


def sync_logs(
    census: Census,
    *,
    source: str | None = None,
    status: SyncStatus | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[SyncLog]:
    """The log, newest first; ``before`` is the id of an entry to page on from. Raises ``NotFound``, ``StoreError``."""
    unknown = source is not None and source not in census.sources
    with census.store.reading() as tx:
        if source is not None and unknown and ("\0" in source or not list_syncs(tx, source=source)):
            raise NotFound(f"there is no source '{source[:80]}'", f"the sources are: {', '.join(census.sources)}")
        found = list_syncs(tx, source=source, status=status.value if status else None, before_id=before, limit=limit)
        counts = fault_counts(tx, [each.id for each in found if each.id is not None and each.quarantined])
    return [SyncLog(sync=each, errors=_troubles(each, counts.get(each.id or 0, {}))) for each in found]


def _troubles(sync: SyncRecord, faults: dict[str, int]) -> tuple[SyncTrouble, ...]:
    error = error_of(sync)
    whole = (SyncTrouble(category=error.category, message=error.message, hint=error.hint),) if error else ()
    parts = tuple(
        SyncTrouble(
            category=fault, count=count, hint=HINTS[FaultKind(fault)] if fault in set(FaultKind) else "",
            message=f"{count:,} of its parts could not be understood: {fault.replace('_', ' ')}",
        )
        for fault, count in sorted(faults.items())
    )  # fmt: skip
    return (*whole, *parts)
