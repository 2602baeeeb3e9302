"""Changes as server-sent events."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelcensus.api.pushing import stream
from modelcensus.operations.catalog import curating
from modelcensus.operations.census import Census
from tests.api.pushing.listening import listening
from tests.api.shop import TIERED, bearer
from tests.builders import census_at
from tests.cli.program import environment
from tests.operations.catalog_world import applied, merged
from tests.web.serving import ask, served


@pytest.fixture
def census(sqlite_url: str) -> Iterator[Census]:
    with census_at(sqlite_url) as census:
        applied(census.store, merged("lab/a"), merged("lab/b"))
        yield census


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where an empty census is served."""
    with (
        census_at(f"sqlite:///{tmp_path_factory.mktemp('empty') / 'census.db'}") as census,
        served(census) as address,
    ):
        yield address


@pytest.fixture
def address(census: Census) -> Iterator[str]:
    with served(census) as address:
        yield address


def change(census: Census, price: str, *others: str) -> None:
    """One revision."""
    applied(census.store, merged("lab/a", price=price), merged("lab/b"), *map(merged, others))


def test_a_change_is_told_as_it_happens_and_nothing_of_before(census: Census, address: str) -> None:
    with listening(address) as heard:
        assert heard.response.headers["content-type"].startswith("text/event-stream")
        assert heard.cursor() == "1-2"
        change(census, "3")
        (event,) = heard.events(1)
    assert (event.id, event.event, event.data["model_id"]) == ("2-1", "updated", "lab/a")
    assert [(each["path"], each["before"], each["after"]) for each in event.data["fields"]] == [
        ("price.input", "2", "3")
    ]


def test_an_event_is_told_as_the_list_of_changes_tells_it(census: Census, address: str) -> None:
    listed = ask(address, "/api/changes?after=0-0").json()["data"]
    with listening(address, "?after=0-0") as heard:
        assert [event.data for event in heard.events(2)] == listed


@pytest.mark.parametrize(
    ("query", "headers"), [("?after=1-1", {}), ("", {"Last-Event-ID": "1-1"}), ("?after=0-0", {"Last-Event-ID": "1-1"})]
)
def test_a_stream_goes_on_after_the_last_event_that_was_heard(
    census: Census, address: str, query: str, headers: dict[str, str]
) -> None:
    change(census, "3", "lab/c")
    with listening(address, query, headers) as heard:
        assert [event.id for event in heard.events(3)] == ["1-2", "2-1", "2-2"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?kind=new", ["lab/c"]),
        ("?model=lab/a", ["lab/a"]),
        ("?field=price&kind=updated", ["lab/a"]),
        ("?provider=acme", ["lab/p"]),
    ],
)
def test_a_stream_tells_only_what_was_asked_for(census: Census, address: str, query: str, told: list[str]) -> None:
    with listening(address, query) as heard:
        assert heard.cursor() == "1-2"
        new = merged("lab/p", provider="Acme") if "provider" in query else merged("lab/c")
        applied(census.store, merged("lab/a", price="3"), merged("lab/b"), new)
        assert [event.data["model_id"] for event in heard.events(len(told))] == told


def test_the_cursor_moves_on_past_what_was_not_asked_for(census: Census, address: str) -> None:
    with listening(address, "?kind=archived") as heard:
        assert heard.cursor() == "1-2"
        change(census, "3", "lab/c")
        assert heard.cursor() == "2-2"


def test_many_streams_hear_the_same_at_once(census: Census, address: str) -> None:
    with listening(address) as one, listening(address) as two, listening(address) as three:
        for heard in (one, two, three):
            assert heard.cursor() == "1-2"
        change(census, "3")
        assert [heard.events(1)[0].id for heard in (one, two, three)] == ["2-1"] * 3


def test_a_caller_hears_only_of_models_that_their_tier_sees(census: Census) -> None:
    curating.edit_one(census.store, "lab/b", {"enabled": True, "is_pro": True}, "ann", 1)
    curating.edit_one(census.store, "lab/a", {"enabled": True, "is_free": True}, "ann", 1)
    with served(census, TIERED) as address:
        with listening(address, "?after=0-0") as free, listening(address, "?after=0-0", bearer("pro")) as pro:
            assert [event.data["model_id"] for event in pro.events(2)] == ["lab/a", "lab/b"]
            assert free.events(1)[0].data["model_id"] == "lab/a"
            after = next(free.frames())
            assert (after.id, after.event, after.data) == ("1-2", None, None)
        assert ask(address, "/api/changes/stream", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize(
    ("query", "status"), [("?after=x", 400), ("?after=1", 400), ("?kind=odd", 422), ("?sinse=7d", 400)]
)
def test_what_cannot_be_streamed_is_a_problem(empty: str, query: str, status: int) -> None:
    answer = ask(empty, f"/api/changes/stream{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_silent_stream_is_kept_alive_with_comments(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 1)
    with listening(empty) as heard:
        assert heard.comment().startswith(": ping")


def test_there_are_no_more_streams_than_there_may_be(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_STREAMS", 1)
    with listening(empty) as heard:
        assert heard.cursor()
        refused = ask(empty, "/api/changes/stream")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with listening(empty) as again:
            if again.response.status_code == 200:
                break
        time.sleep(0.1)
    assert again.response.status_code == 200


def test_head_of_a_stream_ends(empty: str) -> None:
    answer = ask(empty, "/api/changes/stream", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_server_that_stops_ends_its_streams(sqlite_url: str, tmp_path: Path) -> None:
    with census_at(sqlite_url) as census:
        applied(census.store, merged("lab/a"))
    command = [sys.executable, "-m", "modelcensus", "--database", sqlite_url, "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = next(word for line in server.stderr for word in line.split() if word.startswith("http://"))
        with listening(address) as heard:
            assert heard.cursor() == "1-1"
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            assert list(heard.frames()) == []
            assert server.wait(20) == 0
    assert time.monotonic() - began < 10
