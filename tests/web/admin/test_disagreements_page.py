"""Where sources differ: what each says, which one is followed and why, and the way to override it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from modelcensus.operations.catalog import overriding
from tests.api.shop import stocked
from tests.builders import census_at
from tests.web.curating import Curator, curator_on


@contextmanager
def disputed(url: str) -> Iterator[Curator]:
    with census_at(url) as census, curator_on(census) as curator:
        stocked(census)
        yield curator


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Curator]:
    with disputed(f"sqlite:///{tmp_path_factory.mktemp('disputed') / 'census.db'}") as curator:
        yield curator


def test_each_source_is_shown_with_its_word_and_payload_the_followed_one_first(untouched: Curator) -> None:
    page = untouched.page("/admin/disagreements?field=context")
    assert re.findall(r'href="/entity/[^"]*\?source=(\w+)"', page) == ["openrouter", "modelsdev"]
    voices = page.split('class="voices"')[1]
    assert voices.index("openrouter") < voices.index("followed</span>") < voices.index("modelsdev")
    assert re.findall(r'class="says"><bdi>([^<]*)', page) == ["128000", "200000"]
    assert "openrouter is followed: it comes before modelsdev" in page


def test_the_disagreements_are_filtered(untouched: Curator) -> None:
    assert "<code>context</code>" in untouched.page("/admin/disagreements")
    for query in ("field=price.cache_read", "source=litellm", "model=cheap", "field=colour"):
        assert "No disagreement fits this filter" in untouched.page(f"/admin/disagreements?{query}")
    page = untouched.page("/admin/disagreements?model=DEAR&source=modelsdev&field=context")
    assert re.findall(r"<code>([^<]*)</code></h3>", page) == ["context"]


def test_a_word_leads_to_the_override_form_filled_with_it(database_url: str) -> None:
    with disputed(database_url) as desk:
        page = desk.page("/admin/disagreements?field=context")
        links = [html.unescape(each) for each in re.findall(r'href="(/admin/models/[^"]*#override)"', page)]
        form = desk.page(links[1])
        assert 'name="value" required maxlength="40000" value="200000"' in form
        wanted = {"id": "lab/dear", "field": "context", "value": "200000", "reason": "we measured"}
        desk.sent("/admin/models/override", **wanted)
        page = desk.page("/admin/disagreements?field=context")
        assert "overridden</span> <bdi>200000" in page
        assert "No disagreement fits" in desk.page("/admin/disagreements?field=context&open=yes")


def test_who_may_only_look_is_offered_no_override(untouched: Curator) -> None:
    with untouched.viewer() as viewer:
        page = viewer.get("/admin/disagreements").text
        assert "200000" in page
        assert "#override" not in page
    assert overriding.overrides(untouched.census.store) == []


def test_where_no_source_disagrees_the_page_says_so(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, curator_on(census) as desk:
        assert "No source disagrees with another" in desk.page("/admin/disagreements")
