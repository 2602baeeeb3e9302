"""Webhooks by the API: kept by administrators, their secrets shown once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from modelcensus.operations.catalog.applying import audit_log
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, Settings, WebhookSettings
from tests.builders import census_at
from tests.operations.catalog_world import applied, merged
from tests.receiver import Receiver, Reply, receiving
from tests.web.serving import served

SETTINGS = Settings(
    access=AccessSettings(admin_token="an admin token of tests", mode="open"),
    webhooks=WebhookSettings(signing_key="a key for tests, long enough", allow_private=True, attempts=1),
)


PLACE = "/api/admin/webhooks"


@contextmanager
def administered(census: Census) -> Iterator[httpx2.Client]:
    """What an administrator asks a served census with."""
    headers = {"Authorization": f"Bearer {SETTINGS.access.admin_token}"}
    with (
        served(census, SETTINGS) as address,
        httpx2.Client(base_url=address, headers=headers, trust_env=False, timeout=10) as client,
    ):
        yield client


@pytest.fixture
def census(sqlite_url: str) -> Iterator[Census]:
    with census_at(sqlite_url) as census:
        yield census


@pytest.fixture
def api(census: Census) -> Iterator[httpx2.Client]:
    with administered(census) as client:
        yield client


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A census without webhooks, which stays so."""
    with (
        census_at(f"sqlite:///{tmp_path_factory.mktemp('empty') / 'census.db'}") as census,
        administered(census) as client,
    ):
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def added(api: httpx2.Client, url: str, **filters: Any) -> Any:
    """A new webhook, as the answer tells it."""
    answer = api.post(PLACE, json={"url": url, "filters": filters})
    assert answer.status_code == 201, answer.text
    return answer.json()


def told(receiver: Receiver, count: int) -> None:
    """Wait until so much has come."""
    deadline = time.monotonic() + 15
    while len(receiver.got) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(receiver.got) == count


def test_the_server_tells_a_webhook_of_what_is_published(
    api: httpx2.Client, census: Census, receiver: Receiver
) -> None:
    made = added(api, receiver.url, kinds=["new"])
    applied(census.store, merged("lab/a"))
    told(receiver, 1)
    assert receiver.got[0].verified(made["secret"])["data"]["events"][0]["model_id"] == "lab/a"


def test_a_secret_is_in_the_first_answer_and_in_no_other(api: httpx2.Client, receiver: Receiver) -> None:
    answer = api.post(PLACE, json={"url": receiver.url + "/?k=hidden"})
    made = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert made["secret"].startswith("whsec_")
    listed = api.get(PLACE).text + api.get(f"{PLACE}/{made['webhook']['id']}").text
    assert made["webhook"]["id"] in listed
    assert made["secret"] not in listed
    assert "hidden" not in listed


def test_a_webhook_is_changed_rotated_tested_and_deleted_and_each_act_is_kept(
    api: httpx2.Client, census: Census, receiver: Receiver
) -> None:
    made = added(api, receiver.url)
    place = f"{PLACE}/{made['webhook']['id']}"
    changed = api.patch(place, json={"enabled": False, "filters": {"fields": ["price"]}}).json()
    assert (changed["enabled"], changed["filters"]["fields"]) == (False, ["price"])
    secret = api.post(f"{place}/rotate").json()["secret"]
    tested = api.post(f"{place}/test").json()
    assert (tested["ok"], tested["status"]) == (True, 204)
    assert receiver.got[0].verified(secret)["type"] == "webhook.test"
    assert api.delete(place).status_code == 200
    assert api.get(place).status_code == 404
    acts = [(entry.act, entry.actor) for entry in audit_log(census.store)]
    names = ["delete webhook", "test webhook", "rotate webhook", "change webhook", "create webhook"]
    assert acts == [(name, "admin token") for name in names]


def test_dead_deliveries_are_listed_and_replayed(api: httpx2.Client, census: Census, receiver: Receiver) -> None:
    receiver.replies[:] = [Reply(500), Reply(500)]
    added(api, receiver.url)
    applied(census.store, merged("lab/a"))
    applied(census.store, merged("lab/a", price="3"))
    told(receiver, 2)
    deadline = time.monotonic() + 10
    while len(dead := api.get(f"{PLACE}/deliveries?state=dead").json()["data"]) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    newest, oldest = (each["id"] for each in dead)
    assert api.post(f"{PLACE}/deliveries/{newest}/replay").json()["deliveries"] == [newest]
    told(receiver, 3)
    assert api.post(f"{PLACE}/deliveries/replay").json()["deliveries"] == [oldest]
    told(receiver, 4)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", {"url": "ftp://x.example/"}, 422),
        ("POST", "", {"url": "https://x.example/", "secret": "mine"}, 422),
        ("POST", "", {"url": "https://x.example/", "filters": {"kinds": ["odd"]}}, 422),
        ("POST", "", {}, 422),
        ("PATCH", "/wh_none", {"enabled": True}, 404),
        ("PATCH", "/wh_none", {}, 400),
        ("DELETE", "/wh_none", None, 404),
        ("POST", "/wh_none/test", None, 404),
        ("POST", "/wh_none/rotate", None, 404),
        ("POST", "/deliveries/msg_none/replay", None, 404),
        ("GET", "/deliveries?webhook=wh_none", None, 404),
        ("GET", "/deliveries?state=odd", None, 422),
        ("GET", "/%00", None, 404),
    ],
)
def test_what_cannot_be_done_is_a_problem_with_a_next_step(
    empty: httpx2.Client, method: str, path: str, body: Any, status: int
) -> None:
    answer = empty.request(method, PLACE + path, json=body) if body is not None else empty.request(method, PLACE + path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.json()["detail"]


def test_nobody_else_keeps_webhooks(empty: httpx2.Client) -> None:
    assert empty.get(PLACE, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert httpx2.get(f"{empty.base_url}{PLACE}", trust_env=False).status_code == 401
