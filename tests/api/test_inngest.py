"""Inngest starts syncs: requests signed as its server signs them, and those that are not."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from modelcensus.settings import InngestSettings, SyncSettings
from tests.api.sync_server import Server, sync_server

pytestmark = pytest.mark.filterwarnings("ignore:Support for class-based")  # of pydantic, by the SDK

KEY = "signkey-test-12345678"
PATH = "/api/inngest"
FUNCTION = "modelcensus-sync-models"
SETTINGS = InngestSettings(signing_key=KEY, signing_key_fallback="signkey-test-87654321")


@pytest.fixture
def server(sqlite_url: str) -> Iterator[Server]:
    with sync_server(sqlite_url, "lab", "other", inngest=SETTINGS) as server:
        yield server


def signature(body: bytes, key: str = KEY) -> str:
    """https://www.inngest.com/docs/platform/signing-keys: HMAC of body and time, by the key without its prefix."""
    now = str(int(time.time()))
    secret = key.removeprefix("signkey-test-").encode()
    return f"t={now}&s={hmac.new(secret, body + now.encode(), hashlib.sha256).hexdigest()}"


def called(
    server: Server, event: dict[str, Any], steps: dict[str, Any] | None = None, *, key: str | None = KEY
) -> httpx2.Response:
    """One call of the function, as Inngest makes it; ``steps`` are the results of those that it has."""
    body = json.dumps(
        {
            "ctx": {
                "attempt": 0, "disable_immediate_execution": False, "run_id": "run", "stack": {"stack": []},
            },
            "event": event, "events": [event], "steps": steps or {}, "use_api": False,
        },
        separators=(",", ":"), sort_keys=True,
    ).encode()  # fmt: skip
    headers = {"Content-Type": "application/json", "X-Inngest-Server-Kind": "cloud"}
    if key:
        headers["X-Inngest-Signature"] = signature(body, key)
    return server.post(f"{PATH}?fnId={FUNCTION}&stepId=step", headers=headers, content=body)


def played(server: Server, event: dict[str, Any]) -> Any:
    """The function called until it is over, each step's result given back, as Inngest's server does."""
    steps: dict[str, Any] = {}
    for _ in range(10):
        answer = called(server, event, steps)
        if answer.status_code == 200:
            return answer.json()
        assert answer.status_code == 206, answer.text
        (step,) = answer.json()
        steps[step["id"]] = {"data": step["data"]} if step["op"] == "StepRun" else None
    raise AssertionError("it does not come to its end")


def asked_for(**data: Any) -> dict[str, Any]:
    return {"id": "1", "name": "modelcensus/sync.requested", "data": data, "ts": 0}


def test_its_clock_syncs_every_source(server: Server) -> None:
    told = played(server, {"id": "1", "name": "inngest/scheduled.timer", "data": {"cron": "0 3 * * *"}, "ts": 0})
    assert (told["skipped"], told["result"]["success"], len(told["result"]["sources"])) == (False, True, 2)
    run = server.ask(f"/api/admin/syncs/{told['run']}").json()
    assert (run["trigger"], run["state"]) == ("inngest", "done")


def test_an_event_syncs_the_sources_that_it_names(server: Server) -> None:
    told = played(server, asked_for(sources=["lab"]))
    assert [each["source"] for each in told["result"]["sources"]] == ["lab"]


def test_an_event_within_the_rest_is_skipped(server: Server) -> None:
    assert server.post(json={"sources": ["lab"]}).status_code == 200
    told = played(server, asked_for(sources=["lab"]))
    assert told["skipped"] is True
    assert "a moment ago" in told["reason"]


def test_it_is_skipped_while_syncs_are_switched_off(sqlite_url: str) -> None:
    with sync_server(sqlite_url, sync=SyncSettings(enabled=False), inngest=SETTINGS) as server:
        assert played(server, asked_for())["reason"] == "the setting sync.enabled is off"


@pytest.mark.parametrize("sources", [["nobody"], "lab", [1]])
def test_an_event_that_can_never_be_done_is_not_to_be_tried_again(server: Server, sources: Any) -> None:
    answer = called(server, asked_for(sources=sources))
    assert (answer.status_code, answer.headers["x-inngest-no-retry"]) == (500, "true"), answer.text
    assert server.ask("/api/admin/syncs").json()["data"] == []


@pytest.mark.parametrize("key", [None, "signkey-test-99999999"], ids=["unsigned", "another key"])
def test_a_request_that_inngest_did_not_sign_starts_nothing(server: Server, key: str | None) -> None:
    answer = called(server, asked_for(), key=key)
    assert answer.status_code == 401
    assert server.ask("/api/admin/syncs").json()["data"] == []


def test_a_request_signed_with_the_fallback_key_is_taken(server: Server) -> None:
    assert called(server, asked_for(sources=["lab"]), key=SETTINGS.signing_key_fallback).status_code == 206


def test_an_unsigned_request_does_not_have_the_server_register_itself(server: Server) -> None:
    assert server.ask(PATH, "PUT", headers={}).status_code == 401


def test_a_body_without_end_is_refused(server: Server) -> None:
    answer = server.post(PATH, headers={}, content=b" " * (4 * 1024 * 1024 + 1))
    assert answer.status_code == 413


def test_it_tells_inngest_of_its_functions(sqlite_url: str) -> None:
    with sync_server(sqlite_url, inngest=InngestSettings(dev=True)) as server:
        assert server.ask(PATH, headers={}).json()["function_count"] == 1
        assert called(server, asked_for(), key=None).status_code == 206


def test_it_is_not_in_the_api_document_and_does_not_break_it(server: Server) -> None:
    paths = server.ask("/openapi.json").json()["paths"]
    assert "/api/cron/sync-models" in paths
    assert PATH not in paths


def test_without_its_keys_there_is_no_such_address(sqlite_url: str) -> None:
    with sync_server(sqlite_url) as server:
        assert called(server, asked_for()).status_code == 404
