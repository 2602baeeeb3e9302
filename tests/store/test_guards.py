"""What the database itself refuses, who may open it, and what others see meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from modelcensus.core.errors import NotFound, SettingsError, StoreDamaged, StoreError, StoreNewer
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.verify import verify
from modelcensus.store.engine import HEAD, open_store
from tests.builders import at, census_at, count, model, modelsdev, openrouter, read, rows


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as opened:
        read(opened, openrouter(model("a"), model("b")), 0)
        yield opened


SYNC = """INSERT INTO sync (id, source_id, reader, observed_at, epoch, started_at, finished_at, status, origin, offline,
bytes_read, entities, appeared, altered, vanished, reappeared, quarantined, error)
VALUES (9, 1, 'r', {observed}, {epoch}, 5, {finished}, '{status}', 'o', 0, 0, {entities}, 0, 0, {vanished}, 0,
{faults}, {error})"""


def sync_row(
    *, observed: int = 3_600_000_000, epoch: int = 3600, finished: int = 5, status: str = "complete", entities: int = 0,
    vanished: int = 0, faults: int = 0, error: str = "NULL",
) -> str:  # fmt: skip
    return SYNC.format(
        observed=observed, epoch=epoch, finished=finished, status=status, entities=entities, vanished=vanished,
        faults=faults, error=error,
    )  # fmt: skip


def short(url: str) -> str:
    return "x'0102'" if url.startswith("sqlite") else "'\\x0102'"


def attempt(census: Census, *statements: str) -> None:
    with census.store.writing() as tx:
        for statement in statements:
            tx.execute(text(statement.replace(":", "\\:")))


def test_a_row_that_may_be_is_taken(census: Census) -> None:
    attempt(census, sync_row())
    assert count(census.store, "sync") == 2


@pytest.mark.parametrize(
    "statement",
    [
        sync_row(epoch=1800),
        sync_row(epoch=3601),
        sync_row(epoch=7200),
        sync_row(epoch=0),
        sync_row(observed=-5, epoch=-3600),
        sync_row(status="good"),
        sync_row(finished=4),
        sync_row(entities=-1),
        sync_row(vanished=-1),
        sync_row(status="incomplete", vanished=1),
        sync_row(status="failed"),
        sync_row(faults=1),
        "UPDATE entity SET body_id = 99999",
        "UPDATE entity SET category = 'thing'",
        "UPDATE entity SET key = ''",
        "INSERT INTO entity (id, source_id, category, key) VALUES (77, 1, 'model', 'a')",
        "INSERT INTO entity (id, source_id, category, key) VALUES (77, 99, 'model', 'z')",
        "INSERT INTO snapshot (entity_id, observed_at, sync_id, body_id) VALUES (1, 0, 1, NULL)",
        "INSERT INTO snapshot (entity_id, observed_at, sync_id, body_id) VALUES (999, 5, 1, NULL)",
        "INSERT INTO snapshot (entity_id, observed_at, sync_id, body_id) VALUES (1, 5, 99, NULL)",
        "INSERT INTO snapshot (entity_id, observed_at, sync_id, body_id) VALUES (1, 5, 1, 99999)",
        "INSERT INTO coverage VALUES (1, 'model', 5, 1, 0, 0, 1, 1, 0, 1)",
        "INSERT INTO coverage VALUES (1, 'model', 5, 1, 1, 1, 1, 1, 0, 1)",
        "INSERT INTO coverage VALUES (1, 'model', 5, 1, 1, 0, -1, 1, 0, 0)",
        "INSERT INTO source (id, name, adapter) VALUES (9, '', 'x')",
        "INSERT INTO source (id, name, adapter) VALUES (9, 'openrouter', 'x')",
    ],
)
def test_a_row_that_must_never_be_is_refused(census: Census, statement: str) -> None:
    with pytest.raises(StoreDamaged):
        attempt(census, statement)


@pytest.mark.parametrize(
    "statement", ["INSERT INTO body (id, hash, data) VALUES (99, {}, '{{}}')", "UPDATE entity SET raw_hash = {}"]
)
def test_a_hash_that_is_too_short_is_refused(census: Census, statement: str) -> None:
    with pytest.raises(StoreDamaged):
        attempt(census, statement.format(short(census.store.url)))


def test_a_transaction_that_fails_leaves_nothing_behind(census: Census) -> None:
    with pytest.raises(StoreDamaged):
        attempt(census, sync_row(), sync_row(epoch=3601))
    assert count(census.store, "sync") == 1


def test_a_reader_cannot_write_on_postgresql(postgres_url: str) -> None:
    with census_at(postgres_url) as census, pytest.raises(StoreError), census.store.reading() as tx:
        tx.execute(text("INSERT INTO source (id, name, adapter) VALUES (9, 'x', 'x')"))


def test_a_new_database_is_at_the_newest_schema(database_url: str) -> None:
    with census_at(database_url) as census:
        assert rows(census.store, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_database_of_a_newer_program_is_refused(census: Census) -> None:
    attempt(census, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreNewer) as caught:
        open_store(census.store.url)
    assert "9999" in caught.value.message
    assert "upgrade" in caught.value.hint


def test_nothing_is_made_where_nothing_may_be_made(bare_url: str) -> None:
    with pytest.raises(NotFound):
        open_store(bare_url, create=False)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense", ""])
def test_an_address_that_cannot_be_used_is_a_settings_error(url: str) -> None:
    with pytest.raises(SettingsError):
        open_store(url)


OPENING = """
import sys
from modelcensus.store.engine import open_store
sys.stdin.readline()
open_store(sys.argv[1]).close()
"""


def test_processes_that_open_a_new_database_at_once_all_succeed(bare_url: str) -> None:
    openers = [
        subprocess.Popen([sys.executable, "-c", OPENING, bare_url], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write(b"go\n")
        opener.stdin.flush()
    errors = [opener.communicate(timeout=60)[1].decode() for opener in openers]
    assert [opener.returncode for opener in openers] == [0] * len(openers), errors
    with census_at(bare_url) as census:
        assert verify(census.store).passed


def test_two_threads_can_record_different_sources_at_once(database_url: str) -> None:
    problems: list[BaseException] = []

    def record(opened: Census, source: str) -> None:
        try:
            for hour in range(6):
                names = [f"m{number}" for number in range(20 + hour)]
                listed = openrouter(*(model(name, n=hour) for name in names))
                read(opened, listed if source == "openrouter" else modelsdev(p=names), hour, source=source)
        except BaseException as error:
            problems.append(error)

    with census_at(database_url) as opened:
        both = [threading.Thread(target=record, args=(opened, source)) for source in ("openrouter", "modelsdev")]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert problems == []
        assert count(opened.store, "sync") == 12
        assert verify(opened.store).passed


def test_a_reader_sees_whole_syncs_only(database_url: str) -> None:
    """Every entity of a sync carries its number: a reader that sees two numbers has seen a half sync."""
    done = threading.Event()

    def write(opened: Census) -> None:
        for number in range(8):
            read(opened, openrouter(*(model(f"m{i}", n=number) for i in range(300))), number)
        done.set()

    with census_at(database_url) as census:
        read(census, openrouter(*(model(f"m{i}", n=-1) for i in range(300))), -1)
        writer = threading.Thread(target=write, args=(census,))
        writer.start()
        looks = 0
        while not done.is_set() or looks == 0:
            found = list(browse.as_of(census.store, at(100)))
            assert len(found) == 300
            assert len({version.sync_id for version in found}) == 1
            looks += 1
        writer.join()


def test_a_view_does_not_move_while_it_is_open(database_url: str) -> None:
    with census_at(database_url) as census:
        read(census, openrouter(model("a")), 0)
        with census.store.reading() as tx:
            before = tx.execute(text("SELECT count(*) FROM snapshot")).scalar()
            read(census, openrouter(model("a"), model("b")), 1)
            assert tx.execute(text("SELECT count(*) FROM snapshot")).scalar() == before


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "census.db"
    path.write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(StoreDamaged) as caught:
        open_store(f"sqlite:///{path}")
    assert "\n" not in str(caught.value)


def test_opening_waits_for_whoever_is_making_the_database(tmp_path: Path) -> None:
    path = tmp_path / "census.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE held (x)")
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
        open_store(f"sqlite:///{path}", timeout_seconds=10).close()
