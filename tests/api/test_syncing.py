"""Administrators start syncs over HTTP, and follow them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from modelcensus.core.run import Trigger
from modelcensus.operations.triggering import slots
from modelcensus.operations.triggering.runs import Runs
from modelcensus.settings import SyncSettings
from tests.api.sync_server import ADMIN, Server, sync_server
from tests.operations.gated import EAGER, eventually

RESTLESS = SyncSettings(cooldown_minutes=0, retry_ms=10, wait_seconds=20)


@pytest.fixture
def server(sqlite_url: str) -> Iterator[Server]:
    with sync_server(sqlite_url, "lab", "other", sync=RESTLESS) as server:
        yield server


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For requests that are all refused."""
    with sync_server(f"sqlite:///{tmp_path_factory.mktemp('still') / 'census.db'}") as server:
        yield server


@pytest.fixture
def closed(sqlite_url: str) -> Iterator[Server]:
    """Its sources do not answer before the test says so."""
    with sync_server(sqlite_url, opened=False) as server:
        yield server


def test_a_sync_answers_with_what_came_of_it(database_url: str) -> None:
    with sync_server(database_url) as server:
        answer = server.post()
        assert answer.status_code == 200
        told = answer.json()
        assert {each: told[each] for each in ("success", "sync_log_id", "total_processed", "added", "errors")} == {
            "success": True, "sync_log_id": 1, "total_processed": 3, "added": 3, "errors": [],
        }  # fmt: skip
        assert {"updated", "marked_inactive", "duration", "revision", "held", "sources"} <= told.keys()
        assert server.ask(f"/api/admin/syncs/{told['run']}").json()["actor"] == "admin token"


def test_the_older_address_does_the_same(server: Server) -> None:
    assert server.post("/admin/sync-models").json()["success"] is True
    refused = server.post("/admin/sync-models", headers={})
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")


def test_sources_can_be_named_in_the_body_or_in_the_query(server: Server) -> None:
    assert [each["source"] for each in server.post(json={"sources": ["lab"]}).json()["sources"]] == ["lab"]
    assert [each["source"] for each in server.post("/api/admin/sync-models?sources=other").json()["sources"]] == [
        "other"
    ]
    assert len(server.post().json()["sources"]) == 2


@pytest.mark.parametrize(
    ("query", "given", "status"),
    [
        ("?sources=nobody", {}, 404),
        ("?sources=%00", {}, 400),
        ("?sources=lab", {"json": {"sources": ["lab"]}}, 400),
        ("?source=lab", {}, 400),
        ("?wait=soon", {}, 422),
        ("?wait=nan", {}, 422),
        ("?wait=1e999", {}, 422),
        ("", {"json": {"sources": "lab"}}, 422),
        ("", {"json": {"Sources": ["lab"]}}, 422),
        ("", {"json": {"wait": 301}}, 422),
        ("", {"content": b'{"sources":["\\ud800"]}', "headers": {**ADMIN, "Content-Type": "application/json"}}, 400),
        ("", {"content": b"{}", "headers": ADMIN}, 415),
    ],
)
def test_what_cannot_be_meant_is_refused(still: Server, query: str, given: Any, status: int) -> None:
    answer = still.post(f"/api/admin/sync-models{query}", **given)
    assert answer.status_code == status, answer.text
    assert answer.json()["title"]


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("?wait=0", {}),
        ("", {"json": {"wait": 0}}),
        ("", {"headers": {**ADMIN, "Prefer": "respond-async"}}),
        ("?wait=0.2", {}),
    ],
)
def test_a_sync_that_takes_longer_answers_with_the_run_and_where_to_ask(closed: Server, path: str, given: Any) -> None:
    answer = closed.post(f"/api/admin/sync-models{path}", **given)
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["result"]) == ("running", None)
    assert answer.headers["location"] == f"/api/admin/syncs/{answer.json()['id']}"
    assert closed.ask(answer.headers["location"]).json()["sources"] == ["lab"]


def test_a_second_sync_is_refused_with_the_run_that_is_in_the_way(database_url: str) -> None:
    with sync_server(database_url, opened=False) as server:
        run = server.post("/api/admin/sync-models?wait=0").json()["id"]
        answer = server.post()
        assert (answer.status_code, answer.json()["run"]) == (409, run)
        assert int(answer.headers["retry-after"]) == answer.json()["retry_after"] > 0


def test_a_sync_right_after_another_one_is_refused_until_the_rest_is_over(sqlite_url: str) -> None:
    with sync_server(sqlite_url, sync=EAGER) as server:
        run = server.post().json()["run"]
        answer = server.post()
        assert (answer.status_code, answer.json()["run"]) == (429, run)
        assert 290 <= int(answer.headers["retry-after"]) <= 300


def test_the_overview_shows_what_runs_and_what_ended_last(closed: Server) -> None:
    assert closed.ask("/api/admin/sync-models").json() == {
        "running": [], "last": None, "enabled": True, "schedule": "0 2 * * *", "cooldown_minutes": 5.0,
    }  # fmt: skip
    run = closed.post("/api/admin/sync-models?wait=0").json()["id"]
    assert [each["id"] for each in closed.ask("/api/admin/sync-models").json()["running"]] == [run]
    closed.gate.opened.set()
    assert eventually(lambda: closed.ask("/api/admin/sync-models").json()["running"] == [])
    last = closed.ask("/api/admin/sync-models").json()["last"]
    assert (last["id"], last["state"], last["result"]["success"]) == (run, "done", True)


def test_the_pages_of_runs_join_to_all_runs(server: Server) -> None:
    runs = [server.post("/api/admin/sync-models?sources=lab").json()["run"] for _ in range(3)]
    found: list[str] = []
    after = ""
    while after is not None:
        page = server.ask(f"/api/admin/syncs?limit=2{after and '&after=' + after}").json()
        found += [run["id"] for run in page["data"]]
        after = page["next"]
    assert found == runs[::-1]
    assert server.ask("/api/admin/syncs?after=%00").status_code == 400
    assert server.ask("/api/admin/syncs/%00").status_code == 404


def test_the_log_of_syncs_comes_in_pages_and_by_source_and_status(server: Server) -> None:
    server.post()
    server.post()
    whole = server.ask("/api/admin/sync-logs").json()["data"]
    assert [each["sync"]["id"] for each in whole] == [4, 3, 2, 1]
    first = server.ask("/api/admin/sync-logs?limit=3").json()
    rest = server.ask(f"/api/admin/sync-logs?after={first['next']}").json()
    assert [*first["data"], *rest["data"]] == whole
    assert rest["next"] is None
    assert {each["sync"]["source"] for each in server.ask("/api/admin/sync-logs?source=lab").json()["data"]} == {"lab"}
    assert server.ask("/api/admin/sync-logs?status=failed").json()["data"] == []
    for query, status in (("source=nobody", 404), ("source=%00", 400), ("after=-1", 400), ("status=fine", 422)):
        assert server.ask(f"/api/admin/sync-logs?{query}").status_code == status


def events(answer: httpx2.Response) -> list[tuple[str, str, Any]]:
    """(event, id, data) of each event of a stream."""
    found = []
    for block in answer.text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((fields["event"], fields["id"], json.loads(fields["data"])))
    return found


def test_a_run_can_be_followed_to_its_end(database_url: str) -> None:
    with sync_server(database_url, opened=False) as server:
        where = server.post("/api/admin/sync-models?wait=0").headers["location"]
        threading.Timer(2.5, server.gate.opened.set).start()
        answer = server.ask(f"{where}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = events(answer)
        assert [each[0] for each in told][-2:] == ["progress", "done"]
        assert told[0][2]["what"] == "lab"
        assert told[-1][1:] == ("done", server.ask(where).json())


def test_a_run_of_another_process_can_be_followed(closed: Server) -> None:
    elsewhere = Runs(closed.census, EAGER)
    run = elsewhere.begin(None, trigger=Trigger.CLI, actor="ann").run
    threading.Timer(0.5, closed.gate.opened.set).start()
    told = events(closed.ask(f"/api/admin/syncs/{run.id}/events"))
    assert (told[-1][0], told[-1][2]["result"]["success"]) == ("done", True)


def test_a_follower_that_comes_back_is_told_only_what_is_new(closed: Server) -> None:
    run = closed.post("/api/admin/sync-models?wait=0").headers["location"]
    assert eventually(lambda: closed.ask(run).json()["progress"] is not None)
    closed.gate.opened.set()
    assert eventually(lambda: closed.ask(run).json()["state"] == "done")
    where = f"{run}/events"
    assert [each[0] for each in events(closed.ask(where))] == ["progress", "done"]
    assert [each[0] for each in events(closed.ask(where, headers={**ADMIN, "Last-Event-ID": "9999"}))] == ["done"]
    assert closed.ask(where, headers={**ADMIN, "Last-Event-ID": "done"}).status_code == 204
    assert closed.ask("/api/admin/syncs/" + "0" * 24 + "/events").status_code == 404


def test_a_lost_run_ends_the_stream_too(closed: Server) -> None:
    run = slots.claim(closed.census, ["lab"], trigger=Trigger.CLI, actor="ann").run
    with closed.census.store.noting() as tx:
        tx.exec_driver_sql("UPDATE run SET beat_at = beat_at - 61000000")
    (only,) = events(closed.ask(f"/api/admin/syncs/{run.id}/events"))
    assert (only[0], only[2]["state"]) == ("done", "lost")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/admin/sync-models"),
        ("POST", "/admin/sync-models"),
        ("GET", "/api/admin/sync-models"),
        ("GET", "/api/admin/syncs"),
        ("GET", "/api/admin/syncs/x"),
        ("GET", "/api/admin/syncs/x/events"),
        ("GET", "/api/admin/sync-logs"),
    ],
)
def test_nobody_without_credentials_gets_in(still: Server, method: str, path: str) -> None:
    assert still.ask(path, method, headers={}).status_code == 401
    assert still.ask(path, method, headers={"Authorization": "Bearer wrong-token-of-tests"}).status_code == 401
    assert still.ask(path, method, headers={"Authorization": "Bearer cron-secret-of-tests"}).status_code == 401
