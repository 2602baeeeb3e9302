"""Signs of life, also where the database hangs; and the whole look for administrators."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx2
import msgspec
import pytest

from modelcensus.settings import AccessSettings
from tests.builders import model, openrouter, read
from tests.operations.health.bed import Bed, well
from tests.postgres import PostgresServer
from tests.web.serving import QUIET, ask, destroy, served

ADMIN = {"Authorization": "Bearer admin-token-of-the-test"}


@contextmanager
def serving(url: str) -> Iterator[tuple[Bed, str]]:
    """A census in good health, served."""
    with well(url) as bed:
        settings = msgspec.structs.replace(
            bed.settings, api=QUIET, access=AccessSettings(admin_token="admin-token-of-the-test")
        )
        with served(bed.census, settings) as address:
            yield bed, address


def test_signs_of_life_are_good_and_never_kept(database_url: str) -> None:
    with serving(database_url) as (_, address):
        alive, ready = ask(address, "/healthz"), ask(address, "/readyz")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "serves": "database"})
    assert {each.headers["cache-control"] for each in (alive, ready)} == {"no-store"}


def test_without_its_tables_it_is_neither_alive_nor_ready(sqlite_url: str) -> None:
    with serving(sqlite_url) as (_, address):
        destroy(sqlite_url)
        answers = [ask(address, path) for path in ("/healthz", "/readyz")]
    assert [each.status_code for each in answers] == [503, 503]
    assert all(each.headers["content-type"] == "application/problem+json" for each in answers)
    assert all(each.headers["cache-control"] == "no-store" for each in answers)
    assert all(each.json()["detail"] and each.json()["request_id"] for each in answers)


def test_a_file_that_was_taken_away_is_noticed_and_so_is_its_return(sqlite_url: str, tmp_path: Path) -> None:
    with serving(sqlite_url) as (_, address):
        (tmp_path / "census.db").rename(tmp_path / "away")
        assert ask(address, "/healthz").status_code == 503
        (tmp_path / "away").rename(tmp_path / "census.db")
        assert ask(address, "/healthz").status_code == 200


def test_it_is_ready_without_a_database_while_it_holds_good_answers(sqlite_url: str) -> None:
    with serving(sqlite_url) as (_, address):
        assert ask(address, "/api/models").status_code == 200
        destroy(sqlite_url)
        ready = ask(address, "/readyz")
        assert (ready.status_code, ready.json()["serves"]) == (200, "memory")
        assert ask(address, "/api/models").status_code == 200, "it does serve"


def test_it_is_not_ready_for_a_schema_that_it_does_not_know(sqlite_url: str) -> None:
    with serving(sqlite_url) as (bed, address):
        bed.write("UPDATE alembic_version SET version_num = '9999'")
        alive, ready = ask(address, "/healthz"), ask(address, "/readyz")
    assert (alive.status_code, ready.status_code) == (200, 503)
    assert "upgrade" in ready.json()["detail"]


def test_a_viewer_sees_every_finding_and_nobody_else_does(sqlite_url: str) -> None:
    with serving(sqlite_url) as (bed, address):
        bed.hours = 26
        seen = ask(address, "/api/admin/health", headers=ADMIN)
        assert ask(address, "/api/admin/health").status_code == 401
        assert ask(address, "/api/admin/health?x=1", headers=ADMIN).status_code == 400
    document = seen.json()
    assert (seen.status_code, document["severity"]) == (200, "warning")
    assert document["at"] == "2026-01-02T14:30:00Z"
    assert (document["findings"][0]["check"], document["findings"][0]["subject"]) == ("freshness", "openrouter")


def processes(server: PostgresServer) -> list[int]:
    """The server's process and its children."""
    (first, *_) = (server.home / "data" / "postmaster.pid").read_text().splitlines()
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [int(first), *map(int, children)]


def until(good: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not good():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the server's processes are found in /proc")
def test_signs_of_life_do_not_wait_for_a_server_that_hangs_stops_and_comes_back() -> None:
    def timed(path: str) -> tuple[int, bool]:
        began = time.monotonic()
        status = ask(address, path).status_code
        # Not the machine's speed is judged: whoever waited would wait for as long as the server hangs.
        return status, time.monotonic() - began < 8

    def asked_in_vain() -> None:
        with httpx2.Client(trust_env=False, timeout=30) as client:
            client.get(f"{address}/api/sources")

    with PostgresServer() as server, serving(server.create_database()) as (bed, address):
        bed.hours = 1
        read(bed.census, openrouter(model()), 1)
        assert timed("/healthz")[0] == 200
        frozen = processes(server)
        for each in frozen:
            os.kill(each, signal.SIGSTOP)
        try:
            # More than there are threads: whoever needs one waits.
            waiting = [Thread(target=asked_in_vain) for _ in range(45)]
            for thread in waiting:
                thread.start()
            time.sleep(0.5)
            hung = [timed(path) for path in ("/healthz", "/readyz", "/healthz")]
        finally:
            for each in frozen:
                os.kill(each, signal.SIGCONT)
        assert hung == [(503, True)] * 3
        assert until(lambda: timed("/healthz") == (200, True))
        for thread in waiting:
            thread.join()
        server.restart()
        assert until(lambda: timed("/readyz") == (200, True)), "its kept connection was broken off"
        server.close()
        assert [timed(path) for path in ("/healthz", "/readyz")] == [(503, True)] * 2
