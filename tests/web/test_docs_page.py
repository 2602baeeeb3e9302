from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from modelcensus.settings import ApiSettings, Settings
from modelcensus.web.docs.described import described
from modelcensus.web.docs.types import words
from tests.builders import census_at
from tests.web.serving import ask, served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = f"sqlite:///{tmp_path_factory.mktemp('docs') / 'census.db'}"
    settings = Settings(api=ApiSettings(live=False, log="off", public_url="https://census.example"))
    with census_at(url) as census, served(census, settings) as address:
        yield address


def test_every_operation_of_openapi_is_on_the_page_with_a_command_that_asks_it(address: str) -> None:
    page = ask(address, "/docs").text
    for path, methods in ask(address, "/openapi.json").json()["paths"].items():
        shown = path.replace("{", "").replace("}", "")
        assert f'<code class="at">{path}</code>' in page
        assert f"https://census.example{shown}" in page
        assert page.count(f'<code class="at">{path}</code>') == len(methods)


def test_every_link_on_the_page_leads_to_something_on_it(address: str) -> None:
    page = ask(address, "/docs").text
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(anchors)


def test_the_page_asks_nobody_else_and_holds_no_style_or_script_of_its_own(address: str) -> None:
    page = ask(address, "/docs").text
    assert "<style" not in page
    assert " style=" not in page
    assert re.findall(r"<script(?![^>]* src=\"/static/)", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_the_filter_leaves_what_has_all_words_and_an_anchor_opens_what_it_leads_to(page: Page, address: str) -> None:
    page.goto(f"{address}/docs#post-api-admin-tokens")
    assert page.locator("#post-api-admin-tokens").get_by_text("What is sent").is_visible()
    page.get_by_label("Show only what has").fill("post revoke")
    shown = page.locator(".operation:visible code.at")
    assert shown.all_inner_texts() == ["/api/admin/tokens/{name}/revoke"]
    assert page.locator("[data-count]").inner_text().startswith("1 of ")
    page.get_by_label("Show only what has").fill("nothing has this")
    assert page.get_by_text("Nothing has that").is_visible()


def test_the_words_of_the_census_have_a_page_that_every_page_links(address: str) -> None:
    assert 'href="/help"' in ask(address, "/").text
    page = ask(address, "/help").text
    for word in ("observed", "published, revision", "held", "override", "tier"):
        assert f"<dt>{word}</dt>" in page
    assert "<kbd>/</kbd>" in page


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 1000}, "whole number, 1 to 1,000"),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "text, date or null"),
        ({"type": ["string", "null"]}, "text or null"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, "list of one of: a, b"),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, "map of true or false"),
        ({}, "anything"),
        ({"enum": ["<b>"]}, "one of: &lt;b&gt;"),
    ],
)
def test_a_schema_is_said_in_words(schema: dict[str, object], said: str) -> None:
    assert words(schema) == said


def test_a_description_without_anything_is_a_page_without_anything() -> None:
    found = described({}, "http://census.example")
    assert found.rooms == ()
    assert found.shapes == ()
