"""Politeness to a host."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from modelcensus.sources.http import HttpClient
from modelcensus.sources.http.gate import Gate
from modelcensus.upstream import Fault, Play, Upstream


def test_no_more_requests_run_at_once_than_the_gate_has_places() -> None:
    running, most, lock = 0, 0, threading.Lock()
    gate = Gate(3)

    def request(_: int) -> None:
        nonlocal running, most
        with gate.slot():
            with lock:
                running += 1
                most = max(most, running)
            threading.Event().wait(0.01)
            with lock:
                running -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(request, range(24)))
    assert most == 3


def test_starts_keep_their_distance_whatever_the_requests_take() -> None:
    time, starts = 100.0, []

    def sleep(seconds: float) -> None:
        nonlocal time
        time += seconds

    gate = Gate(1, per_second=4, clock=lambda: time, sleep=sleep)
    for lasting in (0.0, 0.1, 1.0, 0.0):
        with gate.slot():
            starts.append(time)
            time += lasting
    assert starts == [100.0, 100.25, 100.5, 101.5]


def test_two_clients_of_one_host_share_its_gate() -> None:
    gate = Gate(1)
    plays = {"/slow": [Play(b"{}", fault=Fault.DELAY, seconds=0.05)]}
    with Upstream(plays) as up, HttpClient(up.url, gates=[gate]) as one, HttpClient(up.url, gates=[gate]) as other:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda client: client.get("slow"), (one, other)))
        first, second = (request.at for request in up.requests)
        assert second - first >= 0.05
