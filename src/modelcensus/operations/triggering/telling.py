"""Lines of the log about what is read; within ``logs.binding.during_run`` they bear the run's id and the source."""

from __future__ import annotations

import logging

from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.core.run import GOOD, Run, RunResult

_log = logging.getLogger("modelcensus.sync")


def tell_begun(run: Run) -> None:
    """A run begins."""
    _log.info(
        "the run begins", extra={"trigger": run.trigger.value, "actor": run.actor, "sources": list(run.sources)}
    )  # fmt: skip


def tell_read(record: SyncRecord) -> None:
    """One document of a source was read, or was not: a warning where a person should look."""
    facts = {
        "document": record.document, "sync": record.id, "status": record.status.value, "entities": record.entities,
        "appeared": record.appeared, "altered": record.altered, "vanished": record.vanished,
        "quarantined": record.quarantined, "seconds": round(record.seconds, 3),
    }  # fmt: skip
    if record.status not in GOOD:
        kind = "held" if record.status is SyncStatus.HELD else "not read whole"
        _log.warning("%s: %s", kind, record.error or record.status.value, extra={**facts, "hint": record.hint or ""})
    elif record.quarantined:
        _log.warning("read, but some of it could not be understood: modelcensus quarantine", extra=facts)
    else:
        _log.info("read", extra=facts)


def tell_retry(attempt: int, seconds: float) -> None:
    """A source failed for a reason that may pass, and is tried again after so many seconds."""
    _log.warning("it failed, and is tried again", extra={"attempt": attempt, "seconds": seconds})


def tell_ended(result: RunResult) -> None:
    """A run came to its end; each thing that went wrong is a line of its own."""
    # Named outright: an interrupted command ends its run from another thread, which bears nothing.
    run = {"run": result.run}
    for error in result.errors:
        if error.sync_log_id is None:  # the others were told when they were read
            more = {"category": error.category, "hint": error.hint, "of": error.source or ""}
            _log.warning("%s", error.message, extra={**run, **more})
    facts = {
        **run, "success": result.success, "entities": result.total_processed, "added": result.added,
        "updated": result.updated, "gone": result.marked_inactive, "revision": result.revision,
        "seconds": result.duration,
    }  # fmt: skip
    _log.log(logging.INFO if result.success else logging.WARNING, "the run ended", extra=facts)
    if result.held:
        _log.warning("changes wait for a person: modelcensus plan list", extra={**run, "held": result.held})
