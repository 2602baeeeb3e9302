from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from modelcensus.core.times import iso
from modelcensus.operations.census import Census
from tests.builders import at, census_at, model, openrouter, read
from tests.web.sample import ODD_KEY, fill
from tests.web.serving import ask, data, destroy, served


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as census:
        fill(census)
        yield census


@pytest.fixture
def address(census: Census) -> Iterator[str]:
    with served(census) as address:
        yield address


def test_a_key_with_odd_characters_can_be_asked_for(address: str) -> None:
    (entity,) = data(address, f"/api/entities/{quote(ODD_KEY, safe='/')}")
    assert entity["version"]["key"] == ODD_KEY
    assert data(address, f"/api/history/{quote(ODD_KEY, safe='')}")[0]["key"] == ODD_KEY


def test_numbers_of_an_entity_keep_their_exact_text(address: str, census: Census) -> None:
    raw = b'{"id":"lab/exact","name":"x","pricing":{"prompt":0.00000012345678901234567890},"n":123456789012345678901234567890}'  # noqa: E501
    read(census, openrouter(raw, model("lab/a"), model("lab/b")), 40)
    text = ask(address, "/api/entities/lab/exact").text
    assert "123456789012345678901234567890" in text
    assert "1.234567890123456789E-7" in text or "0.0000001234567890123456789" in text


def test_the_pages_of_a_listing_join_to_the_whole_listing(address: str) -> None:
    whole = data(address, "/api/entities?limit=1000")
    found: list[dict[str, object]] = []
    after = ""
    while True:
        page = ask(address, f"/api/entities?limit=2{'&after=' + after if after else ''}").json()
        found += page["data"]
        assert len(page["data"]) <= 2
        if page["next"] is None:
            break
        after = page["next"]
    assert len(whole) > 6
    assert found == whole


def test_a_listing_stays_as_it_was_when_a_sync_comes_between_two_pages(address: str, census: Census) -> None:
    whole = [version["key"] for version in data(address, f"/api/entities?source=openrouter&as_of={iso(at(24))}")]
    first = ask(address, f"/api/entities?source=openrouter&as_of={iso(at(24))}&limit=1").json()
    read(census, openrouter(model("aaa/first"), model("zzz/last"), model("openai/gpt-4.1")), 50)
    second = ask(address, f"/api/entities?source=openrouter&limit=1000&after={first['next']}").json()
    assert [version["key"] for version in first["data"] + second["data"]] == whole


def test_a_change_is_told_field_by_field(address: str) -> None:
    changes = data(address, "/api/entity-changes?kind=altered&key=openai/gpt-4.1")
    assert changes[0]["observed_at"] == iso(at(24))
    assert {"path": "pricing.prompt", "before": "0.0000025", "after": "0.000002"} in changes[0]["fields"]


def test_the_difference_of_two_times_is_told(address: str) -> None:
    answer = ask(address, f"/api/diff?earlier={iso(at(0))}&later={iso(at(24))}&source=openrouter").json()
    assert {change["kind"] for change in answer["data"]} == {"appeared", "altered", "vanished"}
    assert answer["more"] is False


def test_one_field_can_be_followed_over_time(address: str) -> None:
    values = data(address, "/api/history/openai/gpt-4.1?field=pricing.prompt&source=openrouter")
    assert [each["value"] for each in values] == ["0.0000025", "0.000002"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/entities/openai/gpt-4.", 404),
        ("/api/entities/%00", 404),
        ("/api/history/openai/gpt-4.1?source=%00", 400),
        ("/api/history/openai/gpt-4.1?field=%00", 400),
        ("/api/entity-changes?key=%00", 400),
        ("/api/syncs?source=nobody", 404),
        ("/api/nowhere", 404),
        ("/api/entities?as_of=yesterday-ish", 400),
        ("/api/entities?after=%FF", 400),
        ("/api/entities?as-of=2026-01-01", 400),
        ("/api/history/openai/gpt-4.1?field=name", 400),
        ("/api/entities?limit=0", 422),
        ("/api/entity-changes?kind=exploded", 422),
        ("/api/entities?category=car", 422),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_next_step(address: str, path: str, status: int) -> None:
    answer = ask(address, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


def test_what_is_known_already_is_not_sent_again(address: str) -> None:
    tag = ask(address, "/api/entities").headers["etag"]
    again = ask(address, f"/api/entities?as_of={iso(at(60))}")
    repeated = ask(address, f"/api/entities?as_of={iso(at(60))}", headers={"If-None-Match": again.headers["etag"]})
    assert tag == again.headers["etag"]
    assert (repeated.status_code, repeated.content) == (304, b"")


def test_head_is_answered_wherever_get_is(address: str) -> None:
    answer = ask(address, "/api/stats", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")


def test_health_is_good_while_the_database_answers_and_bad_when_not(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census) as address:
        assert ask(address, "/healthz").status_code == 200
        destroy(sqlite_url)
        ill = ask(address, "/healthz")
        assert ill.status_code == 503
        assert "/" not in ill.json()["title"]


def test_the_census_does_not_tell_where_its_database_lies(address: str) -> None:
    assert "/" not in ask(address, "/api/stats").json()["database"]


def test_the_description_names_the_type_of_every_good_answer(address: str) -> None:
    description = ask(address, "/openapi.json").json()
    schemas = description["components"]["schemas"]
    untold = [
        f"{method} {path}"
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
        for status, response in operation["responses"].items()
        if status.startswith("2") and status != "204"
        for content in response.get("content", {"application/json": {}}).values()
        if not content.get("schema")
    ]
    assert untold == []
    assert _references(description["paths"]) <= {f"#/components/schemas/{name}" for name in schemas}
    assert schemas["Version"]["properties"]["observed_at"]["type"] == "string"
    assert set(data(address, "/api/syncs")[0]) == set(schemas["SyncRecord"]["properties"])


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()
