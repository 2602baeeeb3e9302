"""Sources that cannot be read, and those that can be again: found in the log of syncs, in recorded order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection

from modelcensus.core.notice import Incident, NoticeKind, NoticeSeverity, key_of, minute, plain
from modelcensus.core.records import SyncRecord
from modelcensus.core.run import GOOD
from modelcensus.operations.census import Census
from modelcensus.operations.noticing.finding import Found
from modelcensus.store import notices
from modelcensus.store.syncs import list_syncs

WATCH = "syncs"
_PAGE = 200
_MOST = 5000
_FIRST_LOOK = 24 * 3_600_000_000


class Failing(msgspec.Struct, frozen=True):
    """A source that fails: its first failed sync, since when, and how often in a row each document failed."""

    first: int
    since: int
    documents: dict[str, int]

    @property
    def times(self) -> int:
        """Failures in a row of the document that failed most."""
        return max(self.documents.values(), default=0)


class SyncsSeen(msgspec.Struct, frozen=True):
    """The last sync that was looked at, and the sources that fail by then."""

    reached: int = 0
    failing: dict[str, Failing] = {}


def find_failing(tx: Connection, census: Census, now: int) -> Found:
    """Sources that failed, or recovered, since the last look. The first look goes back a day, and tells no recovery."""
    before = notices.position(tx, WATCH)
    seen = msgspec.json.decode(before, type=SyncsSeen) if before else SyncsSeen()
    since = None if before else now - _FIRST_LOOK
    counted = {
        name: frozenset(call.document.category for call in source.adapter.calls if not call.optional)
        for name, source in census.sources.items()
        if source.enabled
    }
    reached, incidents = fold(seen, _after(tx, seen.reached, since), counted)
    if before is None:
        open_ = {key_of(NoticeKind.SYNC_FAILED, source, each.first) for source, each in reached.failing.items()}
        incidents = tuple(each for each in incidents if each.key in open_)
    return Found(WATCH, before, msgspec.json.encode(reached).decode(), incidents)


def fold(
    seen: SyncsSeen, records: Iterable[SyncRecord], counted: Mapping[str, Collection[str]]
) -> tuple[SyncsSeen, tuple[Incident, ...]]:
    """What is known after further syncs, oldest first, and the incidents among them.

    ``counted``: by source the documents without which it cannot be called read. A source fails from the first failure
    of one of them until the last syncs of all of them are good.
    """
    reached, found = seen.reached, dict[str, Incident]()
    failing = {name: each for name, each in seen.failing.items() if name in counted}
    for record in records:
        if record.id is None:
            continue
        reached = max(reached, record.id)
        if record.offline or record.document not in counted.get(record.source, ()):
            continue
        before = failing.get(record.source)
        if record.status not in GOOD:
            failing[record.source] = after = _once_more(before, record)
            incident = _failed(record, after)
        elif before is None:
            continue
        else:
            left = {name: times for name, times in before.documents.items() if name != record.document}
            if left:
                # The highest count stays known by what is left; a rule has been asked at each failure already.
                failing[record.source] = msgspec.structs.replace(before, documents=left)
                continue
            del failing[record.source]
            incident = _recovered(record, before)
        found[incident.key] = incident
    return SyncsSeen(reached, failing), tuple(found.values())


def _once_more(before: Failing | None, record: SyncRecord) -> Failing:
    if before is None:
        return Failing(record.id or 0, record.started_at, {record.document: 1})
    documents = {**before.documents, record.document: before.documents.get(record.document, 0) + 1}
    return msgspec.structs.replace(before, documents=documents)


def _failed(record: SyncRecord, failing: Failing) -> Incident:
    source, times = record.source, failing.times
    often = f"{times} times in a row since" if times > 1 else "at"
    why = plain(record.error or record.status.value, 300)
    return Incident(
        key=key_of(NoticeKind.SYNC_FAILED, source, failing.first), kind=NoticeKind.SYNC_FAILED,
        severity=NoticeSeverity.WARNING, at=failing.since, times=times, sources=(source,),
        message=f"{plain(source)} could not be read, {often} {minute(failing.since)}: {why} (sync {record.id})",
        hint=plain(record.hint, 300) if record.hint else f"see why: 'modelcensus syncs --source {plain(source)}'",
        path=f"/api/admin/sync-logs?source={quote(source, safe='')}",
    )  # fmt: skip


def _recovered(record: SyncRecord, failing: Failing) -> Incident:
    source = record.source
    return Incident(
        key=key_of(NoticeKind.SYNC_RECOVERED, source, failing.first), kind=NoticeKind.SYNC_RECOVERED,
        severity=NoticeSeverity.GOOD, at=record.finished_at, times=failing.times, sources=(source,),
        message=f"{plain(source)} can be read again, at {minute(record.finished_at)} (sync {record.id});"
        f" it had failed since {minute(failing.since)}",
        ends=key_of(NoticeKind.SYNC_FAILED, source, failing.first),
    )  # fmt: skip


def _after(tx: Connection, reached: int, since: int | None) -> list[SyncRecord]:
    """Syncs after one, the oldest first: none that ended before ``since``, and not more than can be news."""
    found: list[SyncRecord] = []
    place: int | None = None
    while len(found) < _MOST:
        page = list_syncs(tx, before_id=place, limit=_PAGE)
        fresh = [each for each in page if (each.id or 0) > reached and (since is None or each.finished_at > since)]
        found += fresh
        if len(fresh) < _PAGE:
            break
        place = page[-1].id
    return found[::-1]
