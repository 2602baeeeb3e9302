from __future__ import annotations

import json
from typing import Any

from modelcensus.core.catalog.model import Status
from modelcensus.feeds.feed import Material
from modelcensus.feeds.openai import FEED
from tests.feeds.builders import NOON, material, portrait


def data(made_of: Material) -> list[dict[str, Any]]:
    document = json.loads(FEED.build(made_of))
    assert document["object"] == "list"
    rows: list[dict[str, Any]] = document["data"]
    return rows


def test_a_model_is_told_with_its_lab_and_the_day_of_its_release() -> None:
    assert data(material(portrait("openai/gpt-5", released="2025-08-07"))) == [
        {"id": "openai/gpt-5", "object": "model", "created": 1754524800, "owned_by": "openai"}
    ]


def test_a_month_of_release_counts_from_its_first_day() -> None:
    (row,) = data(material(portrait(released="2025-08")))
    assert row["created"] == 1754006400


def test_a_model_of_unknown_release_was_created_when_the_census_first_listed_it() -> None:
    (row,) = data(material(portrait(), applied={1: 1_700_000_000_000_000, 2: NOON}))
    assert row["created"] == 1_700_000_000


def test_a_model_without_a_price_is_listed_and_an_archived_one_is_not() -> None:
    rows = data(material(portrait("lab/new", fields={}), portrait("lab/old", status=Status.ARCHIVED)))
    assert [row["id"] for row in rows] == ["lab/new"]


def test_an_id_without_a_lab_is_owned_by_whom_the_fields_name() -> None:
    rows = data(material(portrait("gpt-5", lab="openai"), portrait("mute", fields={})))
    assert [row["owned_by"] for row in rows] == ["openai", "unknown"]


def test_what_it_builds_a_client_takes() -> None:
    assert FEED.refusals(FEED.build(material(portrait(), portrait("lab/two")))) == []


def test_a_row_of_another_type_or_an_id_twice_would_be_refused() -> None:
    row = {"id": "a", "object": "model", "created": 1, "owned_by": "a"}
    assert FEED.refusals(json.dumps({"object": "list", "data": [row, {**row, "created": "1"}]}).encode())
    assert "more than once: a" in FEED.refusals(json.dumps({"object": "list", "data": [row, row]}).encode())[0]
    assert FEED.refusals(b"\xff")
