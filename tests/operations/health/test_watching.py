"""The watch: looks when it is time, logs what has changed, and sends heartbeats to a real receiver."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator

import msgspec
import pytest

from modelcensus.core.errors import StoreUnreachable
from modelcensus.core.health import Health, Severity
from modelcensus.operations.health.looking import without_database
from modelcensus.operations.health.watching import HealthWatch, beat
from modelcensus.settings import HealthSettings, Settings
from tests.operations.health.bed import Bed, well
from tests.receiver import Receiver, Reply, receiving

BAD = without_database(StoreUnreachable("away", "start it"), Settings(health=HealthSettings(disk_mb=0)), 1)
GOOD = Health(at=1, severity=Severity.OK, findings=())


@pytest.fixture
def bed(sqlite_url: str) -> Iterator[Bed]:
    with well(sqlite_url) as made:
        yield made


def limits(receiver: Receiver, **more: object) -> HealthSettings:
    """Health settings with a heartbeat at this receiver."""
    given = HealthSettings(heartbeat_url=f"{receiver.url}/ping/s3cret?a=1")
    return msgspec.structs.replace(given, **more)


def watched(bed: Bed, receiver: Receiver, watch: HealthWatch, hours: float) -> Health | None:
    """One call of the watch at an hour."""
    bed.hours = hours
    health = msgspec.structs.replace(
        bed.settings.health, heartbeat_url=f"{receiver.url}/ping", every="every 1h", min_models=1
    )
    return watch.watch(bed.census, msgspec.structs.replace(bed.settings, health=health))


def test_it_looks_at_once_and_then_whenever_it_is_time(bed: Bed) -> None:
    watch = HealthWatch()
    with receiving() as receiver:
        looks = [watched(bed, receiver, watch, hours) is not None for hours in (0, 0.1, 0.6, 0.9, 1.4, 1.6)]
    assert looks == [True, False, True, False, False, True], "it is time at each full hour; the first look is at 12:30"
    assert [got.path for got in receiver.got] == ["/ping"] * 3


def test_a_heartbeat_goes_to_the_address_of_failures_once_something_is_critical(bed: Bed) -> None:
    watch = HealthWatch()
    with receiving() as receiver:
        for hours in (0, 26, 51):
            watched(bed, receiver, watch, hours)
    assert [got.path for got in receiver.got] == ["/ping", "/ping", "/ping/fail"]
    assert [json.loads(got.body)["severity"] for got in receiver.got] == ["ok", "warning", "critical"]
    assert [len(json.loads(got.body)["findings"]) for got in receiver.got] == [0, 1, 1]


def test_only_what_has_changed_is_logged(bed: Bed, caplog: pytest.LogCaptureFixture) -> None:
    watch = HealthWatch()
    caplog.set_level(logging.INFO, "modelcensus.health")
    with receiving() as receiver:
        for hours in (0, 26, 28, 51, 1):
            watched(bed, receiver, watch, hours)
    told = [(each.levelname, each.getMessage().partition(":")[0]) for each in caplog.records]
    assert told == [
        ("WARNING", "freshness, openrouter"), ("ERROR", "freshness, openrouter"), ("INFO", "freshness, openrouter"),
    ]  # fmt: skip


def test_an_address_of_failures_may_be_set_by_itself() -> None:
    with receiving() as receiver:
        beat(limits(receiver, heartbeat_failure_url=f"{receiver.url}/down"), BAD)
        beat(HealthSettings(heartbeat_failure_url=f"{receiver.url}/only"), BAD)
        assert beat(HealthSettings(heartbeat_failure_url=f"{receiver.url}/only"), GOOD) is None
    assert [got.path for got in receiver.got] == ["/down", "/only"]


def test_the_query_of_an_address_stays_behind_the_path_of_failures() -> None:
    with receiving() as receiver:
        beat(limits(receiver), BAD)
    assert receiver.got[0].path == "/ping/s3cret/fail?a=1"


def test_a_heartbeat_is_tried_again_with_longer_pauses() -> None:
    pauses: list[float] = []
    with receiving(Reply(500), Reply(503)) as receiver:
        beaten = beat(limits(receiver), GOOD, sleep=pauses.append)
    assert beaten is not None
    assert (beaten.ok, beaten.tries, pauses, len(receiver.got)) == (True, 3, [2.0, 4.0], 3)


def test_a_heartbeat_that_nobody_takes_is_told_without_its_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with receiving(Reply(404), Reply(404), Reply(404)) as receiver:
        beaten = beat(limits(receiver), GOOD, sleep=lambda _: None)
        dead = beat(HealthSettings(heartbeat_url="http://127.0.0.1:9/s3cret"), GOOD, sleep=lambda _: None)
        wrong = beat(HealthSettings(heartbeat_url="ftp://[s3cret"), BAD, sleep=lambda _: None)
    assert [each.ok for each in (beaten, dead, wrong) if each] == [False, False, False]
    assert "it answered 404" in caplog.text
    assert "s3cret" not in f"{caplog.text} {beaten} {dead} {wrong}"


def test_a_receiver_that_never_answers_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with receiving(*[Reply(before=lambda: time.sleep(0.5))] * 3) as receiver:
        began = time.monotonic()
        beaten = beat(limits(receiver), GOOD, seconds=0.1, sleep=lambda _: None)
        took = time.monotonic() - began
    assert beaten is not None
    assert (beaten.ok, took < 2) == (False, True)
    assert "heartbeat" in caplog.text


def test_without_an_address_nothing_is_sent() -> None:
    assert beat(HealthSettings(), BAD) is None
