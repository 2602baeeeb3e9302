from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from modelcensus.settings import ApiSettings
from tests.api.front.standing import ADMIN, LIST, SETTINGS, changed, numbers, plain, standing
from tests.web.serving import ask

_SECRET = "a-token-that-nobody-may-see"
_PROGRAM = """
import sys
import msgspec
from modelcensus.server import serve
from modelcensus.settings import ApiSettings, Settings
from tests.builders import census_at
with census_at(sys.argv[1]) as census:
    settings = Settings(api=ApiSettings(live=False, log=sys.argv[2]))
    serve(census, settings, "127.0.0.1", 0, ready=lambda address: print(address, flush=True))
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with standing(f"sqlite:///{tmp_path_factory.mktemp('telling')}/c.db") as (address, _):
        yield address


@pytest.mark.parametrize("path", [LIST, "/api/sources", "/api/models/none", "/", "/openapi.json", "/nothing/here"])
def test_an_answer_bears_the_id_that_its_request_came_with(address: str, path: str) -> None:
    assert ask(address, path, headers={"X-Request-ID": "from-a-proxy.17"}).headers["x-request-id"] == "from-a-proxy.17"


@pytest.mark.parametrize("odd", ["x", "a b c d", "<script>", "x" * 200, 'a"b"c'])
def test_an_id_that_is_none_is_replaced(address: str, odd: str) -> None:
    given = ask(address, LIST, headers={"X-Request-ID": odd}).headers["x-request-id"]
    assert given != odd
    assert re.fullmatch(r"[0-9a-f]{10}-\d+", given)


def test_two_requests_have_two_ids(address: str) -> None:
    assert plain(address, LIST).headers["x-request-id"] != plain(address, LIST).headers["x-request-id"]


@pytest.mark.parametrize(
    "path", ["/api/models/none", "/api/models?wrong=1", "/t/x/api/models", "/t/x/api/admin/models"]
)
def test_a_problem_names_its_request(address: str, path: str) -> None:
    answer = plain(address, path)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_requests_are_counted_by_the_template_of_their_path(address: str) -> None:
    for path in ("/api/models/lab/m0", "/api/models/lab/m1", "/api/models/none"):
        plain(address, path)
    found = numbers(address)
    counted = 'modelcensus_http_request_seconds_count{method="GET",route="/api/models/{model_id:path}",status="200"}'
    assert found[counted] == 2
    assert not any("lab/m0" in name for name in found)


def test_the_numbers_tell_of_the_catalog_and_of_memory(address: str) -> None:
    plain(address, LIST)
    found = numbers(address)
    assert found["modelcensus_models"] == 3
    assert found["modelcensus_revision"] == 1
    assert found["modelcensus_database_up"] == 1
    assert found["modelcensus_ready_answers_bytes"] > 0


def test_the_numbers_are_for_those_who_may_see_administration(address: str) -> None:
    assert plain(address, "/metrics").status_code == 401
    assert plain(address, "/metrics", Authorization="Bearer wrong").status_code == 401
    assert plain(address, "/metrics", Authorization=f"Bearer {ADMIN}").status_code == 200


def _logged(url: str, mode: str, *paths: str) -> str:
    """What a server writes to standard error while it answers these paths."""
    command = [sys.executable, "-c", _PROGRAM, url, mode]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        address = program.stdout.readline().strip()
        for path in paths:
            ask(address, path, headers={"Authorization": f"Bearer {_SECRET}", "X-Request-ID": "id-of-mine"})
        program.terminate()
        _, errors = program.communicate(timeout=20)
    return errors


def test_each_request_is_a_line_of_json_without_any_secret(sqlite_url: str) -> None:
    good = (f"/t/{_SECRET}/api/models?q=private", "/api/models", "/healthz", "/nothing%0Ahere")
    said = _logged(sqlite_url, "json", *good, f"/t/{_SECRET}/api/admin/models", f"/at/2026-01-01/t/{_SECRET}/metrics")
    assert _SECRET not in said
    assert "private" not in said
    first, second, third, *refused = map(json.loads, said.splitlines())
    assert (first["path"], first["status"], first["request_id"]) == ("/t/***/api/models", 401, "id-of-mine")
    assert (second["event"], second["method"], second["path"]) == ("request", "GET", "/api/models")
    assert third["path"] == "/nothing\nhere"
    assert [(each["path"], each["status"]) for each in refused] == [("/t/***", 404), ("/at/***", 404)]


def test_a_line_of_text_stays_one_line(sqlite_url: str) -> None:
    said = _logged(sqlite_url, "text", "/api/models", "/nothing%0Ahere%20status=200")
    first, second = said.splitlines()
    assert re.search(
        r"info request method=GET path=/api/models status=401 ms=[\d.]+ bytes=\d+ request_id=id-of-mine", first
    )
    assert r"path='/nothing\nhere status=200'" in second


def test_nothing_is_logged_where_logs_are_off(sqlite_url: str) -> None:
    assert _logged(sqlite_url, "off", "/api/models") == ""


class _Collector(BaseHTTPRequestHandler):
    """Takes traces in: OTLP over HTTP."""

    taken: dict[str, bytes]

    def do_POST(self) -> None:
        self.taken[self.path] = self.taken.get(self.path, b"") + self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_spans_reach_a_collector_with_route_and_status(sqlite_url: str) -> None:
    taken: dict[str, bytes] = {}
    collector = ThreadingHTTPServer(("127.0.0.1", 0), type("Collector", (_Collector,), {"taken": taken}))
    threading.Thread(target=collector.serve_forever, args=(0.02,), daemon=True).start()
    place = f"http://127.0.0.1:{collector.server_address[1]}/collector"
    api = ApiSettings(live=False, log="off", otel_endpoint=place)
    with standing(sqlite_url, changed(SETTINGS, api=api)) as (address, _):
        parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ask(address, "/api/models/lab/m0", headers={"traceparent": parent, "Authorization": f"Bearer {ADMIN}"})
        ask(address, f"/t/{_SECRET}/api/models")
    collector.shutdown()
    collector.server_close()
    sent = taken["/collector/v1/traces"]
    assert b"GET /api/models/{model_id:path}" in sent
    assert b"http.response.status_code" in sent
    assert bytes.fromhex("0af7651916cd43dd8448eb211c80319c") in sent
    assert _SECRET.encode() not in sent
    assert ADMIN.encode() not in sent
