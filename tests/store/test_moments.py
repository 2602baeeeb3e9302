"""Lists of what old syncs wrote stand in for the index of versions by time, and nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from modelcensus.core.errors import StoreDamaged
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.compacting import compact
from modelcensus.operations.verify import verify
from modelcensus.store.moments import indexed, last_listed
from modelcensus.store.syncs import sync_digest
from tests.builders import at, census_at, model, modelsdev, openrouter, read, rows
from tests.store.test_verify import break_in

READINGS: list[tuple[float, dict[str, int]]] = [
    (0, {"a": 0, "b": 0, "c": 0}), (1, {"a": 1, "b": 0}), (2, {"a": 1, "b": 2, "c": 0}), (0.5, {"a": 5, "b": 5}),
    (3, {"c": 3, "d": 3}),
]  # fmt: skip


def fill(census: Census, readings: list[tuple[float, dict[str, int]]]) -> None:
    for hours, models in readings:
        read(census, openrouter(*(model(key, n=n) for key, n in models.items())), hours, accept_smaller=True)


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    """Five syncs of two sources; what the first four wrote is listed."""
    with census_at(database_url) as opened:
        fill(opened, READINGS[:2])
        read(opened, modelsdev(x=["m"]), 1, source="modelsdev")
        fill(opened, READINGS[2:3])
        compact(opened.store, before=opened.clock())
        fill(opened, READINGS[3:])
        yield opened


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Census]:
    """The same syncs, and nothing listed."""
    with census_at(f"sqlite:///{tmp_path / 'plain.db'}") as opened:
        fill(opened, READINGS[:2])
        read(opened, modelsdev(x=["m"]), 1, source="modelsdev")
        fill(opened, READINGS[2:])
        yield opened


def changes(census: Census) -> dict[str, Any]:
    asked: list[dict[str, Any]] = [
        {"since": 0}, {"since": 0, "limit": 3}, {"since": at(0.5), "limit": 4, "newest_first": False},
        {"since": at(0), "until": at(1)}, {"since": 0, "source": "modelsdev"}, {"since": 0, "key": "a"},
        {"since": 0, "kind": "vanished"},
    ]  # fmt: skip
    return {str(each): list(browse.changes(census.store, **each)) for each in asked}


def test_changes_are_as_before(census: Census, plain: Census) -> None:
    with census.store.reading() as tx:
        assert last_listed(tx) == (4 if tx.dialect.name == "sqlite" else 0)
    assert changes(census) == changes(plain)
    compact(census.store, before=census.clock())
    assert changes(census) == changes(plain)


def test_each_sync_has_its_digest_whether_its_versions_are_listed_or_not(census: Census) -> None:
    with census.store.reading() as tx:
        for id_, digest in tx.execute(text("SELECT id, digest FROM sync")).all():
            assert sync_digest(tx, id_) == bytes(digest)
    assert verify(census.store).problems == ()


def test_what_any_sync_wrote_is_found_where_the_index_is_named(census: Census) -> None:
    with census.store.reading() as tx:
        for id_ in range(1, 7):
            wrote = f"SELECT count(*) FROM snapshot WHERE sync_id = {id_}"
            found = tx.execute(text(f"{wrote} AND {indexed(tx, id_)}")).scalar()
            assert found == tx.execute(text(wrote)).scalar() != 0


def test_only_syncs_before_the_first_young_one_are_listed(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        fill(census, READINGS)
        compact(census.store, before=at(2))
        assert rows(census.store, "SELECT DISTINCT sync_id FROM moment ORDER BY 1") == [(1,), (2,)]


def test_what_later_syncs_wrote_is_found_by_the_index(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        fill(census, READINGS[:2])
        compact(census.store, before=census.clock())
        asked = "EXPLAIN QUERY PLAN SELECT 1 FROM snapshot WHERE observed_at = 1 AND sync_id = 3 AND sync_id > 2"
        assert "snapshot_by_time" in str(rows(census.store, asked))


DAMAGE = {
    "a version more": ("INSERT INTO snapshot VALUES (2, {at}, 2, NULL)", "sync 2"),
    "a version less": ("DELETE FROM snapshot WHERE sync_id = 2 AND entity_id = 1", "sync 2"),
    "a list of others": ("UPDATE moment SET entities = (SELECT entities FROM moment WHERE sync_id = 1)", "sync 2"),
    "a list that is cut short": ("UPDATE moment SET entities = substr(entities, 1, 5)", "sync 1"),
    "a list that is gone": ("DELETE FROM moment WHERE sync_id = 1", "sync 1"),
    "a list of nothing": ("INSERT INTO moment SELECT sync_id, 7, entities FROM moment WHERE sync_id = 1", "sync 1"),
}


@pytest.mark.parametrize(("statement", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_of_lists_and_of_what_is_listed_is_found(sqlite_url: str, statement: str, said: str) -> None:
    with census_at(sqlite_url) as census:
        fill(census, READINGS[:2])
        compact(census.store, before=census.clock())
        break_in(census, statement.format(at=at(1)))
        assert f"{said}: the list of what it wrote" in "\n".join(verify(census.store).problems)


def test_a_list_is_never_altered(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        fill(census, READINGS[:1])
        compact(census.store, before=census.clock())
        for statement in ("UPDATE moment SET observed_at = 1", "DELETE FROM moment"):
            with pytest.raises(StoreDamaged), census.store.writing() as tx:
                tx.execute(text(statement))
