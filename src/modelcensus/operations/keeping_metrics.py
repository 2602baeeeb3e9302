"""Keep metrics: every point of late, one a day of before, one a month of long ago, and none past their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from modelcensus.core.times import to_micros
from modelcensus.operations.census import Census, Progress, silent
from modelcensus.store import rollup
from modelcensus.store.retention import prune_metrics

DAY = 86_400_000_000
_STEP = 200
"""Entities in one transaction: recording waits no longer than for these."""


class RolledUp(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the metrics.

    From ``hourly_since_at`` on every point is kept, from ``daily_since_at`` on one a day, before that one a month; None
    where that is so for ever. Forgotten were so many points of days (``by_day``), of months, and past their time.
    """

    hourly_since_at: int | None
    daily_since_at: int | None
    by_day: int = 0
    by_month: int = 0
    past_their_time: int = 0


def roll_up(census: Census, progress: Progress = silent) -> RolledUp:
    """Make old metrics coarser, by the settings; in small transactions, and the same however often it is done.

    The value in force at the end of a day or month (UTC) stays what it was. Raises ``StoreError``.
    """
    daily, monthly = cuts(census.now(), census.keep.hourly_days, census.keep.daily_days)
    by_day = by_month = past = 0
    if daily is not None:
        with census.store.reading() as tx:
            ids = rollup.entities(tx)
        for place in range(0, len(ids), _STEP):
            some = ids[place : place + _STEP]
            with census.store.writing() as tx:
                by_day += rollup.one_a_day(tx, some, monthly or 0, daily)
                by_month += rollup.one_a_month(tx, some, monthly) if monthly is not None else 0
            progress("entities", place + len(some), len(ids))
    if census.metric_days:
        with census.store.writing() as tx:
            past = prune_metrics(tx, census.clock() - census.metric_days * DAY)
    return RolledUp(
        hourly_since_at=daily, daily_since_at=monthly, by_day=by_day, by_month=by_month, past_their_time=past
    )


def cuts(now: datetime, hourly_days: int, daily_days: int) -> tuple[int | None, int | None]:
    """The first moment from which every point is kept, and that from which one a day is; None where all are for ever.

    The one is the beginning of a day, the other of a month (UTC), so that no day or month is cut in two.
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    daily = _before(today, hourly_days) if hourly_days else None
    monthly = _before(daily, daily_days) if daily and daily_days else None
    return to_micros(daily) if daily else None, to_micros(monthly.replace(day=1)) if monthly else None


def _before(moment: datetime, days: int) -> datetime | None:
    try:
        return moment - timedelta(days=days)
    except OverflowError:
        return None  # longer than there are dates: for ever
