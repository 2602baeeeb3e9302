from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from modelcensus.operations.catalog import catalog
from modelcensus.operations.catalog.curating import edit_one
from modelcensus.serving.context import context_on
from modelcensus.settings import AccessSettings, Settings
from modelcensus.web.rendering.assets import Assets
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.trends import routes as trends
from tests.api.shop import SECRET, bearer
from tests.builders import census_at, imported, openrouter
from tests.operations.trends_world import census_on, hub, quarter
from tests.web.serving import QUIET, ask, served

TIERED = Settings(api=QUIET, access=AccessSettings(mode="tiers", jwt_secret=SECRET))
ODD = "lab/<script>alert(1)</script>"


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Months of prices, models and downloads. The free tier sees lab/a alone, the pro tier lab/late too."""
    with quarter(f"sqlite:///{tmp_path_factory.mktemp('moved')}/census.db") as census:
        hub(census, 70, org__one=100, org__two=100)
        hub(census, 95, org__one=100, org__two=400)
        edit_one(census.store, "lab/a", {"enabled": True, "is_free": True}, "ann", census.clock())
        edit_one(census.store, "lab/late", {"enabled": True, "is_pro": True}, "ann", census.clock())
        with served(census, TIERED) as address:
            yield address


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Models with and without a score, a price, and manners; of today alone."""
    shape = {"architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}, "context_length": 9000}

    def sold(key: str, dollars: str, score: float | None, **fields: object) -> dict[str, object]:
        marks = {"artificial_analysis": {"intelligence_index": score}} if score is not None else {}
        prices = {"prompt": f"{dollars}e-6", "completion": f"{dollars}e-6"}
        return {"id": key, "name": f"The {key}", "pricing": prices, "benchmarks": marks, **shape, **fields}

    with census_on(f"sqlite:///{tmp_path_factory.mktemp('scored')}/census.db", days=1) as census:
        listed = [
            sold("lab/cheap", "0.5", 20.5), sold("lab/clever", "4", 61, supported_parameters=["tools"]),
            sold("lab/unknown", "3", None), sold("lab/gift", "0", 10), sold(ODD, "2", 33),
        ]  # fmt: skip
        imported(census, openrouter(*listed), 0)
        catalog.update(census, now=census.clock())
        with served(census, Settings(api=QUIET)) as address:
            yield address


def _of(page: str, section: str) -> str:
    found = re.search(rf'<section [^>]*aria-labelledby="{section}">.*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


def _rows(html: str) -> list[list[str]]:
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    ]


def _as(address: str, tier: str) -> str:
    return ask(address, "/trends", headers=bearer(tier)).text


def test_the_price_index_shows_its_numbers_and_where_programs_find_them(moved: str) -> None:
    prices = _of(ask(moved, "/trends?months=6").text, "prices")
    assert _rows(prices)[:4] == [
        ["Time (UTC)", "all models", "lab"],
        ["2026-01-01", "100", "100"],
        ["2026-02-01", "53.85", "53.85"],
        ["2026-03-01", "19.23", "19.23"],
    ]
    assert 'href="/api/trends/prices?by=provider&amp;months=6"' in prices
    assert ask(moved, "/api/trends/prices?by=provider&months=6").status_code == 200


def test_another_way_to_group_and_one_group_are_links_and_choices(moved: str) -> None:
    page = ask(moved, "/trends?by=capability&only=vision").text
    assert _rows(_of(page, "prices"))[0] == ["Time (UTC)", "all models", "vision"]
    assert '<option value="vision" selected>' in page
    assert '<a href="/trends?only=vision"' not in page
    unknown = ask(moved, "/trends?only=nobody")
    assert unknown.status_code == 200
    assert "No prices of the provider &#39;nobody&#39; are known." in unknown.text


def test_models_by_month_name_those_that_came_and_went_as_far_as_the_tier_sees_them(moved: str) -> None:
    pro = _of(_as(moved, "pro"), "months")
    assert ["2026-02", "1", "0"] in _rows(pro)
    assert 'href="/models/lab/late"' in pro
    free = ask(moved, "/trends").text
    assert "lab/late" not in free + _as(moved, "free")
    assert "lab/b" not in free
    assert ["2026-02", "0", "0"] in _rows(_of(free, "months"))


def test_risers_are_told_with_what_they_were_and_are(moved: str) -> None:
    assert _rows(_of(ask(moved, "/trends").text, "risers"))[1:] == [["org/two", "100", "400", "+300", "+150 %"]]
    likes = _of(ask(moved, "/trends?metric=likes").text, "risers")
    assert _rows(likes)[1][:3] == ["org/two", "10", "40"]
    assert 'href="/entity/org/two?source=huggingface"' in likes


def test_a_dot_leads_to_its_model_and_what_is_left_out_is_counted(scored: str) -> None:
    part = _of(ask(scored, "/trends").text, "intelligence")
    assert next(row for row in _rows(part) if "lab" in row[0]) == ["The lab/clever", "61", "4"]
    assert '<a href="/models/lab/clever" tabindex="-1"><circle' in part
    assert "3 models are shown; 1 without a score and 1 with a score but without a price above zero" in part
    assert "Scores: <bdi>Artificial Analysis</bdi>." in part


def test_the_cheapest_model_of_each_ability_is_no_gift(scored: str) -> None:
    rows = _rows(_of(ask(scored, "/trends").text, "cheapest"))
    assert [row[0:1] + row[2:] for row in rows if row[0] in ("anything", "tool calling")] == [
        ["anything", "$0.50", "4"],
        ["tool calling", "$4.00", "1"],
    ]
    assert "The lab/cheap" in rows[1][1]


def test_names_of_upstream_do_no_harm(scored: str) -> None:
    page = ask(scored, "/trends").text
    assert "<script>alert" not in page
    assert "The lab/&lt;script&gt;" in page
    assert not re.search(r"<[^>]*\sstyle=|<style", page)


def test_an_empty_census_says_in_each_section_what_to_do(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census, Settings(api=QUIET)) as address:
        page = ask(address, "/trends")
    assert page.status_code == 200
    told = ["No prices are known yet", "No model has a score yet", "No model has a price yet", "The census is empty",
            "No downloads have been recorded yet"]  # fmt: skip
    assert [each for each in told if each not in page.text] == []
    assert page.text.count("modelcensus sync") >= 4


@pytest.mark.parametrize("query", ["months=7", "by=colour", "metric=stars", f"only={'x' * 201}"])
def test_what_cannot_be_shown_is_refused_by_a_page(moved: str, query: str) -> None:
    answer = ask(moved, f"/trends?{query}")
    assert answer.status_code == 422
    assert "text/html" in answer.headers["content-type"]


def test_a_past_that_takes_long_is_awaited_on_the_page_which_completes_itself(sqlite_url: str, page: Page) -> None:
    go_on = Event()
    with quarter(sqlite_url) as census:
        context = context_on(census, Settings(api=QUIET))
        app = FastAPI()
        app.state.context = context
        app.include_router(trends.routes(context, Pages(census)))
        app.mount("/static", Assets())
        # Somebody else has the past worked out, and it takes its time.
        slow = Thread(target=context.moving.models, args=(6,), kwargs={"progress": lambda *_: go_on.wait(30)})
        with served(census, app=app) as address:
            slow.start()
            try:
                page.goto(f"{address}/trends?months=12")
                expect(page.get_by_text("being worked out")).to_have_count(2)
                expect(page.get_by_role("link", name="Look again").first).to_be_visible()
            finally:
                go_on.set()
            expect(page.get_by_role("img", name="Price index by provider")).to_be_visible()
            expect(page.get_by_text("being worked out")).to_have_count(0)
            expect(page.locator("#heard")).to_have_text("The past is worked out.")
            slow.join()
            context.ahead.stop()
