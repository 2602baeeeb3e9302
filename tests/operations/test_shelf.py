"""Earlier times on the shelf: one edition for all times between two moves."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from modelcensus.operations.catalog import catalog, linking, overriding
from modelcensus.operations.catalog.editions import edition_as_of
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings
from tests.builders import at, census_at, model, openrouter, read

ACCESS = AccessSettings()


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    """Read at 0 and 30 hours, published at 40, linked at 45, overridden from 50 to 60."""
    with census_at(database_url) as opened:
        read(opened, openrouter(model("lab/one", price="0.000001"), model("lab/two")))
        read(opened, openrouter(model("lab/one", price="0.000002"), model("lab/two")), 30)
        catalog.update(opened, now=at(40))
        linking.unlink(opened.store, "openrouter", "lab/two", "ann", "another", at(45))
        overriding.set_override(
            opened.store, "lab/one", "price.input", "9", owner="ann", reason="ours", actor="ann", now=at(50),
            expires_at=at(60),
        )  # fmt: skip
        yield opened


def test_an_earlier_time_shows_what_it_shows_by_itself(census: Census) -> None:
    shelf = Shelf(census, ACCESS)
    for hours in (-1, 0, 1, 29.999, 30, 39, 40, 44, 45, 49, 50, 59.999, 60, 61, 100):
        alone = edition_as_of(census, ACCESS, at(hours))
        shelved = shelf.at(at(hours))
        assert shelved.as_of == at(hours)
        assert [msgspec.structs.replace(each, aliases=()) for each in shelved.portraits] == [
            msgspec.structs.replace(each, aliases=()) for each in alone.portraits
        ]
        assert [[name.key for name in each.aliases] for each in shelved.portraits] == [
            [name.key for name in each.aliases] for each in alone.portraits
        ]


def test_times_of_a_day_between_two_moves_are_worked_out_once(census: Census) -> None:
    shelf = Shelf(census, ACCESS)
    assert shelf.at(at(61)).portraits is shelf.at(at(62)).portraits
    assert shelf.at(at(49)).portraits is not shelf.at(at(50)).portraits
    assert shelf.at(at(61)).portraits is not shelf.at(at(61 + 24)).portraits
