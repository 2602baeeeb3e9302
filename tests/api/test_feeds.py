"""Feeds over HTTP: their paths, what caches are told, parts of OpenRouter's list."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import pytest

from modelcensus.core.catalog.model import Tier
from modelcensus.feeds.registry import FEEDS
from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.census import Census
from modelcensus.store import feeds
from tests.builders import at, census_at, model, openrouter, read
from tests.web.serving import ask, served

ODD = "lab/a b:free@2~(x)+100%?#é"


def _models() -> list[dict[str, Any]]:
    shapes = {"lab/one": ["text"], ODD: ["text"], "lab/painter": ["image"], "lab/voice": ["text", "audio"]}
    return [
        model(
            name, context_length=8192, supported_parameters=["tools"] if name == "lab/one" else ["seed"],
            architecture={"input_modalities": ["text"], "output_modalities": outputs},
        )
        for name, outputs in shapes.items()
    ]  # fmt: skip


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    folder: Path = tmp_path_factory.mktemp("feeds")
    with census_at(f"sqlite:///{folder / 'census.db'}") as opened:
        read(opened, openrouter(*_models()[:3]))
        read(opened, openrouter(*_models()), 24)
        update(opened, now=opened.clock())
        yield opened


@pytest.fixture(scope="module")
def address(census: Census) -> Iterator[str]:
    with served(census) as found:
        yield found


def names(address: str, path: str) -> list[str]:
    answer = ask(address, path)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


@pytest.mark.parametrize("path", [path for feed in FEEDS.values() for path in feed.paths])
def test_every_feed_answers_on_each_of_its_paths_or_says_why_it_is_not_published(address: str, path: str) -> None:
    answer = ask(address, path)
    feed = next(each for each in FEEDS.values() if path in each.paths)
    if answer.status_code == 404:
        problem = answer.json()
        assert feed.name in problem["title"]
        assert problem["detail"]
        return
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == feed.media_type.partition(";")[0]
    assert int(answer.headers["x-data-age"]) >= 0
    assert answer.headers["x-census-revision"] == "1"
    assert answer.headers["cache-control"] == "no-cache"
    assert {"Authorization", "Accept-Encoding"} <= {
        each.strip() for line in answer.headers.get_list("vary") for each in line.split(",")
    }


def test_the_models_that_are_told_are_those_of_the_catalog(address: str) -> None:
    everything = sorted(["lab/one", ODD, "lab/painter", "lab/voice"])
    assert names(address, "/v1/models") == everything
    assert names(address, "/api/v1/models") == everything


def test_who_has_the_bytes_already_is_told_so_and_another_tag_or_an_older_time_is_not(address: str) -> None:
    first = ask(address, "/v1/models")
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    plain = ask(address, "/v1/models", headers={"accept-encoding": "identity"}).headers["etag"]
    assert plain.startswith('"')
    assert parsedate_to_datetime(changed).year > 2025
    for headers, status in (
        ({"if-none-match": tag}, 304),
        ({"if-none-match": f'"other", {tag}'}, 304),
        ({"if-none-match": '"other"'}, 200),
        ({"if-modified-since": changed}, 304),
        ({"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"}, 200),
        ({"if-modified-since": "yesterday"}, 200),
        ({"if-none-match": '"other"', "if-modified-since": changed}, 200),
    ):
        assert ask(address, "/v1/models", headers=headers).status_code == status, headers


def test_a_head_request_tells_the_headers_alone(address: str) -> None:
    answer = ask(address, "/v1/models", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"]


def test_a_feed_is_told_as_of_a_time(address: str) -> None:
    assert len(names(address, "/v1/models?as_of=2026-01-01T20:00Z")) == 3
    assert len(names(address, "/api/v1/models?as_of=2026-01-03")) == 4
    assert names(address, "/v1/models?as_of=2025-01-01") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/models?as_of=yesterday-ish", 400),
        ("/v1/models?as-of=2026-01-01", 400),
        ("/api/v1/models?limit=0", 422),
        ("/api/v1/models?category=programming", 400),
        ("/v1/models/lab/none", 404),
        ("/v1/models/%00", 404),
        ("/api/v1/models/lab/none/endpoints", 404),
        ("/v1/nothing", 404),
        ("/feeds/nothing", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_next_step(address: str, path: str, status: int) -> None:
    answer = ask(address, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


@pytest.mark.parametrize("name", ["lab/one", ODD])
def test_one_model_is_told_by_its_id_however_odd(address: str, name: str) -> None:
    assert ask(address, f"/v1/models/{quote(name)}").json()["id"] == name
    assert ask(address, f"/api/v1/models/{quote(name)}/endpoints").json()["data"]["id"] == name


def test_the_list_leads_to_the_endpoints_of_each_model(address: str) -> None:
    for row in ask(address, "/api/v1/models").json()["data"]:
        assert ask(address, row["links"]["details"]).json()["data"]["id"] == row["id"]


def test_the_pages_of_the_list_join_to_the_whole_list(address: str) -> None:
    found: list[str] = []
    following: str | None = "?limit=3&output_modalities=text,audio"
    while following is not None:
        path = urljoin("/api/v1/models", following)
        page = ask(address, path).json()
        assert page["total_count"] == 3
        found += [row["id"] for row in page["data"]]
        following = page["links"]["next"]
    assert found == [name for name in names(address, "/api/v1/models") if name != "lab/painter"]
    two = ask(address, "/api/v1/models?limit=2").json()
    assert [len(two["data"]), two["total_count"]] == [2, 4]
    rest = ask(address, urljoin("/api/v1/models", two["links"]["next"])).json()
    assert [row["id"] for row in two["data"] + rest["data"]] == names(address, "/api/v1/models")
    assert rest["links"]["next"] is None


def test_models_are_found_by_what_they_answer_in_and_what_they_take(address: str) -> None:
    assert names(address, "/api/v1/models?output_modalities=image") == ["lab/painter"]
    assert len(names(address, "/api/v1/models?output_modalities=all")) == 4
    assert names(address, "/api/v1/models?supported_parameters=tools") == ["lab/one"]
    assert names(address, "/api/v1/models?supported_parameters=tools,seed") == []
    assert names(address, "/api/v1/models?offset=1000000") == []


def test_the_list_is_rss_if_that_is_asked_for(address: str) -> None:
    answer = ask(address, "/api/v1/models?use_rss=true")
    assert answer.headers["content-type"].startswith("application/rss+xml")
    assert answer.text.count("<item>") == 4


def test_the_state_of_the_feeds_is_told(address: str) -> None:
    found = {each["name"]: each for each in ask(address, "/api/feeds").json()["data"]}
    assert set(found) == set(FEEDS)
    assert found["openai"]["paths"] == ["/v1/models"]


def test_every_path_of_a_feed_is_described(address: str) -> None:
    described = ask(address, "/openapi.json").json()["paths"]
    for feed in FEEDS.values():
        for path in feed.paths:
            responses = described[path]["get"]["responses"]
            assert feed.media_type.partition(";")[0] in responses["200"]["content"]
            assert {"304", "400", "401", "503"} <= set(responses)


def test_a_copy_that_stays_says_why_in_its_headers(tmp_path: Path) -> None:
    with census_at(f"sqlite:///{tmp_path / 'census.db'}") as census, served(census) as address:
        read(census, openrouter(*_models()))
        update(census, now=census.clock())
        assert ask(address, "/feeds/litellm.json").status_code == 404
        copy = feeds.Copy(revision=1, made_at=at(1), body=b'{"old":{}}')
        with census.store.writing() as tx:
            feeds.keep(tx, "litellm", Tier.FREE, copy)
        answer = ask(address, "/feeds/litellm.json")
        assert (answer.status_code, answer.json()) == (200, {"old": {}})
        assert answer.headers["x-census-stale"]
        assert int(answer.headers["x-data-age"]) >= (census.clock() - at(1)) // 1_000_000 - 5
        assert answer.headers["last-modified"] == "Thu, 01 Jan 2026 13:30:00 GMT"
