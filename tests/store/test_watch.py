from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modelcensus.core.errors import StoreError
from modelcensus.store.watch import Watch
from tests.operations.catalog_world import applied, merged, store_at
from tests.postgres import PostgresServer

_APPLIES = """
import sys
from tests.operations.catalog_world import applied, merged, store_at
with store_at(sys.argv[1]) as store:
    for line in sys.stdin:
        applied(store, merged(price=line.strip()))
        print("applied", flush=True)
"""


def test_what_another_process_has_applied_is_told_at_once(database_url: str) -> None:
    command = [sys.executable, "-c", _APPLIES, database_url]
    root = Path(__file__).parents[2]
    with store_at(database_url) as store:
        watch = Watch(store)
        with subprocess.Popen(
            command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:  # fmt: skip
            assert other.stdin is not None
            assert other.stdout is not None
            for number in range(2, 6):
                other.stdin.write(f"{number}\n")
                other.stdin.flush()
                assert other.stdout.readline() == "applied\n"
                assert watch.stamp().revision == number - 1
            other.stdin.close()
        watch.close()


def test_a_watch_of_a_file_is_quick_and_one_of_a_server_is_not(sqlite_url: str, postgres_url: str) -> None:
    with store_at(sqlite_url) as file, store_at(postgres_url) as server:
        assert (Watch(file).quick, Watch(server).quick) == (True, False)


def test_a_watch_finds_its_server_again(postgres_server: PostgresServer, postgres_url: str) -> None:
    with store_at(postgres_url) as store:
        applied(store, merged())
        watch = Watch(store)
        assert watch.stamp().revision == 1
        postgres_server.end_connections(postgres_url)
        assert watch.stamp().revision == 1
        watch.close()


def test_a_database_that_is_gone_is_an_error_with_a_next_step(
    postgres_server: PostgresServer, postgres_url: str
) -> None:  # fmt: skip
    with store_at(postgres_url) as store:
        watch = Watch(store)
        watch.stamp()
        postgres_server.drop_database(postgres_url)
        with pytest.raises(StoreError) as caught:
            watch.stamp()
        assert caught.value.hint
        watch.close()


def test_a_closed_watch_opens_no_connection_that_nobody_would_close(database_url: str) -> None:
    with store_at(database_url) as store:
        watch = Watch(store)
        watch.stamp()
        watch.close()
        with pytest.raises(StoreError, match="closed"):
            watch.stamp()
