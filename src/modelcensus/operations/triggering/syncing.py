"""The syncs of one run: sources side by side, those that fail tried again, then the catalog brought up to date."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

import msgspec

from modelcensus.core.errors import CensusError, StalePlan
from modelcensus.core.records import SyncRecord
from modelcensus.core.run import (
    GOOD,
    Run,
    RunError,
    RunResult,
    RunState,
    SourceRun,
    error_from,
    may_pass,
    run_result,
    source_run,
)
from modelcensus.logs.binding import carried, during_run
from modelcensus.operations.catalog import catalog
from modelcensus.operations.catalog.catalog import Updated
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect_source
from modelcensus.operations.triggering.pulse import Pulse
from modelcensus.operations.triggering.telling import tell_begun, tell_ended, tell_retry

_log = logging.getLogger(__name__)
_PLANS = 3
"""A plan that somebody else's apply overtook is made anew so many times."""


class Retry(msgspec.Struct, frozen=True):
    """A source that fails is tried so many ``times`` more, first after ``seconds``, each time twice as long."""

    times: int = 0
    seconds: float = 1.0


class Ended(msgspec.Struct, frozen=True):
    """How a run ended."""

    state: RunState
    result: RunResult


class Part(msgspec.Struct, frozen=True):
    """What is to be read of a source: its documents of these ``categories`` (None: all). ``done`` was read before."""

    categories: frozenset[str] | None = None
    done: tuple[SyncRecord, ...] = ()


_WHOLE = Part()


def carry_out(census: Census, run: Run, retry: Retry, pulse: Pulse, part: Part = _WHOLE) -> Ended:
    """Sync every source of the run, and publish what that changes. Whatever goes wrong is in the result."""
    with during_run(run.id):
        tell_begun(run)
        ended = _carried_out(census, run, retry, pulse, part)
        tell_ended(ended.result)
        return ended


def _carried_out(census: Census, run: Run, retry: Retry, pulse: Pulse, part: Part) -> Ended:
    began = monotonic()
    parts = _side_by_side(census, run.sources, retry, pulse, part)
    broken = any(part.broken for part in parts)
    errors: list[RunError] = []
    updated: Updated | None = None
    if not broken:
        try:
            pulse.progress("catalog", 0, None)
            updated = _published(census)
        except Exception as error:  # it ends this run, which is all that there is to end in this thread
            errors.append(_told(error, None))
            broken = True
    result = run_result(
        run.id, (part.told for part in parts), seconds=monotonic() - began, errors=errors,
        revision=updated.revision.number if updated and updated.revision else None, held=updated.held if updated else 0,
    )  # fmt: skip
    return Ended(RunState.FAILED if broken else RunState.DONE, result)


class _Done(msgspec.Struct, frozen=True):
    """What was done with one source; ``broken`` if it is not the source that failed, but we."""

    told: SourceRun
    broken: bool


def _side_by_side(census: Census, names: Sequence[str], retry: Retry, pulse: Pulse, part: Part) -> list[_Done]:
    waiting: SimpleQueue[str] = SimpleQueue()
    for name in names:
        waiting.put(name)
    parts: list[_Done] = []

    def work() -> None:
        while True:
            try:
                name = waiting.get_nowait()
            except Empty:
                return
            parts.append(_done(census, name, retry, pulse, part))

    # Daemons: a server that stops does not wait for an upstream that takes minutes over an answer.
    threads = [Thread(target=carried(work), name=f"sync {name}", daemon=True) for name in names[: census.parallel]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return parts


def _done(census: Census, name: str, retry: Retry, pulse: Pulse, part: Part) -> _Done:
    began = monotonic()
    records = list(part.done)
    errors: list[RunError] = []
    tries = 0
    try:
        while True:
            tries += 1
            _read(census, name, records, pulse, part.categories)
            if tries > retry.times or not may_pass(records):
                break
            pause = retry.seconds * 2 ** (tries - 1)
            tell_retry(tries, pause)
            pulse.sleep(pause)
    except Exception as error:  # the other sources go on
        errors.append(_told(error, name))
    told = source_run(name, records, seconds=monotonic() - began, attempts=tries, errors=errors)
    return _Done(told, broken=bool(errors))


def _read(
    census: Census, name: str, records: list[SyncRecord], pulse: Pulse, categories: frozenset[str] | None
) -> None:
    """Read what has not been read whole yet. Raises ``Interrupted``, ``StoreError``."""
    pulse.progress(name, 0, None)
    source = census.sources[name]
    read = {record.document for record in records if record.status in GOOD}
    wanted = (call.document.category for call in source.adapter.calls)
    left = [each for each in wanted if each not in read and (categories is None or each in categories)]
    if not left:
        return
    for record in collect_source(census, source, categories=left, progress=pulse.progress):
        records.append(record)
        pulse.check()


def _published(census: Census) -> Updated:
    for _ in range(_PLANS - 1):
        try:
            return catalog.update(census, now=census.clock())
        except StalePlan:
            continue
    return catalog.update(census, now=census.clock())


def _told(error: Exception, source: str | None) -> RunError:
    if isinstance(error, CensusError):
        return error_from(error, source)
    _log.exception("a sync broke", exc_info=error)
    return RunError(
        source=source, category="internal_error", message=f"internal error ({type(error).__name__})",
        hint="the server's log says more; please report it",
    )  # fmt: skip
