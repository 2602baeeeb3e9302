"""Record one reading: one transaction, from the payload to the sealed sync."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from modelcensus.core.errors import CensusError, SourceError, UpstreamBroken
from modelcensus.core.reading import Document, Split
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.store.engine import Store
from modelcensus.store.readings import keep_validators
from modelcensus.store.recorder import Recorder, Tally
from modelcensus.store.syncs import SyncFacts, SyncOutcome, open_sync, seal_sync, source_id

Tags = Mapping[str, tuple[str | None, str | None]]
"""(ETag, Last-Modified) by URL."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A reading ready to be recorded.

    ``complete``: the source proved that it read to the end. ``repeats``: observed time of the reading that this one
    equals byte for byte (then nothing is taken apart). ``problem``: what went wrong on the way, if anything did.
    """

    facts: SyncFacts
    document: Document
    splits: Iterable[Split]
    complete: bool
    payload_hash: bytes | None = None
    bytes_read: int = 0
    repeats: int | None = None
    must_repeat: bool = False
    accepted: bool = False
    problem: SourceError | None = None
    tags: Tags | None = None


def record(
    store: Store,
    reading: Reading,
    clock: Callable[[], int],
    progress: Callable[[int], None] = lambda _: None,
) -> SyncRecord:
    """Write a reading and seal its sync. Raises ``StoreError``; then nothing is written."""
    with store.writing() as tx:
        sync_id = open_sync(tx, reading.facts)
        source = source_id(tx, reading.facts.source, reading.facts.adapter)
        recorder = Recorder(
            tx, source_id=source, sync_id=sync_id, document=reading.document,
            observed_at=reading.facts.observed_at, progress=progress,
        )  # fmt: skip
        repeated = reading.repeats is not None and recorder.repeat(reading.repeats)
        if reading.must_repeat and not repeated:
            raise UpstreamBroken("the upstream said 'not modified' of a reading that is not the latest", "sync again")
        if not repeated:
            for split in reading.splits:
                recorder.add(split)
        tally = recorder.finish(complete=reading.complete, accepted=reading.accepted)
        outcome = _outcome(reading, tally, clock())
        if reading.tags is not None:
            whole = outcome.status is SyncStatus.COMPLETE
            keep_validators(tx, source, reading.document.category, dict(reading.tags) if whole else {})
        return seal_sync(tx, sync_id, outcome)


def record_failure(store: Store, facts: SyncFacts, problem: SourceError, clock: Callable[[], int]) -> SyncRecord:
    """Enter a sync that read nothing into the log."""
    with store.writing() as tx:
        sync_id = open_sync(tx, facts)
        outcome = SyncOutcome(
            status=SyncStatus.FAILED,
            finished_at=clock(),
            error=problem.message,
            hint=problem.hint or None,
            problem=problem.kind,
        )
        return seal_sync(tx, sync_id, outcome)


def taken_apart(document: Document, pages: Iterable[bytes]) -> Iterator[Split]:
    """Each page split into entities. Raises ``SourceError`` where the adapter fails at it."""
    for page in pages:
        try:
            split = document.split(page)
        except CensusError:
            raise
        except Exception as error:  # an adapter may be anybody's code; its trouble is its source's alone
            raise SourceError(
                f"the adapter failed at a page of {document.category}s: {type(error).__name__}",
                "this is a defect of the adapter: try 'modelcensus source test' and report it",
            ) from error
        named = {item.category for item in split.slices} | {fault.category for fault in split.faults}
        if named - {None, *document.covers}:
            raise SourceError(
                f"the adapter gave what is none of: {', '.join(document.covers)}", "this is a defect of the adapter"
            )
        yield split


def _outcome(reading: Reading, tally: Tally, finished_at: int) -> SyncOutcome:
    status, error, hint = _verdict(reading, tally)
    return SyncOutcome(
        status=status,
        finished_at=max(finished_at, reading.facts.started_at),
        payload_hash=reading.payload_hash,
        bytes_read=reading.bytes_read,
        entities=tally.entities,
        appeared=tally.appeared,
        altered=tally.altered,
        vanished=tally.vanished,
        reappeared=tally.reappeared,
        quarantined=tally.faults,
        error=error,
        hint=hint,
        problem=reading.problem.kind if reading.problem else None,
    )


def _verdict(reading: Reading, tally: Tally) -> tuple[SyncStatus, str | None, str | None]:
    problem = reading.problem
    if tally.incomplete:
        message = problem.message if problem else "the reading does not reach the end of the catalog"
        if not problem and tally.faults and not tally.entities:
            message = "the answer has not the shape of this catalog"
        return SyncStatus.INCOMPLETE, message, (problem and problem.hint) or "nothing was removed; sync again later"
    if tally.held:
        return (
            SyncStatus.HELD,
            f"only {tally.entities} entities came, far fewer than before",
            "none of them was removed; if the catalog really shrank, sync with --accept-smaller",
        )
    note = problem.message if problem else None
    advice = problem.hint if problem else None
    if tally.faults:
        return SyncStatus.PARTIAL, note, advice or "see what could not be understood: 'modelcensus quarantine'"
    return SyncStatus.COMPLETE, note, advice
