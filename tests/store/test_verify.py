"""Damage of every kind is found, and what can be mended is mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from modelcensus.core.errors import InvalidInput, NotFound, StoreError
from modelcensus.operations.census import Census
from modelcensus.operations.verify import rebuild, verify, write_checkpoint
from tests.builders import census_at, model, modelsdev, openrouter, read, rows


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    """Four syncs of two sources, one of them older than the one before."""
    with census_at(database_url) as opened:
        read(opened, openrouter(model("a"), model("b")), 0)
        read(opened, openrouter(model("a", n=1), b'{"id":"b","x":NaN}'), 2)
        read(opened, openrouter(model("a", n=2), model("b"), model("c")), 1)
        read(opened, modelsdev(x=["m"]), 3, source="modelsdev")
        yield opened


def break_in(census: Census, *statements: str) -> None:
    """Change the database behind the program's back, its guards taken down first."""
    with census.store.writing() as tx:
        if tx.dialect.name == "sqlite":
            for (name,) in tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                tx.execute(text(f"DROP TRIGGER {name}"))
            tx.execute(text("PRAGMA defer_foreign_keys = ON"))
        else:
            for table in ("body", "snapshot", "coverage", "quarantine", "sync", "block"):
                tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            tx.execute(text(statement))


def problems(census: Census) -> str:
    return "\n".join(verify(census.store).problems)


def test_two_bodies_with_one_hash_are_told(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        read(census, openrouter(model("a")), 0)
        break_in(census, "INSERT INTO body (id, hash, data) SELECT 2, hash, data FROM body")
        assert problems(census) == "body 2: it has the hash of body 1"


def test_what_was_recorded_and_left_alone_passes(census: Census) -> None:
    found = verify(census.store)
    assert (found.passed, found.syncs, found.problems) == (True, 4, ())


def test_an_empty_census_passes(database_url: str) -> None:
    with census_at(database_url) as empty:
        assert verify(empty.store).passed


DAMAGE = {
    "a last sync that was never sealed": ("UPDATE sync SET chain = NULL WHERE id = 4", "sync 4: was never sealed"),
    "the text of a body": ("UPDATE body SET data = replace(data, '0.000001', '0.000009') WHERE id = 1", "body 1"),
    "a snapshot that is gone": ("DELETE FROM snapshot WHERE sync_id = 2 AND body_id IS NOT NULL", "sync 2"),
    "a tombstone that was added": (
        "INSERT INTO snapshot (entity_id, observed_at, sync_id, body_id)"
        " SELECT entity_id, observed_at + 1, sync_id, NULL FROM snapshot WHERE sync_id = 1",
        "sync 1",
    ),
    "a snapshot at another time": (
        "UPDATE snapshot SET observed_at = observed_at + 1 WHERE sync_id = 1 AND entity_id = 1",
        "sync 1",
    ),
    "a snapshot before its sync": (
        "UPDATE snapshot SET observed_at = observed_at - 1 WHERE sync_id = 1 AND entity_id = 1",
        "sync 1",
    ),
    "a snapshot with another body": (
        "UPDATE snapshot SET body_id = (SELECT max(id) FROM body) WHERE sync_id = 1 AND entity_id = 1",
        "sync 1",
    ),
    "a snapshot of another sync": ("UPDATE snapshot SET sync_id = 3 WHERE sync_id = 1 AND entity_id = 2", "sync 3"),
    "the count of a sync": ("UPDATE sync SET entities = 400 WHERE id = 2", "sync 2"),
    "the status of a sync": ("UPDATE sync SET status = 'held' WHERE id = 2", "sync 2"),
    "the origin of a sync": ("UPDATE sync SET origin = 'elsewhere' WHERE id = 2", "sync 2"),
    "the name of a source": ("UPDATE source SET name = 'another' WHERE id = 1", "sync 1"),
    "the key of an entity": ("UPDATE entity SET key = 'zzz' WHERE id = 1", "sync 1"),
    "the verdict on a reading": ("UPDATE coverage SET live_before = 7 WHERE sync_id = 2", "sync 2"),
    "a fault that is gone": ("DELETE FROM quarantine WHERE sync_id = 2", "sync 2"),
    "a digest": ("UPDATE sync SET digest = chain WHERE id = 2", "sync 2"),
    "a seal": ("UPDATE sync SET chain = NULL WHERE id = 2", "sync 2"),
    "the current state of an entity": ("UPDATE entity SET body_id = 3 WHERE key = 'b'", "current state"),
    "an entity that seems gone": ("UPDATE entity SET body_id = NULL WHERE key = 'a'", "current state"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_found_and_named(census: Census, what: str) -> None:
    statement, named = DAMAGE[what]
    break_in(census, statement)
    assert named in problems(census)


def forget(sync_id: int) -> tuple[str, ...]:
    tables = ("snapshot", "coverage", "quarantine")
    return (
        *(f"DELETE FROM {table} WHERE sync_id = {sync_id}" for table in tables),
        f"DELETE FROM sync WHERE id = {sync_id}",
    )


def test_a_sync_cut_out_of_the_middle_is_missed(census: Census) -> None:
    break_in(census, *forget(2))
    assert "sync 2: missing" in problems(census)


def test_a_tail_that_was_cut_off_is_found_with_a_checkpoint_only(census: Census, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.json"
    write_checkpoint(census, checkpoint)
    break_in(
        census, "DELETE FROM entity WHERE 1 = 0", *forget(4), "UPDATE entity SET body_id = NULL WHERE source_id = 2"
    )
    assert verify(census.store).passed
    found = verify(census.store, checkpoint=checkpoint)
    assert "sync 4 is missing" in "".join(found.problems)


def test_a_checkpoint_still_holds_after_more_was_recorded(census: Census, tmp_path: Path) -> None:
    write_checkpoint(census, tmp_path / "c.json")
    read(census, openrouter(model("a"), model("b")), 9)
    assert verify(census.store, checkpoint=tmp_path / "c.json").passed


def test_a_checkpoint_of_another_history_does_not_hold(census: Census, tmp_path: Path) -> None:
    with census_at(f"sqlite:///{tmp_path / 'other.db'}") as other:
        for hours in range(4):
            read(other, openrouter(model("q", n=hours)), hours)
        write_checkpoint(other, tmp_path / "c.json")
    assert "rewritten" in "".join(verify(census.store, checkpoint=tmp_path / "c.json").problems)


@pytest.mark.parametrize(
    ("content", "error"), [(None, NotFound), (b"", InvalidInput), (b"[]", InvalidInput), (b"\xff", InvalidInput)]
)
def test_what_is_no_checkpoint_is_refused(
    census: Census, tmp_path: Path, content: bytes | None, error: type[Exception]
) -> None:
    path = tmp_path / "c.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error):
        verify(census.store, checkpoint=path)


def test_rebuild_mends_the_current_state(census: Census) -> None:
    before = rows(census.store, "SELECT id, body_id FROM entity ORDER BY id")
    break_in(census, "UPDATE entity SET body_id = NULL WHERE key IN ('a', 'b')")
    assert rebuild(census.store) == 2
    assert verify(census.store).passed
    assert rows(census.store, "SELECT id, body_id FROM entity ORDER BY id") == before


def test_rebuild_of_a_sound_census_changes_nothing(census: Census) -> None:
    assert rebuild(census.store) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE snapshot SET body_id = NULL",
        "DELETE FROM snapshot",
        "UPDATE coverage SET removes = 0",
        "DELETE FROM coverage",
        "UPDATE quarantine SET key = NULL",
        "DELETE FROM quarantine",
        "UPDATE sync SET status = 'failed', error = 'x'",
        "DELETE FROM sync",
        "UPDATE body SET data = '{}'",
        "DELETE FROM body WHERE id NOT IN (SELECT body_id FROM entity WHERE body_id IS NOT NULL)",
    ],
)
def test_history_cannot_be_changed(census: Census, statement: str) -> None:
    with pytest.raises(StoreError), census.store.writing() as tx:
        tx.execute(text(statement))
    assert verify(census.store).passed
