from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from msgspec import UNSET
from playwright.sync_api import Page

from modelcensus.core.catalog.event import Event, Moved
from modelcensus.core.catalog.model import StepKind
from modelcensus.web.changes.news import Section, Story, stories
from tests.api.shop import TIERED, bearer, shop
from tests.builders import at, census_at
from tests.web.morning import published, sold, three_days
from tests.web.sample import fill
from tests.web.serving import ask, served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("news") / "census.db"
    with census_at(f"sqlite:///{path}") as census:
        three_days(census)
        with served(census) as address:
            yield address


def event(kind: StepKind = StepKind.UPDATED, revision: int = 2, /, **moved: Any) -> Event:
    fields = tuple(
        Moved(path=path.replace("__", "."), before=before, after=after, source="openrouter")
        for path, (before, after) in moved.items()
    )
    return Event(
        id=f"{revision}-1", revision=revision, position=1, at=at(0), kind=kind, model_id="lab/one", name="One",
        provider="lab", fields=fields,
    )  # fmt: skip


def told(**moved: tuple[Any, Any]) -> str:
    """The only story of an event, as a sentence."""
    (only,) = stories(event(**moved))
    return sentence(only)


def sentence(story: Story) -> str:
    moves = ", ".join(f"{each.what} {each.before} → {each.after} {each.by}".strip() for each in story.moves)
    return f"{story.name} {story.said}: {moves} {story.tail}".strip()


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_one_price_that_fell_is_told_with_by_how_much_and_from_what_to_what() -> None:
    assert told(price__output=("2", "1.6")) == "One is 20 % cheaper for output: $2.00 → $1.60 per million tokens"


def test_several_prices_that_rose_alike_are_one_sentence() -> None:
    said = told(price__input=("1", "1.5"), price__output=("2", "3"))
    assert said == "One is 50 % dearer: input $1.00 → $1.50 +50 %, output $2.00 → $3.00 +50 % per million tokens"


def test_input_and_output_decide_whether_a_model_is_cheaper_whatever_its_cache_costs() -> None:
    (story,) = stories(event(price__output=("2", "1"), price__cache_read=("0.1", "0.2")))
    assert story.section is Section.CHEAPER


def test_prices_that_moved_both_ways_are_called_neither_cheaper_nor_dearer() -> None:
    (story,) = stories(event(price__input=("1", "2"), price__output=("2", "1")))
    assert story.section is Section.REPRICED


def test_a_price_that_became_free_or_stopped_being_it_is_said_in_words() -> None:
    assert "is now free for input" in told(price__input=("1", "0"))
    assert "is no longer free for input" in told(price__input=("0", "1"))


def test_a_price_that_came_to_be_known_is_no_rise() -> None:
    (story,) = stories(event(price__cache_read=(UNSET, "0.1")))
    assert (story.section, story.said) == (Section.OTHER, "has a price for cached input: $0.10")


def test_limits_are_told_as_longer_or_shorter() -> None:
    assert told(context=(100, 200)) == "One takes a longer context: 100 → 200 +100 % tokens"
    assert "gives shorter answers" in told(max_output=(200, 100))


def test_the_end_of_a_model_names_its_day_and_its_successor() -> None:
    (story,) = stories(event(retires=(UNSET, "2026-12-01"), successor=(UNSET, "lab/two")))
    assert story.section is Section.RETIRING
    assert (story.said, story.tail) == ("retires on 2026-12-01", "use lab/two instead")


@pytest.mark.parametrize(
    ("kind", "revision", "section"),
    [
        (StepKind.NEW, 1, Section.BEGAN),
        (StepKind.NEW, 2, Section.NEW),
        (StepKind.ARCHIVED, 2, Section.GONE),
        (StepKind.REVIVED, 2, Section.BACK),
    ],
)
def test_coming_and_going_have_their_own_sections(kind: StepKind, revision: int, section: Section) -> None:
    assert [story.section for story in stories(event(kind, revision))] == [section]


def test_a_model_that_is_back_at_another_price_is_told_twice() -> None:
    found = stories(event(StepKind.REVIVED, price__input=("1", "2")))
    assert [story.section for story in found] == [Section.BACK, Section.DEARER]


def test_upstream_text_in_a_sentence_is_plain_and_bounded() -> None:
    said = told(name=("\u202eevil", "x" * 10_000))
    assert "\u202e" not in said
    assert len(said) < 300


def test_the_page_tells_each_day_in_sentences_newest_first(address: str) -> None:
    page = text_of(ask(address, "/changes").text)
    assert "Lab/Fancy is 20 % cheaper for output: $8.00 → $6.40 per million tokens, at lab" in page
    assert "Other/Small is 10 % dearer for input: $1.00 → $1.10 per million tokens" in page
    assert "Lab/Steady takes a longer context: 128 000 → 256 000 (+100 %) tokens" in page
    assert "Other/Fresh is new: $3.00 for input and $9.00 for output per million tokens" in page
    assert page.index("Other/Fresh is new") < page.index("Lab/Fancy is 20 %") < page.index("The first catalog")


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("kind=cheaper", "Lab/Fancy", "Other/Small"),
        ("kind=dearer", "Other/Small", "Lab/Fancy"),
        ("kind=limits", "Lab/Steady", "Lab/Fancy"),
        ("kind=new&provider=other", "Other/Fresh", "Lab/M0"),
        ("q=FANCY", "Lab/Fancy", "Other/Fresh"),
        ("since=2d", "Other/Fresh", "Lab/Fancy"),
        ("until=2000-01-01", "No news of this kind", "Lab/Fancy"),
        ("source=modelsdev", "No news of this kind", "Lab/Fancy"),
    ],
)
def test_a_filter_in_the_address_leaves_the_rest_out(address: str, query: str, there: str, gone: str) -> None:
    answer = ask(address, f"/changes?{query}")
    news = text_of(answer.text.partition('<div class="paper">')[2])
    assert answer.status_code == 200
    assert there in news
    assert gone not in news


def test_pages_follow_each_other_without_a_gap_or_an_overlap(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        many = [sold(f"lab/n{number:03}") for number in range(320)]
        published(census, *many, ago=5)
        with served(census) as address:
            seen: list[str] = []
            path: str | None = "/changes"
            while path is not None:
                page = ask(address, path).text
                seen += re.findall(r'href="/models/(lab/n\d+)"', page)
                link = re.search(r'href="(/changes\?before=[^"]+)" rel="next"', page)
                path = unescape(link[1]) if link else None
    assert len(seen) == len(set(seen)) == 320


@pytest.mark.parametrize("query", ["kind=nonsense", "since=yesterday-ish", "before=nowhere"])
def test_a_filter_that_cannot_be_meant_is_refused_beside_the_form(address: str, query: str) -> None:
    answer = ask(address, f"/changes?{query}&q=kept")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'value="kept"' in answer.text


def test_the_links_for_programs_carry_the_filters_that_the_api_takes(address: str) -> None:
    page = ask(address, "/changes?kind=cheaper&provider=lab&since=2026-01-01").text
    link = re.search(r'href="(/api/changes\?[^"]+)"', page)
    assert link is not None
    answer = ask(address, unescape(link[1]))
    assert answer.status_code == 200, answer.text
    found = {each["model_id"] for each in answer.json()["data"]}
    assert "lab/fancy" in found
    assert "other/small" not in found
    assert 'type="application/atom+xml"' in page


def test_nobody_reads_news_of_models_that_their_tier_does_not_see(sqlite_url: str) -> None:
    with shop(sqlite_url, TIERED) as (_, address):
        page = ask(address, "/changes", headers=bearer("free")).text
    assert "lab/dear" not in page
    assert "lab/cheap" not in page


def test_before_the_first_revision_the_changes_of_sources_are_shown(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        fill(census)
        with served(census) as address:
            page = ask(address, "/changes").text
    assert "pricing.prompt" in page
    assert 'href="/entity/lab/early-preview:free"' in page


def test_what_sources_said_is_paged_by_whole_readings(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        for round_ in range(4):
            published(census, *[sold(f"lab/n{n}", f"0.00000{round_ + 1}") for n in range(60)], ago=100 - round_)
        with served(census) as address:
            first = ask(address, "/changes/sources?source=openrouter").text
            link = re.search(r'href="(/changes/sources\?before=[^"]+)" rel="next"', first)
            assert link is not None
            second = ask(address, unescape(link[1])).text
    counts = [page.count('<article class="moment">') for page in (first, second)]
    assert counts == [2, 2]  # 60 differences each, of which 150 fit on a page


def test_a_long_section_is_folded_and_opens_by_the_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/changes")
    fold = page.locator(".began summary")
    assert not page.get_by_role("link", name="Lab/M3").is_visible()
    fold.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("link", name="Lab/M3").is_visible()
