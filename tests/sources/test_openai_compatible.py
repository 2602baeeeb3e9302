"""Listings like OpenAI's, as others write them."""

from __future__ import annotations

from typing import Any

import pytest

from modelcensus.core.faults import FaultKind
from modelcensus.core.reading import Split
from modelcensus.core.records import SyncStatus
from modelcensus.sources.openai_compatible import ADAPTER, split
from modelcensus.upstream import Fault
from tests.builders import as_json
from tests.sources.playing import table


def model(id: str, **fields: Any) -> dict[str, Any]:  # noqa: A002  # the field's name
    return {"id": id, "object": "model", "created": 1763710000, "owned_by": "vllm", **fields}


def named(found: Split) -> list[str]:
    return [entity.key for entity in found.slices]


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": [model("a"), model("b")]},
        [model("a"), model("b")],
        {"models": [model("a"), model("b")]},
        {"models": [{"name": "a", "model": "a"}], "object": "list", "data": [model("a"), model("b")]},
        {"data": None, "models": [model("a"), model("b")]},
    ],
)
def test_the_models_are_found_in_every_known_envelope(body: Any) -> None:
    found = split(as_json(body))
    assert (named(found), found.faults, found.more, found.truncated) == (["a", "b"], [], False, False)


@pytest.mark.parametrize("key", ["qwen2.5:7b-q4_K_M", "/models/my lora", "lab/Chat-13B@2025", "实验"])
def test_ids_are_taken_as_they_are(key: str) -> None:
    assert named(split(as_json({"data": [model(key)]}))) == [key]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"data":null}', b'{"models":7}', b"404 page not found"])
def test_another_shape_is_no_listing_at_all(body: bytes) -> None:
    found = split(body)
    assert (found.slices, found.truncated) == ([], True)
    assert [fault.kind for fault in found.faults] == [FaultKind.WRONG_TOP_LEVEL]


@pytest.mark.parametrize(
    "beside",
    [{"has_more": True}, {"nextPageToken": "x"}, {"next_page_token": "x"}, {"next": "/models?p=2"}, {"next_cursor": 7}],
)
def test_any_sign_of_another_page_keeps_a_page_from_being_the_whole(beside: dict[str, Any]) -> None:
    assert split(as_json({"data": [model("a")], **beside})).more


@pytest.mark.parametrize("beside", [{"has_more": False}, {"nextPageToken": ""}, {"next": None}])
def test_a_sign_that_there_is_no_other_page_is_none(beside: dict[str, Any]) -> None:
    assert not split(as_json({"data": [model("a")], **beside})).more


def test_it_is_read_without_a_key_where_none_is_set(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, key=None) as at:
        assert at.sync({"data": [model("a")]}).status is SyncStatus.COMPLETE
        (request,) = at.up.requests
    assert request.path == "/v1/models"
    assert "authorization" not in request.headers


@pytest.mark.parametrize("path", ["language-models", "/language-models"])
def test_the_path_below_the_base_url_is_an_option(sqlite_url: str, path: str) -> None:
    with table(sqlite_url, ADAPTER, options={"path": path}) as at:
        assert at.sync({"models": [model("grok-4.3")]}).entities == 1
        assert at.up.requests[0].path == "/v1/language-models"


def test_what_is_made_anew_for_each_answer_is_no_change(database_url: str) -> None:
    def answered(now: int) -> dict[str, Any]:
        return {"data": [model("a", created=now, permission=[{"id": f"modelperm-{now}", "created": now}])]}

    with table(database_url, ADAPTER) as at:
        at.sync(answered(1763710000))
        assert at.sync(answered(1763713600)).changed == 0
        assert at.text("a") == '{"id":"a","object":"model","owned_by":"vllm"}'


def test_a_page_that_cannot_be_followed_removes_nothing(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER) as at:
        at.sync({"data": [model("a"), model("b")]})
        record = at.sync({"data": [model("a")], "nextPageToken": "x"})
        assert (record.status, record.vanished) == (SyncStatus.INCOMPLETE, 0)
        assert at.live() == {"a", "b"}


def test_an_upstream_that_wants_a_key_says_which_setting_to_set(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, key=None) as at:
        record = at.sync(Fault.UNAUTHORIZED)
    assert record.status is SyncStatus.FAILED
    assert "sources.openai-compatible.key" in (record.hint or "")
