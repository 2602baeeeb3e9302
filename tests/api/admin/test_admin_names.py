"""Names by HTTP: what they are linked to, a person's word, what waits, where sources differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modelcensus.core.access import Role
from modelcensus.operations.catalog import catalog
from tests.api.admin.desk import Desk, desk_on, pages
from tests.builders import census_at, genai_prices, model, modelsdev, openrouter, read
from tests.web.sample import ODD_KEY


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with census_at(sqlite_url) as census, desk_on(census) as opened:
        read(census, openrouter(model("lab/a"), model("lab/b"), model(ODD_KEY)))
        read(census, genai_prices(proxy=["my-own-a", "another"], lab=["a"]), 1, source="genai-prices")
        catalog.update(census, now=census.clock())
        yield opened


def keys(desk: Desk, **query: Any) -> list[tuple[str, str]]:
    return [(each["source"], each["key"]) for each in desk.get("/aliases", **query)["data"]]


LINKED = [("genai-prices", "lab/a"), ("openrouter", "lab/a"), ("openrouter", ODD_KEY), ("openrouter", "lab/b")]


def test_names_are_listed_by_source_model_and_text(desk: Desk) -> None:
    assert keys(desk) == sorted(LINKED)
    assert keys(desk, model="lab/a") == LINKED[:2]
    assert keys(desk, source="openrouter", text="LAB/B") == [("openrouter", "lab/b")]
    assert keys(desk, source="nobody") == []


def test_the_pages_of_names_join_to_the_whole_list(desk: Desk) -> None:
    assert [(each["source"], each["key"]) for each in pages(desk, "/aliases")] == sorted(LINKED)


def test_the_pages_of_names_that_wait_join_to_the_whole_list(desk: Desk) -> None:
    assert [each["key"] for each in pages(desk, "/unmatched")] == ["proxy/another", "proxy/my-own-a"]


def test_the_pages_of_disagreements_join_to_the_whole_list(desk: Desk) -> None:
    dear = {"name": "A", "cost": {"input": 30, "output": 80}, "limit": {"context": 5}}
    read(desk.census, modelsdev(lab={"a": dear}), 2, source="modelsdev")
    catalog.refresh(desk.census, now=desk.census.clock())
    whole = desk.get("/disagreements")["data"]
    assert len(whole) > 1
    assert pages(desk, "/disagreements") == whole == sorted(whole, key=lambda each: (each["model_id"], each["path"]))


def test_a_name_that_waits_is_linked_by_a_word_that_stays(desk: Desk) -> None:
    assert [each["key"] for each in desk.get("/unmatched")["data"]] == ["proxy/another", "proxy/my-own-a"]
    wanted = {"source": "genai-prices", "key": "proxy/my-own-a", "model_id": "lab/a", "reason": "our proxy"}
    done = desk.do("POST", "/aliases", wanted)
    assert (done["model_id"], done["alias"]["decided_by"]) == ("lab/a", "admin token")
    assert ("genai-prices", "proxy/my-own-a") in keys(desk, model="lab/a")
    assert [each["key"] for each in desk.get("/unmatched", source="genai-prices")["data"]] == ["proxy/another"]
    catalog.refresh(desk.census, now=desk.census.clock())
    assert ("genai-prices", "proxy/my-own-a") in keys(desk, model="lab/a")
    (act,) = desk.get("/audit", act="link")["data"]
    assert (act["target"], act["after"], act["reason"]) == ("genai-prices/proxy/my-own-a", "lab/a", "our proxy")


def test_a_name_is_taken_from_its_model(desk: Desk) -> None:
    wanted = {"source": "genai-prices", "key": "lab/a", "reason": "it is another one"}
    assert desk.do("POST", "/aliases/unlink", wanted)["alias"] is None
    assert keys(desk, model="lab/a") == [("openrouter", "lab/a")]


def test_fields_of_which_sources_differ_are_told_with_what_each_said(desk: Desk) -> None:
    found = desk.get("/disagreements", field="price")["data"]
    assert [each["model_id"] for each in found] == ["lab/a"] * len(found)
    read(desk.census, openrouter(model("lab/a", price="0.000004"), model("lab/b"), model(ODD_KEY)), 2)
    catalog.refresh(desk.census, now=desk.census.clock())
    (only,) = [each for each in desk.get("/disagreements", field="price")["data"] if each["path"] == "price.input"]
    assert [(each["origin"]["source"], each["value"]) for each in only["said"]] == [
        ("openrouter", "4"), ("genai-prices", "1"),
    ]  # fmt: skip


def test_what_cannot_be_linked_is_refused(desk: Desk) -> None:
    good = {"source": "openrouter", "key": "lab/a", "model_id": "lab/b", "reason": "so"}
    for change, status in (
        ({"key": "lab/none"}, 404),
        ({"source": "nobody"}, 404),
        ({"model_id": "b"}, 422),
        ({"model_id": "lab/b\x07"}, 400),
        ({"key": "lab/\0"}, 400),
        ({"reason": ""}, 422),
        ({"force": True}, 422),
    ):
        assert desk.refused("POST", "/aliases", good | change)[0] == status, change
    assert desk.refused("POST", "/aliases/unlink", good)[0] == 422
    assert desk.refused("GET", "/aliases", after="e30")[0] == 400
    assert desk.refused("GET", "/aliases", source="\0")[0] == 400
    with desk.as_role(Role.VIEWER):
        assert desk.refused("POST", "/aliases", good)[0] == 403
        assert desk.refused("POST", "/aliases/unlink", good)[0] == 403
    assert keys(desk) == sorted(LINKED)
