from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from modelcensus.web.rendering.shown import provider_url
from tests.api.shop import TIERED, bearer, shop
from tests.builders import census_at, modelsdev, read
from tests.web.morning import HOURS, published, sold, three_days
from tests.web.serving import ask, served
from tests.web.test_changes_page import text_of


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("providers") / "census.db"
    with census_at(f"sqlite:///{path}") as census:
        three_days(census)
        with served(census) as address:
            yield address


def rows(page: str) -> list[str]:
    """The rows of the first table, as text."""
    return [
        text_of(row.replace("<", " <"))
        for row in re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
    ]


def test_providers_are_listed_with_their_models_and_lowest_prices(address: str) -> None:
    found = rows(ask(address, "/providers").text)
    assert [row.split()[0] for row in found] == ["lab", "other"]
    assert found[0].split()[1] == "10"
    assert found[1].split()[1:] == ["2", "1", "–", "$1.10", "$2.00"]


def test_the_table_can_be_put_in_another_order_and_cut_down(address: str) -> None:
    assert [row.split()[0] for row in rows(ask(address, "/providers?sort=new").text)] == ["other", "lab"]
    assert [row.split()[0] for row in rows(ask(address, "/providers?q=OTH").text)] == ["other"]
    assert "Nobody by that name" in ask(address, "/providers?q=zzz").text
    assert 'aria-sort="ascending"' in ask(address, "/providers?sort=input").text


def test_labs_have_a_table_of_their_own(address: str) -> None:
    page = ask(address, "/providers?of=labs").text
    assert {row.split()[0] for row in rows(page)} == {"lab", "other"}
    assert 'href="/models?lab=lab"' in page


def test_the_page_of_a_provider_shows_its_models_and_what_happened(address: str) -> None:
    page = ask(address, "/providers/lab").text
    assert "Lab/Steady" in page
    assert "Other/Small" not in page
    assert "Lab/Fancy is 20 % cheaper for output" in text_of(page)
    assert ask(address, "/providers/LAB").status_code == 200


def test_what_a_provider_offers_of_others_stands_on_its_page(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        known = {"lab/steady": {"name": "Lab/Steady", "cost": {"input": 7, "output": 9}}}
        read(census, modelsdev(reseller=known), HOURS - 3, source="modelsdev")
        published(census, sold("lab/steady"), ago=2)
        with served(census) as address:
            page = ask(address, "/providers/reseller").text
    offers = page.partition('id="offers"')[2]
    assert "Lab/Steady" in offers
    assert "$7.00" in offers


def test_an_unknown_provider_has_no_page_but_a_way_on(address: str) -> None:
    answer = ask(address, "/providers/nobody-at-all")
    assert answer.status_code == 404
    assert "/providers" in answer.text


@pytest.mark.parametrize("name", ["..", "a/../b", "/", "a//b"])
def test_a_name_that_a_browser_would_rewrite_goes_into_the_query(address: str, name: str) -> None:
    assert provider_url(name).startswith("/providers/-?name=")
    assert ask(address, provider_url(name)).status_code == 404
    assert ask(address, "/providers/-?name=lab").status_code == 200


def test_a_tier_sees_no_provider_of_models_that_it_does_not_see(sqlite_url: str) -> None:
    with shop(sqlite_url, TIERED) as (_, address):
        assert "lab" not in rows(ask(address, "/providers", headers=bearer("free")).text)
        assert ask(address, "/providers/lab", headers=bearer("free")).status_code == 404


def test_an_empty_catalog_says_how_to_begin(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census) as address:
        assert "Nobody yet" in ask(address, "/providers").text
