"""Names that wait for a person: shown with what tells them, linked with one click, taken back."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from modelcensus.operations.catalog import catalog, linking
from tests.builders import census_at, genai_prices, model, openrouter, read
from tests.web.curating import Curator, curator_on
from tests.web.sample import HOSTILE_KEY, ODD_KEY

WAITING = ["lab/a-turbo", "proxy/another", "proxy/my-own-a"]


@contextmanager
def named(url: str) -> Iterator[Curator]:
    """Three models, and three names of another source that no rule links; one has candidates."""
    with census_at(url) as census, curator_on(census) as curator:
        read(census, openrouter(model("lab/a", context_length=4096), model("lab/b"), model(ODD_KEY)))
        read(census, genai_prices(proxy=["my-own-a", "another"], lab=["a", "a-turbo"]), 1, source="genai-prices")
        catalog.update(census, now=census.clock())
        yield curator


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Curator]:
    with named(sqlite_url) as curator:
        yield curator


@pytest.fixture
def either(database_url: str) -> Iterator[Curator]:
    with named(database_url) as curator:
        yield curator


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Curator]:
    """A desk for tests that change nothing in the end."""
    with named(f"sqlite:///{tmp_path_factory.mktemp('names') / 'census.db'}") as curator:
        yield curator


def waiting(page: str) -> list[str]:
    found = re.findall(r'class="asked">\s*<h2[^>]*><a[^>]*><bdi>([^<]*)</bdi>', page)
    return [html.unescape(each) for each in found]


def word(key: str, **fields: str) -> dict[str, str]:
    return {"source": "genai-prices", "key": key, "back": "/admin/names", **fields}


def linked(desk: Curator) -> dict[str, str]:
    return {each.key: each.model_id for each in linking.names(desk.census.store, source="genai-prices")}


def test_names_that_wait_are_shown_with_their_source_reason_and_candidates(untouched: Curator) -> None:
    page = untouched.page("/admin/names")
    assert waiting(page) == WAITING
    assert "no single model has the name a-turbo" in page
    assert 'name="model_id" value="lab/a"' in page
    assert "4\u202f096 tokens" in page
    assert "No candidate" in page


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("text=ANOTHER", ["proxy/another"]), ("candidates=yes", ["lab/a-turbo"]), ("source=openrouter", []),
        ("candidates=no", ["proxy/another", "proxy/my-own-a"]), ("source=genai-prices", WAITING),
    ],
)  # fmt: skip
def test_the_names_that_wait_are_filtered(untouched: Curator, query: str, wanted: list[str]) -> None:
    page = untouched.page(f"/admin/names?{query}")
    assert waiting(page) == wanted
    assert ("No name that waits fits this filter" in page) is not bool(wanted)


def test_a_name_is_linked_to_a_candidate_with_one_click(either: Curator) -> None:
    assert waiting(either.page("/admin/names")) == WAITING
    page = either.sent("/admin/names/link", **word("lab/a-turbo", model_id="lab/a", place="n1"))
    assert "lab/a-turbo is lab/a." in page
    assert waiting(page) == WAITING[1:]
    assert linked(either)["lab/a-turbo"] == "lab/a"
    assert "said on the page of names" in either.page("/admin/names?show=decided")
    assert "lab/a-turbo" in either.page("/admin/audit?act=link")


def test_after_a_link_the_browser_is_at_the_name_that_took_its_place(desk: Curator) -> None:
    answer = desk.post("/admin/names/link", word("lab/a-turbo", model_id="lab/a", place="n1"))
    assert answer.headers["location"] == "/admin/names#n1"
    rude = word("proxy/another", model_id="lab/a", place='n1"><script>') | {"back": "//evil.example"}
    assert desk.post("/admin/names/link", rude).headers["location"] == "/admin/names"


def test_a_name_is_linked_to_a_model_that_is_typed_and_a_typing_error_makes_no_model(desk: Curator) -> None:
    page = desk.sent("/admin/names/link", **word("proxy/my-own-a", model_id="lab/bb"))
    assert "Not linked: the catalog has no model &#39;lab/bb&#39;" in page
    page = desk.sent("/admin/names/link", **word("proxy/my-own-a", model_id="lab/b", reason="our proxy"))
    assert "proxy/my-own-a is lab/b." in page
    page = desk.sent("/admin/names/link", **word("proxy/another", model_id="proxy/another", own="yes"))
    assert "proxy/another is proxy/another." in page
    assert {"proxy/my-own-a": "lab/b", "proxy/another": "proxy/another"}.items() <= linked(desk).items()


def test_a_name_that_is_no_model_waits_no_more_and_may_be_decided_again(desk: Curator) -> None:
    page = desk.sent("/admin/names/unlink", **word("proxy/another"))
    assert waiting(page) == ["lab/a-turbo", "proxy/my-own-a"]
    assert "no model</span>" in desk.page("/admin/names?show=decided")
    desk.sent("/admin/names/link", **word("proxy/another", model_id="lab/b"))
    assert linked(desk)["proxy/another"] == "lab/b"


def test_a_link_of_the_rules_is_corrected_where_links_are_listed(desk: Curator) -> None:
    page = desk.page("/admin/names?show=linked&source=genai-prices")
    assert "lab/a" in page
    assert "lab/b" not in page.split("<table")[1]
    desk.sent("/admin/names/unlink", **word("lab/a", reason="it is another one"))
    assert "lab/a" not in linked(desk)


def test_a_linked_name_is_listed_with_what_its_source_calls_it_and_is_found_by_that(desk: Curator) -> None:
    read(desk.census, openrouter(model("lab/a", name="Lab: Alpha"), model("lab/b"), model(ODD_KEY)), 2)
    catalog.update(desk.census, now=desk.census.clock())
    listed = desk.page("/admin/names?show=linked&text=alpha").split("<table")[1]
    assert "Lab: Alpha" in listed
    assert "lab/a" in listed
    assert "lab/b" not in listed


def test_what_cannot_be_linked_is_refused(untouched: Curator) -> None:
    assert "lists no model" in untouched.sent("/admin/names/link", **word("lab/none", model_id="lab/a"))
    untouched.sent("/admin/names/unlink", 404, **word("lab/none"))
    untouched.sent("/admin/names/link", 400, source="genai-prices", key="", model_id="lab/a")


def test_who_may_only_look_links_nothing(untouched: Curator) -> None:
    with untouched.viewer() as viewer:
        page = viewer.get("/admin/names").text
        assert waiting(page) == WAITING
        assert 'action="/admin/names' not in page
        for path in ("link", "unlink"):
            assert viewer.post(f"/admin/names/{path}", word("proxy/another", model_id="lab/a")).status_code == 403


def test_all_models_are_offered_to_a_script_that_completes_what_is_typed(untouched: Curator) -> None:
    page = untouched.page("/admin/names/models")
    assert [html.unescape(each) for each in re.findall(r'value="([^"]*)"', page)] == sorted([ODD_KEY, "lab/a", "lab/b"])


def test_a_hostile_name_is_shown_harmlessly(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, curator_on(census) as desk:
        read(census, openrouter(model("lab/a")))
        key = HOSTILE_KEY.removeprefix("lab/")
        read(census, genai_prices(lab=[key, "z" * 900]), 1, source="genai-prices")
        catalog.update(census, now=census.clock())
        page = desk.page("/admin/names")
        assert "<script>alert" not in page
        assert "\\u202e" in page
        assert "z" * 500 not in re.sub(r"<input[^>]*>|<a [^>]*>", "", page)


def test_where_no_name_waits_the_page_says_so(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, curator_on(census) as desk:
        assert "No name waits" in desk.page("/admin/names")
        assert "People have decided nothing yet" in desk.page("/admin/names?show=decided")
        assert "No name is linked yet" in desk.page("/admin/names?show=linked")
