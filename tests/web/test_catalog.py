"""The catalog's page as the server gives it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from html import unescape
from io import StringIO
from pathlib import Path

import pytest

from modelcensus.operations.catalog import curating
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, Settings
from tests.api.shop import SECRET, bearer
from tests.builders import census_at
from tests.web.serving import QUIET, ask, served
from tests.web.stock import HOSTILE, RIGHT_TO_LEFT, fill
from tests.web.visiting import ADMIN, OPENED, Visit

_BOX = re.compile(r'name="m" value="([^"]*)"')


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    folder: Path = tmp_path_factory.mktemp("catalog")
    with census_at(f"sqlite:///{folder / 'census.db'}") as census:
        fill(census)
        yield census


@pytest.fixture(scope="module")
def address(census: Census) -> Iterator[str]:
    with served(census, OPENED) as address:
        yield address


def shown(text: str) -> list[str]:
    """Ids of the models in a table, in order."""
    return [unescape(each) for each in _BOX.findall(text)]


def row_of(text: str, model_id: str) -> str:
    """One row of a table."""
    return next(row for row in text.split("<tr>") if f'value="{model_id}"' in row)


@pytest.mark.parametrize(
    "query",
    [
        "q=STEADY", "provider=lab", "provider=lab&provider=rude", "lab=many&max_price_input=20", "min_context=500000",
        "capability=tool_calling", "free=true", "modality=text&q=lab", "min_price_output=1", "lifecycle=archived",
        "curated=false&q=rude", "open_weights=true", "sort=price.input", "sort=-context&q=lab", "sort=name&q=rude",
    ],
)  # fmt: skip
def test_the_page_shows_what_the_api_answers_to_the_same_query(address: str, query: str) -> None:
    page = ask(address, f"/models?{query}").text
    sort = "" if "sort=" in query else "&sort=-released"
    answer = ask(address, f"/api/models?{query}{sort}").json()
    assert shown(page) == [each["id"] for each in answer["data"]]
    assert f"<strong>{answer['total']}</strong>" in page


def test_fields_of_a_form_that_are_left_empty_ask_for_nothing(address: str) -> None:
    all_of_a_form = "q=&min_price_input=&free=&min_context=&retiring_before=&as_of=&sort=-released&provider=lab"
    assert shown(ask(address, f"/models?{all_of_a_form}").text) == shown(ask(address, "/models?provider=lab").text)


def test_pages_join_to_the_whole_list(address: str) -> None:
    first = ask(address, "/models?sort=id").text
    following = re.search(r'rel="next" href="([^"]*)"', first)
    assert following is not None
    second = ask(address, unescape(following[1])).text
    assert len(shown(first)) == 100
    assert shown(first) + shown(second) == sorted({*shown(first), *shown(second)})
    assert 'rel="next"' not in second
    assert "First page" in second


def test_a_cursor_of_another_list_leads_to_the_first_page_and_says_so(address: str) -> None:
    following = re.search(r'rel="next" href="[^"]*(after=[^"&]*)', ask(address, "/models?sort=id").text)
    assert following is not None
    page = ask(address, f"/models?sort=name&{following[1]}")
    assert page.status_code == 400
    assert "of another list" in page.text
    assert shown(page.text) == shown(ask(address, "/models?sort=name").text)


def test_the_head_of_a_column_sorts_by_it_and_then_the_other_way_round(address: str) -> None:
    page = ask(address, "/models?q=lab").text
    assert '<a href="/models?q=lab&amp;sort=-context">Context</a>' in page
    page = ask(address, "/models?q=lab&sort=-context").text
    assert 'aria-sort="descending"><a href="/models?q=lab&amp;sort=context">Context</a>' in page


def test_columns_are_those_chosen_and_stay_so_in_every_link(address: str) -> None:
    page = ask(address, "/models?q=fresh&col=can&col=max_output").text
    heads = re.findall(r'<th scope="col" class="(\w+)', page)
    assert heads == ["name", "can", "max_output"]
    assert "col=can&amp;col=max_output&amp;sort=name" in page


def test_a_value_that_makes_no_sense_is_told_beside_its_field_and_kept(address: str) -> None:
    page = ask(address, "/models?min_price_input=cheap&q=lab")
    assert page.status_code == 400
    assert 'name="min_price_input" value="cheap"' in page.text
    assert 'aria-describedby="wrong-min_price_input"' in page.text
    assert "The price of input must be US dollars" in page.text
    assert shown(page.text) == shown(ask(address, "/models?q=lab").text)


def test_badges_tell_what_is_new_and_what_became_cheaper_within_a_week(address: str) -> None:
    page = ask(address, "/models?provider=lab").text
    assert "new</span>" in row_of(page, "lab/fresh")
    assert "−20 %</span>" in row_of(page, "lab/falling")
    assert "badge" not in row_of(page, "lab/steady")


def test_a_price_has_its_way_as_a_line_and_in_words(address: str) -> None:
    page = ask(address, "/models?provider=lab").text
    line = r'class="cheaper"[^>]*aria-label="10 to 8, last changed [0-9-]{10}"><polyline points="[0-9, ]+"'
    assert re.search(line, row_of(page, "lab/falling"))
    assert 'class="level"' in row_of(page, "lab/steady")


def test_what_is_held_back_shows_to_viewers_alone(address: str) -> None:
    with Visit(address) as visit:
        inside = visit.get("/models?held=true").text
        assert shown(inside) == ["lab/steady"]
        assert ">held</a>" in row_of(inside, "lab/steady")
        assert ">held</a>" in row_of(visit.get("/models?q=steady").text, "lab/steady")
    outside = ask(address, "/models?held=true&q=lab&enabled=true&tier=all").text
    assert len(shown(outside)) == 3
    assert "held" not in row_of(outside, "lab/steady")
    assert 'name="held"' not in outside


def test_the_catalog_as_of_a_day_shows_its_prices_and_a_way_back(address: str) -> None:
    page = ask(address, "/models?q=lab/&as_of=2026-01-02").text
    assert "as of 2026-01-02</strong>" in page
    assert '<a href="/models?q=lab%2F">Back to today</a>' in page
    assert ">10.00<" in row_of(page, "lab/falling")
    assert 'href="/models/lab/falling?as_of=2026-01-02"' in page
    assert "lab/fresh" not in shown(page)


def test_a_day_that_is_still_to_come_is_no_day_to_look_back_to(address: str) -> None:
    page = ask(address, "/models?as_of=2999-01-01")
    assert page.status_code == 400
    assert "is still to come" in page.text


def test_a_script_gets_the_rows_alone_and_the_same_ones(address: str) -> None:
    part = ask(address, "/models?q=lab&part=rows").text
    assert "<html" not in part
    assert shown(part) == shown(ask(address, "/models?q=lab").text)
    assert "part=rows" not in part


def test_the_table_holds_all_that_fits_and_nothing_that_a_spreadsheet_would_run(address: str) -> None:
    answer = ask(address, "/models.csv?provider=rude&provider=many&sort=name")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(rows) == 108
    assert next(row["name"] for row in rows if row["id"] == "rude/sum") == "'=SUM(A1)"
    assert 'href="/models.csv?provider=rude"' in ask(address, "/models?provider=rude").text
    assert ask(address, "/models.csv?min_context=many").status_code == 400


def test_whoever_has_not_signed_in_is_answered_from_memory(address: str) -> None:
    first = ask(address, "/models?q=many")
    again = ask(address, "/models?q=many", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    with Visit(address) as visit:
        mine = visit.get("/models?q=many")
        assert mine.headers["cache-control"] == "no-store"
        assert "etag" not in mine.headers
    assert ask(address, "/models?q=many").text == first.text


def test_names_that_mean_harm_are_text(address: str) -> None:
    page = ask(address, "/models?provider=rude").text
    assert HOSTILE not in page
    assert RIGHT_TO_LEFT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202eevil" in page
    assert "x" * 200 not in page


def test_an_empty_catalog_says_how_it_is_filled(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census) as address:
        page = ask(address, "/models")
    assert page.status_code == 200
    assert "<code>modelcensus sync</code>" in page.text


def test_a_search_that_finds_nothing_leads_back(address: str) -> None:
    page = ask(address, "/models?q=nowhere").text
    assert "No model fits" in page
    assert 'href="/find?q=nowhere"' in page


def test_each_sees_the_models_of_their_tier_and_viewers_everything(sqlite_url: str) -> None:
    tiered = Settings(access=AccessSettings(mode="tiers", jwt_secret=SECRET, admin_token=ADMIN), api=QUIET)
    with census_at(sqlite_url) as census, served(census, tiered) as address:
        fill(census, plenty=0)
        now = census.clock()
        curating.edit_one(census.store, "lab/steady", {"enabled": True, "is_free": True}, "someone", now)
        curating.edit_one(census.store, "lab/fresh", {"enabled": True, "is_pro": True}, "someone", now)
        free = ask(address, "/models").text
        assert shown(free) == ["lab/steady"]
        assert "<bdi>rude</bdi>" not in free  # nor does a list of providers tell that there is more
        assert len(shown(ask(address, "/models", headers=bearer("pro")).text)) == 2
        with Visit(address) as visit:
            assert shown(visit.get("/models?tier=free").text) == ["lab/steady"]
            assert len(shown(visit.get("/models?tier=all&provider=lab").text)) == 3
            assert shown(visit.get("/models?enabled=false&provider=lab").text) == ["lab/falling"]
