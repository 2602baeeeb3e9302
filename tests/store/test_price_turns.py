"""Prices of many models over time, in one question."""

from __future__ import annotations

from decimal import Decimal

from modelcensus.core.catalog.glance import Turn
from modelcensus.operations.catalog.catalog import update
from modelcensus.store.catalog import price_turns
from tests.api.shop import sold
from tests.builders import at, census_at, openrouter, read


def test_prices_begin_with_those_before_the_time_and_follow_every_change(database_url: str) -> None:
    with census_at(database_url) as census:
        for turn, price in enumerate(("0.00001", "0.000009", "0.000009", "0.000008", "0.000007")):
            other = sold("lab/other", "0.000001", 100_000 + turn)
            read(census, openrouter(sold("lab/one", price, 200_000 + turn), other), turn)
            update(census, now=at(turn + 0.5))
        with census.store.reading() as tx:
            found = price_turns.price_turns(tx, ["lab/one", "lab/none"], since=2, until=4)
            applied = price_turns.applied(tx, [1, 4, 9])
    output = Decimal("2")
    assert found == {"lab/one": [Turn(at(1.5), Decimal("9"), output), Turn(at(3.5), Decimal("8"), output)]}
    assert applied == {1: at(0.5), 4: at(3.5)}
