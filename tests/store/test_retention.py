"""Metric points have a life; versions do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from modelcensus.operations import browse
from modelcensus.operations.collect import collect
from modelcensus.sources.http import HttpClient, HttpLimits
from modelcensus.store.retention import prune_metrics
from tests.builders import at, census_at, count, model, openrouter, read


def in_two_days() -> datetime:
    return datetime.now(UTC) + timedelta(days=2)


def scored(score: float) -> bytes:
    return openrouter(model("lab/one", benchmarks={"coding": score}))


def test_pruning_keeps_the_point_that_was_in_force_and_all_versions(database_url: str) -> None:
    with census_at(database_url) as census:
        for hour, score in enumerate([1.5, 2.5, 3.5, 4.5]):
            read(census, scored(score), hour)
        snapshots = count(census.store, "snapshot")
        with census.store.writing() as tx:
            assert prune_metrics(tx, at(2)) == 2
        kept = [(point.observed_at, point.value) for point in browse.metrics(census.store, "lab/one")]
        assert kept == [(at(2), 3.5), (at(3), 4.5)]
        assert count(census.store, "snapshot") == snapshots


def test_the_first_sync_of_a_day_forgets_metrics_past_their_time(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        read(census, scored(1.5), 0)
        read(census, scored(2.5), 1)
        unreachable = msgspec.structs.replace(
            census.sources["openrouter"],
            connect=lambda: HttpClient("http://127.0.0.1:9/", limits=HttpLimits(attempts=1)),
        )
        collect(msgspec.structs.replace(census, metric_days=1, now=in_two_days), unreachable)
        assert [point.value for point in browse.metrics(census.store, "lab/one")] == [2.5]
