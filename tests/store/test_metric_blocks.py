"""Packed metric points are read, added to and verified as if they lay in rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text

from modelcensus.core.errors import StoreDamaged
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.compacting import compact
from modelcensus.operations.verify import verify
from modelcensus.store import history, stats, trends
from modelcensus.store.metric_blocks import columns, points_of
from tests.builders import at, census_at, count, model, openrouter, read

SCORES: list[dict[str, float | None]] = [
    {"a": 1, "b": 5},
    {"a": 2, "b": None},
    {"a": 2.5, "b": None},
    {"b": 7},
    {"a": None},
]


def scored(scores: dict[str, float | None]) -> bytes:
    return openrouter(
        *(model(key, **({} if score is None else {"benchmarks": {"x": score}})) for key, score in scores.items())
    )


def filled(census: Census, *hours: int) -> None:
    for hour in hours:
        read(census, scored(SCORES[hour]), hour, accept_smaller=True)


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    """Four readings, of which the first three are packed."""
    with census_at(database_url) as opened:
        filled(opened, 0, 1, 2)
        compact(opened.store, before=opened.clock())
        filled(opened, 3)
        yield opened


@pytest.fixture
def plain(tmp_path: Any) -> Iterator[Census]:
    """The same readings, and nothing packed."""
    with census_at(f"sqlite:///{tmp_path / 'plain.db'}") as opened:
        filled(opened, 0, 1, 2, 3)
        yield opened


def told(census: Census) -> dict[str, Any]:
    """What every reader of metrics tells."""
    store = census.store
    times = [at(hours) for hours in (-1, 0, 0.5, 1, 2, 3, 4, 9)]
    with store.reading() as tx:
        return {
            "series": [browse.metrics(store, key) for key in "ab"],
            "one": [history.metric_points(tx, 1, name) for name in ("benchmarks.x", "benchmarks.y")],
            "trends": [
                list(trends.measured(tx, "openrouter", "benchmarks.x", since, until))
                for since in times
                for until in times
            ],
            "counted": stats.stats(tx, store.url, store.shown_url).metrics,
            "problems": verify(store).problems,
        }


POINTS = some.dictionaries(
    some.tuples(some.integers(1, 2**62), some.integers(1, 9), some.integers(0, 2**62)),
    some.one_of(some.none(), some.floats(allow_nan=False)),
)


@given(POINTS)
def test_whatever_is_packed_is_what_is_unpacked(given: dict[tuple[int, int, int], float | None]) -> None:
    points = sorted((*own, value) for own, value in given.items())
    assert [repr(point) for point in points_of(columns(points))] == [repr(point) for point in points]
    some_series = points_of(columns(points), lambda _, name_id: name_id < 5)
    assert [repr(point) for point in some_series] == [repr(point) for point in points if point[1] < 5]


def test_packed_points_are_read_as_before(census: Census, plain: Census) -> None:
    assert count(census.store, "metric_block") == 1
    assert count(census.store, "metric") < count(plain.store, "metric")
    assert told(census) == told(plain)


def test_an_older_reading_lays_its_points_among_packed_ones(census: Census, plain: Census) -> None:
    for each in (census, plain):
        read(each, scored({"a": 1.5, "b": 6}), 0.5, accept_smaller=True)
    compact(census.store, before=at(2))
    for each in (census, plain):
        filled(each, 4)
    assert told(census) == told(plain)


def test_all_packed_in_two_runs_is_read_as_before(census: Census, plain: Census) -> None:
    compact(census.store, before=census.clock())
    assert (count(census.store, "metric_block"), count(census.store, "metric")) == (2, 0)
    assert compact(census.store, before=census.clock()).points == 0
    assert told(census) == told(plain)


def test_who_returns_after_a_compact_goes_on_from_its_packed_points(census: Census, plain: Census) -> None:
    compact(census.store, before=census.clock())
    for each in (census, plain):
        filled(each, 4)
    assert browse.metrics(plain.store, "a")[-1].value is None
    assert told(census) == told(plain)


def test_what_is_younger_stays_in_its_rows(database_url: str) -> None:
    with census_at(database_url) as census:
        filled(census, 0, 1, 2)
        assert compact(census.store, before=at(1), dry_run=True).points == 2
        assert count(census.store, "metric_block") == 0
        assert compact(census.store, before=at(1)).points == 2
        assert count(census.store, "metric") == 3


DAMAGE = {
    "a frame cut short": "UPDATE metric_block SET data = substr(data, 1, length(data) - 5)",
    "another hash": "UPDATE metric_block SET hash = (SELECT hash FROM body WHERE id = 1)",
    "a size too large": "UPDATE metric_block SET size = 1000000000000",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_block_is_named_and_answers_nothing(census: Census, statement: str) -> None:
    break_in(census, statement)
    assert verify(census.store).problems[0].startswith("metric block 1: ")
    with pytest.raises(StoreDamaged, match="block 1 of metric points"):
        browse.metrics(census.store, "a")


MISLAID = {
    "another count": ("UPDATE metric_block SET points = points + 1", "points, not"),
    "an entity less": ("DELETE FROM metric_in_block WHERE entity_id = 1", "other entities"),
    "a point in a row too": ("INSERT INTO metric VALUES (1, 1, {at}, 3)", "in rows too"),
    "a name that is gone": ("UPDATE metric_name SET id = 9", "without a name"),
}


@pytest.mark.parametrize(("statement", "said"), MISLAID.values(), ids=MISLAID.keys())
def test_a_block_that_is_not_what_the_tables_say_is_told(census: Census, statement: str, said: str) -> None:
    break_in(census, "DELETE FROM metric", statement.format(at=at(0)))
    assert said in "\n".join(verify(census.store).problems)


def test_a_block_of_points_is_never_altered(census: Census) -> None:
    for statement in ("UPDATE metric_block SET points = 1", "UPDATE metric_in_block SET entity_id = 2"):
        with pytest.raises(StoreDamaged), census.store.writing() as tx:
            tx.execute(text(statement))


def break_in(census: Census, *statements: str) -> None:
    """Change blocks of points behind the program's back."""
    with census.store.writing() as tx:
        for table in ("metric_block", "metric_in_block"):
            on_table = f" ON {table}" if tx.dialect.name == "postgresql" else ""
            tx.execute(text(f"DROP TRIGGER {table}_no_update{on_table}"))
        for statement in statements:
            tx.execute(text(statement))
