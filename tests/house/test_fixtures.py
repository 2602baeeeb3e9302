"""What tests/conftest.py promises to every other test."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.builders import TABLES, census_at, count
from tests.house.tree import ROOT
from tests.postgres import PostgresServer
from tests.sockets import ReachedOutside, is_loopback


def test_a_bare_url_opens_an_empty_database(bare_url: str) -> None:
    engine = create_engine(bare_url)
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE probe (x INTEGER)"))
        assert connection.execute(text("SELECT count(*) FROM probe")).scalar() == 0
    engine.dispose()


def test_a_database_url_opens_an_empty_census(database_url: str) -> None:
    with census_at(database_url) as census:
        assert [count(census.store, table) for table in TABLES if table != "source"] == [0] * (len(TABLES) - 1)


def test_two_databases_of_one_server_do_not_see_each_other(postgres_server: PostgresServer) -> None:
    urls = [postgres_server.create_database() for _ in range(2)]
    for url in urls:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE probe (x INTEGER)"))
        engine.dispose()
        postgres_server.drop_database(url)
    assert urls[0] != urls[1]


@pytest.mark.parametrize("how", ["end", "kill"])
def test_a_server_ends_with_the_process_that_opened_it(postgres_server: PostgresServer, how: str) -> None:
    assert postgres_server.port  # a machine without PostgreSQL is told so by the fixture
    program = (
        "import sys\nfrom tests.postgres import PostgresServer\n"
        "with PostgresServer() as server:\n"
        "    print(server.port, server.home, flush=True)\n    sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    port, home = child.stdout.readline().split()
    socket.create_connection(("127.0.0.1", int(port)), timeout=5).close()
    if how == "kill":
        os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    deadline = time.monotonic() + 20
    while Path(home).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(home).exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)), timeout=5)


def test_a_connection_beyond_loopback_is_refused_before_it_leaves() -> None:
    with socket.socket() as outward, pytest.raises(ReachedOutside):
        outward.connect(("192.0.2.1", 80))


def test_a_datagram_beyond_loopback_is_refused_before_it_leaves() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as outward, pytest.raises(ReachedOutside):
        outward.sendto(b"x", ("192.0.2.1", 53))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "::ffff:127.0.0.1"])
def test_an_address_of_this_machine_is_loopback(host: str) -> None:
    assert is_loopback((host, 80))


@pytest.mark.parametrize("host", ["10.0.0.1", "192.0.2.1", "2001:db8::1", "example.com", "::ffff:10.0.0.1"])
def test_an_address_of_another_machine_is_not_loopback(host: str) -> None:
    assert not is_loopback((host, 80))
