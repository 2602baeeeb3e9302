from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from modelcensus.core.access import Role
from modelcensus.operations import tokens
from modelcensus.operations.census import Census
from tests.builders import census_at
from tests.web.serving import ask, served
from tests.web.visiting import OPENED, Visit, sign_in


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Census, str]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('tokens') / 'census.db'}"
    with census_at(url) as census, served(census, OPENED) as address:
        yield census, address


@pytest.fixture
def opened(database_url: str) -> Iterator[tuple[Census, str]]:
    with census_at(database_url) as census, served(census, OPENED) as address:
        yield census, address


def test_a_tokens_secret_is_in_the_answer_that_makes_it_and_nowhere_after(opened: tuple[Census, str]) -> None:
    _, address = opened
    with Visit(address) as visit:
        made = visit.post("/admin/tokens", {"name": "grafana", "role": "viewer", "expires": "90d", "reason": "a test"})
        assert made.status_code == 201
        assert made.headers["cache-control"] == "no-store"
        assert "set-cookie" not in made.headers
        secret = re.findall(r"mct_[A-Za-z0-9_-]{43}", made.text)
        assert len(secret) == 1
        answer = ask(address, "/api/me", headers={"Authorization": f"Bearer {secret[0]}"})
        assert answer.json()["role"] == "viewer"
        again = visit.get("/admin/tokens").text
        assert "grafana" in again
        assert "mct_" not in again


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": "two words", "role": "reader"}, "cannot be the name of a token"),
        ({"name": "late", "role": "reader", "expires": "2001-01-01"}, "over already"),
        ({"name": "odd", "role": "king"}, "that role does not exist"),
    ],
)
def test_a_form_that_is_wrong_comes_back_with_the_reason_and_what_was_typed(
    plain: tuple[Census, str], fields: dict[str, str], problem: str
) -> None:
    census, address = plain
    with Visit(address) as visit:
        answer = visit.post("/admin/tokens", {**fields, "reason": "because of a test"})
    assert fields["name"] not in [each.name for each in tokens.listed(census.store, census.clock())]
    assert answer.status_code == 400
    assert problem in answer.text
    assert f'value="{fields["name"]}"' in answer.text
    assert 'value="because of a test"' in answer.text


def test_revoking_a_token_ends_its_sessions_and_is_in_the_audit_log(opened: tuple[Census, str]) -> None:
    census, address = opened
    made = tokens.create(census.store, "guest", role=Role.VIEWER, actor="test", now=census.clock())
    with Visit(address, made.secret) as guest, Visit(address) as admin:
        assert guest.get("/admin/sources").status_code == 200
        assert "Revoke for good" in admin.get("/admin/tokens").text
        assert admin.post("/admin/tokens/revoke", {"name": "guest", "reason": " "}).status_code == 400
        done = admin.post("/admin/tokens/revoke", {"name": "guest", "reason": "it leaked"})
        assert done.headers["location"] == "/admin/tokens"
        assert guest.get("/admin/sources").status_code == 303
        assert "guest" in admin.get("/admin/tokens?all=yes").text
        audit = admin.get("/api/admin/audit").json()["data"]
    assert {"act": "revoke token", "actor": "admin token", "reason": "it leaked"}.items() <= audit[0].items()


def test_tokens_are_for_administrators_alone(plain: tuple[Census, str]) -> None:
    census, address = plain
    made = tokens.create(census.store, "editor", role=Role.CURATOR, actor="test", now=census.clock())
    with Visit(address, made.secret) as visit:
        assert visit.get("/admin/tokens").status_code == 403
        assert visit.post("/admin/tokens", {"name": "mine", "role": "admin"}).status_code == 403
        assert visit.post("/admin/tokens/revoke", {"name": "editor", "reason": "x"}).status_code == 403


def test_the_new_secret_is_copied_by_keyboard(page: Page, plain: tuple[Census, str]) -> None:
    _, address = plain
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, address, to="/admin/tokens")
    form = page.locator("details.new")
    if form.get_attribute("open") is None:
        form.locator("summary").press("Enter")
    page.get_by_label("Name").fill("laptop")
    page.keyboard.press("Enter")
    secret = page.get_by_label("The secret").input_value()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    assert page.url == f"{address}/admin/tokens"
