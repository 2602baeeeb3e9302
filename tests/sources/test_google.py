"""Google's listing: pages, tokens, and names that are ids."""

from __future__ import annotations

from typing import Any

import pytest

from modelcensus.core.errors import UpstreamBroken
from modelcensus.core.faults import FaultKind
from modelcensus.core.reading import Split
from modelcensus.core.records import SyncStatus
from modelcensus.sources.google import ADAPTER, next_token, split
from modelcensus.upstream import Fault, Play
from tests.builders import as_json, imported_as
from tests.sources.playing import KEY, table

BASE = "/v1beta/"


def gemini(name: str = "gemini-2.0-flash", **fields: Any) -> dict[str, Any]:
    return {"name": f"models/{name}", "version": "2.0", "inputTokenLimit": 1048576, **fields}


def page(*models: Any, token: Any = None) -> dict[str, Any]:
    return {"models": list(models)} | ({} if token is None else {"nextPageToken": token})


def named(found: Split) -> list[str]:
    return [entity.key for entity in found.slices]


def test_each_model_is_one_entity_under_its_whole_resource_name() -> None:
    one, two = gemini("gemini-2.0-flash"), {"name": "tunedModels/mine-7", "version": "1"}
    found = split(as_json(page(one, two)))
    assert [(entity.category, entity.key, bytes(entity.raw)) for entity in found.slices] == [
        ("model", "models/gemini-2.0-flash", as_json(one)),
        ("model", "tunedModels/mine-7", as_json(two)),
    ]
    assert (found.faults, found.truncated, found.more) == ([], False, False)


def test_a_page_with_a_token_is_not_the_last() -> None:
    body = as_json(page(gemini(), token="Cgptb2RlbHMvYXFh"))
    assert (split(body).more, next_token(body)) == (True, "Cgptb2RlbHMvYXFh")


@pytest.mark.parametrize("body", [page(gemini()), page(gemini(), token=""), {**page(gemini()), "nextPageToken": None}])
def test_a_page_with_no_token_or_an_empty_one_is_the_last(body: dict[str, Any]) -> None:
    assert (split(as_json(body)).more, next_token(as_json(body))) == (False, None)


@pytest.mark.parametrize("token", [7, True, {}, ["a"]])
def test_a_token_that_is_no_text_promises_more_that_cannot_be_had(token: object) -> None:
    body = as_json(page(gemini(), token=token))
    assert split(body).more
    with pytest.raises(UpstreamBroken) as caught:
        next_token(body)
    assert caught.value.hint


def test_a_page_with_a_token_alone_is_a_page_without_models() -> None:
    found = split(b'{"nextPageToken": "x"}')
    assert (found.slices, found.faults, found.more, found.truncated) == ([], [], True, False)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"<html>", b'{"data":[]}', b'{"models":{}}', b'{"nextPageToken":"x","data":[]}'],
)
def test_another_shape_is_no_listing_at_all(body: bytes) -> None:
    found = split(body)
    assert (found.slices, found.truncated) == ([], True)
    assert [fault.kind for fault in found.faults] == [FaultKind.WRONG_TOP_LEVEL]


def test_an_error_object_is_quoted() -> None:
    (fault,) = split(b'{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}').faults
    assert "API key not valid" in fault.place


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (b'{"id":"models/x"}', FaultKind.BAD_KEY),
        (b'{"name":7}', FaultKind.BAD_KEY),
        (b'{"name":null}', FaultKind.BAD_KEY),
        (b'{"name":""}', FaultKind.BAD_KEY),
        (b'{"name":"a\\u0000b"}', FaultKind.BAD_KEY),
        (b'{"name":"' + b"a" * 513 + b'"}', FaultKind.BAD_KEY),
        (b"5", FaultKind.NOT_AN_OBJECT),
        (b'["models/x"]', FaultKind.NOT_AN_OBJECT),
        (b'{"name":"\xff"}', FaultKind.INVALID_UTF8),
        (b'{"name":"a","name":"b","x":NaN}', FaultKind.NOT_FINITE),
        (b'{"name":"a","name":"b"}', FaultKind.DUPLICATE_MEMBER),
        (b'{"name":"a","n\\u0061me":"b"}', FaultKind.DUPLICATE_MEMBER),
    ],
)
def test_what_has_no_usable_name_is_a_nameless_fault_and_the_rest_stays(item: bytes, kind: FaultKind) -> None:
    body = b'{"models":[' + b",".join([as_json(gemini("one")), item, as_json(gemini("two"))]) + b"]}"
    found = split(body)
    assert named(found) == ["models/one", "models/two"]
    (fault,) = found.faults
    assert (fault.kind, fault.category, fault.key, fault.raw) == (kind, "model", None, item)
    assert "[1]" in fault.place


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (b'{"name":"models/x","topP":NaN}', FaultKind.NOT_FINITE),
        (b'{"topP":Infinity,"name":"models/x"}', FaultKind.NOT_FINITE),
        (b'{"name":"models/x","topK":1,"topK":2}', FaultKind.DUPLICATE_MEMBER),
    ],
)
def test_a_broken_model_keeps_its_name_wherever_that_stands(item: bytes, kind: FaultKind) -> None:
    (fault,) = split(b'{"models":[' + item + b"]}").faults
    assert (fault.kind, fault.key) == (kind, "models/x")


def test_a_fault_of_the_name_speaks_of_the_name() -> None:
    (fault,) = split(b'{"models":[{"name":""}]}').faults
    assert fault.place == "[0] name is empty"


def test_a_cut_page_keeps_what_is_whole_and_says_that_it_is_cut() -> None:
    body = as_json(page(gemini("one"), gemini("two")))
    found = split(body[: body.index(b"two") + 1])
    assert (named(found), found.truncated) == (["models/one"], True)
    assert found.faults[-1].kind is FaultKind.TRUNCATED


PAGES = {
    None: page(gemini("a"), gemini("b"), token="t 1/+="),
    "t 1/+=": page(token="t2"),
    "t2": page(gemini("c"), token=""),
}


def test_every_page_is_read_with_the_key_and_the_page_size(database_url: str) -> None:
    with table(database_url, ADAPTER, base=BASE) as at:
        record = at.sync(lambda query: PAGES[query.get("pageToken")])
        assert (record.status, record.entities) == (SyncStatus.COMPLETE, 3)
        assert at.queries == [
            {"pageSize": "1000"},
            {"pageSize": "1000", "pageToken": "t 1/+="},
            {"pageSize": "1000", "pageToken": "t2"},
        ]
        assert {request.headers["x-goog-api-key"] for request in at.up.requests} == {KEY}
        assert at.up.requests[0].path == "/v1beta/models"


INVALID = Play(b'{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}', status=400)


@pytest.mark.parametrize("said", [INVALID, Fault.UNAUTHORIZED])
def test_a_key_that_is_not_valid_names_its_setting_however_it_is_refused(sqlite_url: str, said: Any) -> None:
    with table(sqlite_url, ADAPTER, base=BASE) as at:
        record = at.sync(said)
        assert len(at.up.requests) == 1
    assert record.status is SyncStatus.FAILED
    assert "sources.google.key" in (record.hint or "")
    assert KEY not in repr(record)


@pytest.mark.parametrize("said", [Fault.NOT_FOUND, Fault.TOO_MANY])
def test_what_is_refused_for_another_reason_says_nothing_of_the_key(sqlite_url: str, said: Fault) -> None:
    with table(sqlite_url, ADAPTER, base=BASE) as at:
        assert "sources.google.key" not in (at.sync(said).hint or "")


def test_a_page_that_is_refused_after_the_first_is_not_put_on_the_key(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, base=BASE) as at:
        record = at.sync(lambda query: INVALID if "pageToken" in query else page(gemini(), token="t"))
    assert record.status is SyncStatus.INCOMPLETE
    assert "sources.google.key" not in (record.hint or "")


def test_the_page_size_is_an_option(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, base=BASE, options={"page_size": "50"}) as at:
        at.sync(page(gemini()))
        assert at.queries == [{"pageSize": "50"}]


@pytest.mark.parametrize("second", [Fault.SERVER_ERROR, Fault.TRUNCATED_JSON, Fault.HTML, {}, [], page(token="t1")])
def test_a_second_page_that_fails_removes_nothing(sqlite_url: str, second: Any) -> None:
    many = [gemini(str(n)) for n in range(60)]
    with table(sqlite_url, ADAPTER, base=BASE) as at:
        at.sync(page(*many))
        record = at.sync(lambda query: second if "pageToken" in query else page(*many[:50], token="t1"))
        assert record.vanished == 0
        assert record.status in (SyncStatus.INCOMPLETE, SyncStatus.HELD)
        assert record.hint
        assert len(at.live()) == 60


def test_a_recorded_first_page_alone_removes_nothing(database_url: str) -> None:
    many = [gemini(str(n)) for n in range(60)]
    with table(database_url, ADAPTER, base=BASE) as at:
        imported_as(at.census, as_json(page(*many)), 0, at.source)
        first = imported_as(at.census, as_json(page(*many[:50], token="Cgptb2RlbHMvYXFh")), 1, at.source).sync
        assert first is not None
        assert (first.status, first.vanished) == (SyncStatus.INCOMPLETE, 0)
        assert len(at.live()) == 60


def test_an_empty_list_removes_nothing(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, base=BASE) as at:
        at.sync(page(*(gemini(str(n)) for n in range(60))))
        empties: tuple[Any, ...] = ([], {"models": []}, {})
        for empty in empties:
            assert at.sync(empty).vanished == 0
        assert len(at.live()) == 60
