from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from playwright.sync_api import Page, expect

from tests.api.shop import TIERED, bearer, shop
from tests.builders import census_at
from tests.web.morning import three_days
from tests.web.serving import ask, served
from tests.web.test_changes_page import text_of

_TWO = "m=lab/fancy&m=other/fresh"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("compare") / "census.db"
    with census_at(f"sqlite:///{path}") as census:
        three_days(census)
        with served(census) as address:
            yield address


def row(page: str, name: str) -> tuple[bool, list[str]]:
    """Whether a row is marked as differing, and its cells, as text."""
    found = re.search(rf'<tr( class="differs")?><th scope="row">{name}.*?</th>(.*?)</tr>', page, re.DOTALL)
    assert found is not None, name
    return bool(found[1]), [text_of(cell) for cell in re.findall(r"<td.*?</td>", found[2], re.DOTALL)]


def test_differing_facts_are_marked_and_the_best_one_is_named(address: str) -> None:
    page = ask(address, f"/compare?{_TWO}").text
    assert row(page, "Input") == (True, ["$2.00 lowest", "$3.00"])
    assert row(page, "Output") == (True, ["$6.40 lowest", "$9.00"])
    assert row(page, "Context") == (False, ["128 000", "128 000"])


def test_the_longest_context_is_called_the_largest(address: str) -> None:
    page = ask(address, "/compare?m=lab/fancy&m=lab/steady").text
    assert row(page, "Context") == (True, ["128 000", "256 000 largest"])


def test_only_differences_can_be_shown(address: str) -> None:
    page = ask(address, f"/compare?{_TWO}&only=differences").text
    assert row(page, "Input")[0]
    assert '<th scope="row">Context' not in page


def test_the_example_costs_what_was_typed_at_each_price(address: str) -> None:
    page = ask(address, f"/compare?{_TWO}&in=1,000,000&out=500000&times=2").text
    assert row(page, "All requests") == (True, ["$10.40 cheapest", "$15.00"])


def test_a_count_that_is_none_is_refused_beside_the_form_and_kept(address: str) -> None:
    page = ask(address, f"/compare?{_TWO}&in=lots").text
    assert 'role="alert"' in page
    assert 'value="lots"' in page
    assert "$2.00" in page


def test_a_model_is_added_by_any_name_that_means_it_and_the_address_becomes_plain(address: str) -> None:
    answer = ask(address, "/compare?m=lab/fancy&add=steady")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/compare?m=lab%2Ffancy&m=lab%2Fsteady"


def test_a_name_that_may_mean_several_offers_them_to_choose_from(address: str) -> None:
    page = ask(address, "/compare?m=lab/fancy&add=lab/m").text
    assert "Which of these do you mean?" in page
    assert 'href="/compare?m=lab%2Ffancy&amp;m=lab%2Fm3"' in page


def test_a_model_is_removed_by_its_link(address: str) -> None:
    page = ask(address, f"/compare?{_TWO}").text
    link = re.search(r'class="remove" href="([^"]+)" aria-label="Remove Lab/Fancy"', page)
    assert link is not None
    assert unescape(link[1]) == "/compare?m=other%2Ffresh"


def test_more_than_six_models_get_a_friendly_note(address: str) -> None:
    page = ask(address, "/compare?" + "&".join(f"m=lab/m{number}" for number in range(8))).text
    assert page.count('class="remove"') == 6
    assert "Only 6 models fit side by side. Left out: lab/m6, lab/m7." in page


def test_an_unknown_model_is_told_and_the_others_are_shown(address: str) -> None:
    page = ask(address, "/compare?m=lab/fancy&m=lab/nonsense").text
    assert "The catalog has no model &#39;lab/nonsense&#39;" in page
    assert page.count('class="remove"') == 1


def test_a_date_rewinds_prices_and_chart(address: str) -> None:
    page = ask(address, "/compare?m=lab/fancy&as_of=3d").text
    assert row(page, "Output")[1] == ["$8.00"]
    assert "6.40" not in page
    assert 'href="/models/lab/fancy?as_of=3d"' in page


def test_a_date_that_is_none_is_refused_beside_its_field(address: str) -> None:
    page = ask(address, f"/compare?{_TWO}&as_of=someday").text
    assert 'role="alert"' in page
    assert 'value="someday"' in page


def test_prices_over_time_are_drawn_in_one_chart_for_all(address: str) -> None:
    page = ask(address, f"/compare?{_TWO}").text
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert len(figures) == 2
    assert all("Lab/Fancy" in figure and "Other/Fresh" in figure for figure in figures)


def test_without_models_the_page_says_how_to_begin(address: str) -> None:
    page = ask(address, "/compare").text
    assert "Nothing to compare yet" in page
    assert 'href="/compare?m=' in page


def test_a_tier_can_neither_compare_nor_find_what_it_does_not_see(sqlite_url: str) -> None:
    with shop(sqlite_url, TIERED) as (_, address):
        page = ask(address, "/compare?m=lab/dear&add=dear", headers=bearer("free")).text
    assert "lab/cheap" not in page
    assert 'class="remove"' not in page


def test_typing_fills_the_list_with_what_fits(page: Page, address: str) -> None:
    page.goto(f"{address}/compare?m=lab/fancy")
    page.get_by_label("Add a model").press_sequentially("fresh")
    expect(page.locator("#models option")).to_have_count(1)
    expect(page.locator("#models option")).to_have_attribute("value", "other/fresh")
    page.get_by_label("Add a model").press("Enter")
    expect(page.locator(".remove")).to_have_count(2)
