"""The local upstream itself, read with the standard library: independent of the client it is to test."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
import time
import tracemalloc
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from backports import zstd

from modelcensus.upstream import Fault, Pages, Play, Upstream, recorded

GOOD = b'{"data":[{"id":"a/one"}]}'


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=2)
    try:
        connection.request(
            "GET", f"{parts.path}?{parts.query}", headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_plays_come_one_after_the_other_and_the_last_one_repeats() -> None:
    with Upstream({"/m": [Play(b"1"), Play(b"2", status=201)]}) as up:
        assert [fetch(up.url + "/m")[::2] for _ in range(3)] == [(200, b"1"), (201, b"2"), (201, b"2")]


def test_each_path_has_its_own_turn() -> None:
    with Upstream({"/a": [Play(b"1"), Play(b"2")], "/b": [Play(b"3")]}) as up:
        assert [fetch(up.url + path)[2] for path in ("/a", "/b", "/a")] == [b"1", b"3", b"2"]


def test_a_script_can_be_replaced_while_it_runs() -> None:
    with Upstream({"/a": [Play(b"1")]}) as up:
        fetch(up.url + "/a")
        up.play("/a", [Play(b"new")])
        assert fetch(up.url + "/a")[2] == b"new"


def test_an_unknown_path_is_not_found() -> None:
    with Upstream({}) as up:
        assert fetch(up.url + "/nowhere")[0] == 404


def test_requests_are_remembered_as_they_came() -> None:
    with Upstream({"/a": [Play(b"1")]}) as up:
        fetch(up.url + "/a?x=1&y=%20", X_Api_Key="k")
        (request,) = up.requests
    assert (request.method, request.path, request.query) == ("GET", "/a", "x=1&y=%20")
    assert request.headers["x-api-key"] == "k"


def test_requests_on_one_connection_do_not_wait_for_acknowledgements() -> None:
    with Upstream({"/a": [Play(GOOD)]}) as up:
        connection = http.client.HTTPConnection(urlsplit(up.url).netloc, timeout=2)
        began = time.monotonic()
        for _ in range(20):
            connection.request("GET", "/a")
            connection.getresponse().read()
        taken = time.monotonic() - began
        connection.close()
    assert taken < 0.6  # with Nagle's algorithm each would take 40 ms


def test_only_so_many_requests_are_remembered() -> None:
    with Upstream({"/a": [Play(b"1")]}, kept_requests=2) as up:
        for number in range(5):
            fetch(f"{up.url}/a?{number}")
        assert [request.query for request in up.requests] == ["3", "4"]


def test_a_conditional_play_says_304_to_who_has_it_already() -> None:
    with Upstream({"/a": [Play(GOOD, conditional=True)]}) as up:
        status, headers, _ = fetch(up.url + "/a")
        assert status == 200
        assert fetch(up.url + "/a", If_None_Match=headers["ETag"])[::2] == (304, b"")
        assert fetch(up.url + "/a", If_None_Match='"other"')[::2] == (200, GOOD)


def test_a_body_can_be_made_from_the_request() -> None:
    with Upstream({"/a": [Play(lambda request: request.query.encode())]}) as up:
        assert fetch(up.url + "/a?hello")[2] == b"hello"


def test_a_cut_ends_before_the_length_it_had_said() -> None:
    with Upstream({"/a": [Play(GOOD, fault=Fault.CUT_WITH_LENGTH)]}) as up, pytest.raises(http.client.IncompleteRead):
        fetch(up.url + "/a")


def test_a_reset_is_a_reset_on_the_wire() -> None:
    with Upstream({"/a": [Play(GOOD, fault=Fault.RESET)]}) as up, pytest.raises(ConnectionResetError):
        fetch(up.url + "/a")


@pytest.mark.parametrize("fault", [Fault.HANG_BEFORE_HEADERS, Fault.HANG_IN_BODY, Fault.DRIP, Fault.DRIP_HEADERS])
def test_stopping_is_quick_while_clients_wait(fault: Fault) -> None:
    up = Upstream({"/a": [Play(GOOD, fault=fault, seconds=5)]})
    port = int(up.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as waiting, socket.create_connection(("127.0.0.1", port)):
        waiting.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        while not up.requests:
            time.sleep(0.005)
        began = time.monotonic()
        up.close()
        assert time.monotonic() - began < 0.5
        waiting.settimeout(1)
        while waiting.recv(4096):
            pass  # the end of the stream must come, or the time-out fails this test


def test_stopping_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with (
        Upstream({"/a": [Play(GOOD, fault=Fault.HANG_IN_BODY)]}) as up,
        socket.create_connection(("127.0.0.1", int(up.url.rpartition(":")[2]))) as waiting,
    ):
        waiting.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        while not up.requests:
            time.sleep(0.005)
    deadline = time.monotonic() + 0.8
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left


def test_stopping_ends_idle_connections() -> None:
    with Upstream({"/a": [Play(GOOD)]}) as up:
        idle = http.client.HTTPConnection(urlsplit(up.url).netloc, timeout=1)
        idle.request("GET", "/a")
        idle.getresponse().read()
        connection = idle.sock
    try:
        assert connection.recv(1) == b""
    finally:
        idle.close()


def walk(up: Upstream, path: str) -> list[str]:
    url: str | None = up.url + path
    seen: list[str] = []
    while url:
        page = json.loads(fetch(url)[2])
        seen += [entity["id"] for entity in page["data"]]
        url = page["links"].get("next")
    return seen


def entity(index: int) -> bytes:
    return b'{"id":"%d"}' % index


def test_pages_give_every_entity_once_and_say_their_count() -> None:
    with Upstream({"/m": Pages(count=25, entity=entity, limit=10)}) as up:
        assert walk(up, "/m") == [str(i) for i in range(25)]
        assert json.loads(fetch(up.url + "/m?offset=20")[2])["total_count"] == 25


def test_the_query_chooses_the_page_size_up_to_a_maximum() -> None:
    with Upstream({"/m": Pages(count=25, entity=entity, max_limit=15)}) as up:
        assert len(json.loads(fetch(up.url + "/m?limit=5")[2])["data"]) == 5
        assert len(json.loads(fetch(up.url + "/m?limit=5000")[2])["data"]) == 15


def test_a_listing_can_end_half_way_while_its_count_says_more() -> None:
    with Upstream({"/m": Pages(count=25, entity=entity, limit=10, ends_at=12)}) as up:
        assert len(walk(up, "/m")) == 12


def test_a_listing_can_send_entities_twice() -> None:
    with Upstream({"/m": Pages(count=6, entity=entity, limit=4, duplicate_every=3)}) as up:
        assert walk(up, "/m") == ["0", "0", "1", "2", "3", "3", "4", "5"]


@pytest.mark.parametrize("shift", [1, -1])
def test_a_listing_can_shift_between_its_pages(shift: int) -> None:
    with Upstream({"/m": Pages(count=10, entity=entity, limit=3, shift=shift)}) as up:
        found = walk(up, "/m")
    assert ("3" in found) == (shift < 0)
    assert (len(found) > len(set(found))) == (shift < 0)


def test_a_fault_can_strike_from_a_page_on() -> None:
    with Upstream({"/m": Pages(count=25, entity=entity, limit=10, fault=Fault.SERVER_ERROR, fault_from=10)}) as up:
        assert fetch(up.url + "/m")[0] == 200
        assert fetch(up.url + "/m?offset=10")[0] == 500


def test_two_million_entities_are_made_page_by_page() -> None:
    pages = Pages(count=2_000_000, entity=entity, limit=1000)
    with Upstream({"/m": pages}) as up:
        tracemalloc.start()
        try:
            last = json.loads(fetch(up.url + "/m?offset=1999000&limit=1000")[2])
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert last["data"][-1] == {"id": "1999999"}
    assert last["links"] == {}
    assert last["total_count"] == 2_000_000
    assert peak < 4 * 1024 * 1024


def test_recorded_files_play_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "2.json.gz").write_bytes(gzip.compress(b'"two"'))
    (tmp_path / "3.json.zst").write_bytes(zstd.compress(b'"three"'))
    (tmp_path / "1.json").write_bytes(b'"one"')
    (tmp_path / "notes.txt").write_bytes(b"no")
    with Upstream({"/m": recorded(tmp_path)}) as up:
        assert [fetch(up.url + "/m")[2] for _ in range(4)] == [b'"one"', b'"two"', b'"three"', b'"three"']


def test_a_folder_without_recordings_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no recorded JSON"):
        recorded(tmp_path)
