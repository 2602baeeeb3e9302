"""Changes reach webhooks: signed, filtered, tried again, replayed; nothing is missed and nothing told twice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest
from standardwebhooks import WebhookVerificationError

from modelcensus.core.catalog.model import StepKind, Tier
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.webhook import DeliveryState
from modelcensus.operations.catalog import curating
from modelcensus.operations.catalog.applying import audit_log
from modelcensus.operations.webhooks import registering, sending
from modelcensus.operations.webhooks.deliverer import Deliverer
from modelcensus.settings import AccessSettings
from tests.operations.catalog_world import applied, merged
from tests.operations.webhooks.owing import Owing, owing_at
from tests.receiver import Receiver, Reply, receiving


@pytest.fixture
def owing(database_url: str) -> Iterator[Owing]:
    with owing_at(database_url) as owing:
        yield owing


@pytest.fixture
def light(sqlite_url: str) -> Iterator[Owing]:
    with owing_at(sqlite_url) as owing:
        yield owing


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def change(owing: Owing, price: str, *others: str) -> None:
    """One revision."""
    applied(owing.census.store, merged("lab/a", price=price), *map(merged, others))


def _wait(event: threading.Event) -> None:
    event.wait(20)


def test_a_revision_is_told_once_and_signed(owing: Owing, receiver: Receiver) -> None:
    made = owing.add(receiver.url + "/hook")
    change(owing, "2")
    assert owing.deliver().sent == 1
    assert owing.deliver().sent == 0
    (got,) = receiver.got
    payload = got.verified(made.secret)
    assert (got.path, payload["type"], payload["data"]["revision"]) == ("/hook", "catalog.changed", 1)
    assert [(event["kind"], event["model_id"]) for event in payload["data"]["events"]] == [("new", "lab/a")]


def test_what_came_before_the_webhook_is_not_told(light: Owing, receiver: Receiver) -> None:
    change(light, "2")
    light.add(receiver.url)
    assert light.deliver().sent == 0
    change(light, "3")
    light.deliver()
    assert [got.data["revision"] for got in receiver.got] == [2]


def test_every_revision_is_told_in_order_however_long_nobody_delivered(owing: Owing, receiver: Receiver) -> None:
    owing.add(receiver.url)
    for price in ("2", "3", "4"):
        change(owing, price)
    assert owing.deliver().sent == 3
    assert [got.data["revision"] for got in receiver.got] == [1, 2, 3]
    assert len({got.id for got in receiver.got}) == 3


def test_a_wrong_secret_does_not_verify(light: Owing, receiver: Receiver) -> None:
    light.add(receiver.url)
    other = light.add(receiver.url + "/other")
    change(light, "2")
    light.deliver()
    (got,) = [got for got in receiver.got if got.path != "/other"]
    with pytest.raises(WebhookVerificationError):
        got.verified(other.secret)


def test_a_new_secret_signs_from_then_on(light: Owing, receiver: Receiver) -> None:
    old = light.add(receiver.url)
    change(light, "2")
    new = registering.rotate(light.census.store, light.settings, old.webhook.id, actor="ann", now=1)
    light.deliver()
    (got,) = receiver.got
    assert got.verified(new.secret)
    with pytest.raises(WebhookVerificationError):
        got.verified(old.secret)


def test_a_failure_is_tried_again_later_under_the_same_id(owing: Owing, receiver: Receiver) -> None:
    receiver.replies[:] = [Reply(500, body=b"out of\r\norder"), Reply(302, {"Location": receiver.url + "/elsewhere"})]
    made = owing.add(receiver.url)
    change(owing, "2")
    assert owing.deliver().pending == 1
    (waiting,) = owing.deliveries()
    assert (waiting.state, waiting.last_error) == (DeliveryState.PENDING, "it answered 500: out of order")
    assert owing.deliver(after=5).pending == 0  # not due yet
    assert owing.deliver(after=10).pending == 1
    assert owing.deliver(after=30).sent == 1
    assert len({got.id for got in receiver.got}) == 1
    assert [got.path for got in receiver.got] == ["/", "/", "/"]
    assert made.webhook.id == owing.deliveries(state=DeliveryState.SENT)[0].webhook_id


def test_the_pause_doubles_and_heeds_what_the_receiver_asks_for(light: Owing, receiver: Receiver) -> None:
    receiver.replies[:] = [Reply(503, {"Retry-After": "300"}), Reply(500)]
    light.add(receiver.url)
    change(light, "2")
    light.deliver()
    assert light.deliveries()[0].next_at - light.census.clock() == pytest.approx(300e6, abs=20e6)
    light.deliver(after=310)
    assert 19e6 < light.deliveries()[0].next_at - light.census.clock() < 26e6


def test_what_fails_too_often_is_dead_and_can_be_replayed(owing: Owing, receiver: Receiver) -> None:
    receiver.replies[:] = [Reply(500), Reply(500), Reply(500)]
    owing.add(receiver.url)
    change(owing, "2")
    for _ in range(3):
        last = owing.deliver(after=100)
    assert last.dead == 1
    (dead,) = owing.deliveries(state=DeliveryState.DEAD)
    assert (dead.attempts, dead.last_status, owing.deliver(after=10_000).sent) == (3, 500, 0)
    assert registering.replay(owing.census.store, actor="ann", now=owing.census.clock()) == [dead.id]
    assert owing.deliver(after=1).sent == 1
    assert len({got.id for got in receiver.got}) == 1


def test_one_that_was_sent_can_be_replayed_by_its_id_but_one_under_way_cannot(light: Owing, receiver: Receiver) -> None:
    light.add(receiver.url)
    change(light, "2")
    light.deliver()
    (sent,) = light.deliveries()
    assert registering.replay(light.census.store, actor="ann", now=light.census.clock()) == []
    registering.replay(light.census.store, actor="ann", now=light.census.clock(), delivery_id=sent.id)
    with pytest.raises(InvalidInput, match="still being tried"):
        registering.replay(light.census.store, actor="ann", now=light.census.clock(), delivery_id=sent.id)
    light.deliver(after=1)
    assert [got.id for got in receiver.got] == [sent.id, sent.id]


def test_a_receiver_that_is_gone_for_good_is_left_alone(owing: Owing, receiver: Receiver) -> None:
    receiver.replies[:] = [Reply(410)]
    made = owing.add(receiver.url)
    change(owing, "2")
    change(owing, "3")
    assert owing.deliver().dead == 1
    assert len(receiver.got) == 1
    assert registering.shown(owing.census.store, made.webhook.id).enabled is False
    assert audit_log(owing.census.store, act="disable webhook")[0].reason == "it answered 410 Gone"


def test_a_webhook_that_is_enabled_again_misses_nothing(light: Owing, receiver: Receiver) -> None:
    made = light.add(receiver.url)
    store, change_ = light.census.store, registering.change
    change_(store, light.settings, made.webhook.id, actor="ann", now=1, enabled=False)
    change(light, "2")
    change(light, "3")
    assert light.deliver().sent == 0
    change_(store, light.settings, made.webhook.id, actor="ann", now=2, enabled=True)
    assert light.deliver().sent == 2


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({}, ["lab/a", "lab/b"]),
        ({"models": ["lab/b"]}, ["lab/b"]),
        ({"kinds": [StepKind.UPDATED]}, ["lab/a"]),
        ({"fields": ["price"]}, ["lab/a", "lab/b"]),
        ({"fields": ["price"], "kinds": [StepKind.NEW]}, ["lab/b"]),
        ({"fields": ["pri"]}, []),
        ({"providers": ["acme"]}, ["lab/b"]),
        ({"tiers": [Tier.PRO]}, ["lab/a"]),
    ],
)
def test_a_webhook_is_told_what_fits_all_its_filters(
    light: Owing, receiver: Receiver, filters: dict[str, list[str]], told: list[str]
) -> None:
    change(light, "2")
    curating.edit_one(light.census.store, "lab/a", {"enabled": True, "is_pro": True}, "ann", 1)
    light.add(receiver.url, **{name: tuple(values) for name, values in filters.items()})
    applied(light.census.store, merged("lab/a", price="3"), merged("lab/b", provider="Acme"))
    light.deliver()
    assert [event["model_id"] for got in receiver.got for event in got.data["events"]] == told


def test_a_large_revision_is_told_in_parts(light: Owing, receiver: Receiver) -> None:
    made = light.add(receiver.url)
    names = [f"lab/{number:03}" for number in range(60)]
    applied(light.census.store, *(merged(name, description="x" * 10_000) for name in names))
    sent = light.deliver().sent
    assert sent > 1
    assert all(len(got.body) <= 256 * 1024 and got.verified(made.secret) for got in receiver.got)
    assert [event["model_id"] for got in receiver.got for event in got.data["events"]] == names
    assert [(got.data["part"], got.data["parts"]) for got in receiver.got] == [(n, sent) for n in range(1, sent + 1)]


def test_two_deliverers_send_each_delivery_once(owing: Owing, receiver: Receiver) -> None:
    for number in range(4):
        owing.add(f"{receiver.url}/{number}")
    for price in ("2", "3", "4"):
        change(owing, price)
    threads = [threading.Thread(target=owing.deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    owing.deliver()
    assert sorted((got.path, got.data["revision"]) for got in receiver.got) == [
        (f"/{number}", revision) for number in range(4) for revision in (1, 2, 3)
    ]


def test_a_slow_receiver_keeps_no_other_one_waiting(light: Owing, receiver: Receiver) -> None:
    release = threading.Event()
    with receiving(Reply(before=lambda: _wait(release))) as slow:
        light.add(slow.url)
        light.add(receiver.url)
        for price in ("2", "3", "4"):
            change(light, price)
        delivering = threading.Thread(target=light.deliver)
        delivering.start()
        deadline = time.monotonic() + 10
        while len(receiver.got) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert (len(receiver.got), len(slow.got)) == (3, 1)
        release.set()
        delivering.join()
        assert len(slow.got) == 3


def test_the_background_deliverer_tells_what_is_published_while_it_runs(light: Owing, receiver: Receiver) -> None:
    light.add(receiver.url)
    deliverer = Deliverer(light.census, AccessSettings(), light.settings)
    deliverer.start()
    change(light, "2")
    deadline = time.monotonic() + 10
    while not receiver.got and time.monotonic() < deadline:
        time.sleep(0.05)
    deliverer.stop()
    assert [got.data["revision"] for got in receiver.got] == [1]


def test_a_test_is_sent_at_once_and_its_answer_told(light: Owing, receiver: Receiver) -> None:
    receiver.replies[:] = [Reply(200, body=b"thank you"), Reply(401)]
    made = light.add(receiver.url)
    first = sending.try_now(light.census, light.settings, made.webhook.id, actor="ann")
    assert (first.ok, first.status, first.text) == (True, 200, "thank you")
    assert receiver.got[0].verified(made.secret)["type"] == "webhook.test"
    assert sending.try_now(light.census, light.settings, made.webhook.id, actor="ann").ok is False
    assert light.deliveries() == []


def test_what_a_receiver_says_never_shows_the_secret_of_its_address(light: Owing, receiver: Receiver) -> None:
    receiver.replies[:] = [Reply(500, body=b"no access with hunter22 and s3cr3tvalue")]
    made = light.add(receiver.url.replace("://", "://user:hunter22@") + "/?k=s3cr3tvalue")
    change(light, "2")
    light.deliver()
    (delivery,) = light.deliveries()
    shown = json.dumps([delivery.last_error, made.webhook.url, registering.listed(light.census.store)[0].url])
    assert "hunter22" not in shown
    assert "s3cr3tvalue" not in shown
    assert receiver.got[0].headers["authorization"].startswith("Basic ")
    assert receiver.got[0].path == "/?k=s3cr3tvalue"


def test_deliveries_of_a_webhook_that_there_is_not_are_not_found(light: Owing) -> None:
    with pytest.raises(NotFound):
        light.deliveries(webhook_id="wh_none")
