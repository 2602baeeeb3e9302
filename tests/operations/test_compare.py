"""Two sources of one kind side by side."""

from __future__ import annotations

from modelcensus.operations.compare import compare
from modelcensus.settings import SourceSettings
from tests.builders import at, census_at, imported_as, model, openrouter


def test_what_only_one_of_two_regions_has_and_where_they_differ(database_url: str) -> None:
    eu = SourceSettings(adapter="openrouter", region="eu")
    with census_at(database_url, **{"openrouter-eu": eu}) as census:
        here, there = census.sources["openrouter"], census.sources["openrouter-eu"]
        assert there.region == "eu"
        imported_as(census, openrouter(model("a"), model("b"), model("c")), 0, here)
        imported_as(census, openrouter(model("b", price="2"), model("c"), model("d")), 1, there)
        found = list(compare(census.store, here.name, there.name, at(2)))
        assert [(each.key, each.only_in) for each in found] == [
            ("a", "openrouter"),
            ("b", None),
            ("d", "openrouter-eu"),
        ]
        (field,) = found[1].fields
        assert (field.path, field.before, field.after) == ("pricing.prompt", "0.000001", "2")
        # Before the second was first read, it had nothing.
        assert {each.only_in for each in compare(census.store, here.name, there.name, at(0))} == {"openrouter"}
