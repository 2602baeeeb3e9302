"""A census that an older program made is brought up to date, with all that is in it."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url, text

from modelcensus.core.errors import StoreDamaged, StoreError
from modelcensus.store import engine
from modelcensus.store.bulk import bodies_by_hash
from modelcensus.store.engine import Store, open_store
from tests.builders import rows

HASH = "61" * 31
ENTITY = text("INSERT INTO entity (id, source_id, category, key) VALUES (:id, 1, :category, 'k')")


def body(url: str, id_: int, last: int) -> str:
    """A statement for a body; the hashes are alike but for the last byte."""
    literal = "x'{}'" if url.startswith("sqlite") else "decode('{}', 'hex')"
    return f"INSERT INTO body (id, hash, data) VALUES ({id_}, {literal.format(f'{HASH}{last:02}')}, '[]')"


def made_by(url: str, version: str, *statements: str) -> None:
    """A census of an older schema, with one model and what the statements put into it."""
    config = Config()
    config.set_main_option("script_location", "modelcensus.store:migrations")
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    store = Store(url, engine._engine(parsed, 30))
    with store.writing() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, version)
        assert tx.execute(text("SELECT version_num FROM alembic_version")).scalar() == version
        tx.execute(text("INSERT INTO source (id, name, adapter) VALUES (1, 's', 's')"))
        tx.execute(ENTITY, {"id": 1, "category": "model"})
        for statement in statements:
            tx.execute(text(statement))
    store.close()


def test_a_census_of_the_first_version_takes_new_kinds_of_entity_and_keeps_the_old(bare_url: str) -> None:
    made_by(bare_url, "0001")
    store = open_store(bare_url)
    with store.writing() as tx:
        tx.execute(ENTITY, {"id": 2, "category": "orphan"})
    assert rows(store, "SELECT id, category FROM entity ORDER BY id") == [(1, "model"), (2, "orphan")]
    with pytest.raises(StoreError), store.writing() as tx:
        tx.execute(ENTITY, {"id": 3, "category": "galaxy"})
    store.close()


def test_an_upgrade_leaves_the_newest_schema_for_whoever_opens_it_next(bare_url: str) -> None:
    made_by(bare_url, "0001")
    for _ in range(2):
        store = open_store(bare_url)
        assert rows(store, "SELECT version_num FROM alembic_version") == [(engine.HEAD,)]
        store.close()


def test_bodies_of_the_eighth_version_are_kept_and_stay_one_for_each_hash(bare_url: str) -> None:
    made_by(bare_url, "0008", *(body(bare_url, n, n) for n in (1, 2)))
    store = open_store(bare_url)
    for last, accepted in ((2, False), (3, True)):
        with nullcontext() if accepted else pytest.raises(StoreDamaged), store.writing() as tx:
            tx.execute(text(body(bare_url, 3, last)))
    with store.reading() as tx:
        found = bodies_by_hash(tx, [bytes.fromhex(f"{HASH}0{n}") for n in (1, 3)])
        assert {id_ for hash_, id_ in found if hash_[-1] != 2} == {1, 3}
        if tx.dialect.name == "sqlite":
            assert tx.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert tx.execute(text("SELECT name FROM pragma_index_list('body')")).all() == [("body_by_hash",)]
            probe = "EXPLAIN QUERY PLAN SELECT id FROM body WHERE substr(hash, 1, 4) IN (x'61', x'62')"
            assert "body_by_hash" in str(tx.execute(text(probe)).all())
    store.close()
