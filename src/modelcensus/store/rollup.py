"""Metrics made coarser with age: the last point of a day, then of a month, which is in force at its end."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from modelcensus.store.metric_packing import thin

_DAY = 86_400_000_000
_ENDS = {
    ("day", "sqlite"): f"(metric.observed_at / {_DAY} + 1) * {_DAY}",
    ("day", "postgresql"): f"(metric.observed_at / {_DAY} + 1) * {_DAY}",
    ("month", "sqlite"): (
        "CAST(strftime('%s', metric.observed_at / 1000000, 'unixepoch', 'start of month', '+1 month') AS INTEGER)"
        " * 1000000"
    ),
    ("month", "postgresql"): (
        "CAST(extract(epoch FROM date_trunc('month', to_timestamp(metric.observed_at / 1000000) AT TIME ZONE 'UTC')"
        " + interval '1 month') AS BIGINT) * 1000000"
    ),
}
"""The first moment after the day or month (UTC) of a point."""
_THIN = """DELETE FROM metric WHERE entity_id BETWEEN :first AND :last AND observed_at >= :since
    AND observed_at < :before AND EXISTS (SELECT 1 FROM metric later WHERE later.entity_id = metric.entity_id
    AND later.name_id = metric.name_id AND later.observed_at > metric.observed_at AND later.observed_at < {end})"""


def entities(tx: Connection) -> range:
    """All entity ids that may have points."""
    either = "(SELECT {0}(entity_id) AS id FROM metric UNION ALL SELECT {0}(entity_id) FROM metric_in_block) {0}s"
    sql = f"SELECT (SELECT min(id) FROM {either.format('min')}), (SELECT max(id) FROM {either.format('max')})"
    first, last = tx.execute(text(sql)).one()
    return range(first, last + 1) if first is not None else range(0)


def one_a_day(tx: Connection, ids: range, since: int, before: int) -> int:
    """Forget all but the last point of each series and UTC day, of points from ``since`` to ``before``. How many.

    ``since`` and ``before`` are the first moments of days, in microseconds since 1970.
    """

    def goes(at: int, later: int) -> bool:
        return since <= at < before and at // _DAY == later // _DAY

    return _thin(tx, "day", ids, since, before) + thin(tx, ids, before, goes)


def one_a_month(tx: Connection, ids: range, before: int) -> int:
    """The same for months (UTC), of all points before the first moment of a month."""

    def goes(at: int, later: int) -> bool:
        return at < before and _month(at) == _month(later)

    return _thin(tx, "month", ids, 0, before) + thin(tx, ids, before, goes)


def _month(at: int) -> tuple[int, int]:
    day = datetime.fromtimestamp(at // 1_000_000, UTC)
    return day.year, day.month


def _thin(tx: Connection, each: str, ids: range, since: int, before: int) -> int:
    statement = _THIN.format(end=_ENDS[each, tx.dialect.name])
    scope = {"first": ids[0], "last": ids[-1], "since": since, "before": before}
    return int(tx.execute(text(statement), scope).rowcount)
