from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pytest

from modelcensus.operations.census import Census
from modelcensus.web.rendering.shown import entity_url
from tests.builders import census_at, model, openrouter, read
from tests.web.sample import HOSTILE_KEY, LONG_KEY, ODD_KEY, fill, hostile
from tests.web.serving import ask, destroy, served


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as census:
        yield census


@pytest.fixture
def address(census: Census) -> Iterator[str]:
    with served(census) as address:
        yield address


def test_what_sources_said_otherwise_is_shown_with_both_values(address: str, census: Census) -> None:
    fill(census)
    page = ask(address, "/changes/sources").text
    assert "pricing.prompt" in page
    assert "0.0000025" in page
    assert "0.000002" in page
    assert "−20 %" in page
    assert 'href="/entity/lab/early-preview:free"' in page


ODD_KEYS = (
    ODD_KEY,
    "a/../b",
    "..",
    "/",
    "a//b",
    "a/",
    "a\\b",
    "%2F",
    "a;b=c&d",
    "a//b&c#d",
    "ключ/模型",
    "x?source=y",
    "a+b c",
)


def test_the_link_to_an_entity_leads_to_it_whatever_its_key_holds(address: str, census: Census) -> None:
    read(census, openrouter(model("lab/other")))
    read(census, openrouter(*(model(key, name=f"Found as {key}") for key in ODD_KEYS), model("lab/other")), 1)
    changes = ask(address, "/changes/sources").text
    for key in ODD_KEYS:
        assert f'href="{escape(entity_url(key))}"' in changes, key
        page = ask(address, entity_url(key))
        assert page.status_code == 200, key
        assert escape(f"Found as {key}") in page.text, key


def test_the_page_of_an_entity_shows_prices_per_million_tokens(address: str, census: Census) -> None:
    fill(census)
    page = ask(address, "/entity/openai/gpt-4.1").text
    assert page.count("$2.00") >= 2
    assert "1\u202f047\u202f576" in page
    assert "not said" in page


def test_an_unknown_price_is_not_shown_as_free(address: str, census: Census) -> None:
    read(census, openrouter(model("lab/silent", price="")))
    page = ask(address, "/entity/lab/silent").text
    assert "Input, per million" not in page
    assert "free" not in page


def test_an_unknown_key_gets_a_page_with_suggestions(address: str, census: Census) -> None:
    fill(census)
    page = ask(address, "/entity/openai/gpt-4.1-turbo")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="/entity/openai/gpt-4.1"' in page.text


def test_an_unknown_page_says_so_in_our_own_words(address: str) -> None:
    page = ask(address, "/nowhere")
    assert page.status_code == 404
    assert "Back to the census" in page.text


def test_hostile_text_arrives_as_text(address: str, census: Census) -> None:
    hostile(census)
    odd = "/entity/<script>alert(3)</script>\u202e"
    for path in ("/", "/changes/sources", entity_url(HOSTILE_KEY), "/find?q=script", odd):
        page = ask(address, path).text
        assert page.count("<script") == page.count('<script type="module" src="/static/')
        assert "<img" not in page
        assert "\u202e" not in page
        assert 'href="javascript' not in page


def test_the_longest_key_has_its_page_and_a_longer_one_is_not_found(address: str, census: Census) -> None:
    hostile(census)
    assert ask(address, entity_url(LONG_KEY)).status_code == 200
    assert ask(address, "/entity/" + "z" * 10_000).status_code == 404


def test_finding_a_part_of_a_name_lists_the_keys_that_hold_it(address: str, census: Census) -> None:
    fill(census)
    assert 'href="/entity/google/gemini-2.5-pro"' in ask(address, "/find?q=GEMINI").text
    assert ask(address, "/find?q=openai%2Fgpt-4.1").headers["location"] == "/entity/openai/gpt-4.1"


def test_a_lost_database_gives_a_page_and_no_traceback(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census) as address:
        destroy(sqlite_url)
        page = ask(address, "/")
    assert page.status_code == 503
    assert "The database does not answer" in page.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/stats", "/api/nowhere", "/static/style.css", "/healthz"])
def test_every_answer_carries_the_security_headers(address: str, path: str) -> None:
    headers = ask(address, path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
