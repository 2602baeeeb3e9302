"""Anthropic's two listings, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from modelcensus.core.records import SyncStatus
from modelcensus.sources.anthropic import ADAPTER
from modelcensus.upstream import Fault
from tests.sources.playing import KEY, table


def claude(id: str, **fields: Any) -> dict[str, Any]:  # noqa: A002  # the field's name
    return {"type": "model", "id": id, "display_name": id.title(), "created_at": "2025-05-22T00:00:00Z", **fields}


def page(*models: dict[str, Any], more: bool = False) -> dict[str, Any]:
    ids = [model["id"] for model in models] or [None]
    return {"data": list(models), "has_more": more, "first_id": ids[0], "last_id": ids[-1]}


def listings(default: Any, retired: Any) -> Callable[[dict[str, str]], Any]:
    return lambda query: retired if query.get("lifecycle[]") == "retired" else default


BOTH = listings(page(claude("new"), claude("old")), page(claude("gone", lifecycle="retired")))


def test_the_retired_models_are_asked_for_by_themselves(database_url: str) -> None:
    with table(database_url, ADAPTER) as at:
        record = at.sync(BOTH)
        assert (record.status, record.entities) == (SyncStatus.COMPLETE, 3)
        assert at.live() == {"new", "old", "gone"}
        assert at.queries == [{"limit": "1000"}, {"limit": "1000", "lifecycle[]": "retired"}]


def test_the_key_and_the_version_of_the_api_are_sent(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        at.sync(BOTH)
        headers = at.up.requests[1].headers
    assert (headers["x-api-key"], headers["anthropic-version"]) == (KEY, "2023-06-01")
    assert "authorization" not in headers


def test_each_listing_is_followed_to_its_last_page(sqlite_url: str) -> None:
    pages = {
        (None, None): page(claude("a"), claude("b"), more=True),
        (None, "b"): page(claude("c")),
        ("retired", None): page(claude("d"), more=True),
        ("retired", "d"): page(claude("e")),
    }
    with table(sqlite_url, ADAPTER, options={"limit": "2"}) as at:
        record = at.sync(lambda query: pages[query.get("lifecycle[]"), query.get("after_id")])
        assert record.status is SyncStatus.COMPLETE
        assert at.live() == {"a", "b", "c", "d", "e"}
        assert [query["limit"] for query in at.queries] == ["2"] * 4


def test_a_model_in_both_listings_is_no_fault_and_the_first_counts(database_url: str) -> None:
    answer = listings(page(claude("a", lifecycle="deprecated")), page(claude("a", lifecycle="retired"), claude("b")))
    with table(database_url, ADAPTER) as at:
        record = at.sync(answer)
        assert (record.status, record.entities, record.quarantined) == (SyncStatus.COMPLETE, 2, 0)
        assert '"lifecycle":"deprecated"' in at.text("a")


def test_the_retired_models_can_be_left_out(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, options={"retired": "no"}) as at:
        assert at.sync(BOTH).status is SyncStatus.COMPLETE
        assert at.live() == {"new", "old"}
        assert at.queries == [{"limit": "1000"}]


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.NOT_FOUND, Fault.CUT_WITH_LENGTH, Fault.CLOSE_AT_ONCE])
def test_without_the_second_listing_nothing_is_removed_and_the_option_is_named(sqlite_url: str, fault: Fault) -> None:
    with table(sqlite_url, ADAPTER) as at:
        at.sync(BOTH)
        record = at.sync(listings(page(claude("newer")), fault))
        assert (record.status, record.appeared, record.vanished) == (SyncStatus.INCOMPLETE, 1, 0)
        assert (record.error or "").startswith("the retired models: ")
        assert 'options.retired = "no"' in (record.hint or "")
        assert at.live() == {"newer", "new", "old", "gone"}


def test_a_key_that_may_read_the_first_listing_only_is_not_called_wrong(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        record = at.sync(listings(page(claude("a")), Fault.FORBIDDEN))
    assert (record.status, record.entities) == (SyncStatus.INCOMPLETE, 1)
    assert (record.hint or "").startswith("this key may not read them")
    assert 'options.retired = "no"' in (record.hint or "")


def test_a_wrong_key_is_asked_about_once_and_its_setting_is_named(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        record = at.sync(Fault.UNAUTHORIZED)
        assert len(at.up.requests) == 1
    assert record.status is SyncStatus.FAILED
    assert "sources.anthropic.key" in (record.hint or "")
    assert KEY not in repr(record)


def test_an_upstream_that_ignores_the_lifecycle_gives_a_whole_reading(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        record = at.sync(page(claude("a"), claude("b")))
        assert (record.status, record.entities) == (SyncStatus.COMPLETE, 2)


@pytest.mark.parametrize("second", [[], {"data": None}, b"<html></html>", {"error": {"type": "not_found_error"}}])
def test_a_second_listing_that_is_none_removes_nothing(sqlite_url: str, second: Any) -> None:
    with table(sqlite_url, ADAPTER) as at:
        at.sync(BOTH)
        record = at.sync(listings(page(claude("new"), claude("old")), second))
        assert (record.status, record.vanished) == (SyncStatus.INCOMPLETE, 0)
        assert at.live() == {"new", "old", "gone"}


def test_a_page_that_is_not_the_last_removes_nothing(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        at.sync(BOTH)
        record = at.sync(lambda query: Fault.SERVER_ERROR if "after_id" in query else page(claude("new"), more=True))
        assert (record.status, record.vanished) == (SyncStatus.INCOMPLETE, 0)
        assert at.live() == {"new", "old", "gone"}


def test_new_display_names_are_alterations(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, options={"retired": "no"}) as at:
        at.sync(page(claude("a"), claude("b")))
        record = at.sync(page(claude("a", display_name="A!"), claude("b", display_name="B!")))
        assert (record.altered, record.appeared, record.vanished) == (2, 0, 0)
