"""What the demonstration tells: one entry for each sync, and the summary at the end."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.operations.demo.mischief import Mischief
from modelcensus.operations.demo.world import BENCHMARKS


class DemoDay(msgspec.Struct, frozen=True, kw_only=True):
    """One sync of the demonstration, ``observed_at`` in microseconds since 1970.

    ``happened`` is what changed in the catalog that day, in words; ``mischief`` how the upstream misbehaved, None if
    it did not; ``census`` what the census did about it; ``as_expected`` whether that is what it had to do.
    """

    day: int
    observed_at: int
    source: str
    happened: tuple[str, ...]
    mischief: str | None
    census: str
    status: SyncStatus
    requests: int
    entities: int
    appeared: int
    altered: int
    vanished: int
    reappeared: int
    quarantined: int
    as_expected: bool

    @property
    def changed(self) -> int:
        """Entities that are not what they were."""
        return self.appeared + self.altered + self.vanished + self.reappeared


class DemoSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended.

    ``proved_equal`` counts the whole readings that the census, asked as of their time, gave back entity for entity;
    ``proof_failed`` those that it did not. ``false_removals`` are entities that were in a catalog on a day, had been
    known the day before, and are missing as of that day. ``problems`` is what ``verify`` found.
    """

    days: int
    seed: int
    syncs: int
    by_status: dict[str, int]
    entities: int
    versions: int
    changes: int
    metrics: int
    quarantined: int
    faults_played: tuple[str, ...]
    faults_survived: int
    proved_equal: int
    proof_failed: int
    false_removals: int
    problems: tuple[str, ...]
    database: str | None
    hints: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all that the demonstration claims came true."""
        survived = self.faults_survived == len(self.faults_played)
        return survived and not (self.proof_failed or self.false_removals or self.problems)


def entry(
    record: SyncRecord,
    *,
    day: int,
    happened: Mapping[str, int],
    mischief: Mischief | None,
    requests: int,
    catches_up: bool,
) -> DemoDay:
    """The feed's entry for one sync.

    ``happened``: how many models of this catalog each event befell; ``catches_up``: the sync before recorded
    less than there was.
    """
    told = _census(record, mischief, requests)
    if catches_up and record.changed and not mischief:
        told = f"caught up: {told}"
    expected = mischief.ends if mischief else SyncStatus.COMPLETE
    return DemoDay(
        day=day, observed_at=record.observed_at, source=record.source,
        happened=tuple(_counted(word, count) for word, count in happened.items() if count),
        mischief=mischief.name if mischief else None, census=told,
        status=record.status, requests=requests, entities=record.entities, appeared=record.appeared,
        altered=record.altered, vanished=record.vanished, reappeared=record.reappeared,
        quarantined=record.quarantined, as_expected=record.status is expected and not _wrongly_gone(record),
    )  # fmt: skip


def _wrongly_gone(record: SyncRecord) -> bool:
    return record.vanished > 0 and record.status not in (SyncStatus.COMPLETE, SyncStatus.PARTIAL)


def _counted(word: str, count: int) -> str:
    if word == BENCHMARKS:
        return word
    return f"{word} ({count})" if word.startswith("a family") else f"{count} {word}"


def _census(record: SyncRecord, mischief: Mischief | None, requests: int) -> str:
    match record.status:
        case SyncStatus.FAILED:
            again = f" after {requests} tries" if requests > 1 else ""
            return f"failed{again}, touched nothing: {_reason(record)}"
        case SyncStatus.HELD:
            return f"held, removed nothing: only {record.entities} entities came"
        case SyncStatus.INCOMPLETE:
            return f"incomplete, removed nothing: {record.entities} entities kept"
        case SyncStatus.PARTIAL:
            return f"partial: {record.quarantined} quarantined, the rest recorded; {_changes(record)}"
    if record.bytes_read == 0:
        return "304 not modified: nothing read, nothing written"
    return f"asked again, whole; {_changes(record)}" if mischief and requests > 1 else _changes(record)


def _reason(record: SyncRecord) -> str:
    host, _, reason = (record.error or "no reason given").partition(": ")
    return reason or host


def _changes(record: SyncRecord) -> str:
    counts = {
        "new": record.appeared,
        "altered": record.altered,
        "vanished": record.vanished,
        "back": record.reappeared,
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no new version"
