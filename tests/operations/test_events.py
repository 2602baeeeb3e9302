"""Events: what each revision did, in order, by cursor, and only of models that the caller sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modelcensus.core.catalog.event import Event
from modelcensus.core.catalog.model import StepKind, Tier
from modelcensus.core.errors import InvalidInput
from modelcensus.operations.catalog.curating import edit_one
from modelcensus.operations.catalog.events import START, event_page, events
from modelcensus.settings import AccessSettings
from modelcensus.store.catalog import events as turns
from modelcensus.store.engine import Store
from tests.operations.catalog_world import HOUR, NOW, applied, merged, store_at

AUTO = AccessSettings()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Four revisions: two models come, one gets dearer, one goes, it comes back beside a third."""
    with store_at(database_url) as opened:
        applied(opened, merged("lab/a", provider="lab"), merged("lab/b", provider="rival"))
        applied(opened, merged("lab/a", provider="lab", price="3"), merged("lab/b", provider="rival"), now=NOW + HOUR)
        applied(opened, merged("lab/a", provider="lab", price="3"), gone=["lab/b"], now=NOW + 2 * HOUR)
        last = (merged("lab/b", provider="rival"), merged("lab/c", provider="lab"))
        applied(opened, merged("lab/a", provider="lab", price="3"), *last, now=NOW + 3 * HOUR)
        yield opened


def told(store: Store, **wanted: Any) -> list[tuple[str, str, str]]:
    return [(each.id, each.kind.value, each.model_id) for each in events(store, AUTO, **wanted)]


WHOLE = [
    ("1-1", "new", "lab/a"),
    ("1-2", "new", "lab/b"),
    ("2-1", "updated", "lab/a"),
    ("3-1", "archived", "lab/b"),
    ("4-1", "revived", "lab/b"),
    ("4-2", "new", "lab/c"),
]


def test_every_part_of_every_revision_is_an_event_in_order(store: Store) -> None:
    assert told(store) == WHOLE


def test_the_newest_can_come_first(store: Store) -> None:
    assert told(store, newest_first=True) == WHOLE[::-1]


def test_an_update_tells_each_field_before_and_after_and_whose_word_it_is(store: Store) -> None:
    (event,) = events(store, AUTO, kind=StepKind.UPDATED)
    assert [(each.path, each.before, each.after, each.source) for each in event.fields] == [
        ("price.input", "2", "3", "openrouter")
    ]
    assert (event.at, event.name, event.provider) == (NOW + HOUR, "Lab/A", "lab")


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_join_to_the_whole(store: Store, limit: int, newest_first: bool) -> None:
    found: list[Event] = []
    place: dict[str, Any] = {}
    for _ in range(len(WHOLE) + 1):
        page = event_page(store, AUTO, limit=limit, newest_first=newest_first, **place)
        found += page.events
        if not page.more:
            break
        place = {"before" if newest_first else "after": page.reached}
    assert [each.id for each in found] == [each[0] for each in (WHOLE[::-1] if newest_first else WHOLE)]


def test_pages_join_to_the_whole_where_a_revision_is_read_in_parts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_ROWS", 1)
    monkeypatch.setattr(turns, "_REVISIONS", 1)
    assert told(store) == WHOLE
    assert told(store, newest_first=True) == WHOLE[::-1]
    assert told(store, after="1-1", before="4-2") == WHOLE[1:-1]


def test_a_bounded_look_goes_on_where_it_ended(store: Store) -> None:
    found: list[str] = []
    after = START
    for _ in range(10):
        page = event_page(store, AUTO, after=after, kind=StepKind.REVIVED, scan=2)
        found += [each.id for each in page.events]
        after = page.reached
        if not page.more:
            break
    assert (found, after) == (["4-1"], page.head)


def test_what_comes_after_the_head_is_what_is_still_to_come(store: Store) -> None:
    head = event_page(store, AUTO, limit=1).head
    assert (head, told(store, after=head)) == ("4-2", [])
    applied(store, merged("lab/a", provider="lab", price="4"), now=NOW + 4 * HOUR)
    assert told(store, after=head) == [("5-1", "updated", "lab/a")]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({"after": "1-1"}, ["1-2", "2-1", "3-1", "4-1", "4-2"]),
        ({"after": "1-9"}, ["2-1", "3-1", "4-1", "4-2"]),
        ({"before": "3-1"}, ["1-1", "1-2", "2-1"]),
        ({"after": "1-1", "before": "3-1", "newest_first": True}, ["2-1", "1-2"]),
        ({"after": "999999999-1"}, []),
        ({"model": "lab/b"}, ["1-2", "3-1", "4-1"]),
        ({"model": "lab/b", "newest_first": True, "limit": 2}, ["4-1", "3-1"]),
        ({"model": "lab/b", "after": "1-2", "before": "4-1"}, ["3-1"]),
        ({"model": "lab/nobody"}, []),
        ({"model": "lab/b\0"}, []),
        ({"kind": StepKind.NEW}, ["1-1", "1-2", "4-2"]),
        ({"provider": "RIVAL"}, ["1-2", "3-1", "4-1"]),
        ({"field": "price"}, ["1-1", "1-2", "2-1", "4-2"]),
        ({"field": "price.input", "kind": StepKind.UPDATED}, ["2-1"]),
        ({"field": "pric"}, []),
        ({"since": NOW}, ["2-1", "3-1", "4-1", "4-2"]),
        ({"until": NOW}, ["1-1", "1-2"]),
        ({"since": NOW, "until": NOW + HOUR}, ["2-1"]),
    ],
)
def test_a_filter_keeps_what_it_names(store: Store, wanted: dict[str, Any], ids: list[str]) -> None:
    assert [each[0] for each in told(store, **wanted)] == ids


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1", "1-1-1", "01-1", "1-1\n", "٣-١", "1" * 30 + "-1"])
def test_what_is_no_cursor_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        events(store, AUTO, after=cursor)


def test_in_an_open_catalog_every_tier_sees_every_event(store: Store) -> None:
    assert told(store, tier=Tier.FREE) == WHOLE
    assert events(store, AUTO, limit=1)[0].tiers == tuple(Tier)


def test_a_tier_gets_no_event_of_a_model_that_it_cannot_see_today(store: Store) -> None:
    edit_one(store, "lab/a", {"enabled": True, "is_pro": True}, "ann", NOW)
    edit_one(store, "lab/b", {"enabled": False, "is_free": True}, "ann", NOW)
    assert told(store, tier=Tier.FREE) == []
    assert [each[0] for each in told(store, tier=Tier.PRO)] == ["1-1", "2-1"]
    assert {each.id: each.tiers for each in events(store, AUTO)}["2-1"] == (Tier.PRO, Tier.ENTERPRISE)
    assert {each.id: each.tiers for each in events(store, AUTO)}["4-1"] == ()
