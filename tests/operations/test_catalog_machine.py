"""Any interleaving of syncs, edits, overrides, plans, applies, rejections, rollbacks and clock jumps keeps the rules.

A quick share of the count that ``python -m bench.catalog_machine`` runs at length.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from modelcensus.store.engine import open_store
from tests.operations.catalog_walk import Walk
from tests.postgres import PostgresServer

SMALL = st.integers(0, 50)


class Machine(RuleBasedStateMachine):
    """The walk, step by step as hypothesis chooses. ``make_url`` gives an empty database's URL."""

    make_url: Callable[[], tuple[str, Callable[[], None]]]

    def __init__(self) -> None:
        super().__init__()
        url, self._drop = type(self).make_url()
        self.store = open_store(url)
        self.walk = Walk(self.store)

    @rule(which=SMALL, price=SMALL, context=SMALL, ended=SMALL)
    def sync(self, which: int, price: int, context: int, ended: int) -> None:
        self.walk.sync(which, price, context, ended)

    @rule(which=SMALL, part=SMALL, release=SMALL)
    def apply(self, which: int, part: int, release: int) -> None:
        self.walk.apply(which, part, release)

    @rule()
    def apply_latest(self) -> None:
        self.walk.apply(0, 0, 1)

    @rule(which=SMALL)
    def reject(self, which: int) -> None:
        self.walk.reject(which)

    @rule(to=SMALL)
    def rollback(self, to: int) -> None:
        self.walk.rollback(to)

    @rule(which=SMALL, change=SMALL)
    def edit(self, which: int, change: int) -> None:
        self.walk.edit(which, change)

    @rule(which=SMALL)
    def undo(self, which: int) -> None:
        self.walk.undo(which)

    @rule(which=SMALL, price=SMALL, hours=SMALL)
    def override(self, which: int, price: int, hours: int) -> None:
        self.walk.override(which, price, hours)

    @rule()
    def apply_rules(self) -> None:
        self.walk.rules()

    @rule(hours=st.integers(-48, 48))
    def jump(self, hours: int) -> None:
        self.walk.jump(hours)

    @invariant()
    def holds(self) -> None:
        self.walk.check()

    def teardown(self) -> None:
        try:
            self.walk.check_all()
        finally:
            self.store.close()
            self._drop()


@cache
def template() -> Path:
    """A SQLite census with all tables and nothing in them, to be copied."""
    path = Path(tempfile.mkdtemp(prefix="modelcensus-walk-")) / "empty.db"
    open_store(f"sqlite:///{path}").close()
    return path


def run(machine: type[Machine], *, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_no_walk_breaks_a_rule_on_sqlite(tmp_path: Path) -> None:
    class OnSqlite(Machine):
        made = 0

        @classmethod
        def make_url(cls) -> tuple[str, Callable[[], None]]:
            cls.made += 1
            path = tmp_path / f"{cls.made}.db"
            shutil.copy(template(), path)
            return f"sqlite:///{path}", path.unlink

    run(OnSqlite, examples=60, steps=40)


def test_no_walk_breaks_a_rule_on_postgresql(postgres_server: PostgresServer) -> None:
    class OnPostgresql(Machine):
        @classmethod
        def make_url(cls) -> tuple[str, Callable[[], None]]:
            url = postgres_server.create_database()
            return url, lambda: postgres_server.drop_database(url)

    run(OnPostgresql, examples=6, steps=30)
