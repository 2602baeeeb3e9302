from __future__ import annotations

import pytest
from sqlalchemy import text

from modelcensus.core.errors import InvalidInput
from tests.operations.catalog_world import store_at


def test_a_nul_that_postgresql_cannot_hold_is_the_askers_mistake_and_no_damage(postgres_url: str) -> None:
    with (
        store_at(postgres_url) as store,
        pytest.raises(InvalidInput, match="NUL"),
        store.reading() as tx,
    ):
        tx.execute(text("SELECT 1 FROM source WHERE name = :name"), {"name": "lab\0"})
