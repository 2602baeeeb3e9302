from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelcensus.operations.census import Census
from modelcensus.web.sources.links import linked
from tests.builders import census_at, model, openrouter, read
from tests.web.sample import fill, hostile
from tests.web.serving import ask, served
from tests.web.visiting import OPENED, Visit


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Census, str]]:
    """A census that is only read here: three sources, the last reading of one of them not understood in part."""
    url = f"sqlite:///{tmp_path_factory.mktemp('sources') / 'census.db'}"
    with census_at(url) as census:
        fill(census)
        hostile(census)
        read(census, openrouter(model("lab/calm"), b'{"id":17,"name":"<i>odd</i>"}'), 40)
        with served(census, OPENED) as address:
            yield census, address


def test_every_source_shows_what_it_holds_and_how_its_readings_went(looked: tuple[Census, str]) -> None:
    page = ask(looked[1], "/sources").text
    card = page[page.index('href="/sources/openrouter"') :]
    card = card[: card.index('class="card"')]
    assert "<b>3</b> models" in card
    assert card.count('title="2026-01-') == 6  # the readings, and when the last good one was
    assert card.count("UTC: partial") == 2  # for eyes and for screen readers
    assert "Not read yet" in page
    assert 'href="/sources/anthropic"' in page[page.index("Not read yet") :]


def test_an_empty_census_lists_what_could_be_read_and_how(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census) as address:
        page = ask(address, "/sources").text
        single = ask(address, "/sources/anthropic").text
    assert "Nothing has been read yet" in page
    assert "modelcensus sync openrouter" in page
    assert "It needs a key: set <code>sources.anthropic.key</code>" in single


def test_a_sources_entities_are_found_by_a_part_of_their_key(looked: tuple[Census, str]) -> None:
    page = ask(looked[1], "/sources/modelsdev?q=GPT").text
    assert 'href="/entity/openai/gpt-4.1?source=modelsdev"' in page
    missed = ask(looked[1], "/sources/modelsdev?q=%25").text
    assert "has “<bdi>%</bdi>” in its key" in missed
    assert 'href="/entity/' not in missed


def test_a_long_list_of_entities_goes_on_where_it_stopped(database_url: str) -> None:
    with census_at(database_url) as census:
        read(census, openrouter(*(model(f"lab/m{number:03}") for number in range(70))))
        with served(census) as address:
            first = ask(address, "/sources/openrouter").text
            second = ask(address, "/sources/openrouter?after=lab/m059").text
            found = ask(address, "/sources/openrouter?q=M06").text
    assert "lab/m059" in first
    assert "lab/m060" not in first
    assert 'href="?after=lab%2Fm059"' in first
    assert "lab/m060" in second
    assert "lab/m059</bdi>" not in second
    assert found.count('href="/entity/lab/m06') == 10


def test_syncs_are_listed_newest_first_with_their_trouble(looked: tuple[Census, str]) -> None:
    page = ask(looked[1], "/sources/openrouter?show=syncs").text
    page = page[page.index("<tbody>") :]
    assert page.index("2026-01-03") < page.index("2026-01-02") < page.index("2026-01-01")
    older = ask(looked[1], "/sources/openrouter?show=syncs&before=2").text
    assert "2026-01-03" not in older[older.index("<tbody>") :]
    assert "Newest" in older


def test_what_was_not_understood_is_shown_to_administration_alone(looked: tuple[Census, str]) -> None:
    path = "/sources/openrouter?show=quarantine"
    public = ask(looked[1], path).text
    assert "odd" not in public
    assert "is for administration" in public
    with Visit(looked[1]) as visit:
        assert "&lt;i&gt;odd&lt;/i&gt;" in visit.get(path).text.replace("\\&#34;", "")


def test_a_source_that_is_not_configured_has_no_page(looked: tuple[Census, str]) -> None:
    page = ask(looked[1], "/sources/nobody")
    assert page.status_code == 404
    assert "the sources are" in page.text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Lab (https://lab.example/a?b=1), MIT", 'Lab (<a href="https://lab.example/a?b=1" rel='),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ('https://x.example/"onmouseover=1', '<a href="https://x.example/" rel='),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_addresses_in_a_text_become_links_and_nothing_else_does(text: str, made: str) -> None:
    assert str(linked(text)).startswith(made)
    assert "<b>" not in linked(text)
    assert 'href="javascript' not in linked(text)
