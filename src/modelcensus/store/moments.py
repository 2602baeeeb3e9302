"""What old syncs wrote, listed: in a compacted SQLite census these lists stand in for the index of versions by time.

The index is then one of later syncs alone. What a sync wrote is never altered, so each version is in one of the two.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from itertools import accumulate, groupby
from operator import itemgetter

from sqlalchemy import Connection, text

from modelcensus.core.errors import StoreDamaged
from modelcensus.store.bulk import insert

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Listed = tuple[int, int, list[int]]
"""A time (microseconds), a sync that wrote versions of that time, and the ids of their entities."""
_INDEX = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = 'snapshot_by_time'"
_LARGEST = 268_435_456


def last_listed(tx: Connection) -> int:
    """The last sync whose versions are listed and not in the index by time; 0 where all are in the index."""
    if tx.dialect.name != "sqlite":
        return 0
    found = re.search(r"sync_id > (\d+)$", tx.execute(text(_INDEX)).scalar() or "")
    return int(found[1]) if found else 0


def indexed(tx: Connection, sync_id: int, column: str = "sync_id") -> str:
    """SQL that is true of what a sync wrote; SQLite needs its words to use the index of later syncs alone."""
    last = last_listed(tx)
    return f"{column} > {last}" if 0 < last < sync_id else "TRUE"


def list_moments(tx: Connection, before: int) -> None:
    """List what syncs wrote until the first one observed at a time (microseconds) or later; index what comes after."""
    last = tx.execute(text("SELECT min(id) - 1 FROM sync WHERE observed_at >= :before"), {"before": before}).scalar()
    if last is None:
        last = tx.execute(text("SELECT max(id) FROM sync")).scalar() or 0
    if last <= last_listed(tx):
        return
    listed = tx.execute(text("SELECT coalesce(max(sync_id), 0) FROM moment")).scalar()
    sql = """SELECT sync_id, observed_at, entity_id FROM snapshot
    WHERE sync_id > :listed AND sync_id <= :last ORDER BY sync_id, observed_at, entity_id"""
    rows = tx.execute(text(sql), {"listed": listed, "last": last})
    made = [(*own, _packed([row[2] for row in members])) for own, members in groupby(rows, itemgetter(0, 1))]
    insert(tx, "moment", ("sync_id", "observed_at", "entities"), made)
    tx.exec_driver_sql("DROP INDEX snapshot_by_time")
    tx.exec_driver_sql(f"CREATE INDEX snapshot_by_time ON snapshot (observed_at, entity_id) WHERE sync_id > {last}")


def moments(
    tx: Connection, *, since: int, until: int, newest_first: bool = True, sync_id: int | None = None
) -> Iterator[Listed]:
    """What was listed of times in (since, until], in their order. Raises ``StoreDamaged``."""
    sql = f"""SELECT observed_at, sync_id, entities FROM moment
    WHERE observed_at > :since AND observed_at <= :until AND sync_id <= :last
    AND (CAST(:sync AS INTEGER) IS NULL OR sync_id = :sync)
    ORDER BY observed_at {"DESC" if newest_first else "ASC"}, sync_id"""
    last = last_listed(tx)
    values = {"since": since, "until": until, "last": last, "sync": sync_id}
    for observed_at, own, packed in tx.execute(text(sql), values).all() if last else ():
        yield observed_at, own, _ids(own, bytes(packed))


def _packed(ids: list[int]) -> bytes:
    steps = [id_ - before for id_, before in zip(ids, [0, *ids], strict=False)]
    return zstd.compress(json.dumps(steps, separators=(",", ":")).encode(), level=19)


def _ids(sync_id: int, packed: bytes) -> list[int]:
    try:
        return list(accumulate(json.loads(zstd.ZstdDecompressor().decompress(packed, max_length=_LARGEST))))
    except (zstd.ZstdError, ValueError, TypeError) as error:
        raise StoreDamaged(
            f"the list of what sync {sync_id} wrote cannot be read: {error}",
            "run 'modelcensus verify', then restore a backup",
        ) from error


def unlike(tx: Connection) -> Iterator[str]:
    """Syncs whose lists are not what they wrote."""
    last = last_listed(tx)
    told = {(sync_id, at): packed for sync_id, at, packed in _all(tx, last)}
    sql = """SELECT sync_id, observed_at, entity_id FROM snapshot WHERE sync_id <= :last
    ORDER BY sync_id, observed_at, entity_id"""
    for own, members in groupby(tx.execute(text(sql), {"last": last}), itemgetter(0, 1)):
        written = [row[2] for row in members]
        try:
            same = own in told and _ids(own[0], bytes(told.pop(own))) == written
        except StoreDamaged:
            same = False
        if not same:
            yield f"sync {own[0]}: the list of what it wrote is not what it wrote"
    for sync_id, _ in told:
        yield f"sync {sync_id}: the list of what it wrote names what is not there"


def _all(tx: Connection, last: int) -> Iterator[tuple[int, int, bytes]]:
    sql = "SELECT sync_id, observed_at, entities FROM moment WHERE sync_id <= :last"
    for row in tx.execute(text(sql), {"last": last}):
        yield row[0], row[1], row[2]
