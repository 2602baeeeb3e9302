from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from modelcensus.core.access import Role
from modelcensus.operations import browse, tokens
from modelcensus.operations.census import Census
from modelcensus.server import application
from modelcensus.settings import AccessSettings, NoticeSettings, Settings, SourceSettings
from modelcensus.upstream import Play, Upstream
from modelcensus.wiring import open_census, utc_now
from tests.builders import QUICK, model, openrouter
from tests.web.serving import QUIET, served
from tests.web.visiting import ADMIN, Visit

SECRET = "sk-never-to-be-seen-1234"  # of these tests alone


@dataclass(frozen=True)
class Office:
    """A served census whose settings hold secrets, an administrator in it, and the upstream of its source ``lab``."""

    census: Census
    address: str
    visit: Visit
    upstream: Upstream


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    body = openrouter(model("lab/one"), model("lab/two"), b'{"id":17}')
    with Upstream({"/v1/models": [Play(body)]}) as upstream:
        sources = {
            "openrouter": SourceSettings(
                key=SECRET, base_url="https://user:concealed@models.example/v1/?key=concealed"
            ),
            "lab": SourceSettings(adapter="openai-compatible", base_url=f"{upstream.url}/v1/", key=SECRET),
            "lonely": SourceSettings(adapter="openai-compatible", base_url="http://127.0.0.1:9/v1/", key=SECRET),
        }
        settings = Settings(
            database_url=f"sqlite:///{tmp_path_factory.mktemp('office') / 'census.db'}", http=QUICK, api=QUIET,
            access=AccessSettings(admin_token=ADMIN, jwt_secret="j" * 40), sources=sources,
            notices=NoticeSettings(targets={"ops": "json://concealed@host.example"}, email="concealed@host.example"),
        )  # fmt: skip
        origins = {"sources.openrouter.key": "environment OPENROUTER_API_KEY", "access.admin_token": "modelcensus.toml"}
        with (
            open_census(settings, now=utc_now) as census,
            served(census, app=application(census, settings, origins=origins)) as address,
            Visit(address) as visit,
        ):
            yield Office(census, address, visit, upstream)


def test_settings_are_shown_with_where_they_come_from_and_without_secrets(office: Office) -> None:
    one = office.visit.get("/admin/sources/openrouter").text
    all_of_them = office.visit.get("/admin/sources").text
    assert "environment OPENROUTER_API_KEY" in one
    assert "given at the start" in one  # base_url: set, but nobody said where
    assert "its adapter" in one
    assert "modelcensus.toml" in all_of_them
    assert "notices.targets.ops" in all_of_them
    for page in (one, all_of_them):
        assert SECRET not in page
        assert "concealed" not in page
        assert ADMIN not in page
        assert "j" * 40 not in page


def test_each_source_shows_its_schedule_and_when_it_is_due(office: Office) -> None:
    page = office.visit.get("/admin/sources/openrouter").text
    assert "<code>0 2 * * *</code>" in page
    assert datetime.now(UTC).strftime("%Y-") in page[page.index('class="due"') :]
    assert "it has no key" in office.visit.get("/admin/sources/anthropic").text


def test_a_test_asks_the_sources_address_once_and_records_nothing(office: Office) -> None:
    page = office.visit.post("/admin/sources/lab/test").text
    assert "2 on the first page, 1 not understood" in page
    assert SECRET not in page
    assert [each.headers["authorization"] for each in office.upstream.requests] == [f"Bearer {SECRET}"]
    assert browse.syncs(office.census.store) == []
    assert browse.quarantine_list(office.census.store) == []


def test_a_test_of_an_address_where_nobody_listens_says_so(office: Office) -> None:
    answer = office.visit.post("/admin/sources/lonely/test")
    assert answer.status_code == 200
    assert 'class="probed bad"' in answer.text


def test_a_source_without_its_key_is_not_asked(office: Office) -> None:
    assert "it has no key, so nothing was asked" in office.visit.post("/admin/sources/anthropic/test").text


def test_a_viewer_sees_settings_but_may_not_test(office: Office) -> None:
    made = tokens.create(
        office.census.store, "guest", role=Role.VIEWER, actor="test", now=office.census.clock()
    )  # fmt: skip
    with Visit(office.address, made.secret) as visit:
        page = visit.get("/admin/sources/openrouter")
        assert page.status_code == 200
        assert "Test now" not in page.text
        assert visit.post("/admin/sources/openrouter/test").status_code == 403
