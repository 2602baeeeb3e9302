"""The catalog's page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders import census_at
from tests.web.serving import served
from tests.web.stock import fill
from tests.web.visiting import OPENED

_SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => { for (const each of list.getEntries()) shift += each.value; })
  .observe({type: "layout-shift", buffered: true});
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("catalog")
    with census_at(f"sqlite:///{folder / 'census.db'}") as census:
        fill(census)
        with served(census, OPENED) as address:
            yield address


def asked(page: Page) -> dict[str, list[str]]:
    """The query of a page's address."""
    return parse_qs(urlsplit(page.url).query)


def test_what_is_typed_shows_at_once_and_stays_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/models")
    page.evaluate("window.same = true")
    page.keyboard.press("/")
    page.keyboard.type("lab fresh")
    expect(page.locator("#count")).to_have_text("1 model")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Search models")).to_be_focused()
    assert page.evaluate("window.same")
    assert asked(page) == {"q": ["lab fresh"]}
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_what_is_chosen_counts_beside_its_name_and_can_be_left_out_again(page: Page, address: str) -> None:
    page.goto(f"{address}/models")
    page.locator("summary", has_text="Provider").click()
    page.get_by_label("lab", exact=False).first.check()
    expect(page.locator("#count")).to_have_text("3 models")
    expect(page.locator("summary", has_text="Provider")).to_have_text("Provider 1")
    page.keyboard.press("Escape")
    expect(page.locator(".panel").first).to_be_hidden()
    page.get_by_role("link", name="Without lab").click()
    expect(page.locator("#count")).to_have_text("111 models")


def test_columns_and_order_change_without_a_new_page_and_stay_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}/models?q=lab")
    page.get_by_label("Order").select_option("price.input")
    expect(page.locator("tbody tr").first).to_contain_text("steady", ignore_case=True)
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Trend").uncheck()
    expect(page.get_by_role("columnheader", name="Trend")).to_have_count(0)
    assert asked(page)["sort"] == ["price.input"]
    assert "trend" not in asked(page)["col"]


def test_models_are_chosen_in_several_searches_and_compared(page: Page, address: str) -> None:
    page.goto(f"{address}/models?q=fresh")
    expect(page.get_by_role("button", name="Compare")).to_be_disabled()
    page.locator("tbody input").first.check()
    page.get_by_label("Search models").fill("falling")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Falling", ignore_case=True)
    page.locator("tbody input").first.check()
    page.get_by_role("button", name="Compare 2").click()
    page.wait_for_url("**/compare?*")
    assert sorted(asked(page)["m"]) == ["lab/falling", "lab/fresh"]


def test_no_more_than_six_models_are_chosen(page: Page, address: str) -> None:
    page.goto(f"{address}/models?q=many")
    for number in range(6):
        page.locator("tbody input").nth(number).check()
    expect(page.locator("tbody input").nth(6)).to_be_disabled()
    page.locator("tbody input").first.uncheck()
    expect(page.locator("tbody input").nth(6)).to_be_enabled()


def test_from_the_search_the_arrows_lead_into_the_models(page: Page, address: str) -> None:
    page.goto(f"{address}/models?q=lab&sort=name")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator("tbody th a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/models/lab/falling")


def test_a_lost_connection_is_told_and_what_was_shown_stays(page: Page, address: str) -> None:
    page.goto(f"{address}/models?q=lab")
    page.route("**/models?*", lambda route: route.abort())
    page.get_by_label("Search models").fill("steady")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.unroute("**/models?*")
    page.get_by_label("Search models").fill("steady ")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_without_scripts_the_form_still_asks(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/models")
    page.get_by_label("Search models").fill("steady")
    page.get_by_role("button", name="Search").click()
    assert page.locator("tbody tr").count() == 1
    assert page.locator("tbody th a").first.get_attribute("href") == "/models/lab/steady"
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_shifts_and_nothing_is_wider_than_the_screen(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.add_init_script(_SHIFTS)
    for path in ("/models", "/models?provider=rude", "/models?provider=rude&as_of=2026-01-02"):
        page.goto(address + path)
        page.wait_for_timeout(200)
        assert page.evaluate("shift") == 0, path
        for pick in page.locator(".pick > summary").all():
            pick.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()
