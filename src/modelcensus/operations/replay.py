"""Import recorded readings with their own times, oldest first; what is there already is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from modelcensus.core.canonical import digest
from modelcensus.core.errors import CensusError, InvalidInput, SourceError
from modelcensus.core.reading import Document
from modelcensus.core.records import SyncRecord
from modelcensus.operations.archive import Blob, blobs
from modelcensus.operations.census import Census, Progress, Source, silent
from modelcensus.operations.inspect import inspect
from modelcensus.operations.jsonlines import entities
from modelcensus.operations.record import Reading, record, taken_apart
from modelcensus.store.readings import last_payload, recorded_payload
from modelcensus.store.syncs import SyncFacts

_BY_ENTITY = SourceError("single entities tell what was there, not what was gone", "nothing was removed")


class Imported(msgspec.Struct, frozen=True):
    """One reading of an import: its sync, or None if it was there already, or the error that kept it out."""

    name: str
    sync: SyncRecord | None = None
    error: CensusError | None = None


def import_readings(
    census: Census,
    source: Source,
    path: Path,
    *,
    category: str | None = None,
    at: int | None = None,
    accept_smaller: bool = False,
    in_order: bool = True,
    progress: Progress = silent,
) -> Iterator[Imported]:
    """Record every reading at ``path``, each in its own transaction.

    ``at`` is the time of a single file whose name has none. ``in_order`` False takes the files as they come: the
    history is the same. Raises ``NotFound`` and ``InvalidInput`` for a path or category that cannot be used, and
    ``StoreError``; a reading that cannot be used is an ``Imported`` with its error, and so is, at the end, what could
    not be inspected.
    """
    try:
        document = source.adapter.document(category)
    except StopIteration as error:
        covers = sorted(source.adapter.categories)
        raise InvalidInput(
            f"the source '{source.name}' has no category '{category}'", f"choose one of: {', '.join(covers)}"
        ) from error
    with ExitStack() as held:
        found = list(blobs(path, held))
        if at is not None and len(found) > 1:
            raise InvalidInput(
                "--at gives one time, but there are several readings", "put the time in each file's name"
            )
        if in_order:
            found.sort(key=lambda blob: (blob.observed_at or 0, blob.name))
        for done, blob in enumerate(found, start=1):
            yield _import(census, source, document, blob, at, accept_smaller)
            progress(source.name, done, len(found))
    inspection = inspect(census.store, source.name, source.adapter.documents, census.clock)
    if inspection.problem:
        yield Imported("drift and quality", error=inspection.problem)


def _import(
    census: Census, source: Source, document: Document, blob: Blob, at: int | None, accept_smaller: bool
) -> Imported:
    observed_at = blob.observed_at if at is None else at
    if observed_at is None:
        problem = InvalidInput(
            f"{blob.name}: nothing says when it was observed", "name it like 20260301T120000Z.json, or use --at TIME"
        )
        return Imported(blob.name, error=problem)
    try:
        body = blob.read()
    except InvalidInput as error:
        return Imported(blob.name, error=error)
    started_at = census.clock()
    if not 0 < observed_at <= started_at:
        when = "in the future" if observed_at > 0 else "before 1970"
        problem = InvalidInput(f"{blob.name}: its time lies {when}", "correct its name, or use --at TIME")
        return Imported(blob.name, error=problem)
    payload = digest(body)
    reader = source.adapter.reader(document)
    with census.store.reading() as tx:
        known = recorded_payload(tx, source.name, document.covers, observed_at)
        last = last_payload(tx, source.name, reader)
    if known:
        same = all(each == payload for each in known)
        return Imported(blob.name, error=None if same else _conflict(blob, source))
    reading = Reading(
        facts=SyncFacts(
            source=source.name, adapter=source.adapter.name, reader=reader, observed_at=observed_at,
            started_at=started_at, origin=f"file {blob.name}",
        ),
        document=document,
        splits=[entities(body, document)] if blob.by_entity else taken_apart(document, [body]),
        complete=not blob.by_entity,
        payload_hash=payload,
        bytes_read=len(body),
        repeats=last[0] if last and last[1] == payload else None,
        accepted=accept_smaller,
        problem=_BY_ENTITY if blob.by_entity else None,
    )  # fmt: skip
    return Imported(blob.name, sync=record(census.store, reading, census.clock))


def _conflict(blob: Blob, source: Source) -> InvalidInput:
    return InvalidInput(
        f"{blob.name}: another reading of '{source.name}' with this very time is recorded",
        "give it its own time with --at, or leave it out",
    )
