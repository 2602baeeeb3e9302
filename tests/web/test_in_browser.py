from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from modelcensus.web.rendering.shown import entity_url
from tests.builders import census_at
from tests.web.sample import HOSTILE_KEY, LONG_KEY, ODD_KEY, fill, hostile
from tests.web.serving import served


@pytest.fixture
def address(sqlite_url: str) -> Iterator[str]:
    with census_at(sqlite_url) as census:
        fill(census)
        hostile(census)
        with served(census) as address:
            yield address


def test_what_sources_said_leads_to_an_odd_key(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Changes", exact=True).click()
    assert page.locator(".moment").count() >= 2
    page.get_by_role("link", name=ODD_KEY, exact=True).first.click()
    assert page.locator("h1").inner_text() == ODD_KEY


def test_no_page_asks_another_host_or_complains_in_the_console(page: Page, address: str) -> None:
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", entity_url(HOSTILE_KEY), entity_url("openai/gpt-4.1"), "/find?q=lab"):
        page.goto(address + path)
    assert complaints == []
    assert [url for url in asked if not url.startswith(address)] == []
    assert any(url.endswith("icon.svg") or "base.css" in url for url in asked)


def test_dark_mode_turns_light_on_dark(browser: Browser, address: str) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(address)
        shades[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.close()
    assert shades["light"] != shades["dark"]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for path in ("/", entity_url(HOSTILE_KEY), entity_url(LONG_KEY), "/find?q=x", "/entity/" + "z" * 3000):
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()
