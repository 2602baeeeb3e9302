"""Schedules: laws of all of them, and what happens when clocks are changed."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.errors import InvalidInput
from modelcensus.core.schedule import Schedule, jitter, schedule
from modelcensus.core.times import from_micros, to_micros

BERLIN, NEW_YORK, LORD_HOWE, APIA, SAO_PAULO = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo",
)  # fmt: skip
TIMINGS = (
    "0 2 * * *", "30 2 * * *", "0 * * * *", "*/20 * * * *", "15,45 1-3 * * *", "*/15 0-2 * * *", "0 */6 * * *",
    "30 0 * * sun", "0 0 1 * *", "59 23 31 12 *", "5 4 1,15 * mon", "every 15m", "every 7h", "every 90s", "every 2d",
)  # fmt: skip
MINUTE = 60_000_000
# Where clocks are changed; Apia had no 30 December 2011.
CHANGES = (
    (BERLIN, datetime(2026, 3, 29, 1, tzinfo=UTC)), (BERLIN, datetime(2026, 10, 25, 1, tzinfo=UTC)),
    (NEW_YORK, datetime(2026, 3, 8, 7, tzinfo=UTC)), (NEW_YORK, datetime(2026, 11, 1, 6, tzinfo=UTC)),
    (LORD_HOWE, datetime(2026, 4, 4, 15, tzinfo=UTC)), (LORD_HOWE, datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    (SAO_PAULO, datetime(2018, 11, 4, 3, tzinfo=UTC)), (SAO_PAULO, datetime(2018, 2, 18, 2, tzinfo=UTC)),
    (APIA, datetime(2011, 12, 30, 10, tzinfo=UTC)), ("UTC", datetime(2026, 7, 1, tzinfo=UTC)),
)  # fmt: skip


@st.composite
def schedules_and_times(draw: st.DrawFn) -> tuple[Schedule, int]:
    """A schedule in a zone, and a time near a change of its clocks, mostly hours from it."""
    zone, change = draw(st.sampled_from(CHANGES))
    minutes = draw(st.one_of(st.integers(-200, 200), st.integers(-2000, 2000)))
    late = draw(st.sampled_from((0, 1, 59_999_999)))
    return schedule(draw(st.sampled_from(TIMINGS)), zone), to_micros(change) + minutes * MINUTE + late


def micros(text: str) -> int:
    return to_micros(datetime.fromisoformat(text))


def local(found: Schedule, zone: str, begin: str, count: int) -> list[str]:
    """The next times after one, as clocks in a zone show them."""
    after, shown = micros(begin), []
    for _ in range(count):
        after = found.next_after(after)
        shown.append(f"{from_micros(after).astimezone(ZoneInfo(zone)):%d %H:%M %Z}")
    return shown


@given(schedules_and_times())
def test_the_next_time_is_later_and_nothing_lies_between(given_: tuple[Schedule, int]) -> None:
    found, now = given_
    then = found.next_after(now)
    assert then > now
    assert found.latest_at_or_before(then - 1) <= now
    assert found.latest_at_or_before(then) == then


@given(schedules_and_times())
def test_the_latest_time_is_not_later_and_leads_to_the_next(given_: tuple[Schedule, int]) -> None:
    found, now = given_
    last = found.latest_at_or_before(now)
    assert last <= now
    assert found.next_after(last) == found.next_after(now)
    assert found.next_after(last - 1) == last


@given(schedules_and_times(), st.integers(0, 3 * 86_400_000_000))
def test_the_times_between_two_are_the_repeated_next_ones(given_: tuple[Schedule, int], span: int) -> None:
    found, after = given_
    times = list(islice(found.between(after, after + span), 300))
    assert all(one < other for one, other in pairwise(times))
    step = after
    for each in times:
        step = found.next_after(step)
        assert step == each
    if len(times) < 300:
        assert found.next_after(step) > after + span


@given(schedules_and_times(), st.lists(st.integers(0, 3 * 86_400), max_size=8))
def test_no_time_is_lost_or_doubled_however_a_span_is_split(given_: tuple[Schedule, int], cuts: list[int]) -> None:
    found, after = given_
    ends = sorted({after + cut * 1_000_000 for cut in cuts})
    parts = [each for one, other in pairwise([after, *ends]) for each in found.between(one, other)]
    assert parts == list(found.between(after, max([after, *ends])))


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_every_time_on_the_wall_is_due_as_often_as_the_rule_says(zone: str, change: datetime) -> None:
    """Against the plainest reading of the rule: a walk over every real minute of two days, and back."""
    begin, until = to_micros(change - timedelta(days=1)), to_micros(change + timedelta(days=1))
    for timing in TIMINGS:
        if timing.startswith("every"):
            continue
        found = schedule(timing, zone)
        due = list(_walked(timing, zone, begin, until))
        assert list(found.between(begin, until)) == due
        for now in range(begin, until, 11 * MINUTE):
            passed = bisect(due, now)
            assert passed == len(due) or due[passed] == found.next_after(now)
            assert passed == 0 or due[passed - 1] == found.latest_at_or_before(now)


def _walked(timing: str, zone: str, begin: int, until: int) -> Iterator[int]:
    start = from_micros(begin) - timedelta(hours=3)
    wall_start = start.replace(tzinfo=None) - timedelta(days=1)
    named = set(_until(CronSim(timing, wall_start), wall_start + timedelta(days=5)))
    hourly = timing.split()[1] == "*"
    seen: set[datetime] = set()
    first = to_micros(start) // MINUTE * MINUTE
    before: datetime | None = None
    for real in range(first, until + 1, MINUTE):
        wall = from_micros(real).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        skipped = before is not None and any(
            before + timedelta(minutes=each) in named
            for each in range(1, max((wall - before) // timedelta(minutes=1), 1))
        )
        due = wall in named and (hourly or wall not in seen)
        if begin < real and (due or (skipped and not hourly)):
            yield real
        seen.add(wall)
        before = wall


def _until(times: Iterator[datetime], end: datetime) -> Iterator[datetime]:
    for each in times:
        if each > end:
            return
        yield each


def test_a_time_that_does_not_exist_is_due_once_after_the_gap() -> None:
    found = schedule("15,45 2,3 * * *", BERLIN)
    assert local(found, BERLIN, "2026-03-28T12:00Z", 4) == [
        "29 03:00 CEST", "29 03:15 CEST", "29 03:45 CEST", "30 02:15 CEST",
    ]  # fmt: skip


def test_a_time_that_comes_twice_is_due_the_first_time_only() -> None:
    found = schedule("30 2 * * *", BERLIN)
    assert local(found, BERLIN, "2026-10-24T12:00Z", 2) == ["25 02:30 CEST", "26 02:30 CET"]


def test_an_hourly_schedule_follows_real_hours() -> None:
    found = schedule("0 * * * *", BERLIN)
    assert local(found, BERLIN, "2026-10-24T23:00Z", 3) == ["25 02:00 CEST", "25 02:00 CET", "25 03:00 CET"]
    assert local(found, BERLIN, "2026-03-28T23:00Z", 3) == ["29 01:00 CET", "29 03:00 CEST", "29 04:00 CEST"]


def test_steps_are_counted_from_1970() -> None:
    found = schedule("every 15m")
    assert list(found.between(micros("2026-01-01T12:07Z"), micros("2026-01-01T12:30Z"))) == [
        micros("2026-01-01T12:15Z"), micros("2026-01-01T12:30Z"),
    ]  # fmt: skip


def test_a_leap_day_is_waited_for() -> None:
    assert from_micros(schedule("0 0 29 2 *").next_after(micros("2026-01-01T00:00Z"))).year == 2028


@pytest.mark.parametrize(
    ("timing", "zone", "said"),
    [
        ("0 0 30 2 *", "UTC", "bad day-of-month"),
        ("0 0 31 4,6,9,11 *", "UTC", "bad day-of-month"),
        ("30-10 * * * *", "UTC", "bad minute"),
        ("* * * * * *", "UTC", "is no schedule"),
        ("every day", "UTC", "is no schedule"),
        ("0 2 * * *", "Europe/Entenhausen", "no time zone"),
        ("0 2 * * *", "../../etc/passwd", "no time zone"),
        ("0 2 * * *", "", "no time zone"),
        ("0 2 * * *", "Europe", "no time zone"),
        ("0 2 * * *", "Europe/\0", "no time zone"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(timing: str, zone: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        schedule(timing, zone)
    assert caught.value.hint


@given(st.text(), st.floats(0, 3600))
def test_a_source_starts_late_by_less_than_the_jitter_and_always_as_much(name: str, seconds: float) -> None:
    late = jitter(name, seconds)
    assert late == jitter(name, seconds)
    assert 0 <= late < max(seconds * 1e6, 1)


def test_sources_do_not_all_start_at_once() -> None:
    assert len({jitter(f"source {number}", 60) // 1_000_000 for number in range(100)}) > 40
