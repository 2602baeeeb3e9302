"""What the database itself refuses of the catalog, tried in plain SQL past all of our code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from modelcensus.core.errors import StoreError
from modelcensus.operations.catalog.curating import edit_one
from modelcensus.store.engine import Store
from tests.builders import rows
from tests.operations.catalog_world import NOW, applied, merged, store_at


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A catalog of three models: ``lab/gone`` is archived, ``lab/was`` too, which was enabled before."""
    with store_at(database_url) as opened:
        every = [merged(f"lab/{name}") for name in ("here", "gone", "was")]
        applied(opened, *every)
        edit_one(opened, "lab/was", {"enabled": True}, "ann", NOW)
        applied(opened, every[0], every[2], gone=["lab/gone"])
        applied(opened, every[0], gone=["lab/was"])
        yield opened


def sql(store: Store, statement: str) -> None:
    with store.writing() as tx:
        tx.execute(text(statement))


COLUMNS = "universal_model_id, enabled, is_curated, status, is_free, is_pro, is_enterprise, touched"


def insert(model: str, enabled: int, status: str) -> str:
    return f"INSERT INTO curation ({COLUMNS}) VALUES ('{model}', {enabled}, 0, '{status}', 0, 0, 0, 0)"


def test_a_model_that_is_there_can_be_enabled(store: Store) -> None:
    sql(store, insert("lab/here", 1, "active"))
    assert rows(store, "SELECT universal_model_id FROM enabled_model") == [("lab/here",)]


def test_an_archived_model_cannot_be_inserted_as_enabled(store: Store) -> None:
    with pytest.raises(StoreError, match="an archived model cannot be enabled"):
        sql(store, insert("lab/gone", 1, "active"))


def test_an_archived_model_cannot_be_switched_on(store: Store) -> None:
    sql(store, insert("lab/gone", 0, "disabled"))
    with pytest.raises(StoreError, match="an archived model cannot be enabled"):
        sql(store, "UPDATE curation SET enabled = 1, status = 'active' WHERE universal_model_id = 'lab/gone'")


def test_an_enabled_row_cannot_be_moved_to_an_archived_model(store: Store) -> None:
    sql(store, insert("lab/here", 1, "active"))
    with pytest.raises(StoreError, match="an archived model cannot be enabled"):
        sql(store, "UPDATE curation SET universal_model_id = 'lab/gone' WHERE universal_model_id = 'lab/here'")


def test_an_upsert_cannot_switch_an_archived_model_on(store: Store) -> None:
    sql(store, insert("lab/gone", 0, "disabled"))
    with pytest.raises(StoreError, match="an archived model cannot be enabled"):
        sql(
            store,
            insert("lab/gone", 1, "active")
            + " ON CONFLICT (universal_model_id) DO UPDATE SET enabled = 1, status = 'active'",
        )


def test_what_was_enabled_before_it_was_archived_is_not_among_the_enabled(store: Store) -> None:
    assert rows(store, "SELECT enabled FROM curation WHERE universal_model_id = 'lab/was'") == [(1,)]
    assert rows(store, "SELECT universal_model_id FROM enabled_model") == []


def test_a_wish_of_before_the_archiving_can_be_annotated(store: Store) -> None:
    sql(store, "UPDATE curation SET notes = 'x' WHERE universal_model_id = 'lab/was'")
    assert rows(store, "SELECT notes FROM curation") == [("x",)]


def test_once_switched_off_an_archived_model_stays_off(store: Store) -> None:
    sql(store, "UPDATE curation SET enabled = 0, status = 'disabled' WHERE universal_model_id = 'lab/was'")
    with pytest.raises(StoreError, match="an archived model cannot be enabled"):
        sql(store, "UPDATE curation SET enabled = 1, status = 'active' WHERE universal_model_id = 'lab/was'")


@pytest.mark.parametrize(
    "statement",
    [
        insert("lab/zz", 0, "new"),
        insert("lab/here", 1, "new"),
        insert("lab/here", 0, "active"),
        insert("lab/here", 0, "inactive"),
        insert("lab/here", 2, "active"),
        "UPDATE model SET status = 'deleted'",
        "UPDATE model SET status = 'active'",
        "UPDATE model SET universal_model_id = 'lab/here'",
        "DELETE FROM model WHERE universal_model_id = 'lab/here'",
        "DELETE FROM plan",
        "UPDATE plan SET state = 'applied', revision = NULL",
        "UPDATE plan SET state = 'rejected', decided_by = NULL, revision = NULL",
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "UPDATE revision SET actor = 'nobody'",
        "DELETE FROM revision",
        "UPDATE model_version SET fields = '{}'",
        "DELETE FROM model_version",
        "INSERT INTO override (universal_model_id, path, data, reason, owner, created_at) "
        "VALUES ('lab/here', 'name', '1', '', 'ann', 1)",
    ],
)
def test_what_must_never_be_is_refused(store: Store, statement: str) -> None:
    with pytest.raises(StoreError):
        sql(store, statement)


def test_a_sync_may_still_write_models_in_bulk(store: Store) -> None:
    applied(store, *(merged(f"lab/{number}") for number in range(2_500)))
    assert rows(store, "SELECT count(*) FROM model") == [(2_503,)]
