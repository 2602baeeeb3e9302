"""Collect: read sources now and record what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import msgspec

from modelcensus.core.errors import CensusError, KeyRefused, SourceError
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.logs.binding import bearing, carried
from modelcensus.operations.census import Census, Progress, Source, silent
from modelcensus.operations.fetch import Fetched, Known, fetch
from modelcensus.operations.inspect import inspect
from modelcensus.operations.offline import from_package
from modelcensus.operations.record import Reading, record, record_failure, taken_apart
from modelcensus.operations.spool import Spool
from modelcensus.operations.triggering.telling import tell_read
from modelcensus.sources.adapter import Call
from modelcensus.store.readings import last_payload, validators
from modelcensus.store.retention import prune_metrics
from modelcensus.store.syncs import SyncFacts, list_syncs

DAY = 86_400_000_000


def collect_all(
    census: Census,
    sources: list[Source],
    *,
    categories: Iterable[str] = (),
    accept_smaller: bool = False,
    afresh: bool = False,
    progress: Progress = silent,
) -> Iterator[SyncRecord]:
    """Collect several sources side by side; each result as soon as it is there. One source's trouble is its own."""
    results: SimpleQueue[SyncRecord | BaseException | None] = SimpleQueue()

    def run(source: Source) -> None:
        try:
            for result in collect_source(
                census, source, categories=categories, accept_smaller=accept_smaller, afresh=afresh, progress=progress
            ):
                results.put(result)
            results.put(None)
        except BaseException as error:  # raised again below, in the caller's thread
            results.put(error)

    with ThreadPoolExecutor(max_workers=max(min(census.parallel, len(sources)), 1)) as pool:
        for source in sources:
            pool.submit(carried(run), source)
        left = len(sources)
        while left:
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            if result is None:
                left -= 1
            else:
                yield result


def collect_source(
    census: Census,
    source: Source,
    *,
    categories: Iterable[str] = (),
    accept_smaller: bool = False,
    afresh: bool = False,
    progress: Progress = silent,
) -> Iterator[SyncRecord]:
    """Read every document of one source, or those of some categories, in the adapter's order.

    After one that cannot be read at all the rest is left for the next time. Raises ``StoreError``.
    """
    wanted = set(categories)
    for call in source.adapter.calls:
        if wanted and not wanted.intersection(call.document.covers):
            continue
        with bearing(source=source.name):
            result = _collect(census, source, call, accept_smaller=accept_smaller, afresh=afresh, progress=progress)
            inspection = inspect(census.store, source.name, source.adapter.documents, census.clock)
            told = _told(result, inspection.problem)
            tell_read(told)
        yield told
        if result.status is SyncStatus.FAILED and not call.optional:
            return


def collect(
    census: Census,
    source: Source,
    *,
    category: str | None = None,
    accept_smaller: bool = False,
    afresh: bool = False,
    progress: Progress = silent,
) -> SyncRecord:
    """Read one document of a source, by default the first, and record what it says.

    An upstream that cannot be read gives a ``failed`` record, not an error; a source that has its data in an
    installed package falls back to it. A reading that was interrupted goes on where it stopped, unless ``afresh``.
    Raises ``StoreError``.
    """
    call = source.adapter.call(category)
    return _collect(census, source, call, accept_smaller=accept_smaller, afresh=afresh, progress=progress)


def _collect(
    census: Census, source: Source, call: Call, *, accept_smaller: bool, afresh: bool, progress: Progress
) -> SyncRecord:
    started_at = census.clock()
    reader = source.adapter.reader(call.document)
    facts = SyncFacts(
        source=source.name, adapter=source.adapter.name, reader=reader, observed_at=started_at,
        started_at=started_at, origin=source.base_url,
    )  # fmt: skip
    if problem := missing(source):
        return _failed(census, call, facts, problem)
    known = _known(census, source, call, reader)
    _retire_metrics(census, source, started_at)
    with Spool() as spool, fetch(census, source, call, known, spool, afresh=afresh, progress=progress) as fetched:
        if fetched.problem and not len(spool):
            if source.adapter.offline and call is source.adapter.calls[0]:
                return from_package(census, source, call.document, facts, fetched.problem)
            return _failed(census, call, facts, _with_setting(fetched.problem, source))
        return _record(census, source, call, facts, spool, fetched, known, accept_smaller, progress)


def missing(source: Source) -> SourceError | None:
    """What a source lacks to be read at all: a key, an address, an option. No request is made without it."""
    adapter = source.adapter
    if adapter.needs_key and not source.has_key:
        return KeyRefused(f"{adapter.title} answers nobody without a key", f"set {source.key_setting}")
    if source.base_url == "" and adapter.base_url is None:
        return SourceError("nothing says where to read it from", f"set sources.{source.name}.base_url")
    for option in adapter.options:
        if not source.options.get(option.name) and option.default is None:
            setting = f"sources.{source.name}.options.{option.name}"
            return SourceError(f"its option '{option.name}' is not set: {option.help}", f"set {setting}")
    return None


def _known(census: Census, source: Source, call: Call, reader: str) -> Known:
    with census.store.reading() as tx:
        last = last_payload(tx, source.name, reader)
        tags = validators(tx, source.name, call.document.category) if last and call.conditional else {}
        good = list_syncs(tx, source=source.name, document=call.document.category, good=True)
    return Known(last, tags, good[0].id if good else None)


def _retire_metrics(census: Census, source: Source, now: int) -> None:
    """Once a day, forget metric points past their time."""
    if not census.metric_days:
        return
    with census.store.reading() as tx:
        last = list_syncs(tx, source=source.name)
    if last and last[0].started_at // DAY != now // DAY:
        with census.store.writing() as tx:
            prune_metrics(tx, now - census.metric_days * DAY)


def _record(
    census: Census,
    source: Source,
    call: Call,
    facts: SyncFacts,
    spool: Spool,
    fetched: Fetched,
    known: Known,
    accept_smaller: bool,
    progress: Progress,
) -> SyncRecord:
    payload = known.last[1] if fetched.not_modified and known.last else spool.digest()
    one_page = fetched.not_modified or len(spool) == 1
    same = known.last is not None and known.last[1] == payload
    seen = 0

    def count(entities: int) -> None:
        nonlocal seen
        seen += entities
        progress(f"{facts.source} {call.document.category}", seen, None)

    problem = _with_setting(fetched.problem, source) if fetched.problem else None
    reading = Reading(
        facts=msgspec.structs.replace(facts, origin=fetched.origin or facts.origin),
        document=call.document,
        splits=taken_apart(call.document, spool.pages()),
        complete=problem is None,
        payload_hash=payload,
        bytes_read=spool.bytes,
        repeats=known.last[0] if same and known.last else None,
        must_repeat=fetched.not_modified,
        accepted=accept_smaller,
        problem=problem,
        tags=fetched.tags if one_page and call.conditional else {},
    )
    try:
        result = record(census.store, reading, census.clock, count)
    except SourceError as error:
        return _failed(census, call, facts, error)
    fetched.recorded()
    return _marked(result, call)


def _told(result: SyncRecord, problem: CensusError | None) -> SyncRecord:
    """A sync that is recorded but could not be inspected for drift and quality says so, unless it has worse to say."""
    if problem is None or result.error is not None:
        return result
    return msgspec.structs.replace(result, error=f"recorded, but not inspected: {problem.message}", hint=problem.hint)


def _failed(census: Census, call: Call, facts: SyncFacts, problem: SourceError) -> SyncRecord:
    return _marked(record_failure(census.store, facts, problem, census.clock), call)


def _marked(result: SyncRecord, call: Call) -> SyncRecord:
    return msgspec.structs.replace(result, optional=True) if call.optional else result


def _with_setting(problem: SourceError, source: Source) -> SourceError:
    """The hint completed with the name of the setting that would help."""
    if not isinstance(problem, KeyRefused) or not source.adapter.key_header:
        return problem
    what = "the key is wrong or may not read this: check" if source.has_key else "it wants a key: set"
    return KeyRefused(problem.message, f"{what} {source.key_setting}")
