"""The curation round by a real browser: with the mouse, by keyboard alone, without scripts, on a narrow screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from modelcensus.operations.catalog import catalog, curating, linking
from tests.api.shop import stocked
from tests.builders import census_at, genai_prices, read
from tests.web.curating import Curator, curator_on
from tests.web.visiting import sign_in


@contextmanager
def desk_on(url: str) -> Iterator[Curator]:
    """A shop with eight models, some disagreements, and names that wait."""
    with census_at(url) as census, curator_on(census) as curator:
        stocked(census)
        read(census, genai_prices(lab=["dear-x", "cheap-x", "z" * 300]), 27, source="genai-prices")
        catalog.refresh(census, now=census.clock())
        yield curator


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Curator]:
    with desk_on(sqlite_url) as curator:
        yield curator


def test_a_curator_enables_models_for_a_tier_looks_and_undoes_it(page: Page, database_url: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    with desk_on(database_url) as desk:
        _enable_for_a_tier(page, desk)
    assert complaints == []


def _enable_for_a_tier(page: Page, desk: Curator) -> None:
    sign_in(page, desk.address, to="/admin/models")
    page.get_by_label("Tick lab/cheap").check()
    page.get_by_label("Tick lab/dear").check()
    assert page.locator("[data-ticked]").inner_text() == "2 ticked"
    page.get_by_text("Edit models").click()
    bar = page.locator(".bulk")
    bar.get_by_label("Enabled").select_option("yes")
    bar.get_by_label("Pro").select_option("yes")
    page.get_by_role("button", name="See what would change").click()
    assert page.locator("h1").inner_text() == "2 models would change"
    page.get_by_role("button", name="Change 2 models").click()
    assert page.get_by_role("status").inner_text() == "2 models changed."
    assert (desk.seen_by("pro"), desk.seen_by("free")) == (["lab/cheap", "lab/dear"], [])
    page.get_by_role("button", name="Undo all of it").click()
    assert page.get_by_role("status").inner_text() == "2 models undone."
    assert desk.seen_by("pro") == []


def test_the_round_goes_by_keyboard_alone(page: Page, desk: Curator) -> None:
    sign_in(page, desk.address, to="/admin/models")
    for key in ("/", *"dear", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**text=dear*")
    for key in ("j", "x", "e"):
        page.keyboard.press(key)
    expect(page.locator(".bulk select").first).to_be_focused()
    page.keyboard.type("yes")  # enabled
    page.keyboard.press("Tab")
    page.keyboard.type("yes")  # free
    for _ in range(5):  # pro, enterprise, curated, the reason, which models
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 model would change").wait_for()
    page.keyboard.press("Enter")  # the button has the focus
    page.get_by_role("status").wait_for()
    assert desk.seen_by("free") == ["lab/dear"]


def test_names_are_linked_by_keyboard_one_after_the_other(page: Page, desk: Curator) -> None:
    sign_in(page, desk.address, to="/admin/names?candidates=yes")
    first, waiting = page.locator(".asked h2").first.inner_text(), page.locator(".ask").count()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert page.locator(".asked h2").first.inner_text() != first
    expect(page.locator("#n1 [data-first]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".ask")).to_have_count(waiting - 2)
    assert {"lab/cheap-x", "lab/dear-x"} <= {each.key for each in linking.names(desk.census.store, text="-x")}


def test_a_model_that_is_typed_is_proposed_from_the_catalog(page: Page, desk: Curator) -> None:
    sign_in(page, desk.address, to="/admin/names")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#model-ids option")).to_have_count(8)
    expect(page.locator("#n1 input[name=model_id]")).to_be_focused()


def test_choosing_a_field_fills_in_its_value_and_says_how_to_write_one(page: Page, desk: Curator) -> None:
    sign_in(page, desk.address, to="/admin/models/lab/dear")
    page.locator("select[name=field]").select_option("context")
    assert page.locator("input[name=value]").input_value() == "128000"
    assert "whole number" in page.locator("#how").inner_text()


def test_a_whole_page_is_ticked_at_once_and_a_stretch_by_shift(page: Page, desk: Curator) -> None:
    sign_in(page, desk.address, to="/admin/models")
    page.get_by_label("Tick all on this page").check()
    assert page.locator("[data-ticked]").inner_text() == "8 ticked"
    page.get_by_label("Tick all on this page").uncheck()
    boxes = page.locator("input[name=id]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    assert page.locator("[data-ticked]").inner_text() == "4 ticked"


def test_no_page_of_curation_scrolls_sideways_and_all_work_without_scripts(browser: Browser, desk: Curator) -> None:
    curating.edit(desk.census.store, ["lab/dear"], {"notes": "n" * 2000}, "ann", desk.census.clock())
    context = browser.new_context(viewport={"width": 320, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, desk.address)
    pages = ("/admin/models", "/admin/models/lab/dear", "/admin/names", "/admin/names?show=linked",
             "/admin/disagreements", "/admin/audit", "/admin/audit/1")  # fmt: skip
    for path in pages:
        page.goto(desk.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.goto(f"{desk.address}/admin/models?text=dear")
    page.get_by_label("Tick lab/dear").check()
    page.get_by_text("Edit models").click()
    page.get_by_label("Curated").last.select_option("yes")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_role("button", name="Change 1 model").click()
    assert curating.curation_of(desk.census.store, "lab/dear").is_curated
    context.close()
