from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import httpx2
import pytest
from playwright.sync_api import Page, expect

from modelcensus.core.access import Role
from modelcensus.operations import tokens
from modelcensus.operations.census import Census
from tests.builders import at, census_at
from tests.web.serving import served
from tests.web.visiting import ADMIN, OPENED, Visit, sign_in


@pytest.fixture
def opened(database_url: str) -> Iterator[tuple[Census, str]]:
    with census_at(database_url) as census, served(census, OPENED) as address:
        yield census, address


def test_a_person_signs_in_by_the_page_and_out_again(page: Page, opened: tuple[Census, str]) -> None:
    _, address = opened
    sign_in(page, address)
    assert "Signed in as admin token" in page.get_by_role("status").inner_text()
    page.reload()
    assert page.get_by_role("status").count() == 0  # told once
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("link", name="Sign in", exact=True).is_visible()


def test_a_wrong_credential_is_refused_in_words_and_is_not_repeated(opened: tuple[Census, str]) -> None:
    _, address = opened
    answer = httpx2.post(f"{address}/login", data={"credential": "mct_" + "x" * 43, "to": "/"}, trust_env=False)
    assert answer.status_code == 401
    assert "there is no such API token" in answer.text
    assert "xxxx" not in answer.text
    assert "census_session" not in answer.headers.get("set-cookie", "")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(opened: tuple[Census, str]) -> None:
    _, address = opened
    answer = httpx2.post(f"{address}/login", data={"credential": ADMIN, "to": "/"}, trust_env=False)
    given = [each for each in answer.headers.get_list("set-cookie") if each.startswith("census_session")]
    assert len(given) == 1
    assert "HttpOnly" in given[0]
    assert "SameSite=lax" in given[0]


def test_a_form_without_its_proof_or_from_another_site_is_refused(opened: tuple[Census, str]) -> None:
    _, address = opened
    with Visit(address) as visit:
        assert visit.client.post("/logout", data={"proof": ""}).status_code == 403
        assert visit.client.post("/logout", data={"proof": "0" * 64}).status_code == 403
        foreign = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
        assert visit.client.post("/logout", data={"proof": visit.proof}, headers=foreign).status_code == 403
        assert visit.client.post("/logout", data={"proof": visit.proof}, headers={"Origin": "null"}).status_code == 403
        assert visit.get("/api/admin/tokens").status_code == 200  # still signed in
        assert visit.post("/logout").status_code == 303
        assert visit.get("/api/admin/tokens").status_code == 401


def test_the_api_takes_a_cookie_for_reading_but_for_an_act_only_with_the_proof(opened: tuple[Census, str]) -> None:
    _, address = opened
    wanted = {"name": "made", "role": "viewer", "reason": "a test"}
    with Visit(address) as visit:
        assert visit.client.post("/api/admin/tokens", json=wanted).status_code == 403
        made = visit.client.post("/api/admin/tokens", json=wanted, headers={"X-Census-Proof": visit.proof})
        assert made.status_code == 201, made.text


def test_a_session_ends_with_the_token_that_opened_it(opened: tuple[Census, str]) -> None:
    census, address = opened
    created = tokens.create(census.store, "guest", role=Role.VIEWER, actor="test", now=at(0))
    with Visit(address, created.secret) as guest, Visit(address) as admin:
        assert guest.get("/api/admin/audit").status_code == 200
        revoked = admin.client.post(
            "/api/admin/tokens/guest/revoke", json={"reason": "a test"}, headers={"X-Census-Proof": admin.proof}
        )
        assert revoked.status_code == 200, revoked.text
        assert guest.get("/api/admin/audit").status_code == 401


def test_whoever_s_session_is_over_signs_in_again_with_the_old_cookie_still_there(
    page: Page, opened: tuple[Census, str]
) -> None:
    census, address = opened
    guest = tokens.create(census.store, "guest", role=Role.VIEWER, actor="test", now=at(0))
    sign_in(page, address, credential=guest.secret)
    other = tokens.create(census.store, "other", role=Role.VIEWER, actor="test", now=at(1))
    with Visit(address) as admin:
        admin.post("/admin/tokens/revoke", {"name": "guest", "reason": "a test"})
    page.reload()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    sign_in(page, address, credential=other.secret)
    assert "Signed in as token other" in page.get_by_role("status").inner_text()


def test_another_admin_token_ends_the_sessions_of_the_one_before(database_url: str) -> None:
    with census_at(database_url) as census:
        with served(census, OPENED) as address, Visit(address) as visit:
            cookies = dict(visit.client.cookies)
        with served(census) as address:
            answer = httpx2.get(f"{address}/api/admin/audit", cookies=cookies, trust_env=False)
            assert answer.status_code == 401


def test_signing_in_leads_to_no_other_site(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census, OPENED) as address:
        for to in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"):
            answer = httpx2.post(f"{address}/login", data={"credential": ADMIN, "to": to}, trust_env=False)
            assert answer.headers["location"] == "/", to
            told = [each for each in answer.headers.get_list("set-cookie") if each.startswith("census_told")]
            assert "Signed in as admin token" in unquote(told[0])


def test_nothing_of_cookie_or_token_is_in_the_database_in_the_clear(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census, OPENED) as address, Visit(address) as visit:
        cookie = visit.client.cookies["census_session"]
        assert census.store.file is not None
        with census.store.writing():
            pass
        raw = b"".join(path.read_bytes() for path in census.store.file.parent.glob(f"{census.store.file.name}*"))
    assert cookie.encode() not in raw
    assert ADMIN.encode() not in raw
