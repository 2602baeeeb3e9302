"""Overrides by HTTP: set, replaced, noticed, taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from modelcensus.core.access import Role
from modelcensus.operations.catalog import overriding
from tests.api.admin.desk import Desk, desk_on, of
from tests.builders import census_at
from tests.operations.catalog_world import NOW, applied, merged

ODD = "lab/overrides/a b:free@2~(x)+100%é"


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with census_at(sqlite_url) as census, desk_on(census) as opened:
        applied(census.store, merged("lab/a"), merged(ODD))
        yield opened


def at(model_id: str, path: str) -> str:
    return f"{of(model_id)}/overrides/{quote(path, safe='')}"


def test_an_override_is_set_and_the_next_answer_shows_it(desk: Desk) -> None:
    wanted = {"value": "1.80", "reason": "our contract", "owner": "ada", "expires_at": "2999-01-01T00:00:00Z"}
    done = desk.do("PUT", at(ODD, "price.input"), wanted)
    assert (done["model_id"], done["path"], done["value"], done["owner"]) == (ODD, "price.input", "1.80", "ada")
    assert (done["upstream"], done["expires_at"]) == ("2", "2999-01-01T00:00:00Z")
    row = desk.get(of(ODD, safe=""))["row"]
    assert (row["price"]["input"], row["overridden"]) == ("1.8", ["price.input"])
    assert desk.get("/overrides")["overrides"] == [done]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("capabilities.vision", True), ("context", 9000), ("inputs", ["text", "image"]), ("name", "Another"),
        ("price.tiers", [{"above": 1000, "rates": {"input": "3"}}]),
    ],
)  # fmt: skip
def test_a_value_of_any_kind_comes_back_as_it_was_given(desk: Desk, path: str, value: Any) -> None:
    assert desk.do("PUT", at("lab/a", path), {"value": value, "reason": "so"})["value"] == value
    assert desk.get(of("lab/a"))["portrait"]["entry"]["model"]["fields"][path] == value


def test_a_second_override_of_a_field_takes_the_place_of_the_first(desk: Desk) -> None:
    desk.do("PUT", at("lab/a", "context"), {"value": 9000, "reason": "so"})
    desk.do("PUT", at("lab/a", "context"), {"value": 8000, "reason": "no, so"})
    assert [each["value"] for each in desk.get("/overrides", model="lab/a")["overrides"]] == [8000]
    assert [each["before"] and each["before"]["value"] for each in desk.get("/audit", act="override")["data"]] == [
        9000, None,
    ]  # fmt: skip


def test_an_override_is_taken_away_for_a_reason(desk: Desk) -> None:
    desk.do("PUT", at("lab/a", "context"), {"value": 9000, "reason": "so"})
    assert desk.refused("DELETE", at("lab/a", "context"))[0] == 422
    assert desk.refused("DELETE", at("lab/a", "context"), reason=" ")[0] == 422
    assert desk.do("DELETE", at("lab/a", "context"), reason="it ended")["value"] == 9000
    assert desk.get(of("lab/a"))["row"]["context"] == 128_000
    assert desk.refused("DELETE", at("lab/a", "context"), reason="again")[0] == 404
    assert desk.get("/audit", act="clear override")["data"][0]["reason"] == "it ended"


def test_notice_is_given_where_upstream_has_moved_or_an_override_has_expired(desk: Desk) -> None:
    desk.do("PUT", at("lab/a", "price.input"), {"value": "1", "reason": "so"})
    overriding.set_override(
        desk.census.store, ODD, "context", 9, actor="ann", reason="so", now=NOW - 2, expires_at=NOW - 1
    )
    applied(desk.census.store, merged("lab/a", price="3"), merged(ODD))
    found = desk.get("/overrides")
    assert [(each["override"]["model_id"], each["was"], each["now"]) for each in found["drifted"]] == [
        ("lab/a", "2", "3"),
    ]  # fmt: skip
    assert [each["model_id"] for each in found["expired"]] == [ODD]
    narrowed = desk.get("/overrides", model=ODD)
    assert (len(narrowed["overrides"]), narrowed["drifted"], len(narrowed["expired"])) == (1, [], 1)


def test_notice_is_given_where_upstream_says_nothing_any_more(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/a", knowledge_cutoff="2025-01"), merged(ODD))
    desk.do("PUT", at("lab/a", "knowledge_cutoff"), {"value": "2025-03", "reason": "so"})
    applied(desk.census.store, merged("lab/a"), merged(ODD))
    (drift,) = desk.get("/overrides")["drifted"]
    assert (drift["was"], "now" in drift) == ("2025-01", False)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("context", {"value": 9000}, 422),
        ("context", {"reason": "so"}, 422),
        ("context", {"value": "many", "reason": "so"}, 400),
        ("context", {"value": 10**30, "reason": "so"}, 400),
        ("context", {"value": 1.5, "reason": "so"}, 400),
        ("context", {"value": None, "reason": "so"}, 400),
        ("price.input", {"value": 1.8, "reason": "so"}, 400),
        ("price.input", {"value": "-1", "reason": "so"}, 400),
        ("name", {"value": {"a": 0.1}, "reason": "so"}, 400),
        ("colour", {"value": "red", "reason": "so"}, 400),
        ("context", {"value": 9, "reason": "so", "expires_at": "2020-01-01"}, 400),
        ("context", {"value": 9, "reason": "so", "expires_at": "soon"}, 400),
        ("context", {"value": 9, "reason": "so", "expires_at": "9999-12-31T23:59:59-12:00"}, 400),
        ("context", {"value": 9, "reason": "so", "owner": ""}, 422),
        ("context", {"value": 9, "reason": "so", "colour": 1}, 422),
    ],
)
def test_what_cannot_be_set_is_refused(untouched: Desk, path: str, body: Any, status: int) -> None:
    assert untouched.refused("PUT", at("lab/a", path), body)[0] == status
    assert untouched.get("/overrides")["overrides"] == []


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk for tests that change nothing in the end."""
    url = f"sqlite:///{tmp_path_factory.mktemp('desk') / 'census.db'}"
    with census_at(url) as census, desk_on(census) as opened:
        applied(census.store, merged("lab/a"))
        yield opened


def test_a_model_that_there_is_not_cannot_be_overridden(untouched: Desk) -> None:
    assert untouched.refused("PUT", at("lab/none", "context"), {"value": 9, "reason": "so"})[0] == 404
    assert untouched.refused("PUT", at("lab/\0", "context"), {"value": 9, "reason": "so"})[0] == 422


def test_who_may_only_look_overrides_nothing(desk: Desk) -> None:
    with desk.as_role(Role.VIEWER):
        assert desk.get("/overrides")["overrides"] == []
        assert desk.refused("PUT", at("lab/a", "context"), {"value": 9, "reason": "so"})[0] == 403
        assert desk.refused("DELETE", at("lab/a", "context"), reason="so")[0] == 403
