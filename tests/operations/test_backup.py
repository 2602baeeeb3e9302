"""A backup is one moment of the census, and comes back as that on either kind of database, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import inspect, text

from modelcensus.core.errors import CensusError, InvalidInput, NotFound, VerificationFailed
from modelcensus.operations.backup.backing_up import BackedUp, back_up
from modelcensus.operations.backup.contents import MANIFEST
from modelcensus.operations.backup.restoring import restore
from modelcensus.operations.catalog.proving import catalog_problems
from modelcensus.operations.verify import verify
from modelcensus.store.engine import HEAD
from modelcensus.store.tables import continue_numbers, tables_of
from tests.builders import census_at, count, model, modelsdev, openrouter, read, rows
from tests.cli.program import Program
from tests.operations.backups import as_of_version, backed_up, counted, files_of, forged, full, opened, packed
from tests.operations.gated import gated
from tests.postgres import PostgresServer

ARCHIVED = "UPDATE model SET status = 'archived', archived_at = 1 WHERE universal_model_id = 'lab/cheap'"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BackedUp]:
    """A backup of a SQLite census with something of everything."""
    folder = tmp_path_factory.mktemp("good")
    with census_at(f"sqlite:///{folder / 'census.db'}") as census:
        full(census)
        return folder / "good.tar.zst", back_up(census, folder / "good.tar.zst")


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'elsewhere' / 'census.db'}"


def test_it_comes_back_on_the_other_kind_of_database_and_from_there_the_same(
    good: tuple[Path, BackedUp], postgres_server: PostgresServer, tmp_path: Path, elsewhere: str
) -> None:
    path, made = good
    urls = [postgres_server.create_database(), postgres_server.create_database(), elsewhere]
    for number, url in enumerate(urls):
        found = restore(path, url)
        assert (found.digest, found.syncs, found.revisions, found.problems) == (
            made.digest, made.syncs, made.revisions, ()
        )  # fmt: skip
        with opened(url) as store:
            assert verify(store).passed
            assert catalog_problems(store) == []
        path = tmp_path / f"{number}.tar.zst"
        assert backed_up(url, path).digest == made.digest
    for url in urls[:2]:
        postgres_server.drop_database(url)


def test_a_backup_while_another_process_syncs_is_one_moment_and_the_sync_goes_on(bare_url: str, tmp_path: Path) -> None:
    taken: dict[str, Path] = {}
    made: list[BackedUp] = []

    def take() -> None:
        path = tmp_path / f"{len(made)}.tar.zst"
        made.append(back_up(world.census, path))
        taken.setdefault(made[-1].digest, path)

    with gated(bare_url) as world:
        world.gate.body = modelsdev(lab=[f"m{number}" for number in range(800)])
        process = Program(tmp_path).start(
            "sync", "lab", MODELCENSUS_DATABASE_URL=bare_url, MODELCENSUS_SOURCES__LAB__ADAPTER="modelsdev",
            MODELCENSUS_SOURCES__LAB__BASE_URL=world.settings.sources["lab"].base_url or "",
        )  # fmt: skip
        assert world.gate.asked.wait(30)
        take()
        world.gate.opened.set()
        while process.poll() is None:
            take()
        assert process.communicate()[1] == b""
        assert process.returncode == 0
        take()
    assert (made[0].syncs.number, made[-1].syncs.number) == (0, 1)
    numbers = [each.syncs.number for each in made]
    assert numbers == sorted(numbers)
    for digest, path in list(taken.items())[-2:]:
        found = restore(path, f"sqlite:///{path}.db")
        assert (found.digest, found.problems) == (digest, ())


def test_what_is_recorded_while_a_backup_is_written_is_not_in_it(bare_url: str, elsewhere: str, tmp_path: Path) -> None:
    moments: list[int] = []

    def meanwhile(_what: str, done: int, _total: int | None) -> None:
        moments.append(done)
        if len(moments) == 1:
            read(census, openrouter(model("lab/two"), model("lab/three")), 1)

    with census_at(bare_url) as census:
        read(census, openrouter(model("lab/one")))
        made = back_up(census, tmp_path / "b", progress=meanwhile)
        assert count(census.store, "sync") == 2
    assert len(moments) > 3
    found = restore(tmp_path / "b", elsewhere)
    assert (found.syncs.number, found.digest, found.problems) == (1, made.digest, ())
    assert counted(elsewhere, "entity") == 1


def test_its_digest_does_not_depend_on_how_a_database_sorts_text(
    good: tuple[Path, BackedUp], bare_postgres_url: str, tmp_path: Path
) -> None:
    restore(good[0], bare_postgres_url)
    with opened(bare_postgres_url) as store, store.writing() as tx:
        if not tx.exec_driver_sql("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'").first():
            pytest.skip("this PostgreSQL sorts by bytes only")
        tx.exec_driver_sql('ALTER TABLE bucket ALTER COLUMN host TYPE TEXT COLLATE "und-x-icu"')
        assert tx.exec_driver_sql("SELECT host FROM bucket ORDER BY host").scalars().all() == ["a", "Z"]
    assert backed_up(bare_postgres_url, tmp_path / "b").digest == good[1].digest


def test_a_part_that_is_not_the_one_that_was_written_is_refused(good: tuple[Path, BackedUp], tmp_path: Path) -> None:
    files = [(name, body.replace(b"Lab/Cheap", b"Lab/Cheat")) for name, body in files_of(good[0])]
    with pytest.raises(InvalidInput, match="a part of the backup does not have its hash"):
        restore(packed(tmp_path / "b", files), f"sqlite:///{tmp_path / 'census.db'}")


def test_it_holds_every_table_that_a_census_has_and_no_other(bare_url: str, tmp_path: Path) -> None:
    with census_at(bare_url) as census:
        with census.store.reading() as tx:
            seen = inspect(tx)
            there = {
                name: [column["name"] for column in seen.get_columns(name)]
                for name in seen.get_table_names()
                if name != "alembic_version"
            }
        with census.store.writing() as tx:
            tx.exec_driver_sql("CREATE TABLE workflow_status (id INTEGER)")
        back_up(census, tmp_path / "b")
    manifest = msgspec.json.decode(dict(files_of(tmp_path / "b"))[MANIFEST])
    held = {table["name"]: [column["name"] for column in table["columns"]] for table in manifest["tables"]}
    assert held == there


def test_a_restored_census_goes_on_where_it_was(
    good: tuple[Path, BackedUp], bare_postgres_url: str, elsewhere: str
) -> None:
    for url in (bare_postgres_url, elsewhere):
        restore(good[0], url)
        with census_at(url) as census:
            assert read(census, openrouter(model("lab/new")), 40).id == good[1].syncs.number + 1
            assert verify(census.store).passed
            with pytest.raises(CensusError, match="history cannot be changed"), census.store.writing() as tx:
                tx.execute(text("DELETE FROM snapshot"))


def test_numbers_that_postgresql_gives_go_on_after_the_highest(
    good: tuple[Path, BackedUp], bare_postgres_url: str
) -> None:
    restore(good[0], bare_postgres_url)
    with opened(bare_postgres_url) as store, store.writing() as tx:
        tx.exec_driver_sql("ALTER TABLE body ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY")
        highest = tx.execute(text("SELECT max(id) FROM body")).scalar_one()
        continue_numbers(tx)
        given = tx.execute(text("INSERT INTO body (hash, data) VALUES (sha256('x'), 'x') RETURNING id")).scalar_one()
        assert given == highest + 1


def test_a_backup_of_the_first_version_is_brought_forward(
    good: tuple[Path, BackedUp], bare_url: str, tmp_path: Path
) -> None:
    path, made = good
    old = as_of_version(tmp_path / "old", path, "0001", tables_of("0001"))
    found = restore(old, bare_url)
    assert (found.schema, found.syncs, found.problems) == ("0001", made.syncs, ())
    with census_at(bare_url) as census:
        assert rows(census.store, "SELECT version_num FROM alembic_version") == [(HEAD,)]
        assert read(census, openrouter(model("lab/new")), 40).id == made.syncs.number + 1


def test_a_wish_for_a_model_that_was_archived_since_comes_back(
    good: tuple[Path, BackedUp], bare_url: str, elsewhere: str, tmp_path: Path
) -> None:
    restore(good[0], bare_url)
    with opened(bare_url) as store, store.writing() as tx:
        tx.exec_driver_sql(ARCHIVED)
    backed_up(bare_url, tmp_path / "b")
    restore(tmp_path / "b", elsewhere, flawed=True)
    with opened(elsewhere) as store:
        assert rows(store, "SELECT universal_model_id, enabled FROM curation") == [("lab/cheap", 1)]


def test_a_census_that_has_the_tables_but_nothing_in_them_is_empty(
    good: tuple[Path, BackedUp], bare_postgres_url: str
) -> None:
    with census_at(bare_postgres_url):
        pass
    assert restore(good[0], bare_postgres_url).digest == good[1].digest


def test_a_database_with_anything_in_it_is_refused_and_left_as_it_is(
    good: tuple[Path, BackedUp], bare_url: str
) -> None:
    with census_at(bare_url) as census, census.store.writing() as tx:
        tx.exec_driver_sql("INSERT INTO bucket (host, tokens, filled_at) VALUES ('a', 1, 1)")
    with pytest.raises(InvalidInput, match="is not empty"):
        restore(good[0], bare_url)
    assert (counted(bare_url, "bucket"), counted(bare_url, "sync")) == (1, 0)


def test_what_is_left_of_another_sqlite_database_is_refused(good: tuple[Path, BackedUp], tmp_path: Path) -> None:
    (tmp_path / "census.db-wal").write_bytes(b"")
    with pytest.raises(InvalidInput, match=r"there is .*census\.db-wal"):
        restore(good[0], f"sqlite:///{tmp_path / 'census.db'}")


def test_a_census_that_does_not_pass_verification_is_taken_only_as_flawed(
    good: tuple[Path, BackedUp], bare_postgres_url: str, tmp_path: Path, elsewhere: str
) -> None:
    def altered(name: str, body: bytes) -> list[tuple[str, bytes]]:
        return [(name, body.replace(b"Lab/Cheap", b"Lab/Cheat") if name.startswith("tables/body/") else body)]

    path = forged(tmp_path / "altered", good[0], altered)
    for url in (bare_postgres_url, elsewhere):
        with pytest.raises(VerificationFailed, match="its text does not have its hash"):
            restore(path, url)
        with pytest.raises(NotFound), opened(url):
            pass
    assert restore(path, elsewhere, flawed=True).problems


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_backup_that_was_cut_short_is_refused(good: tuple[Path, BackedUp], tmp_path: Path, part: float) -> None:
    whole = good[0].read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(InvalidInput):
        restore(tmp_path / "cut", f"sqlite:///{tmp_path / 'census.db'}")
    assert [each.name for each in tmp_path.iterdir()] == ["cut"]


def test_a_backup_with_any_byte_altered_or_added_is_refused(good: tuple[Path, BackedUp], tmp_path: Path) -> None:
    whole = good[0].read_bytes()
    # The fourth byte of the frame's header holds flags of which some have no meaning yet.
    for place in (0, *range(8, len(whole), len(whole) // 40), len(whole) - 1):
        (tmp_path / "bad").write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(InvalidInput):
            restore(tmp_path / "bad", f"sqlite:///{tmp_path / 'census.db'}")
    (tmp_path / "bad").write_bytes(whole + b"x")
    with pytest.raises(InvalidInput):
        restore(tmp_path / "bad", f"sqlite:///{tmp_path / 'census.db'}")
    assert [each.name for each in tmp_path.iterdir()] == ["bad"]


Change = Callable[[str, bytes], list[tuple[str, bytes]]]


def named(name: str) -> Change:
    """The sync table's part has another name."""
    return lambda was, body: [(name if was.startswith("tables/sync/") else was, body)]


def said(old: bytes, new: bytes) -> Change:
    """The manifest says something else."""
    return lambda name, body: [(name, body.replace(old, new) if name == MANIFEST else body)]


def row(table: str, body: bytes) -> Change:
    """A table has these rows."""
    return lambda name, was: [(name, body if name.startswith(f"tables/{table}/") else was)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (named("../../../etc/cron.d/x"), "a file where none belongs"),
        (named("/tmp/x"), "a file where none belongs"),  # a name that must not be used
        (named("tables/sync/000002.jsonl"), "a file where none belongs"),
        (named("tables/sqlite_schema/000001.jsonl"), "a file where none belongs"),
        (said(b"modelcensus-backup", b"other-backup"), "is no backup of a census"),
        (said(b'"version": 1', b'"version": 2, "more": []'), "newer version of modelcensus"),
        (said(HEAD.encode(), b"9999"), "newer version of modelcensus"),
        (said(HEAD.encode(), b"head"), "other tables"),
        (said(b'"sync"', b'"sync; DROP TABLE sync"'), "other tables"),
        (said(b'"tokens"', b'"tokens\\" FROM x"'), "other tables"),
        (row("source", b'["1","s","s"]\n'), "no row of source"),
        (row("source", b'[1,"s"]\n'), "no row of source"),
        (row("source", b'[1,"s","s","s"]\n'), "no row of source"),
        (row("source", b'[99999999999999999999,"s","s"]\n'), "no row of source"),
        (row("source", b'[1,"\xff","s"]\n'), "no row of source"),
        (row("source", b'[1,"s","s"]\n[1,"s","s"]\n'), "rows cannot be written"),
        (row("source", b'[7,"s","s"]\n'), "refer to what is not in it"),
        (row("sync", b"x\n"), "no row of sync"),
    ],
)
def test_a_hostile_backup_is_refused_and_leaves_nothing(
    good: tuple[Path, BackedUp], tmp_path: Path, change: Change, message: str
) -> None:
    path = forged(tmp_path / "hostile", good[0], change)
    with pytest.raises(CensusError, match=message):
        restore(path, f"sqlite:///{tmp_path / 'census.db'}")
    assert [each.name for each in tmp_path.iterdir()] == ["hostile"]


def test_a_refused_backup_leaves_nothing_on_postgresql(
    good: tuple[Path, BackedUp], bare_postgres_url: str, tmp_path: Path
) -> None:
    for number, change in enumerate((row("source", b'[7,"s","s"]\n'), row("sync", b"x\n"))):
        with pytest.raises(CensusError):
            restore(forged(tmp_path / str(number), good[0], change), bare_postgres_url)
    with pytest.raises(NotFound), opened(bare_postgres_url):
        pass


def test_an_archive_that_is_none_of_ours_or_a_bomb_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("modelcensus.operations.backup.packing._FREE_BYTES", 1024 * 1024)
    (tmp_path / "text").write_text("SQLite format 3")
    cases = [tmp_path / "text", packed(tmp_path / "none", []), packed(tmp_path / "other", [("x", b"y")])]
    cases.append(packed(tmp_path / "bomb", [(MANIFEST, bytes(200 * 1024 * 1024))]))
    for path in cases:
        with pytest.raises(InvalidInput) as refused:
            restore(path, f"sqlite:///{tmp_path / 'census.db'}")
    assert "more than 1000 times its size" in refused.value.message
    with pytest.raises(NotFound):
        restore(tmp_path / "nowhere", f"sqlite:///{tmp_path / 'census.db'}")


def test_a_backup_that_fails_leaves_the_one_before(tmp_path: Path, sqlite_url: str) -> None:
    target = tmp_path / "backups" / "b"
    target.parent.mkdir()
    with census_at(sqlite_url) as census:
        back_up(census, target)
        before = target.read_bytes()
        with census.store.writing() as tx:
            tx.exec_driver_sql("INSERT INTO bucket (host, tokens, filled_at) VALUES ('a', 9e999, 1)")
        with pytest.raises(InvalidInput, match="bucket holds inf"):
            back_up(census, target)
        assert count(census.store, "bucket") == 1
    assert target.read_bytes() == before
    assert [each.name for each in target.parent.iterdir()] == ["b"]
    assert target.stat().st_mode & 0o777 == 0o600
