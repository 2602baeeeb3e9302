from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from modelcensus.core.access import Role
from modelcensus.operations import tokens
from modelcensus.operations.catalog.catalog import current_plan, refresh
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect
from modelcensus.settings import AccessSettings, HealthSettings, Settings, SourceSettings
from modelcensus.upstream import Fault, Play, Upstream
from tests.api.shop import SECRET, bearer, shop
from tests.builders import at, census_at, genai_prices, model, openrouter, read
from tests.web.morning import published, sold, three_days
from tests.web.sample import fill
from tests.web.serving import QUIET, ask, destroy, served
from tests.web.test_changes_page import text_of
from tests.web.visiting import ADMIN, OPENED, Visit

_TIERED = Settings(access=AccessSettings(mode="tiers", jwt_secret=SECRET, admin_token=ADMIN), api=QUIET)


@pytest.fixture
def census(sqlite_url: str) -> Iterator[Census]:
    with census_at(sqlite_url) as census:
        yield census


def number(page: str, what: str) -> str:
    """A number of the first page by what it counts."""
    found = re.search(rf"<dt>{what}</dt><dd>(.*?)</dd>", page)
    assert found is not None, what
    return text_of(found[1])


def test_an_empty_census_explains_itself_in_three_steps_and_names_the_command(census: Census) -> None:
    with served(census, OPENED) as address:
        page = ask(address, "/").text
    assert page.count('<li class="sheet">') == 3
    assert "<code>modelcensus sync</code>" in page
    assert 'href="/login"' in page
    assert "<form method" not in page
    assert "openrouter" in page


def test_an_empty_census_lets_an_administrator_start_the_first_sync(census: Census) -> None:
    with served(census, OPENED) as address, Visit(address) as visit:
        page = visit.get("/").text
    assert 'method="post" action="/admin/syncs"' in page
    assert f'name="proof" value="{visit.proof}"' in page


def test_who_only_looks_is_given_no_button_that_they_may_not_press(census: Census) -> None:
    created = tokens.create(census.store, "guest", role=Role.VIEWER, actor="test", now=at(0))
    with served(census, OPENED) as address, Visit(address, created.secret) as visit:
        page = visit.get("/").text
    assert 'action="/admin/syncs"' not in page


def test_readings_without_a_catalog_say_that_a_plan_waits_and_show_what_was_read(census: Census) -> None:
    fill(census)
    refresh(census, now=at(27))
    current_plan(census, now=at(27))
    with served(census, OPENED) as address, Visit(address) as visit:
        mine, anyones = visit.get("/").text, ask(address, "/").text
    assert "Nothing is published yet" in mine
    assert "A plan waits" in mine
    assert 'class="button" href="/admin/plans"' in mine
    assert 'class="button" href="/login?to=/admin/plans"' in anyones
    assert 'href="/entity/lab/early-preview:free"' in anyones


def test_readings_that_make_no_models_say_which_sources_would(census: Census) -> None:
    read(census, genai_prices(lab=["a", "b"]), source="genai-prices")
    with served(census, OPENED) as address:
        page = ask(address, "/").text
        read(census, openrouter(model()), 1)
        after = ask(address, "/").text
    assert "What was read so far makes no models" in page
    assert 'href="/sources/openrouter"' in page
    assert 'class="button" href="/admin/syncs"' in page
    assert "No plan has been made of it yet" in after


def test_the_morning_page_counts_and_tells_what_happened(database_url: str) -> None:
    with census_at(database_url) as census:
        three_days(census)
        with served(census) as address:
            page = ask(address, "/").text
    assert number(page, "models offered") == "12"
    assert number(page, "providers") == "2"
    assert number(page, "changes in 24 hours") == "2"
    assert number(page, "changes in 7 days") == "4"
    told = text_of(page)
    assert "Lab/Fancy is 20 % cheaper for output" in told
    assert "Last reading 1 hour ago" in told
    assert 'action="/models"' in page
    assert 'href="/changes"' in page


def test_the_numbers_follow_the_next_revision_at_once(census: Census) -> None:
    three_days(census)
    with served(census) as address:
        before = number(ask(address, "/").text, "models offered")
        plenty = [sold(f"lab/m{n}") for n in range(8)]
        published(census, sold("lab/steady"), sold("lab/fancy"), sold("other/small"), sold("other/fresh"),
                  sold("other/later"), *plenty, ago=0.5)  # fmt: skip
        after = number(ask(address, "/").text, "models offered")
    assert (before, after) == ("12", "13")


def test_what_needs_somebody_is_told_to_those_who_may_look_and_to_nobody_else(census: Census) -> None:
    three_days(census)
    plenty = [sold(f"lab/m{n}") for n in range(8)]
    published(census, sold("lab/steady"), sold("lab/fancy", "0.002"), sold("other/small"), *plenty, ago=0.5)
    settings = Settings(access=OPENED.access, api=QUIET, health=HealthSettings(min_models=100))
    with served(census, settings) as address, Visit(address) as visit:
        mine, anyones = visit.get("/").text, ask(address, "/").text
    needs = text_of(mine.partition('class="needs"')[2].partition("</section>")[0])
    assert re.search(r"\d+ changes? held back", needs)
    assert "of health" in needs
    assert "Recent syncs" in mine
    for secret in ("Needs you", "/admin/", "Recent syncs", "held back"):
        assert secret not in anyones


def test_a_source_that_fails_is_told_as_one_and_marked(sqlite_url: str) -> None:
    refusing = Upstream({"/models": [Play(openrouter(), fault=Fault.UNAUTHORIZED)]})
    with refusing as upstream, census_at(sqlite_url, openrouter=SourceSettings(base_url=upstream.url)) as census:
        three_days(census)
        collect(census, census.sources["openrouter"])
        with served(census, OPENED) as address, Visit(address) as visit:
            page = visit.get("/").text
    assert "1 source failing openrouter" in text_of(page)
    chip = re.search(r'class="chip (\w+)" href="/sources"><span[^>]*></span><bdi>openrouter', page)
    assert chip is not None
    assert chip[1] == "bad"


def test_a_tier_is_counted_and_told_only_what_it_sees(sqlite_url: str) -> None:
    with shop(sqlite_url, _TIERED) as (_, address):
        page = ask(address, "/", headers=bearer("free")).text
    assert number(page, "models offered") == "0"
    assert "lab/dear" not in page


def test_a_lost_database_says_since_when_and_what_still_works(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        three_days(census)
        with served(census) as address:
            assert ask(address, "/").status_code == 200
            destroy(sqlite_url)
            pages = [ask(address, "/") for _ in range(2)]
    times = [re.search(r"since (\d{4}-\d\d-\d\d \d\d:\d\d) UTC", page.text) for page in pages]
    assert [page.status_code for page in pages] == [503, 503]
    assert all(times)
    assert "The database does not answer" in pages[0].text
    assert "What still works" in pages[0].text
    assert 'href="/api/models"' in pages[0].text
