from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelcensus.core.access import Role
from modelcensus.core.working import WorkerRow
from modelcensus.operations import tokens
from modelcensus.operations.catalog import catalog, linking
from modelcensus.operations.census import Census
from modelcensus.store import working
from tests.api.shop import sold
from tests.builders import at, census_at, genai_prices, openrouter, read
from tests.web.serving import served
from tests.web.visiting import OPENED, Visit

Opened = tuple[Census, Visit]


@pytest.fixture
def opened(database_url: str) -> Iterator[Opened]:
    with census_at(database_url) as census, served(census, OPENED) as address, Visit(address) as visit:
        yield census, visit


def test_what_is_wrong_stands_first_with_what_to_do_and_what_waits_below(opened: Opened) -> None:
    census, visit = opened
    read(census, openrouter(sold("lab/one", "0.000001"), sold("lab/two", "0.000001")))
    read(census, genai_prices(nobody=["strange-name"]), 1, source="genai-prices")
    catalog.refresh(census, now=at(2))
    plan = catalog.current_plan(census, now=at(2))
    page = visit.get("/admin").text
    assert page.index("critical</span>") < page.index("warning</span>")
    assert "modelcensus sync openrouter" in page
    assert f'href="/admin/plans/{plan.digest}"' in page
    assert linking.waiting(census.store) == len(linking.unmatched(census.store)) == 1
    assert "names that no rule links" in page
    assert "0 active models" in page


def test_workers_are_shown_with_when_they_were_last_heard_of(opened: Opened) -> None:
    census, visit = opened
    assert "No worker is known" in visit.get("/admin").text
    with census.store.noting() as tx:
        row = WorkerRow(id="w1", name="night shift", host="here", pid=7, protocol=1, started_at=at(0), beat_at=at(0))
        working.beat(tx, row, census.clock())
    page = visit.get("/admin").text
    assert "night shift" in page
    assert "at work</span>" in page


def test_an_empty_census_leads_to_the_first_sync(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census, OPENED) as address, Visit(address) as visit:
        page = visit.get("/admin").text
        assert "Nothing was read yet" in page
        assert 'href="/admin/syncs"' in page
        reader = tokens.create(census.store, "reader", role=Role.READER, actor="test", now=at(0))
        with Visit(address, reader.secret) as guest:
            assert guest.get("/admin").status_code == 403
