"""Whole rounds through the pages, in a real browser: a morning, a first run, a wrong token."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.api.sync_server import ACCESS, sync_server
from tests.builders import census_at, modelsdev
from tests.web.serving import served
from tests.web.states import five_months_served
from tests.web.visiting import ADMIN, OPENED, sign_in

SECRET = ACCESS.admin_token or ""


def test_the_morning_round_sees_what_changed_opens_a_model_rewinds_it_and_compares_two(
    page: Page, database_url: str
) -> None:
    with five_months_served(database_url) as (_, address):
        page.goto(address)
        expect(page.get_by_text("is 20 % cheaper")).to_be_visible()
        page.get_by_role("link", name="OpenAI: GPT-5 Mini").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("GPT-5 Mini")
        expect(page.get_by_text("$0.20").first).to_be_visible()

        page.get_by_label("As of").first.fill("2026-03-01")
        page.get_by_role("button", name="Rewind").click()
        page.wait_for_url("**as_of=2026-03-01**")
        expect(page.get_by_text("$0.25").first).to_be_visible()
        assert "$0.20" not in page.locator("main").inner_text()

        page.goto(f"{address}/models?q=sonnet")
        page.get_by_role("checkbox", name="Compare Anthropic: Claude Sonnet 4.5").check()
        page.get_by_role("searchbox", name="Search").fill("gpt-5-mini")
        page.get_by_role("checkbox", name="Compare OpenAI: GPT-5 Mini").check()
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url("**/compare?**")
        assert page.locator("thead th a").all_inner_texts().count("Remove") == 2
        expect(page.get_by_text("cheapest").first).to_be_visible()


def test_the_morning_round_goes_by_keyboard_alone(page: Page, sqlite_url: str) -> None:
    with five_months_served(sqlite_url) as (_, address):
        page.goto(address)
        page.keyboard.press("/")
        page.keyboard.type("gpt-5-mini")
        page.keyboard.press("Enter")
        page.wait_for_url("**gpt-5-mini**")
        _tab_to(page, "OpenAI: GPT-5 Mini")
        page.keyboard.press("Enter")
        page.wait_for_url("**/models/openai/gpt-5-mini")
        _tab_to(page, "Compare with")
        page.keyboard.press("Enter")
        page.wait_for_url("**/compare?m=openai/gpt-5-mini**")
        page.get_by_label("Add a model").focus()
        page.keyboard.type("anthropic/claude-sonnet-4.5")
        page.keyboard.press("Enter")
        page.wait_for_url("**claude-sonnet-4.5**")
        assert page.locator("thead th a").all_inner_texts().count("Remove") == 2


def test_a_first_run_goes_from_an_empty_census_to_a_catalog(page: Page, database_url: str) -> None:
    with sync_server(database_url, "modelsdev") as server:
        server.gate.body = modelsdev(openai={"gpt-8": {"cost": {"input": 1, "output": 8}}})
        page.goto(server.address)
        expect(page.get_by_role("heading", level=1)).to_contain_text("The census is empty")
        sign_in(page, server.address, credential=SECRET)
        page.get_by_role("button", name="Start the first sync").click()
        expect(page.get_by_text("Published as revision 1")).to_be_visible(timeout=20_000)
        page.get_by_role("link", name="Models", exact=True).first.click()
        expect(page.locator("tbody").get_by_text("openai/gpt-8", exact=True).first).to_be_visible()


def test_a_wrong_token_is_refused_in_words_and_the_right_one_leads_to_where_one_was_going(
    page: Page, database_url: str
) -> None:
    with census_at(database_url) as census, served(census, OPENED) as address:
        page.goto(f"{address}/admin/audit?actor=anna")
        page.get_by_label("Token").fill("not the token")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("these credentials are not right")
        expect(page.get_by_label("Token")).to_have_value("")
        page.get_by_label("Token").fill(ADMIN)
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/audit?actor=anna")


def _tab_to(page: Page, name: str, most: int = 80) -> None:
    """Press Tab until the focus is on a link or button of this name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.textContent"):
            return
    pytest.fail(f"Tab does not reach {name!r}")
