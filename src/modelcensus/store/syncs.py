"""The log of syncs, in recorded order, and the hash chain over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.chain import START, Seal, link
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.core.times import epoch_of
from modelcensus.store.bulk import select_in
from modelcensus.store.moments import indexed, last_listed, moments


class SyncFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a sync before its payload is recorded. ``reader``: adapter, document, splitting version."""

    source: str
    adapter: str
    reader: str
    observed_at: int
    started_at: int
    origin: str
    offline: bool = False


class SyncOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a sync ended."""

    status: SyncStatus
    finished_at: int
    payload_hash: bytes | None = None
    bytes_read: int = 0
    entities: int = 0
    appeared: int = 0
    altered: int = 0
    vanished: int = 0
    reappeared: int = 0
    quarantined: int = 0
    error: str | None = None
    hint: str | None = None
    problem: str | None = None


def source_id(tx: Connection, name: str, adapter: str) -> int:
    """The number of a source, which is entered when it is first needed."""
    found = tx.execute(text("SELECT id FROM source WHERE name = :name"), {"name": name}).scalar()
    if found is not None:
        return int(found)
    new = int(tx.execute(text("SELECT coalesce(max(id), 0) + 1 FROM source")).scalar() or 1)
    tx.execute(
        text("INSERT INTO source (id, name, adapter) VALUES (:id, :name, :adapter)"),
        {"id": new, "name": name, "adapter": adapter},
    )
    return new


def open_sync(tx: Connection, facts: SyncFacts) -> int:
    """Enter a sync into the log, unsealed. It exists only if the transaction commits, and then it is sealed."""
    sync_id = int(tx.execute(text("SELECT coalesce(max(id), 0) + 1 FROM sync")).scalar() or 1)
    values: dict[str, Any] = {
        "id": sync_id,
        "source_id": source_id(tx, facts.source, facts.adapter),
        "reader": facts.reader,
        "observed_at": facts.observed_at,
        "epoch": epoch_of(facts.observed_at),
        "started_at": facts.started_at,
        "finished_at": facts.started_at,
        "status": SyncStatus.INCOMPLETE.value,
        "origin": facts.origin,
        "offline": int(facts.offline),
    }
    counts = ("bytes_read", "entities", "appeared", "altered", "vanished", "reappeared", "quarantined")
    values |= dict.fromkeys(counts, 0)
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    tx.execute(text(f"INSERT INTO sync ({names}) VALUES ({marks})"), values)
    return sync_id


def seal_sync(tx: Connection, sync_id: int, outcome: SyncOutcome) -> SyncRecord:
    """Complete a sync's entry and link it into the chain. Nothing of it can be changed after this."""
    values = msgspec.structs.asdict(outcome) | {"status": outcome.status.value}
    sets = ", ".join(f"{name} = :{name}" for name in values)
    tx.execute(text(f"UPDATE sync SET {sets} WHERE id = :id"), {**values, "id": sync_id})
    previous = tx.execute(text("SELECT chain FROM sync WHERE id = :id"), {"id": sync_id - 1}).scalar()
    digest = sync_digest(tx, sync_id)
    chain = link(bytes(previous) if previous else START, digest)
    tx.execute(
        text("UPDATE sync SET digest = :digest, chain = :chain WHERE id = :id"),
        {"digest": digest, "chain": chain, "id": sync_id},
    )
    return list_syncs(tx, sync_id=sync_id)[0]


def sync_digest(tx: Connection, sync_id: int, written: Iterable[Sequence[Any]] | None = None) -> bytes:
    """The digest of everything one sync wrote, recomputed from the tables.

    ``written``: its versions, where they are known already: category, key, time and hash, by time and entity.
    """
    seal = Seal(_facts(tx, sync_id))
    for row in tx.execute(text(_COVERAGE), {"sync": sync_id}):
        seal.record("coverage", list(row))
    for category, key, observed_at, body_hash in _written(tx, sync_id) if written is None else written:
        seal.snapshot(category, key, observed_at, bytes(body_hash) if body_hash else None)
    for row in tx.execute(text(_QUARANTINE), {"sync": sync_id}):
        seal.record("quarantine", [*row[:-1], bytes(row[-1]).hex()])
    return seal.digest()


def _written(tx: Connection, sync_id: int) -> Iterator[Sequence[Any]]:
    if sync_id <= last_listed(tx):
        for at, _, ids in moments(tx, since=0, until=_FOREVER, newest_first=False, sync_id=sync_id):
            listed = select_in(tx, _LISTED, "bigint", ids, at, sync_id)
            yield from (row[1:] for row in sorted(listed, key=itemgetter(0)))
        return
    sql = _SNAPSHOTS.format(own=f"s.sync_id = :sync AND {indexed(tx, sync_id, 's.sync_id')}", order="")
    rows = tx.execute(text(sql), {"sync": sync_id}, execution_options={"stream_results": True})
    for part in rows.partitions(10_000):
        yield from (row[1:] for row in part)


def written_by_all(tx: Connection) -> Iterator[tuple[int, Iterator[Sequence[Any]]]]:
    """(sync, its versions as ``sync_digest`` takes them) of every sync that wrote any, in one pass over all."""
    sql = _SNAPSHOTS.format(own="TRUE", order="s.sync_id, ")
    rows = tx.execute(text(sql), execution_options={"stream_results": True})
    in_order = (row for part in rows.partitions(10_000) for row in part)
    for sync_id, members in groupby(in_order, itemgetter(0)):
        yield sync_id, (row[1:] for row in members)


_COVERAGE = """SELECT category, observed_at, complete, unnamed, seen, live_before, accepted, removes FROM coverage
WHERE sync_id = :sync ORDER BY observed_at, category"""
_SNAPSHOTS = """SELECT s.sync_id, e.category, e.key, s.observed_at, b.hash FROM snapshot s
JOIN sync y ON y.id = s.sync_id JOIN entity e ON e.id = s.entity_id LEFT JOIN body b ON b.id = s.body_id
WHERE s.observed_at >= y.observed_at AND {own} ORDER BY {order}s.observed_at, s.entity_id"""
_LISTED = """SELECT e.id, e.category, e.key, s.observed_at, b.hash FROM snapshot s
JOIN entity e ON e.id = s.entity_id LEFT JOIN body b ON b.id = s.body_id
WHERE s.observed_at = $p AND s.sync_id = $p AND s.entity_id $in"""
_FOREVER = 2**62
_QUARANTINE = (
    "SELECT position, fault, place, category, key, raw_hash FROM quarantine WHERE sync_id = :sync ORDER BY position"
)
_FACT_NAMES = (
    "observed_at", "epoch", "started_at", "finished_at", "status", "origin", "offline", "bytes_read", "entities",
    "appeared", "altered", "vanished", "reappeared", "quarantined", "error", "hint", "reader",
)  # fmt: skip
_LATER_FACT = "problem"
"""Not in syncs that older versions sealed, nor in those without one: these keep the digest that they have."""


def _facts(tx: Connection, sync_id: int) -> dict[str, Any]:
    names = ", ".join(f"y.{name}" for name in (*_FACT_NAMES, _LATER_FACT))
    row = tx.execute(
        text(
            f"SELECT {names}, s.name, s.adapter, y.payload_hash FROM sync y"
            " JOIN source s ON s.id = y.source_id WHERE y.id = :id"
        ),
        {"id": sync_id},
    ).one()
    facts = dict(zip((*_FACT_NAMES, _LATER_FACT, "source", "adapter"), row, strict=False))
    if facts[_LATER_FACT] is None:
        del facts[_LATER_FACT]
    return facts | {"id": sync_id, "payload": bytes(row[-1]).hex() if row[-1] else None}


def list_syncs(
    tx: Connection,
    *,
    source: str | None = None,
    sync_id: int | None = None,
    observed_at: int | None = None,
    document: str | None = None,
    status: str | None = None,
    before_id: int | None = None,
    good: bool = False,
    limit: int = 1,
) -> list[SyncRecord]:
    """Syncs by recorded order, newest first. ``good``: only those that read the whole of their document.

    ``before_id`` pages on.
    """
    sql = """SELECT y.id, s.name, y.status, y.observed_at, y.epoch, y.started_at, y.finished_at, y.origin, y.offline,
    y.entities, y.appeared, y.altered, y.vanished, y.reappeared, y.quarantined, y.bytes_read, y.payload_hash, y.error,
    y.hint, y.chain, y.reader, y.problem FROM sync y JOIN source s ON s.id = y.source_id
    WHERE (CAST(:source AS TEXT) IS NULL OR s.name = :source) AND (CAST(:id AS INTEGER) IS NULL OR y.id = :id)
    AND (CAST(:observed AS BIGINT) IS NULL OR y.observed_at = :observed)
    AND (CAST(:document AS TEXT) IS NULL OR y.reader LIKE '%/' || :document || '@%')
    AND (CAST(:status AS TEXT) IS NULL OR y.status = :status)
    AND (CAST(:before AS INTEGER) IS NULL OR y.id < :before)
    AND (:good = 0 OR y.status IN ('complete', 'partial')) ORDER BY y.id DESC LIMIT :limit"""
    rows = tx.execute(
        text(sql),
        {
            "source": source, "id": sync_id, "observed": observed_at, "document": document, "status": status,
            "before": before_id, "good": int(good), "limit": limit,
        },
    )  # fmt: skip
    return [_record(row) for row in rows]


def _record(row: Any) -> SyncRecord:
    return SyncRecord(
        id=row[0], source=row[1], status=SyncStatus(row[2]), observed_at=row[3], epoch=row[4], started_at=row[5],
        finished_at=row[6], origin=row[7], offline=bool(row[8]), entities=row[9], appeared=row[10], altered=row[11],
        vanished=row[12], reappeared=row[13], quarantined=row[14], bytes_read=row[15],
        payload_sha256=bytes(row[16]).hex() if row[16] else None, error=row[17], hint=row[18],
        chain=bytes(row[19]).hex() if row[19] else None, document=_document(row[20]),
        problem=row[21],
    )  # fmt: skip


def _document(reader: str) -> str:
    """``endpoint`` of ``openrouter/endpoint@1``."""
    return reader.rpartition("/")[2].rpartition("@")[0]
