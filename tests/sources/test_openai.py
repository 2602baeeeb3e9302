"""OpenAI's listing taken apart, and asked for."""

from __future__ import annotations

from typing import Any

import pytest

from modelcensus.core.errors import UpstreamBroken
from modelcensus.core.faults import FaultKind
from modelcensus.core.reading import Split
from modelcensus.core.records import SyncStatus
from modelcensus.sources.openai import ADAPTER, last_id, split
from modelcensus.upstream import Fault
from tests.builders import as_json
from tests.sources.playing import KEY, table


def gpt(id: str = "gpt-4.1", **fields: Any) -> dict[str, Any]:  # noqa: A002  # the field's name
    return {"id": id, "object": "model", "created": 1744316542, "owned_by": "system", **fields}


def page(*models: Any, **beside: Any) -> dict[str, Any]:
    return {"object": "list", "data": list(models), **beside}


def named(found: Split) -> list[str]:
    return [entity.key for entity in found.slices]


def test_each_model_is_one_entity_in_its_own_words() -> None:
    one, two = gpt("gpt-4.1"), gpt("ft:gpt-4.1:org:a b (v2):x", shutdown_date=None)
    found = split(as_json(page(one, two)))
    assert [(entity.category, entity.key, bytes(entity.raw)) for entity in found.slices] == [
        ("model", "gpt-4.1", as_json(one)),
        ("model", "ft:gpt-4.1:org:a b (v2):x", as_json(two)),
    ]
    assert (found.faults, found.truncated, found.more, found.total) == ([], False, False, None)


@pytest.mark.parametrize("beside", [{}, {"has_more": False}, {"has_more": None}])
def test_a_page_that_promises_no_more_is_the_last(beside: dict[str, Any]) -> None:
    body = as_json(page(gpt(), **beside))
    assert (split(body).more, last_id(body)) == (False, None)


@pytest.mark.parametrize("told", [True, 1, "true", {}])
def test_a_page_that_promises_more_in_any_way_is_not_the_last(told: object) -> None:
    assert split(as_json(page(gpt(), has_more=told))).more


def test_the_listing_goes_on_after_the_id_that_it_names_as_its_last() -> None:
    assert last_id(as_json(page(gpt("a"), gpt("b"), has_more=True, last_id="z"))) == "z"


@pytest.mark.parametrize("named_last", [{}, {"last_id": None}, {"last_id": 7}, {"last_id": ""}])
def test_where_no_last_id_is_named_it_goes_on_after_the_last_model(named_last: dict[str, Any]) -> None:
    assert last_id(as_json(page(gpt("a"), gpt("b"), has_more=True, **named_last))) == "b"


@pytest.mark.parametrize("models", [(), (gpt("a"), {"name": "x"})])
def test_more_without_a_place_to_go_on_is_an_error(models: tuple[Any, ...]) -> None:
    with pytest.raises(UpstreamBroken) as caught:
        last_id(as_json(page(*models, has_more=True)))
    assert caught.value.hint


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'[{"id":"a"}]', b'{"data":null}', b'{"models":[]}', b"<html>"])
def test_another_shape_is_no_listing_at_all(body: bytes) -> None:
    found = split(body)
    assert (found.slices, found.truncated) == ([], True)
    assert [fault.kind for fault in found.faults] == [FaultKind.WRONG_TOP_LEVEL]
    assert last_id(body) is None


def test_an_error_object_is_no_listing_and_is_quoted() -> None:
    found = split(b'{"error":{"message":"no such organization","code":null}}')
    assert (found.slices, found.truncated) == ([], True)
    assert "no such organization" in found.faults[0].place


def test_a_cut_listing_keeps_what_is_whole_and_says_that_it_is_cut() -> None:
    body = as_json(page(gpt("one"), gpt("two")))
    found = split(body[: body.index(b"two") + 1])
    assert (named(found), found.truncated, [f.kind for f in found.faults]) == (["one"], True, [FaultKind.TRUNCATED])


def test_a_broken_model_in_the_middle_of_a_cut_listing_keeps_its_own_fault() -> None:
    body = as_json(page(gpt("one"), {"id": 7}, gpt("two")))
    found = split(body[: body.index(b'"two"') + 5] + b"}")
    assert found.truncated
    assert [fault.kind for fault in found.faults] == [FaultKind.BAD_KEY]


def test_the_key_is_sent_as_a_bearer_token_to_the_models_of_the_base_url(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        record = at.sync(page(gpt("a"), gpt("b")))
        (request,) = at.up.requests
    assert (record.status, record.entities) == (SyncStatus.COMPLETE, 2)
    assert (request.path, request.query, request.headers["authorization"]) == ("/v1/models", "", f"Bearer {KEY}")


def test_without_a_key_nothing_is_asked_and_the_setting_is_named(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, key=None) as at:
        record = at.sync(page(gpt()))
        assert at.up.requests == []
    assert record.status is SyncStatus.FAILED
    assert "sources.openai.key" in (record.hint or "")


def test_a_refused_key_is_asked_about_once_and_shows_nowhere(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        record = at.sync(Fault.UNAUTHORIZED)
        assert len(at.up.requests) == 1
    assert record.status is SyncStatus.FAILED
    assert "sources.openai.key" in (record.hint or "")
    assert KEY not in repr(record)


def test_a_second_page_is_read_should_one_ever_come(sqlite_url: str) -> None:
    pages = {"": page(gpt("a"), gpt("b"), has_more=True), "b": page(gpt("c"), has_more=False)}
    with table(sqlite_url, ADAPTER) as at:
        assert at.sync(lambda query: pages[query.get("after", "")]).status is SyncStatus.COMPLETE
        assert at.live() == {"a", "b", "c"}


def test_pages_that_go_in_a_circle_end_and_remove_nothing(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        at.sync(page(gpt("a"), gpt("b"), gpt("c")))
        record = at.sync(page(gpt("a"), gpt("b"), has_more=True))
        assert (record.status, record.vanished) == (SyncStatus.INCOMPLETE, 0)
        assert "circle" in (record.error or "")
        assert record.hint
        assert len(at.up.requests) == 3
        assert at.live() == {"a", "b", "c"}


def test_a_cursor_of_absurd_length_is_not_sent(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        record = at.sync(page(gpt("a"), has_more=True, last_id="x" * 5000))
        assert record.status is SyncStatus.INCOMPLETE
        assert "5000 characters" in (record.error or "")
        assert len(at.up.requests) == 1


def test_a_changed_order_is_no_change(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        at.sync(page(gpt("a"), gpt("b")))
        assert at.sync(page(gpt("b"), gpt("a"))).changed == 0
