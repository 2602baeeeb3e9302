"""Webhooks on the command line."""

from __future__ import annotations

import pytest

from tests.builders import census_at
from tests.cli.program import Program
from tests.operations.catalog_world import applied, merged
from tests.receiver import Reply, receiving

ENV = {"MODELCENSUS_WEBHOOKS__ALLOW_PRIVATE": "true", "MODELCENSUS_WEBHOOKS__ATTEMPTS": "1"}


@pytest.fixture
def program(program: Program) -> Program:
    program.env = {**program.env, **ENV}
    return program


def test_a_webhook_is_added_told_and_its_dead_deliveries_are_replayed(program: Program) -> None:
    database = program.folder / "data" / "modelcensus.db"
    with receiving(Reply(500)) as receiver, census_at(f"sqlite:///{database}") as census:
        made = program("webhook", "add", receiver.url + "/?k=hidden", "--field", "price", "--json").document
        applied(census.store, merged("lab/a"))
        failed = program("webhook", "deliver")
        assert (failed.code, failed.out) == (1, "sent: 0, to be tried again: 0, given up: 1\n")
        listed = program("webhook", "list").out + program("webhook", "deliveries", "--state", "dead").out
        assert made["webhook"]["id"] in listed
        assert "it answered 500" in listed
        assert "hidden" not in listed
        assert program("webhook", "replay", "--dead").out == "to be sent anew: 1\n"
        assert program("webhook", "deliver", "--json").document == {"sent": 1, "pending": 0, "dead": 0}
        assert receiver.got[-1].verified(made["secret"])
        assert (program("webhook", "replay").code, program("webhook", "test", "wh_none").code) == (2, 3)
