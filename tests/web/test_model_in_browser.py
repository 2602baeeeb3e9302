from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from modelcensus.web.rendering.shown import entity_url, model_url
from tests.builders import census_at
from tests.web.lifetime import RUDE, lived
from tests.web.serving import served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with census_at(f"sqlite:///{tmp_path_factory.mktemp('model') / 'census.db'}") as census:
        lived(census)
        with served(census) as address:
            yield address


def test_the_calculator_answers_while_one_types_and_the_page_does_not_jump(page: Page, address: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/models/lab/dear")
    page.evaluate("""() => { window.shift = 0; new PerformanceObserver((list) => {
        for (const each of list.getEntries()) if (!each.hadRecentInput) window.shift += each.value;
    }).observe({ type: "layout-shift", buffered: true }); }""")
    page.get_by_label("Prompt tokens").fill("1000000")
    page.get_by_label("Answer tokens").fill("0")
    page.get_by_label("Requests").fill("2")
    expect(page.locator(".own-cost .big")).to_have_text("$24.00")
    page.get_by_label("of them cached").fill("2000000")
    expect(page.locator("#costs [role=alert]")).to_contain_text("are more than the input")
    assert page.url == f"{address}/models/lab/dear"
    assert page.evaluate("window.shift") < 0.1
    assert complaints == []


def test_a_lost_connection_is_told_where_the_cost_would_be(page: Page, address: str) -> None:
    page.goto(f"{address}/models/lab/dear")
    page.context.set_offline(True)
    page.get_by_label("Requests").fill("2")
    expect(page.locator("#costs")).to_contain_text("No answer came")


def test_the_source_of_a_fact_opens_by_keyboard_and_closes_again(page: Page, address: str) -> None:
    page.goto(f"{address}/models/lab/dear")
    button = page.locator("button.origin").first
    card = page.locator(f"#{button.get_attribute('popovertarget')}")
    expect(card).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(card).to_contain_text("said so at 2026-01-")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_rewinding_comparing_versions_and_costs_work_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/models/lab/dear")
    page.get_by_label("As of").fill("2026-01-02")
    page.get_by_role("button", name="Rewind").click()
    assert "as of 2026-01-02 00:00 UTC" in page.locator(".as-of").inner_text()
    page.get_by_label("Prompt tokens").fill("1000000")
    page.get_by_label("Answer tokens").fill("0")
    page.get_by_label("Requests").fill("1")
    page.get_by_role("button", name="Work it out").click()
    assert page.locator(".own-cost .big").inner_text() == "$10.00"
    assert page.locator(".as-of").is_visible()
    page.locator("button.origin").first.click()
    page.get_by_role("link", name="Snapshot").locator("visible=true").click()
    assert '"prompt": "0.00001"' in page.locator("pre").inner_text()
    page.get_by_role("link", name="all versions").click()
    page.get_by_role("button", name="Compare the two").click()
    assert "pricing.prompt" in page.locator(".fields").first.inner_text()
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_of_a_model_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    dear = entity_url("lab/dear", "openrouter")
    for path in (
        "/models/lab/dear", model_url(RUDE), "/models/lab/router", "/models/" + "z" * 3000, dear,
        f"{dear}&from=1&to=2", f"{dear}&version=1", entity_url(RUDE, "openrouter") + "&version=1",
    ):  # fmt: skip
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.close()
