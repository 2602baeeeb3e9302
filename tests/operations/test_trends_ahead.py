"""Months worked out beside those who ask, and each snapshot of them translated once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelcensus.operations.catalog.rebuilding import Known, said_at
from modelcensus.operations.census import Census
from modelcensus.operations.trends.ahead import Ahead
from modelcensus.operations.trends.moving import Moving
from tests.operations.trends_world import at_day, census_on, quarter


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    """For tests that only read."""
    with quarter(f"sqlite:///{tmp_path_factory.mktemp('ahead')}/census.db") as opened:
        yield opened


def test_months_are_at_hand_once_they_have_been_worked_out(census: Census) -> None:
    moving = Moving(census)
    assert not moving.at_hand(5)
    moving.models(3)
    assert moving.at_hand(3)
    assert not moving.at_hand(5)
    moving.models(5)
    # Before the first reading there is nothing to remember.
    assert moving.at_hand(60)


def test_whoever_asks_first_has_them_worked_out(census: Census) -> None:
    moving = Moving(census)
    ahead = Ahead(moving)
    while not ahead.ready(5):
        pass
    ahead.stop()
    assert moving.at_hand(5)


def test_nothing_is_begun_once_the_server_ends(census: Census) -> None:
    ahead = Ahead(Moving(census))
    ahead.stop()
    assert not ahead.ready(5)


def test_an_empty_census_has_nothing_to_wait_for(sqlite_url: str) -> None:
    with census_on(sqlite_url, days=0) as empty:
        assert Ahead(Moving(empty)).ready(12)


def test_what_was_translated_for_a_time_near_it_is_not_translated_again(census: Census) -> None:
    known: Known = {}
    with census.store.reading() as tx:
        earlier = said_at(census, tx, at_day(-1), known)
        listings = {id(each.listing) for each in known.values()}
        later = said_at(census, tx, at_day(-0.5), known)
        assert {id(each) for each in later[0]} == listings
        changed = said_at(census, tx, at_day(1), known)
        assert changed == said_at(census, tx, at_day(1))
    assert earlier == later
    assert {each.observed_at for each in changed[0]} == {at_day(0)} == {place[4] for place in known}
