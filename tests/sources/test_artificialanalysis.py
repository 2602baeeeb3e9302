"""Artificial Analysis: both of its APIs, and what collectors make of it."""

from __future__ import annotations

from typing import Any

import pytest

from modelcensus.core.faults import FaultKind
from modelcensus.core.metrics import numbers
from modelcensus.core.reading import understand
from modelcensus.core.records import SyncStatus
from modelcensus.sources.artificialanalysis import ADAPTER, split
from tests.builders import as_json
from tests.sources.playing import table

BASE = "/api/v2/"
NEWER = {"api": "language"}


def uuid(number: int) -> str:
    return f"{number:08x}-1111-4222-8333-000000000000"


def measured(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": uuid(number),
        "name": f"Example {number}",
        "slug": f"example-{number}",
        "pricing": {"price_1m_input_tokens": 0.25},
        "evaluations": {"gpqa": 0.5, "aime": None},
        "median_output_tokens_per_second": 80.5,
        **fields,
    }


def page(number: int, *models: Any, more: Any = False, version: Any = 4.1, **paging: Any) -> dict[str, Any]:
    return {
        "tier": "free",
        "intelligence_index_version": version,
        "pagination": {"page": number, "has_more": more, **paging},
        "data": list(models),
    }


def test_the_older_api_is_one_document(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, base=BASE) as laid:
        record = laid.sync({"status": 200, "prompt_options": {}, "data": [measured(1), measured(2)]})
        assert (record.status, laid.live()) == (SyncStatus.COMPLETE, {uuid(1), uuid(2)})
        assert [request.path for request in laid.up.requests] == ["/api/v2/data/llms/models"]
        assert laid.up.requests[0].headers["x-api-key"]


def test_the_newer_api_is_read_page_by_page(sqlite_url: str) -> None:
    pages = {"1": page(1, measured(1), more=True), "2": page(2, measured(2), more=True), "3": page(3, measured(3))}
    with table(sqlite_url, ADAPTER, base=BASE, options=NEWER) as laid:
        record = laid.sync(lambda query: pages[query["page"]])
        assert (record.status, len(laid.live())) == (SyncStatus.COMPLETE, 3)
        assert [request.path for request in laid.up.requests] == ["/api/v2/language/models/free"] * 3


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (page(2, measured(2), version=4.2), "version"),
        (page(1, measured(1)), "given page 1"),
        (page(2, more=True), "empty"),
        (page(2, measured(2), more="false"), "whether more follow"),
        ({"data": [measured(2)], "intelligence_index_version": 4.1}, "whether more follow"),
    ],
)
def test_a_second_page_that_proves_no_end_removes_nothing(sqlite_url: str, second: Any, said: str) -> None:
    whole = {"1": page(1, measured(1), more=True), "2": page(2, measured(2), measured(3))}
    with table(sqlite_url, ADAPTER, base=BASE, options=NEWER) as laid:
        laid.sync(lambda query: whole[query["page"]])
        record = laid.sync(lambda query: {"1": whole["1"], "2": second}[query["page"]])
        assert (record.status, record.vanished, len(laid.live())) == (SyncStatus.INCOMPLETE, 0, 3)
        assert said in (record.error or "")
        assert record.hint


def test_an_unknown_api_is_named(sqlite_url: str) -> None:
    with table(sqlite_url, ADAPTER, base=BASE, options={"api": "v1"}) as laid:
        record = laid.sync({"data": []})
        assert "'v1'" in (record.error or "")
        assert "option api" in (record.hint or "")
        assert laid.up.requests == []


def test_what_a_collector_wrapped_is_a_listing_with_its_count() -> None:
    found = split(
        as_json({"source": "x", "collected_at": "2026-06-15", "count": 2, "models": [measured(1), measured(2)]})
    )
    assert [entity.key for entity in found.slices] == [uuid(1), uuid(2)]
    assert (found.total, found.truncated, found.faults) == (2, False, [])


@pytest.mark.parametrize("paging", [{"has_more": True}, {"has_more": "yes"}, {"page": 1}, None, []])
def test_a_page_is_not_the_last_unless_it_says_so(paging: object) -> None:
    assert split(as_json({"data": [measured()], "pagination": paging})).more


def test_a_page_that_says_so_is_the_last() -> None:
    assert not split(as_json(page(2, measured()))).more


def test_scores_and_speeds_are_metrics_and_prices_are_not() -> None:
    volatile = ADAPTER.calls[0].document.volatile["model"]
    seen = understand(as_json(measured()), volatile)
    faster = measured(evaluations={"gpqa": 0.9}, performance={"x": 1}, median_output_tokens_per_second=99)
    assert seen.hash == understand(as_json(faster), volatile).hash
    assert seen.hash != understand(as_json(measured(pricing={"price_1m_input_tokens": 0.5})), volatile).hash
    assert numbers(seen.volatile) == {"evaluations.gpqa": 0.5, "median_output_tokens_per_second": 80.5}


@pytest.mark.parametrize("body", [b"", b"[", b"<html>", b'{"error":"Invalid key"}', b'{"status":200}', b'{"data":{}}'])
def test_another_shape_is_no_whole_listing(body: bytes) -> None:
    assert split(body).truncated


def test_a_cut_listing_says_that_it_is_cut() -> None:
    body = as_json({"data": [measured(1), measured(2)]})
    found = split(body[:-20])
    assert [entity.key for entity in found.slices] == [uuid(1)]
    assert (found.truncated, found.faults[-1].kind) == (True, FaultKind.TRUNCATED)


def test_its_terms_are_told() -> None:
    assert "https://artificialanalysis.ai" in (ADAPTER.attribution or "")
