"""The review round in a real browser: sync, a held plan, one release, apply, see it published, undo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from modelcensus.settings import SyncSettings
from tests.api.sync_server import ACCESS, Server, sync_server
from tests.builders import modelsdev
from tests.operations.gated import eventually
from tests.web.visiting import sign_in

RESTLESS = SyncSettings(cooldown_minutes=0, retry_ms=10, wait_seconds=20)
SECRET = ACCESS.admin_token or ""


def catalog(steep: float) -> bytes:
    """Two models of a lab that models.dev itself speaks for; ``steep`` is what one of them costs."""
    models = {name: {"cost": {"input": cost, "output": 8}} for name, cost in (("gpt-8", 1), ("gpt-9", steep))}
    return modelsdev(openai=models)


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    with sync_server(database_url, "modelsdev", sync=RESTLESS) as server:
        server.gate.body = catalog(1)
        yield server


def price(server: Server) -> str:
    """What the API says that the dear model costs."""
    found = server.ask("/api/models/openai/gpt-9").json()
    return str(found["price"]["input"])


def test_the_review_round_from_sync_to_undo(page: Page, server: Server) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.extend([message.text] * (message.type in ("error", "warning"))))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, server.address, to="/admin/syncs", credential=SECRET)
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("Published as revision 1")).to_be_visible(timeout=20_000)

    server.gate.body = catalog(60)
    page.goto(f"{server.address}/admin/syncs")
    page.get_by_label("modelsdev", exact=True).check()
    page.get_by_role("button", name="Sync now").click()
    page.get_by_role("link", name="1 held back, waiting for you").click(timeout=20_000)
    page.locator(".plan-row a.key").first.click()
    expect(page.get_by_text("60 times dearer (1 -> 60)")).to_be_visible()

    before = price(server)
    page.get_by_role("checkbox", name="Release").check()
    page.get_by_label("Reason for what is released").fill("their price page says so")
    page.get_by_label("Reason for what is released").press("Enter")  # applies nothing
    page.get_by_role("button", name="Apply selected").click()
    expect(page.get_by_role("status").first).to_contain_text("Applied as revision 2: 1 model published.")
    assert price(server) != before

    page.get_by_role("link", name="Revisions and undo").click()
    page.get_by_text("Undo this revision").click()
    page.get_by_label("Why").locator("visible=true").fill("it was a mistake")
    page.get_by_role("button", name="Propose it").locator("visible=true").click()
    page.get_by_role("button", name="Apply all").click()
    expect(page.get_by_role("status").first).to_contain_text("Applied as revision 3")
    assert price(server) == before
    assert complaints == []


def test_steps_are_walked_and_selected_by_keys_alone(page: Page, sqlite_url: str) -> None:
    with sync_server(sqlite_url, "modelsdev", sync=RESTLESS) as server:
        server.gate.body = catalog(1)
        server.post()
        server.gate.body = modelsdev(openai={name: {"cost": {"input": 60, "output": 8}} for name in ("gpt-8", "gpt-9")})
        server.post()
        sign_in(page, server.address, to="/admin/plans?state=open", credential=SECRET)
        page.locator(".plan-row a.key").first.click()
        expect(page.get_by_role("button", name="Select all")).to_be_visible()  # the script is there
        for key in "jx":
            page.keyboard.press(key)
        expect(page.locator("[data-count]")).to_have_text("1")
        expect(page.locator("[data-told]")).to_have_text("1 selected")
        for key in "jxk":
            page.keyboard.press(key)
        expect(page.locator("[data-count]")).to_have_text("2")
        assert page.evaluate("document.activeElement.closest('[data-step]') !== null")
        page.keyboard.press("?")
        expect(page.get_by_text("go to the next and the previous step")).to_be_visible()


def test_a_lost_connection_is_told_and_the_run_is_followed_again(page: Page, database_url: str) -> None:
    with sync_server(database_url, "modelsdev", sync=RESTLESS, opened=False) as server:
        run = server.post("/api/admin/sync-models?wait=0").json()["id"]
        sign_in(page, server.address, credential=SECRET)
        page.route("**/events", lambda route: route.fulfill(status=503, body="away"))
        page.goto(f"{server.address}/admin/syncs/{run}")
        expect(page.locator("[data-state]")).to_have_text("Connection lost, trying again.")
        page.unroute("**/events")
        expect(page.locator("[data-state]")).to_have_text("Followed live.", timeout=15_000)
        server.gate.opened.set()
        assert eventually(lambda: server.ask(f"/api/admin/syncs/{run}").json()["state"] == "done")
        expect(page.get_by_role("heading", name="By source")).to_be_visible(timeout=15_000)


def test_the_pages_fit_a_small_phone(browser: Browser, sqlite_url: str) -> None:
    with sync_server(sqlite_url, "modelsdev", sync=RESTLESS) as server:
        server.gate.body = modelsdev(openai={f"gpt-{'x' * 300}": {"name": "y" * 3000, "cost": {"input": 1e9}}})
        run = server.post().json()["run"]
        page = browser.new_page(viewport={"width": 320, "height": 700})
        sign_in(page, server.address, credential=SECRET)
        digest = server.ask("/api/admin/plans").json()["data"][0]["digest"]
        syncs = ("/syncs", "/syncs/runs", "/syncs/log", f"/syncs/{run}")
        for path in ("", *syncs, "/plans", f"/plans/{digest}", "/plans/revisions"):
            page.goto(f"{server.address}/admin{path}")
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.close()
