"""Offline: a source's data out of its installed package, where its upstream cannot be read."""

from __future__ import annotations

import msgspec

from modelcensus.core.errors import SourceError
from modelcensus.core.reading import Document
from modelcensus.core.records import SyncRecord
from modelcensus.operations.census import Census, Source
from modelcensus.operations.record import Reading, record, record_failure, taken_apart
from modelcensus.operations.spool import Spool
from modelcensus.store.readings import recorded_payload
from modelcensus.store.syncs import SyncFacts, list_syncs


def from_package(
    census: Census, source: Source, document: Document, facts: SyncFacts, problem: SourceError
) -> SyncRecord:
    """The source's installed data instead of its upstream's, at the time that data is of. Raises ``StoreError``."""
    assert source.adapter.offline
    try:
        payload = source.adapter.offline()
    except SourceError as also:
        return record_failure(
            census.store, facts, type(problem)(f"{problem.message}; {also.message}", also.hint), census.clock
        )
    with Spool() as spool:
        spool.add(payload.body)
        digest = spool.digest()
    facts = msgspec.structs.replace(facts, observed_at=payload.observed_at, origin=payload.origin, offline=True)
    note = type(problem)(f"{problem.message}; used the {payload.origin}", problem.hint)
    with census.store.reading() as tx:
        known = recorded_payload(tx, source.name, document.covers, payload.observed_at)
        before = list_syncs(tx, source=source.name, good=True, observed_at=payload.observed_at) if known else []
    if before:
        return _already(before[0], facts, note, census.clock())
    reading = Reading(
        facts=facts,
        document=document,
        splits=taken_apart(document, [payload.body]),
        complete=True,
        payload_hash=digest,
        bytes_read=len(payload.body),
        problem=note,
        tags={},
    )
    return record(census.store, reading, census.clock)


def _already(before: SyncRecord, facts: SyncFacts, note: SourceError, now: int) -> SyncRecord:
    """A reading that is recorded already: nothing is written again."""
    return msgspec.structs.replace(
        before, id=None, started_at=facts.started_at, finished_at=now, appeared=0, altered=0, vanished=0, reappeared=0,
        error=note.message, hint=note.hint, problem=note.kind,
    )  # fmt: skip
