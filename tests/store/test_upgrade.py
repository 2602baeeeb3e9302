"""A census that an older program made is brought up to date, with all that is in it."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url, text

from modelcensus.core.errors import StoreError
from modelcensus.store import engine
from modelcensus.store.engine import Store, open_store
from tests.builders import rows

ENTITY = text("INSERT INTO entity (id, source_id, category, key) VALUES (:id, 1, :category, 'k')")


def made_by_the_first_version(url: str) -> None:
    """A census of the first schema, with one model."""
    config = Config()
    config.set_main_option("script_location", "modelcensus.store:migrations")
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    store = Store(url, engine._engine(parsed, 30))
    with store.writing() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        tx.execute(text("INSERT INTO source (id, name, adapter) VALUES (1, 's', 's')"))
        tx.execute(ENTITY, {"id": 1, "category": "model"})
    store.close()


def test_a_census_of_the_first_version_takes_new_kinds_of_entity_and_keeps_the_old(database_url: str) -> None:
    made_by_the_first_version(database_url)
    store = open_store(database_url)
    with store.writing() as tx:
        tx.execute(ENTITY, {"id": 2, "category": "orphan"})
    assert rows(store, "SELECT id, category FROM entity ORDER BY id") == [(1, "model"), (2, "orphan")]
    with pytest.raises(StoreError), store.writing() as tx:
        tx.execute(ENTITY, {"id": 3, "category": "galaxy"})
    store.close()


def test_an_upgrade_leaves_the_newest_schema_for_whoever_opens_it_next(database_url: str) -> None:
    made_by_the_first_version(database_url)
    for _ in range(2):
        store = open_store(database_url)
        assert rows(store, "SELECT version_num FROM alembic_version") == [(engine.HEAD,)]
        store.close()
