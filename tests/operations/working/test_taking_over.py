"""While a worker records, on PostgreSQL, nobody takes its due time over; SQLite has one writer anyway."""

from __future__ import annotations

import time

import pytest

from modelcensus.core.errors import StoreError
from modelcensus.operations.working.claiming import Claimed, Later, claim
from modelcensus.store.fenced import FencedStore, WorkerStore
from modelcensus.upstream import Play, Upstream
from modelcensus.wiring import open_census
from tests.operations.gated import TWO, settings_of
from tests.operations.working.bench import DUE, beaten, claimed, entered, silent_since, terms


def test_what_is_being_recorded_is_not_taken_over_though_its_beats_go_on(postgres_url: str) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up, open_census(settings_of(postgres_url, up, "lab")) as census:
        entered(census)
        got = claimed(census, "ann")
        store = FencedStore(census.store, source="lab", due_at=DUE, fence=got.row.fence)
        with store.writing():
            assert [row.fence for row in beaten(census, "ann")] == [got.row.fence]
            silent_since(census, 31)
            assert isinstance(claim(census, "lab", DUE, terms("bob")), Later)
        assert isinstance(claim(census, "lab", DUE, terms("bob")), Claimed)


def test_who_stands_still_in_a_transaction_is_put_out_of_it(postgres_url: str) -> None:
    with Upstream({"/lab/api.json": [Play(TWO)]}) as up, open_census(settings_of(postgres_url, up, "lab")) as census:
        entered(census)
        got = claimed(census, "ann")
        idle = WorkerStore(census.store, 0.5)
        store = FencedStore(idle, source="lab", due_at=DUE, fence=got.row.fence)
        try:
            with store.writing() as tx:
                time.sleep(1.0)
                tx.exec_driver_sql("SELECT 1")
        except StoreError:
            silent_since(census, 31)
            assert isinstance(claim(census, "lab", DUE, terms("bob")), Claimed)
        else:
            pytest.fail("it stood still and wrote all the same")
        finally:
            idle.close()
