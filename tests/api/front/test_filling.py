from __future__ import annotations

import asyncio
import json
from typing import Any

from modelcensus.api.front.asks import read
from modelcensus.api.front.capture import Out
from modelcensus.api.front.entries import Entries, Entry, Key
from modelcensus.api.front.ready import Ready
from modelcensus.api.front.shared import Shared
from modelcensus.api.front.stamps import Stamps
from modelcensus.core.catalog.model import Tier
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, Settings
from modelcensus.store.watch import Watch
from tests.builders import census_at
from tests.operations.catalog_world import applied, merged

_KEY = Key("/api/models", b"", Tier.FREE)
_SCOPE: dict[str, Any] = {
    "type": "http", "method": "GET", "path": "/api/models", "query_string": b"", "headers": [],
}  # fmt: skip


class _Slow:
    """A framework in the middle of whose first ``applies`` answers the catalog moves on."""

    def __init__(self, census: Census, shelf: Shelf, applies: int) -> None:
        self.census = census
        self.shelf = shelf
        self.left = applies
        self.answers = 0

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        self.answers += 1
        body = json.dumps([each.entry.model.fields["price.input"] for each in self.shelf.current().portraits])
        if self.left:
            self.left -= 1
            applied(self.census.store, merged("lab/a", price=str(10 + self.answers)))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body.encode()})


async def _nothing(*_: object) -> dict[str, Any]:
    return {"type": "http.request"}


def _filled(census: Census, applies: int) -> tuple[Entry, _Slow, Ready]:
    """What a request gets while the catalog moves so often."""
    shelf = Shelf(census, AccessSettings(mode="open"))
    app = _Slow(census, shelf, applies)
    stamps = Stamps(Watch(census.store), census.clock)
    ready = Ready(app, shelf, stamps, Entries(10**6), Shared(None, census.store, Settings()), census.clock)

    async def run() -> Entry | None:
        out = Out(_nothing, head=False, request_id=b"test")  # type: ignore[arg-type]  # nothing is sent
        try:
            return await ready.filled(_KEY, read(_SCOPE), await stamps.now(), _nothing, out)
        finally:
            await ready.close()

    found = asyncio.run(run())
    assert found is not None
    return found, app, ready


def test_an_answer_during_which_the_catalog_moved_is_worked_out_again(database_url: str) -> None:
    with census_at(database_url) as census:
        applied(census.store, merged("lab/a", price="9"))
        found, app, ready = _filled(census, applies=1)
        assert json.loads(found.body) == ["11"]
        assert app.answers == 2
        assert ready.entries.get(_KEY) is found


def test_an_answer_of_a_catalog_that_never_rests_is_given_but_not_kept(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        applied(census.store, merged("lab/a", price="9"))
        found, app, ready = _filled(census, applies=100)
        assert json.loads(found.body)
        assert app.answers == 3
        assert ready.entries.get(_KEY) is None


def test_memory_holds_no_more_than_it_may_and_forgets_what_was_not_asked_for_longest(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        applied(census.store, merged("lab/a"))
        found, _, _ = _filled(census, applies=0)
    entries = Entries(40_000)
    keys = [Key(f"/{number}", b"", Tier.FREE) for number in range(5)]
    for key in keys[:4]:
        entries.put(Entry(key, found.issue, b"x" * 4000, [], "/"))
    entries.get(keys[0])
    entries.put(Entry(keys[4], found.issue, b"x" * 4000, [], "/"))
    assert [entries.get(key) is not None for key in keys] == [True, False, True, True, True]
    assert entries.size <= 40_000
    entries.put(Entry(Key("/large", b"", Tier.FREE), found.issue, b"x" * 30_000, [], "/"))
    assert entries.get(Key("/large", b"", Tier.FREE)) is None
