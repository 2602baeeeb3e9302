"""A clock somewhere else starts syncs."""

from __future__ import annotations

from typing import Any

import pytest

from modelcensus.settings import AccessSettings, SyncSettings
from tests.api.sync_server import ADMIN, CRON, sync_server

PATH = "/api/cron/sync-models"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("headers", [CRON, {"X-Cron-Secret": "cron-secret-of-tests"}], ids=["bearer", "own"])
def test_a_tick_with_the_secret_syncs(sqlite_url: str, method: str, headers: dict[str, str]) -> None:
    with sync_server(sqlite_url) as server:
        answer = server.ask(PATH, method, headers=headers)
        told = answer.json()
        assert (answer.status_code, told["skipped"], told["result"]["success"]) == (200, False, True)
        run = server.ask(f"/api/admin/syncs/{told['run']}").json()
        assert (run["trigger"], run["actor"]) == ("cron", "cron")


def test_a_tick_without_the_secret_is_refused(sqlite_url: str) -> None:
    wrong: list[tuple[str, dict[str, str]]] = [
        (PATH, {}),
        (PATH, ADMIN),
        (PATH, {"Authorization": "Bearer cron-secret-of-test"}),
        (PATH, {"Authorization": "Bearer"}),
        (PATH, {"Authorization": "Basic cron-secret-of-tests"}),
        (PATH, {"X-Cron-Secret": ""}),
        (f"{PATH}?secret=cron-secret-of-tests", {}),
        (f"{PATH}?x-cron-secret=cron-secret-of-tests", {}),
    ]
    with sync_server(sqlite_url) as server:
        assert [server.ask(path, headers=headers).status_code for path, headers in wrong] == [401] * len(wrong)
        assert server.ask("/api/admin/syncs").json()["data"] == []


@pytest.mark.parametrize("secret", [None, "", "  "])
def test_without_a_secret_set_nobody_may(sqlite_url: str, secret: str | None) -> None:
    with sync_server(sqlite_url, access=AccessSettings(cron_secret=secret)) as server:
        tries: list[dict[str, str]] = [{}, {"Authorization": "Bearer"}, {"X-Cron-Secret": ""}]
        for headers in tries:
            answer = server.ask(PATH, headers=headers)
            assert (answer.status_code, "CRON_SECRET" in answer.json()["detail"]) == (403, True)


def test_a_secret_of_any_letters_can_be_sent(sqlite_url: str) -> None:
    with sync_server(sqlite_url, access=AccessSettings(cron_secret="gehéim")) as server:
        sent: Any = {"X-Cron-Secret": "gehéim".encode()}
        assert server.ask(PATH, headers=sent).status_code == 200


def test_a_tick_while_the_same_is_synced_is_skipped_and_no_failure(database_url: str) -> None:
    with sync_server(database_url, opened=False) as server:
        first = server.ask(f"{PATH}?wait=0", headers=CRON)
        assert (first.status_code, first.json()["result"]) == (202, None)
        second = server.ask(PATH, headers=CRON)
        assert (second.status_code, second.json()["skipped"]) == (200, True)
        assert second.json()["run"] == first.json()["run"]
        assert "is being synced" in second.json()["reason"]


def test_a_tick_within_the_rest_is_skipped(sqlite_url: str) -> None:
    with sync_server(sqlite_url) as server:
        assert server.ask(PATH, headers=CRON).json()["skipped"] is False
        second = server.ask(PATH, headers=CRON).json()
        assert second["skipped"] is True
        assert 290 <= second["retry_after"] <= 300


def test_a_tick_syncs_the_sources_that_can_be_and_names_the_others(sqlite_url: str) -> None:
    with sync_server(sqlite_url, "lab", "other") as server:
        server.post(json={"sources": ["lab"]})
        told = server.ask(PATH, headers=CRON).json()
        assert [each["source"] for each in told["result"]["sources"]] == ["other"]
        assert list(told["left_out"]) == ["lab"]


def test_a_tick_is_skipped_while_syncs_are_switched_off(sqlite_url: str) -> None:
    with sync_server(sqlite_url, sync=SyncSettings(enabled=False)) as server:
        told = server.ask(PATH, headers=CRON).json()
        assert (told["skipped"], told["reason"]) == (True, "the setting sync.enabled is off")
        assert server.ask("/api/admin/syncs").json()["data"] == []
