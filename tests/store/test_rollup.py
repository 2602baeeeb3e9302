"""Old metrics grow coarser, and what was in force at the end of each day or month stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from modelcensus.core.times import to_micros
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.keeping_metrics import DAY, cuts, roll_up
from modelcensus.settings import KeepSettings
from modelcensus.store.metric_blocks import packed_points
from modelcensus.store.metric_packing import pack_points, parts
from tests.builders import census_at, model, openrouter, read, rows

NOW = datetime(2026, 7, 15, 9, tzinfo=UTC)
Series = Mapping[int, float | None]
KEEP = KeepSettings(hourly_days=30, daily_days=365)


def hours_ago(hours: float) -> int:
    return to_micros(NOW - timedelta(hours=hours))


def rolling(census: Census, keep: KeepSettings = KEEP, metric_days: int = 0) -> Census:
    return msgspec.structs.replace(census, keep=keep, metric_days=metric_days, now=lambda: NOW)


def put(census: Census, *series: Series) -> None:
    """These series, and no other: each of an entity of its own."""
    with census.store.writing() as tx:
        for table in ("metric", "metric_in_block", "metric_block"):
            tx.exec_driver_sql(f"DELETE FROM {table}")
        for number, points in enumerate(series, start=1):
            for at, value in points.items():
                told = "NULL" if value is None else repr(value)
                tx.exec_driver_sql(f"INSERT INTO metric VALUES ({number}, 1, {at}, {told})")


def pack(census: Census, before: int) -> None:
    with census.store.writing() as tx:
        for ids, _ in list(parts(tx, before)):
            pack_points(tx, ids, before)


def points_of(census: Census, entity: int) -> dict[int, float | None]:
    sql = "SELECT observed_at, value FROM metric WHERE entity_id = :entity"
    with census.store.reading() as tx:
        packed = [point[2:] for point in packed_points(tx, [entity])]
    found = [*rows(census.store, sql, entity=entity), *packed]
    assert len(dict(found)) == len(found)
    return dict(found)


def in_force(points: Series, at: int) -> float | None:
    return next((points[time] for time in sorted(points, reverse=True) if time <= at), None)


def boundaries() -> list[int]:
    """The last moment of every day that is kept by the day or finer, and of every month before."""
    daily, monthly = cuts(NOW, 30, 365)
    assert daily is not None
    assert monthly is not None
    days = range(monthly, to_micros(NOW), DAY)
    months = [to_micros(datetime(year, month, 1, tzinfo=UTC)) for year in range(2023, 2026) for month in range(1, 13)]
    return [first - 1 for first in (*days, *months) if first < daily or first % DAY == 0]


@pytest.fixture
def census(database_url: str) -> object:
    with census_at(database_url) as opened:
        read(opened, openrouter(model("lab/a", benchmarks={"x": 1}), model("lab/b", benchmarks={"x": 2})))
        yield opened


HOURS = some.dictionaries(
    some.one_of(some.integers(0, 24 * 1100), some.integers(24 * 28, 24 * 33), some.integers(24 * 390, 24 * 430)),
    some.one_of(some.none(), some.integers(0, 3).map(float)), max_size=40,
)  # fmt: skip


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(HOURS, HOURS, some.integers(0, 24 * 1100))
@example({24 * days + hour: float(hour) for days in range(28, 430) for hour in (8, 9, 10)}, {24 * 600: 1.0}, 24 * 50)
def test_what_was_in_force_at_the_end_of_each_day_or_month_is_the_same(
    census: Census, first: dict[int, float | None], second: dict[int, float | None], packed_until: int
) -> None:
    before = [{hours_ago(hour): value for hour, value in each.items()} for each in (first, second)]
    put(census, *before)
    pack(census, hours_ago(packed_until))
    rolling_census = rolling(census)
    done = roll_up(rolling_census)
    ends = boundaries()
    daily, monthly = done.hourly_since_at, done.daily_since_at
    assert daily is not None
    assert monthly is not None
    for number, was in enumerate(before, start=1):
        now = points_of(census, number)
        assert [in_force(now, at) for at in ends] == [in_force(was, at) for at in ends]
        assert {at: value for at, value in was.items() if at >= daily}.items() <= now.items()
        assert now.items() <= was.items()
        days = [at // DAY for at in now if monthly <= at < daily]
        months = [datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m") for at in now if at < monthly]
        assert (len(days), len(months)) == (len(set(days)), len(set(months)))
    gone = sum(map(len, before)) - sum(len(points_of(census, number)) for number in (1, 2))
    assert (done.by_day + done.by_month, done.past_their_time) == (gone, 0)
    again = roll_up(rolling_census)
    assert (again.by_day, again.by_month) == (0, 0)


def test_the_settings_say_what_is_kept_for_ever(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        read(census, openrouter(model("lab/a", benchmarks={"x": 1})))
        series = {hours_ago(hour): float(hour) for hour in range(0, 24 * 900, 12)}
        put(census, series)
        assert roll_up(rolling(census, KeepSettings(hourly_days=0))).by_day == 0
        assert len(points_of(census, 1)) == len(series)
        never_months = roll_up(rolling(census, KeepSettings(hourly_days=30, daily_days=0)))
        assert (never_months.daily_since_at, never_months.by_month) == (None, 0)
        assert 900 <= len(points_of(census, 1)) <= 900 + 32
        for_ever = roll_up(rolling(census, KeepSettings(hourly_days=10**9, daily_days=10**9)))
        assert for_ever.hourly_since_at is None


@pytest.mark.parametrize("packed_days", [1000, 750, 0])
def test_what_is_past_its_time_goes_but_for_the_point_in_force(sqlite_url: str, packed_days: int) -> None:
    with census_at(sqlite_url) as census:
        read(census, openrouter(model("lab/a", benchmarks={"x": 1})))
        put(census, {hours_ago(24 * days): float(days) for days in (900, 800, 700, 10)})
        pack(census, hours_ago(24 * packed_days))
        assert roll_up(rolling(census, metric_days=600)).past_their_time == 2
        assert [point.value for point in browse.metrics(census.store, "lab/a")] == [700.0, 10.0]


def test_days_and_months_are_those_of_utc_whatever_the_zone_of_the_clock() -> None:
    east = datetime.fromisoformat("2026-07-15T02:00:00+09:00")
    daily, monthly = cuts(east, 30, 365)
    assert (daily, monthly) == (
        to_micros(datetime(2026, 6, 14, tzinfo=UTC)),
        to_micros(datetime(2025, 6, 1, tzinfo=UTC)),
    )
