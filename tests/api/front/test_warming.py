"""After something has moved, what is asked for most is made before the next one asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from modelcensus.api.front.assembly import front_of, metrics_of
from modelcensus.api.front.entries import Entries
from modelcensus.operations.census import Census
from modelcensus.serving.context import context_on
from tests.api.front.standing import SETTINGS
from tests.builders import census_at
from tests.operations.catalog_world import applied, merged
from tests.operations.gated import eventually
from tests.web.serving import ask, served

PATH = "/api/models"


class Cook(msgspec.Struct):
    """An application that counts how often it is asked and has answered, and fails while it is ``broken``."""

    asked: int = 0
    answered: int = 0
    broken: bool = False
    seconds: float = 0.0

    def __call__(self, _: Request) -> Response:
        """One answer."""
        self.asked += 1
        if self.broken:
            raise RuntimeError("an error that should not be")
        time.sleep(self.seconds)
        self.answered += 1
        return PlainTextResponse(str(self.asked), headers={"ETag": f'"{self.asked}"'})


@contextmanager
def cooking(url: str, cook: Cook) -> Iterator[tuple[str, Census]]:
    """The front of the cook on a census with one model: (address, census)."""
    with census_at(url) as census:
        applied(census.store, merged(price="2"))
        context = context_on(census, SETTINGS)
        entries = Entries(1_000_000)
        app = Starlette(routes=[Route(PATH, cook.__call__)])
        with served(census, app=front_of(app, context, entries, metrics_of(context, entries))) as address:
            yield address, census


def test_a_server_ends_only_after_an_answer_that_is_being_warmed(database_url: str) -> None:
    cook = Cook()
    with cooking(database_url, cook) as (address, census):
        assert ask(address, PATH).text == "1"
        cook.seconds = 1.5
        applied(census.store, merged(price="3"))
        assert eventually(lambda: cook.asked == 2, 10)
        assert cook.answered == 1
    assert cook.answered == 2


def test_an_answer_that_cannot_be_warmed_does_not_end_the_warming_of_later_ones(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    cook = Cook()
    with cooking(database_url, cook) as (address, census):
        assert ask(address, PATH).text == "1"
        cook.broken = True
        applied(census.store, merged(price="3"))
        assert eventually(lambda: "warming" in caplog.text, 10)
        cook.broken, before = False, cook.asked
        applied(census.store, merged(price="4"))
        assert eventually(lambda: cook.asked > before, 10)
