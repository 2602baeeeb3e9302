"""Models by HTTP: the list, one of them, edits of one and of many, undoing, rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from modelcensus.core.access import Role
from tests.api.admin.desk import Desk, desk_on, of
from tests.builders import census_at
from tests.operations.catalog_world import applied, merged

ODD = "lab/a b:free@2~(x)+100%é"


@contextmanager
def filled(url: str) -> Iterator[Desk]:
    """Five models, one of them archived, in two revisions."""
    with census_at(url) as census, desk_on(census) as opened:
        first = (merged("lab/a", provider="lab"), merged("lab/b", price="0.5", context=8_000))
        odd = merged(ODD, price=None, context=None)
        applied(census.store, *first, merged("lab/c"), merged("lab/gone"), odd)
        applied(census.store, *first, merged("lab/c", price="3"), odd, gone=["lab/gone"])
        yield opened


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with filled(sqlite_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk for tests that change nothing in the end."""
    with filled(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'census.db'}") as opened:
        yield opened


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk where people have said something of three models."""
    with filled(f"sqlite:///{tmp_path_factory.mktemp('decided') / 'census.db'}") as opened:
        opened.do("PATCH", of("lab/a"), {"enabled": True, "is_pro": True})
        opened.do("PATCH", of("lab/b"), {"status": "disabled"})
        opened.do("PATCH", of("lab/c"), {"is_curated": True})
        yield opened


def ids(desk: Desk, **query: Any) -> list[str]:
    return [each["id"] for each in desk.get("/models", **query)["data"]]


def test_every_model_is_listed_with_what_people_own_of_it(desk: Desk) -> None:
    desk.do("PATCH", of("lab/a"), {"enabled": True, "is_pro": True, "display_name": "Ah", "notes": "n"})
    rows = {each["id"]: each for each in desk.get("/models")["data"]}
    assert rows["lab/a"] == {
        "id": "lab/a", "name": "Lab/A", "display_name": "Ah", "provider": "lab", "modality": None, "status": "active",
        "enabled": True, "in_effect": True, "archived": False, "is_curated": False, "is_free": False, "is_pro": True,
        "is_enterprise": False, "notes": "n", "price": {"input": "2", "output": None}, "context": 128_000,
        "overridden": [], "since_revision": 1, "changed_revision": 1,
    }  # fmt: skip
    assert (rows["lab/gone"]["status"], rows["lab/gone"]["archived"]) == ("inactive", True)
    assert rows["lab/c"]["changed_revision"] == 2


def test_what_is_not_known_is_null_and_never_zero(untouched: Desk) -> None:
    (row,) = untouched.get("/models", text="100%")["data"]
    assert (row["price"]["input"], row["context"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"status": "inactive"}, ["lab/gone"]),
        ({"status": "disabled"}, ["lab/b"]),
        ({"enabled": "true"}, ["lab/a"]),
        ({"enabled": "false", "status": "new"}, [ODD, "lab/c"]),
        ({"provider": "lab"}, ["lab/a"]),
        ({"curated": "true"}, ["lab/c"]),
        ({"tier": "free"}, []),
        ({"tier": "pro"}, ["lab/a"]),
        ({"tier": "enterprise"}, ["lab/a"]),
        ({"text": "LAB/B"}, ["lab/b"]),
        ({"text": "nowhere"}, []),
    ],
)
def test_the_list_is_filtered(decided: Desk, query: dict[str, str], wanted: list[str]) -> None:
    assert ids(decided, **query) == wanted


def test_the_counts_are_of_what_the_other_filters_leave(decided: Desk) -> None:
    assert decided.get("/models", status="new")["counts"] == {"new": 2, "active": 1, "disabled": 1, "inactive": 1}
    assert decided.get("/models", text="lab/a")["counts"] == {"new": 1, "active": 1, "disabled": 0, "inactive": 0}


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("-id", ["lab/gone", "lab/c", "lab/b", ODD, "lab/a"]),
        ("price.input", ["lab/b", "lab/a", "lab/gone", "lab/c", ODD]),
        ("-price.input", ["lab/c", "lab/a", "lab/gone", "lab/b", ODD]),
        ("-context", ["lab/a", "lab/c", "lab/gone", "lab/b", ODD]),
        ("changed_revision", ["lab/a", ODD, "lab/b", "lab/c", "lab/gone"]),
        ("-status", ["lab/gone", "lab/a", ODD, "lab/b", "lab/c"]),
        ("provider", ["lab/a", ODD, "lab/b", "lab/c", "lab/gone"]),
        ("name", ["lab/a", ODD, "lab/b", "lab/c", "lab/gone"]),
    ],
)
def test_the_list_is_ordered_and_what_is_unknown_comes_last_either_way(
    untouched: Desk, sort: str, wanted: list[str]
) -> None:
    assert ids(untouched, sort=sort) == wanted


@pytest.mark.parametrize("sort", ["id", "-id", "name", "-price.input", "price.input", "-context", "-changed_revision"])
def test_the_pages_of_the_list_join_to_the_whole_list(untouched: Desk, sort: str) -> None:
    found: list[Any] = []
    after = None
    for _ in range(9):
        page = untouched.get("/models", sort=sort, limit=2, after=after)
        found += [each["id"] for each in page["data"]]
        after = page["next"]
        if after is None:
            break
    assert found == ids(untouched, sort=sort)


def test_a_page_goes_on_where_the_last_one_ended_though_its_last_model_is_another_now(desk: Desk) -> None:
    first = desk.get("/models", status="new", limit=2)
    desk.do("PATCH", of(first["data"][-1]["id"]), {"enabled": True})
    assert ids(desk, status="new", after=first["next"]) == ["lab/b", "lab/c"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"sort": "-id", "after": "here"}, 400),
        ({"after": "e30"}, 400),
        ({"after": "%FF"}, 400),
        ({"sort": "colour"}, 422),
        ({"status": "archived"}, 422),
        ({"limit": 0}, 422),
        ({"text": "\0"}, 400),
        ({"colour": "red"}, 400),
    ],
)
def test_a_list_that_cannot_be_given_is_refused(untouched: Desk, query: dict[str, Any], status: int) -> None:
    if query.get("after") == "here":
        query = query | {"after": untouched.get("/models", limit=1)["next"]}
    assert untouched.refused("GET", "/models", **query)[0] == status


def test_a_model_is_told_with_its_fields_overrides_and_every_act_on_it(desk: Desk) -> None:
    desk.do("PATCH", of(ODD), {"is_curated": True, "reason": "we tried it"})
    desk.do("PUT", of(ODD) + "/overrides/context", {"value": 9000, "reason": "measured"})
    found = desk.get(of(ODD))
    assert found["row"]["overridden"] == ["context"]
    assert found["portrait"]["entry"]["model"]["fields"]["context"] == 9000
    assert [(each["act"], each["reason"], each["actor"]) for each in found["audit"]] == [
        ("override", "measured", "admin token"), ("edit", "we tried it", "admin token"),
    ]  # fmt: skip


def test_a_model_that_there_is_not_is_named_with_those_like_it(untouched: Desk) -> None:
    status, problem = untouched.refused("GET", of("other/gone"))
    assert (status, "lab/gone" in problem["detail"]) == (404, True)


def test_an_edit_tells_before_and_after_and_the_next_answer_shows_it(desk: Desk) -> None:
    done = desk.do("PATCH", of("lab/a"), {"enabled": True, "is_free": True, "reason": "asked for"})
    assert (done["ok"], done["changed"], done["error"]) == (True, True, None)
    assert (done["before"]["enabled"], done["after"]["enabled"], done["after"]["status"]) == (False, True, "active")
    assert desk.get(of("lab/a"))["row"]["is_free"] is True
    (act,) = desk.get("/audit", act="edit")["data"]
    assert (act["actor"], act["reason"]) == ("admin token", "asked for")
    assert act["after"] == {"enabled": True, "is_free": True, "status": "active"}


def test_an_edit_that_changes_nothing_says_so_and_leaves_no_trace(desk: Desk) -> None:
    desk.do("PATCH", of("lab/a"), {"is_free": True})
    assert desk.do("PATCH", of("lab/a"), {"is_free": True})["changed"] is False
    assert len(desk.get("/audit", act="edit")["data"]) == 1


def test_an_archived_model_cannot_be_enabled(untouched: Desk) -> None:
    status, problem = untouched.refused("PATCH", of("lab/gone"), {"enabled": True})
    assert (status, "archived" in problem["title"]) == (400, True)
    assert untouched.get(of("lab/gone"))["row"]["enabled"] is False


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"colour": "red"}, 422, "is_curated"),
        ({"enabled": "yes"}, 422, "enabled"),
        ({"enabled": 1}, 422, "enabled"),
        ({"enabled": None}, 422, "enabled"),
        ({"status": "inactive"}, 422, "status"),
        ({"enabled": True, "status": "disabled"}, 400, "contradict"),
        ({"notes": "x" * 2001}, 422, "notes"),
        ({"notes": "a\0b"}, 400, "NUL"),
        ({}, 400, "nothing to change"),
        ({"reason": "for nothing"}, 400, "nothing to change"),
        ({"is_free": True, "reason": " "}, 422, "reason"),
        ([], 422, "object"),
        (b"", 400, "malformed json"),
        (b"{", 400, "malformed json"),
        (b'{"is_free":true,"is_free":false}', 400, "duplicate member"),
        (b'{"notes":"\\ud800"}', 400, "invalid utf8"),
        (b'{"notes":"\xff"}', 400, "invalid utf8"),
        (b'{"notes":' + b"[" * 40 + b"]" * 40 + b"}", 400, "deeper"),
        (b'{"notes":' + b"[" * 9999 + b"]" * 9999 + b"}", 400, "too deep"),
        (b'{"notes":NaN}', 400, "not finite"),
        (b'{"notes":1e400}', 400, "number out of range"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_with_the_place_and_changes_nothing(
    untouched: Desk, body: Any, status: int, words: str
) -> None:
    found, problem = untouched.refused("PATCH", of("lab/a"), body)
    assert (found, words in problem["title"] + problem["detail"]) == (status, True), problem
    assert untouched.get(of("lab/a"))["audit"] == []


def test_a_body_that_is_not_json_or_too_large_is_refused(desk: Desk) -> None:
    known = {"Authorization": f"Bearer {desk.secret}"}
    json_ = known | {"Content-Type": "application/json"}
    for headers, body, status in (
        (known, b'{"is_free":true}', 415),
        (known | {"Content-Type": "text/plain"}, b'{"is_free":true}', 415),
        (json_, b" " * (1024 * 1024 + 1), 413),
        (json_, iter([b" " * 1_000_000] * 3), 413),
        (json_ | {"Content-Type": "application/json; charset=utf-8"}, b'{"is_free":true}', 200),
    ):
        assert desk.send("PATCH", of("lab/a"), body, headers).status_code == status


def test_one_change_of_many_models_tells_each_result(desk: Desk) -> None:
    wanted = {"ids": ["lab/a", "lab/gone", "lab/nowhere", "lab/b"], "changes": {"enabled": True}, "reason": "the list"}
    done = desk.do("PATCH", "/models", wanted)
    assert [(each["model_id"], each["ok"]) for each in done["data"]] == [
        ("lab/a", True), ("lab/gone", False), ("lab/nowhere", False), ("lab/b", True),
    ]  # fmt: skip
    assert (done["changed"], done["refused"]) == (2, 2)
    assert "archived" in done["data"][1]["error"]["message"]
    assert done["data"][2]["error"]["hint"]
    assert ids(desk, enabled="true") == ["lab/a", "lab/b"]


def test_each_model_may_have_changes_of_its_own(desk: Desk) -> None:
    done = desk.do("PATCH", "/models", {"edits": {"lab/a": {"is_free": True}, ODD: {"notes": "odd"}}})
    assert done["changed"] == 2
    assert desk.get(of(ODD))["row"]["notes"] == "odd"


def test_a_bulk_of_which_nothing_may_be_done_is_an_answer_all_the_same(untouched: Desk) -> None:
    done = untouched.do("PATCH", "/models", {"ids": ["lab/gone"], "changes": {"enabled": True}})
    assert (done["changed"], done["refused"]) == (0, 1)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, '"edits"'),
        ({"ids": ["lab/a"]}, 400, '"edits"'),
        ({"ids": ["lab/a"], "changes": {"is_free": True}, "edits": {}}, 400, '"edits"'),
        ({"edits": {}}, 400, '"edits"'),
        ({"ids": [], "changes": {"is_free": True}}, 422, "ids"),
        ({"ids": ["lab/a"] * 20_001, "changes": {"is_free": True}}, 422, "ids"),
        ({"ids": ["lab/a"], "changes": {"colour": 1}}, 422, "is_curated"),
        ({"edits": {"lab/a": {"colour": 1}}}, 422, "is_curated"),
        ({"edits": {"lab/a": {"is_free": True}, "lab/b": {}}}, 400, "nothing to change"),
        ({"edits": {"lab/\0": {"is_free": True}}}, 400, "NUL"),
    ],
)
def test_a_bulk_that_is_no_bulk_is_refused_whole(untouched: Desk, body: Any, status: int, words: str) -> None:
    found, problem = untouched.refused("PATCH", "/models", body)
    assert (found, words in problem["title"] + problem["detail"]) == (status, True), problem
    assert untouched.get("/audit", act="edit")["data"] == []


def test_an_edit_is_undone_by_its_number_in_the_audit_log(desk: Desk) -> None:
    desk.do("PATCH", of("lab/a"), {"enabled": True, "notes": "oops"})
    (act,) = desk.get("/audit", target="lab/a")["data"]
    done = desk.do("POST", "/models/undo", {"audit_id": act["id"], "reason": "a slip"})
    assert (done["after"]["enabled"], done["after"]["notes"]) == (False, None)
    assert desk.refused("POST", "/models/undo", {"audit_id": act["id"]})[0] == 400
    assert desk.refused("POST", "/models/undo", {"audit_id": 10**9})[0] == 404
    assert desk.refused("POST", "/models/undo", {"audit_id": 10**30})[0] == 422


def test_a_preview_of_rules_tells_what_they_would_do_and_does_nothing(desk: Desk) -> None:
    rules = {"rules": [{"match": "lab/*", "tiers": ["pro"], "curated": True}, {"match": "none/*", "curated": True}]}
    told = desk.do("POST", "/models/curate", rules | {"preview": True})
    assert ([each["model_id"] for each in told["changed"]], told["idle"]) == (
        ["lab/a", ODD, "lab/b", "lab/c"],
        ["none/*"],
    )
    assert (told["archived"], ids(desk, curated="true")) == (1, [])
    assert desk.do("POST", "/models/curate", rules) == told | {"preview": False}
    assert ids(desk, tier="pro") == ["lab/a", ODD, "lab/b", "lab/c"]


def test_without_rules_the_shipped_ones_are_applied(desk: Desk) -> None:
    applied(desk.census.store, *(merged(each) for each in ("openai/gpt-9", "lab/a", "lab/b", "lab/c", ODD)))
    told = desk.do("POST", "/models/curate")
    assert [each["model_id"] for each in told["changed"]] == ["openai/gpt-9"]


@pytest.mark.parametrize("rule", [{"match": "*"}, {"match": "*" * 9, "curated": True}, {"match": "", "curated": True}])
def test_a_rule_that_does_nothing_or_is_no_pattern_is_refused(untouched: Desk, rule: dict[str, Any]) -> None:
    assert untouched.refused("POST", "/models/curate", {"rules": [rule]})[0] in (400, 422)


def test_who_may_only_look_may_only_look(desk: Desk) -> None:
    with desk.as_role(Role.VIEWER):
        assert len(ids(desk)) == 5
        assert desk.refused("PATCH", of("lab/a"), {"colour": 1})[0] == 403
        assert desk.refused("POST", "/models/curate")[0] == 403
    with desk.as_role(Role.CURATOR):
        assert desk.do("PATCH", of("lab/a"), {"is_free": True})["changed"] is True
    with desk.as_role(Role.READER):
        assert desk.refused("GET", "/models")[0] == 403
    desk.secret = None
    assert desk.refused("GET", "/models")[0] == 401
