"""Trends of a census: from metric series, from revisions, and from payloads of before the first revision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.times import to_micros
from modelcensus.core.trends import By, Measure, Metric
from modelcensus.operations.catalog import catalog
from modelcensus.operations.census import Census
from modelcensus.operations.trends.moving import Moving, month_before, starts_of_months
from modelcensus.operations.trends.rising import rising
from tests.builders import START, imported, model, openrouter
from tests.operations.trends_world import DAY, a_listing, census_on, hub, quarter


def test_risers_are_told_by_what_they_were_when_the_days_began(database_url: str) -> None:
    with census_on(database_url, days=40) as census:
        hub(census, 0, org__one=100, org__two=1000, other__three=500)
        hub(census, 5, org__one=200, org__two=1000, other__three=500)
        hub(census, 20, org__one=900, org__two=1500, other__three=400, org__four=50)
        hub(census, 30, org__one=900, org__two=1600, other__three=300, org__four=80)
        found = rising(census, days=30)
        assert [(each.key, each.before, each.after, each.provider) for each in found.data] == [
            ("org/one", 200, 900, "org"),
            ("org/two", 1000, 1600, "org"),
            ("org/four", 50, 80, "org"),
        ]
        days = [(each.since_at - to_micros(START)) / 86_400_000_000 for each in found.data]
        assert (days, found.compared, str(found.usual)) == ([10.0, 10.0, 20.0], 4, "350")
        assert rising(census, metric=Metric.LIKES, measure=Measure.GAIN, limit=1).data[0].gain == 70
        assert rising(census, provider="OTHER").compared == 1


def test_what_the_caller_may_not_see_of_the_catalog_does_not_rise(sqlite_url: str) -> None:
    with census_on(sqlite_url, days=40) as census:
        imported(census, openrouter(model("lab/one", hugging_face_id="org/one")), 0)
        hub(census, 0, org__one=100, org__two=100)
        hub(census, 20, org__one=900, org__two=900)
        catalog.update(census, now=census.clock())
        found = rising(census).data
        assert [(each.key, each.model_id, each.provider) for each in found] == [
            ("org/one", "lab/one", "lab"),
            ("org/two", None, "org"),
        ]
        assert [each.key for each in rising(census, sees=lambda _: False).data] == ["org/two"]


def test_where_nothing_was_counted_the_error_says_what_to_read(sqlite_url: str) -> None:
    with census_on(sqlite_url, days=1) as census:
        with pytest.raises(NotFound) as caught:
            rising(census)
        assert caught.value.hint == "read a source that counts downloads: modelcensus sync huggingface"


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    """For tests that only read."""
    with quarter(f"sqlite:///{tmp_path_factory.mktemp('trends')}/census.db") as opened:
        yield opened


def test_prices_and_models_follow_payloads_first_and_then_what_was_published(database_url: str) -> None:
    with quarter(database_url) as census:
        (all_, lab) = Moving(census).prices(By.PROVIDER, 5).data
        months = Moving(census).models(5).data
    # (3 * 8 + 2) / 4 = 6.5, then 3.5; lab/a alone to 1.25: the geometric mean of 1.25 / 3.5 and 1.
    assert [(month_before(each.at), str(each.index), each.matched, each.models) for each in lab.points] == [
        ("2025-12", "100.00", 0, 2),
        ("2026-01", "53.85", 2, 2),
        ("2026-02", "32.18", 2, 3),
        ("2026-03", "32.18", 2, 2),
        ("2026-04", "32.18", 2, 2),
    ]
    assert all_.points == lab.points
    assert [(month_before(m.until_at), m.new, m.found, m.back, m.retired, m.after) for m in months] == [
        ("2025-12", 0, 2, 0, 0, 2),
        ("2026-01", 0, 0, 0, 0, 2),
        ("2026-02", 1, 0, 0, 0, 3),
        ("2026-03", 0, 0, 0, 1, 2),
        ("2026-04", 0, 0, 0, 0, 2),
    ]
    assert (months[2].new_ids, months[3].retired_ids) == (("lab/late",), ("lab/b",))


def test_what_a_caller_does_not_see_is_in_no_trend(census: Census) -> None:
    moving = Moving(census)
    assert moving.prices(By.PROVIDER, 2, sees="lab/a".__eq__).data[0].points[-1].models == 1
    assert moving.models(2, sees="lab/a".__eq__).data[-1].after == 1
    assert moving.models(2).data[-1].after == 2


def test_an_older_reading_that_is_imported_later_changes_the_months_before_the_first_revision(sqlite_url: str) -> None:
    with quarter(sqlite_url) as census:
        moving = Moving(census)
        before = moving.prices(By.PROVIDER, 5).data[0].points
        imported(census, a_listing(("lab/a", "0.000001"), ("lab/b", "0.000001")), 25 * DAY)
        after = moving.prices(By.PROVIDER, 5).data[0].points
        assert (before[0], str(after[1].index)) == (after[0], "19.23")
        assert str(before[1].index) == "53.85"


def test_a_group_that_nobody_is_in_says_so(census: Census) -> None:
    assert Moving(census).prices(By.CAPABILITY, 3, only="Vision").data[0].group == "vision"
    with pytest.raises(NotFound, match="no prices of the provider 'nobody' are known"):
        Moving(census).prices(By.PROVIDER, 3, only="nobody")


def test_an_empty_census_says_what_to_read(sqlite_url: str) -> None:
    with census_on(sqlite_url, days=0) as census:
        for ask in (lambda: Moving(census).models(3), lambda: Moving(census).prices(By.PROVIDER, 3)):
            with pytest.raises(NotFound) as caught:
                ask()
            assert "modelcensus sync" in caught.value.hint


@pytest.mark.parametrize("months", [0, 61, -1])
def test_months_are_bounded(sqlite_url: str, months: int) -> None:
    with census_on(sqlite_url, days=0) as census, pytest.raises(InvalidInput):
        Moving(census).models(months)


def test_months_begin_on_the_first_also_across_years() -> None:
    found = starts_of_months(datetime(2026, 2, 28, 23, 59, tzinfo=UTC), 4)
    assert [month_before(each) for each in found] == ["2025-10", "2025-11", "2025-12", "2026-01"]
