"""Collect: read one source now and record it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack

import msgspec

from modelcensus.core.errors import SourceError
from modelcensus.core.reading import Document
from modelcensus.core.records import SyncRecord
from modelcensus.operations.census import Census, Progress, Source, silent
from modelcensus.operations.record import Reading, record, record_failure, taken_apart
from modelcensus.operations.spool import Spool
from modelcensus.sources.http import Answer, Validators
from modelcensus.store.readings import last_payload, recorded_payload, validators
from modelcensus.store.retention import prune_metrics
from modelcensus.store.syncs import SyncFacts, list_syncs

DAY = 86_400_000_000
PARALLEL = 8
"""Sources that are read at once."""


class _Known(msgspec.Struct, frozen=True):
    """What the store has of the source's latest whole reading."""

    last: tuple[int, bytes] | None
    tags: dict[str, tuple[str | None, str | None]]


class _Fetched(msgspec.Struct):
    tags: dict[str, tuple[str | None, str | None]] = {}
    origin: str = ""
    not_modified: bool = False
    problem: SourceError | None = None


def collect_all(
    census: Census, sources: list[Source], *, accept_smaller: bool = False, progress: Progress = silent
) -> Iterator[SyncRecord]:
    """Collect several sources side by side; each result as soon as it is there. One source's trouble is its own."""
    with ThreadPoolExecutor(max_workers=min(PARALLEL, max(len(sources), 1))) as pool:
        running = [
            pool.submit(collect, census, source, accept_smaller=accept_smaller, progress=progress) for source in sources
        ]
        for done in as_completed(running):
            yield done.result()


def collect(census: Census, source: Source, *, accept_smaller: bool = False, progress: Progress = silent) -> SyncRecord:
    """Read one source and record what it says.

    An upstream that cannot be read gives a ``failed`` record, not an error; a source that has its data in an
    installed package falls back to it. Raises ``StoreError``.
    """
    document = source.adapter.document(None)
    started_at = census.clock()
    facts = SyncFacts(
        source=source.name, adapter=source.adapter.name, reader=source.adapter.reader(document),
        observed_at=started_at, started_at=started_at, origin=source.base_url,
    )  # fmt: skip
    known = _known(census, source, facts.reader)
    _retire_metrics(census, source, started_at)
    with Spool() as spool:
        fetched = _fetch(source, known, spool, progress)
        if fetched.problem and not len(spool):
            if source.adapter.offline:
                return _offline(census, source, document, facts, fetched.problem)
            return record_failure(census.store, facts, _with_setting(fetched.problem, source), census.clock)
        return _record(census, facts, document, spool, fetched, known, accept_smaller, progress)


def _retire_metrics(census: Census, source: Source, now: int) -> None:
    """Once a day, forget metric points past their time."""
    if not census.metric_days:
        return
    with census.store.reading() as tx:
        last = list_syncs(tx, source=source.name)
    if last and last[0].started_at // DAY != now // DAY:
        with census.store.writing() as tx:
            prune_metrics(tx, now - census.metric_days * DAY)


def _known(census: Census, source: Source, reader: str) -> _Known:
    with census.store.reading() as tx:
        last = last_payload(tx, source.name, reader)
        return _Known(last, validators(tx, source.name) if last else {})


def _fetch(source: Source, known: _Known, spool: Spool, progress: Progress) -> _Fetched:
    fetched = _Fetched()
    with ExitStack() as stack:

        def get(url: str, **options: object) -> Answer:
            etag, last_modified = known.tags.get(f"{source.base_url} {url}", (None, None))
            answer = client.get(url, validators=Validators(etag, last_modified), **options)  # type: ignore[arg-type]  # the adapter's own parameters
            fetched.tags[f"{source.base_url} {url}"] = (answer.validators.etag, answer.validators.last_modified)
            return answer

        try:
            client = stack.enter_context(source.connect())
            for answer in source.adapter.fetch(get, source.options):
                fetched.origin = fetched.origin or answer.url
                if answer.not_modified:
                    fetched.not_modified = True
                    break
                spool.add(answer.body)
                progress(source.name, len(spool), None)
        except SourceError as problem:
            fetched.problem = problem
    return fetched


def _record(
    census: Census,
    facts: SyncFacts,
    document: Document,
    spool: Spool,
    fetched: _Fetched,
    known: _Known,
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
        progress(facts.source, seen, None)

    tags = fetched.tags
    if fetched.not_modified:
        # A 304 may leave out its validators: those we asked with are still the ones.
        tags = {url: sent if sent != (None, None) else known.tags.get(url, sent) for url, sent in tags.items()}
    reading = Reading(
        facts=msgspec.structs.replace(facts, origin=fetched.origin or facts.origin),
        document=document,
        splits=taken_apart(document, spool.pages()),
        complete=fetched.problem is None,
        payload_hash=payload,
        bytes_read=spool.bytes,
        repeats=known.last[0] if same and known.last else None,
        must_repeat=fetched.not_modified,
        accepted=accept_smaller,
        problem=fetched.problem,
        tags=tags if one_page else {},
    )
    try:
        return record(census.store, reading, census.clock, count)
    except SourceError as problem:
        return record_failure(census.store, facts, problem, census.clock)


def _offline(census: Census, source: Source, document: Document, facts: SyncFacts, problem: SourceError) -> SyncRecord:
    """The source's installed data instead of its upstream's, at the time that data is of."""
    assert source.adapter.offline
    try:
        payload = source.adapter.offline()
    except SourceError as also:
        return record_failure(
            census.store, facts, SourceError(f"{problem.message}; {also.message}", also.hint), census.clock
        )
    with Spool() as spool:
        spool.add(payload.body)
        digest = spool.digest()
    facts = msgspec.structs.replace(facts, observed_at=payload.observed_at, origin=payload.origin, offline=True)
    note = SourceError(f"{problem.message}; used the {payload.origin}", problem.hint)
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
        error=note.message, hint=note.hint,
    )  # fmt: skip


def _with_setting(problem: SourceError, source: Source) -> SourceError:
    """The hint completed with the name of the setting that would help."""
    if not source.has_key and source.adapter.key_header and "key" in problem.hint:
        return type(problem)(problem.message, f"{problem.hint}: sources.{source.name}.key")
    return problem
