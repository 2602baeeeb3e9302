from __future__ import annotations

import json
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from modelcensus.settings import ApiSettings, Settings, SourceSettings
from modelcensus.upstream import Fault, Play, Upstream
from tests.api.front.standing import LIST, SETTINGS, changed, plain, price, standing
from tests.builders import as_json, model, openrouter
from tests.operations.catalog_world import applied, merged
from tests.operations.gated import eventually
from tests.postgres import PostgresServer
from tests.web.serving import ask, destroy

NAMES = "openai/gpt-4.1, anthropic/claude-sonnet-4,,openai/gpt-4.1"


def _settings(upstream: str, *, live: bool = True, names: str | None = None) -> Settings:
    api = ApiSettings(live=live, log="off", models_list=names)
    return changed(SETTINGS, api=api, sources={"openrouter": SourceSettings(base_url=upstream)})


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_empty_catalog_answers_with_what_openrouter_says_and_says_so(sqlite_url: str) -> None:
    body = openrouter(model("lab/one", price="0.000003", context_length=8192), model("lab/two"))
    with (
        Upstream({"/models": [Play(body)]}) as upstream,
        standing(sqlite_url, _settings(upstream.url), models=0) as (address, census),
    ):
        answer = plain(address, LIST)
        assert answer.headers["x-census-fallback"] == "live"
        assert {each["id"]: each["price"]["input"] for each in answer.json()["data"]} == {
            "lab/one": "3", "lab/two": "1",
        }  # fmt: skip
        assert int(answer.headers["x-data-age"]) < 60
        assert {each["id"] for each in plain(address, "/v1/models").json()["data"]} == {"lab/one", "lab/two"}
        assert plain(address, "/v1/models").headers["x-census-fallback"] == "live"
        assert plain(address, "/api/models/lab/one").status_code == 200
        assert len(upstream.requests) == 1
        assert _recorded(census.store.url) == 0


def _recorded(url: str) -> int:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return int(
            connection.execute("SELECT (SELECT count(*) FROM sync) + (SELECT count(*) FROM entity)").fetchone()[0]
        )


def test_the_fallback_ends_with_the_first_model_of_the_catalog(sqlite_url: str) -> None:
    with (
        Upstream({"/models": [Play(openrouter(model("other/one")))]}) as upstream,
        standing(sqlite_url, _settings(upstream.url), models=0) as (address, census),
    ):
        assert plain(address, LIST).headers["x-census-fallback"] == "live"
        applied(census.store, merged("lab/m0"))
        answer = plain(address, LIST)
        assert "x-census-fallback" not in answer.headers
        assert [each["id"] for each in answer.json()["data"]] == ["lab/m0"]


def test_many_who_ask_at_once_cause_one_reading(sqlite_url: str) -> None:
    with (
        Upstream({"/models": [Play(openrouter(model("lab/one")), fault=Fault.DELAY, seconds=0.3)]}) as upstream,
        standing(sqlite_url, _settings(upstream.url), models=0) as (address, _),
    ):
        paths = [LIST, "/v1/models", "/api/providers", "/api/models?limit=2", LIST, "/api/models"]
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda path: plain(address, path), paths))
        assert {each.headers["x-census-fallback"] for each in answers} == {"live"}
        assert len(upstream.requests) == 1


@pytest.mark.parametrize("play", [Play(status=503), Play(b"{}"), Play(b"<html>"), Play(openrouter())])
def test_where_upstream_gives_no_list_the_names_of_the_settings_are_answered(sqlite_url: str, play: Play) -> None:
    with (
        Upstream({"/models": [play]}) as upstream,
        standing(sqlite_url, _settings(upstream.url, names=NAMES), models=0) as (address, _),
    ):
        answer = plain(address, LIST)
        assert answer.headers["x-census-fallback"] == "list"
        assert [each["id"] for each in answer.json()["data"]] == ["anthropic/claude-sonnet-4", "openai/gpt-4.1"]
        assert all("price" not in each for each in answer.json()["data"])
        asked = len(upstream.requests)
        assert plain(address, "/api/models?limit=1").status_code == 200
        assert len(upstream.requests) == asked


def test_an_upstream_that_is_not_there_gives_an_empty_list_not_an_error(sqlite_url: str) -> None:
    with standing(sqlite_url, _settings(f"http://127.0.0.1:{_closed_port()}"), models=0) as (address, _):
        answer = plain(address, LIST)
        assert (answer.status_code, answer.json()["data"]) == (200, [])
        assert "x-census-fallback" not in answer.headers


def test_no_upstream_is_asked_where_the_settings_forbid_it(sqlite_url: str) -> None:
    with (
        Upstream({"/models": [Play(openrouter(model("lab/one")))]}) as upstream,
        standing(sqlite_url, _settings(upstream.url, live=False, names=NAMES), models=0) as (address, _),
    ):
        assert plain(address, LIST).headers["x-census-fallback"] == "list"
        assert upstream.requests == []


def test_a_database_that_breaks_leaves_the_last_good_answer_with_a_warning(sqlite_url: str) -> None:
    with standing(sqlite_url) as (address, _):
        good = plain(address, LIST)
        destroy(sqlite_url)
        stale = plain(address, LIST)
        assert (stale.status_code, stale.content) == (200, good.content)
        assert stale.headers["warning"].startswith("110 modelcensus ")
        assert stale.headers["x-census-stale"]
        assert "warning" not in good.headers
        never_asked = plain(address, "/api/models?limit=1")
        assert never_asked.status_code == 503
        assert never_asked.headers["content-type"] == "application/problem+json"


def test_a_server_that_goes_away_and_comes_back_is_followed(
    postgres_server: PostgresServer, postgres_url: str
) -> None:  # fmt: skip
    with standing(postgres_url) as (address, census):
        assert price(address) == "2"
        postgres_server.rename_database(postgres_url, away=True)
        stale = ask(address, LIST)
        assert stale.headers["x-census-stale"]
        assert json.loads(stale.content)["data"]
        postgres_server.rename_database(postgres_url, away=False)
        applied(census.store, merged("lab/m0", price="3"))
        # A server that did not answer is asked again after a second; a busy machine may let it be silent once more.
        assert eventually(lambda: price(address) == "3", 15)
        assert any(_all_fresh(address) for _ in range(3))


def _all_fresh(address: str) -> bool:
    """Whether many who ask at once are told of now: none of what was the matter before."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(address, LIST), range(40)))
    return not any("x-census-stale" in each.headers for each in answers)


def test_names_in_the_settings_may_be_anything(sqlite_url: str) -> None:
    odd = "a/b:free, ~lab/x@1 (y), " + "x" * 600 + ", \x07, ñ/ö"
    with standing(sqlite_url, _settings("http://127.0.0.1:9", live=False, names=odd), models=0) as (address, _):
        answer = plain(address, LIST)
        assert answer.status_code == 200
        assert as_json(answer.json()["data"])
        assert len(answer.json()["data"]) >= 1
