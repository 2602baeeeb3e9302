"""Hugging Face's listings: pages by Link header, filters, and where a listing may end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from modelcensus.core.errors import SourceError, UpstreamBroken
from modelcensus.core.faults import FaultKind
from modelcensus.core.reading import understand
from modelcensus.sources.http import HttpClient
from modelcensus.sources.huggingface import ADAPTER, HubModel, fetch, split
from modelcensus.upstream import Play, Upstream
from modelcensus.upstream.play import Received
from tests.builders import as_json
from tests.sources.asking import Asked

ONE_LISTING = {"inference_provider": ""}


def hub(id: str = "lab/one", downloads: int = 5000, **fields: Any) -> dict[str, Any]:  # noqa: A002  # the field's name
    return {"_id": "65a1", "id": id, "downloads": downloads, "pipeline_tag": "text-generation", **fields}


class Page:
    """One page of a listing: its entries or raw body, and where its Link header leads."""

    def __init__(self, *entries: Any, body: bytes | None = None, following: str | None = None) -> None:
        self.body = as_json(list(entries)) if body is None else body
        self.following = following

    def play(self, request: Received) -> Play:
        target = (self.following or "").replace("{base}", request.base)
        return Play(self.body, headers={"Link": f'<{target}>; rel="next"'} if self.following else {})


@contextmanager
def asking(pages: Mapping[str, Page], **options: str) -> Iterator[tuple[Asked, Upstream]]:
    """An upstream whose pages are told apart by their cursor, or else by their filter; and what to ask it with."""

    def play(request: Received) -> Play:
        query = parse_qs(request.query)
        name = (query.get("cursor") or query.get("pipeline_tag") or query.get("inference_provider") or ["all models"])[
            0
        ]
        return pages[name].play(request)

    with Upstream(play) as up, HttpClient(f"{up.url}/api/") as http:
        yield Asked(ADAPTER.defaults | options, http), up


def read(pages: Mapping[str, Page], **options: str) -> list[list[str]]:
    """Ids of each page that is fetched."""
    with asking(pages, **options) as (ask, _):
        return [[entity.key for entity in split(answer.body).slices] for answer in fetch(ask)]


def test_two_listings_are_asked_for_with_what_to_expand() -> None:
    pages = {"text-generation": Page(hub()), "all": Page(hub())}
    with asking(pages) as (ask, up):
        assert len(list(fetch(ask))) == 2
    first, second = (parse_qs(request.query) for request in up.requests)
    assert up.requests[0].path == "/api/models"
    assert first["pipeline_tag"] == ["text-generation"]
    assert "inference_provider" not in first
    assert (second["inference_provider"], "pipeline_tag" in second) == (["all"], False)
    assert (first["limit"], first["sort"], first["direction"]) == (["1000"], ["downloads"], ["-1"])
    assert {"downloads", "lastModified", "safetensors", "inferenceProviderMapping"} < set(first["expand[]"])


@pytest.mark.parametrize(
    ("options", "listings"),
    [
        ({"inference_provider": ""}, ["text-generation"]),
        ({"pipeline_tag": ""}, ["all"]),
        ({"pipeline_tag": "summarization, text-generation"}, ["summarization", "text-generation", "all"]),
        ({"pipeline_tag": "", "inference_provider": ""}, ["all models"]),
    ],
)
def test_an_empty_option_switches_its_filter_off(options: dict[str, str], listings: list[str]) -> None:
    names = ("text-generation", "summarization", "all", "all models")
    assert read({name: Page(hub(name)) for name in names}, **options) == [[name] for name in listings]


def test_the_link_header_is_followed_to_the_page_without_one() -> None:
    pages = {
        "text-generation": Page(hub("a"), following="{base}/api/models?cursor=two"),
        "two": Page(hub("b"), following="/api/models?cursor=three"),
        "three": Page(hub("c")),
    }
    assert read(pages, **ONE_LISTING) == [["a"], ["b"], ["c"]]


def test_a_listing_ends_at_the_first_page_that_ends_below_the_minimum() -> None:
    pages = {
        "text-generation": Page(hub("a", 5000), hub("b", 1000), following="/api/models?cursor=two"),
        "two": Page(hub("c", 1000), hub("d", 999), following="/api/models?cursor=never"),
    }
    assert read(pages, **ONE_LISTING) == [["a", "b"], ["c"]]


def test_a_page_that_is_not_sorted_does_not_end_the_listing() -> None:
    pages = {
        "text-generation": Page(hub("a", 10), hub("b", 5000), hub("c", 20), following="/api/models?cursor=two"),
        "two": Page(hub("d", 7000)),
    }
    assert read(pages, **ONE_LISTING) == [["b"], ["d"]]


def test_without_a_minimum_everything_is_read() -> None:
    pages = {
        "text-generation": Page(hub("a", 1), following="/api/models?cursor=two"),
        "two": Page(hub("b", 0)),
    }
    assert read(pages, **ONE_LISTING, min_downloads="") == [["a"], ["b"]]


def test_what_is_kept_of_a_page_keeps_upstreams_own_text() -> None:
    body = b'[ {"id":"a", "downloads": 5e3,"x":0.10} , {"downloads":1500,"id":"b","y": 1e-7},{"id":"c","downloads":3}]'
    with asking({"text-generation": Page(body=body)}, **ONE_LISTING) as (ask, _):
        (answer,) = fetch(ask)
    raw = [bytes(entity.raw) for entity in split(answer.body).slices]
    assert raw == [b'{"id":"a", "downloads": 5e3,"x":0.10}', b'{"downloads":1500,"id":"b","y": 1e-7}']


@pytest.mark.parametrize("entry", [{"id": "x"}, {"id": "x", "downloads": None}, {"id": "x", "downloads": "7"}])
def test_an_entry_whose_downloads_cannot_be_read_stays(entry: dict[str, Any]) -> None:
    assert read({"text-generation": Page(hub("a"), entry, hub("b", 5))}, **ONE_LISTING) == [["a", "x"]]


@pytest.mark.parametrize("place", [b'"id":"c"', b',{"_id":"65a1","id":"c"'])
def test_a_page_cut_in_the_middle_is_still_cut_when_small_entries_are_left_out(place: bytes) -> None:
    body = as_json([hub("a"), hub("b", 3), hub("c")])
    with asking({"text-generation": Page(body=body[: body.index(place)])}, **ONE_LISTING) as (ask, _):
        (answer,) = fetch(ask)
    found = split(answer.body)
    assert [entity.key for entity in found.slices] == ["a"]
    assert found.truncated


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("https://elsewhere.example/api/models?cursor=two", "elsewhere.example"),
        ("http://127.0.0.1:1/api/models?cursor=two", "127.0.0.1"),
        ("{base}/api/models?cursor=one", "read already"),
    ],
)
def test_a_next_page_elsewhere_or_read_before_breaks_the_reading_off(target: str, said: str) -> None:
    pages = {
        "text-generation": Page(hub("a"), following="/api/models?cursor=one"),
        "one": Page(hub("b"), following=target),
    }
    with asking(pages, **ONE_LISTING) as (ask, up), pytest.raises(UpstreamBroken, match=said) as caught:
        list(fetch(ask))
    assert caught.value.hint
    assert len(up.requests) == 2


def test_a_listing_that_leads_into_another_breaks_the_reading_off() -> None:
    pages = {
        "text-generation": Page(hub("a"), following="/api/models?cursor=two"),
        "two": Page(hub("b")),
        "all": Page(hub("c"), following="/api/models?cursor=two"),
    }
    with pytest.raises(UpstreamBroken, match="read already"):
        read(pages)


def test_an_empty_page_proves_nothing() -> None:
    pages = {"text-generation": Page(hub("a"), following="/api/models?cursor=two"), "two": Page()}
    with pytest.raises(UpstreamBroken, match="empty page"):
        read(pages, **ONE_LISTING)


@pytest.mark.parametrize("wrong", [{"limit": "0"}, {"limit": "ten"}, {"min_downloads": "-1"}, {"min_downloads": "1e3"}])
def test_an_option_that_is_no_whole_number_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(SourceError, match=next(iter(wrong))) as caught:
        read({}, **wrong)
    assert "option" in caught.value.hint


def test_popularity_is_no_part_of_a_version() -> None:
    volatile = ADAPTER.calls[0].document.volatile["model"]
    popular = understand(as_json(hub(downloads=9, likes=3, trendingScore=1.5, downloadsAllTime=99)), volatile)
    assert popular.hash == understand(as_json(hub()), volatile).hash
    assert msgspec.json.decode(popular.volatile or b"") == {
        "downloads": 9, "likes": 3, "trendingScore": 1.5, "downloadsAllTime": 99,
    }  # fmt: skip


def test_known_fields_are_known_under_upstreams_names() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(HubModel)}
    assert {"_id", "modelId", "createdAt", "inferenceProviderMapping", "pipeline_tag"} < names


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"{}", b'{"error":"Internal Error"}'])
def test_another_shape_is_no_listing_at_all(body: bytes) -> None:
    found = split(body)
    assert (found.slices, found.truncated, found.faults[0].kind) == ([], True, FaultKind.WRONG_TOP_LEVEL)
