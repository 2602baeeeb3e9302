from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from modelcensus.settings import HttpSettings
from modelcensus.store.buckets import take
from modelcensus.store.engine import Store
from modelcensus.upstream import Play, Upstream
from modelcensus.wiring import open_census
from tests.operations.catalog_world import store_at
from tests.operations.gated import TWO, settings_of

SECOND = 1_000_000


@pytest.fixture
def file(sqlite_url: str) -> Iterator[Store]:
    with store_at(sqlite_url) as store:
        yield store


def test_whoever_comes_first_need_not_wait_and_everybody_else_waits_for_those_before(file: Store) -> None:
    assert [take(file, "host", 4, SECOND) for _ in range(4)] == [0, 0.25, 0.5, 0.75]
    assert take(file, "other", 4, SECOND) == 0


def test_a_bucket_fills_with_time_and_never_holds_more_than_one_token(file: Store) -> None:
    waits = [take(file, "host", 2, now * SECOND) for now in (1, 1, 1, 2, 60, 60)]
    assert waits == [0, 0.5, 1.0, 0.5, 0, 0.5]


def test_a_clock_that_is_put_back_makes_nobody_wait_for_it(file: Store) -> None:
    assert [take(file, "host", 1, now * SECOND) for now in (9_000, 1, 2, 3)] == [0, 1, 1, 1]


def test_processes_on_one_database_keep_the_distance_of_a_host_together(database_url: str) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up:
        http = HttpSettings(host_requests_per_second=10)
        chosen = msgspec.structs.replace(settings_of(database_url, up, "lab"), http=http)
        # Two open censuses share nothing but their database, as two processes do.
        with open_census(chosen) as one, open_census(chosen) as other:
            clients = [census.sources["lab"].connect() for census in (one, other)]
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda client: [client.get("api.json") for _ in range(4)], clients))
            for client in clients:
                client.close()
        asked = sorted(request.at for request in up.requests)
    assert len(asked) == 8
    assert asked[-1] - asked[0] >= 0.65
