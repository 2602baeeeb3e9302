"""``/api/changes``: what revisions did, newest first, and by cursor what is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from modelcensus.core.times import iso
from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.census import Census
from tests.api.shop import shop, sold, stocked
from tests.builders import at, census_at, openrouter, read
from tests.web.serving import ask, served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A census that the tests of this module only read: eight new models, then a dearer one."""
    with shop(f"sqlite:///{tmp_path_factory.mktemp('shop') / 'census.db'}") as (_, address):
        yield address


def changes(address: str, query: str = "") -> Any:
    answer = ask(address, f"/api/changes{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def cursors(address: str, query: str = "") -> list[str]:
    return [each["id"] for each in changes(address, query)["data"]]


def test_the_newest_change_comes_first_with_its_fields_before_and_after(address: str) -> None:
    change = changes(address, "?limit=1")["data"][0]
    assert (change["id"], change["kind"], change["model_id"], change["at"]) == (
        "2-1",
        "updated",
        "lab/dear",
        iso(at(26)),
    )
    assert {"path": "price.input", "before": "10", "after": "12", "source": "openrouter"} in change["fields"]


def test_older_changes_are_asked_for_until_there_are_no_more(address: str) -> None:
    found: list[str] = []
    before = ""
    for _ in range(9):
        page = changes(address, f"?limit=2{before}")
        found += [each["id"] for each in page["data"]]
        assert page["more"] is (page["before"] is not None)
        if page["before"] is None:
            break
        before = f"&before={page['before']}"
    assert found == ["2-1", *(f"1-{number}" for number in range(8, 0, -1))]


def test_a_poller_goes_on_from_where_it_was(address: str) -> None:
    found: list[str] = []
    after = "0-0"
    for _ in range(9):
        page = changes(address, f"?limit=4&after={after}")
        found += [each["id"] for each in page["data"]]
        after = page["after"]
        if not page["more"]:
            break
    assert found == [*(f"1-{number}" for number in range(1, 9)), "2-1"]
    assert changes(address, f"?after={after}") == {"data": [], "after": after, "before": None, "more": False}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=updated", ["2-1"]),
        ("?model=lab/cheap", ["1-2"]),
        ("?field=price&kind=updated", ["2-1"]),
        ("?field=licence", []),
        ("?provider=Lab&limit=1", ["2-1"]),
        ("?provider=nobody", []),
        (f"?since={quote(iso(at(1)))}", ["2-1"]),
        (f"?until={quote(iso(at(1)))}&limit=2", ["1-8", "1-7"]),
        ("?after=1-7&before=2-1", ["1-8"]),
    ],
)
def test_changes_are_filtered(address: str, query: str, found: list[str]) -> None:
    assert cursors(address, query) == found


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?after=x", 422),
        ("?after=1-1%0A", 422),
        ("?model=lab%00", 400),
        ("?kind=exploded", 422),
        ("?since=soon", 400),
        ("?limit=0", 422),
    ],
)
def test_what_cannot_be_answered_is_a_problem(address: str, query: str, status: int) -> None:
    answer = ask(address, f"/api/changes{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as census:
        stocked(census)
        yield census


def test_the_first_answer_says_from_where_to_wait_for_what_is_to_come(census: Census) -> None:
    with served(census) as address:
        head = changes(address, "?limit=1")["after"]
        assert cursors(address, f"?after={head}") == []
        read(census, openrouter(sold("lab/dear", "0.000013"), sold("lab/cheap", "0.0000005")), 48)
        update(census, now=at(49))
        assert [each["model_id"] for each in changes(address, f"?after={head}")["data"]] == ["lab/dear"]
