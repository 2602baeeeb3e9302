"""Plans, revisions and one source's part of a plan by HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modelcensus.core.access import Role
from modelcensus.operations.catalog import catalog
from modelcensus.settings import SourceSettings
from tests.api.admin.desk import Desk, desk_on, pages
from tests.builders import census_at, count, everything, model, modelsdev, openrouter, read
from tests.operations.catalog_world import NOW, applied, head, merged, proposed, published


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    with census_at(sqlite_url) as census, desk_on(census) as opened:
        yield opened


def listed(desk: Desk, *models: dict[str, Any], hours: float = 0, dearer: bool = False) -> None:
    """OpenRouter lists these, models.dev two others, one of them of the same name as OpenRouter's."""
    read(desk.census, openrouter(*models), hours)
    cost = {"input": 3 if dearer else 2, "output": 8}
    own = {"gpt-4.1": {"name": "GPT-4.1", "cost": cost}, "gpt-5": {"name": "GPT-5", "cost": cost}}
    read(desk.census, modelsdev(openai=own), hours + 1, source="modelsdev")


def test_a_plan_is_computed_kept_and_changes_no_model(desk: Desk) -> None:
    listed(desk, model("lab/a"), model("openai/gpt-4.1"))
    plan = desk.do("POST", "/plans", {"note": "monday"})
    assert [(step["kind"], step["model_id"]) for step in plan["steps"]] == [
        ("new", "lab/a"), ("new", "openai/gpt-4.1"), ("new", "openai/gpt-5"),
    ]  # fmt: skip
    (kept,) = desk.get("/plans")["data"]
    assert (kept["digest"], kept["state"], kept["note"]) == (plan["digest"], "open", "monday")
    assert (kept["proposed_by"], kept["steps"]["new"], kept["held"]) == ("admin token", 3, 0)
    assert desk.get("/models")["data"] == []


def test_the_pages_of_plans_join_to_the_whole_list(desk: Desk) -> None:
    for note, now in (("first", 0), ("second", 0), ("third", 1)):
        proposed(desk.census.store, merged("lab/a"), note=note, now=NOW + now)
    whole = desk.get("/plans")["data"]
    assert sorted(each["note"] for each in whole) == ["first", "second", "third"]
    assert pages(desk, "/plans") == whole


def test_an_empty_body_asks_for_a_plan_too(desk: Desk) -> None:
    assert desk.do("POST", "/plans")["steps"] == []
    assert desk.get("/plans")["data"] == []


def test_a_plan_is_applied_by_the_first_digits_of_its_digest_and_the_next_answer_shows_it(desk: Desk) -> None:
    plan = proposed(desk.census.store, merged("lab/a"), merged("lab/b"))
    done = desk.do("POST", f"/plans/{plan.digest[:8]}/apply")
    assert (done["revision"]["number"], done["revision"]["actor"], done["held"]) == (1, "admin token", {})
    assert [each["id"] for each in desk.get("/models")["data"]] == ["lab/a", "lab/b"]
    assert desk.get(f"/plans/{plan.digest}")["state"] == "applied"
    assert [each["state"] for each in desk.get("/plans", state="applied")["data"]] == ["applied"]
    assert desk.get("/plans", state="open")["data"] == []


def test_a_part_of_a_plan_is_applied(desk: Desk) -> None:
    plan = proposed(desk.census.store, merged("lab/a"), merged("lab/b"))
    done = desk.do("POST", f"/plans/{plan.digest}/apply", {"only": ["lab/b"]})
    assert done["revision"]["models"] == 1
    assert list(published(desk.census.store)) == ["lab/b"]


def test_what_a_guard_holds_is_released_with_a_reason_that_stays(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/a", price="2"), merged("lab/b"))
    plan = proposed(desk.census.store, merged("lab/a", price="2000"), merged("lab/b", price="3"))
    place = "lab/a#price.input"
    assert list(desk.get(f"/plans/{plan.digest}", shape="diff")["held"]) == [place]
    done = desk.do("POST", f"/plans/{plan.digest}/apply", {"release": {place: "their price page says so"}})
    assert done["held"] == {}
    assert published(desk.census.store)["lab/a"].fields["price.input"] == "2000"
    (act,) = desk.get("/audit", act="release")["data"]
    assert (act["target"], act["reason"]) == (place, "their price page says so")


def test_what_stays_held_is_told_by_the_apply(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/a", price="2"), merged("lab/b"))
    plan = proposed(desk.census.store, merged("lab/a", price="2000"), merged("lab/b", price="3"))
    done = desk.do("POST", f"/plans/{plan.digest}/apply")
    assert list(done["held"]) == ["lab/a#price.input"]
    assert done["held"]["lab/a#price.input"]["hint"]
    assert published(desk.census.store)["lab/a"].fields["price.input"] == "2"


def test_a_plan_that_the_catalog_has_left_behind_is_refused_and_says_what_moved(desk: Desk) -> None:
    late = proposed(desk.census.store, merged("lab/a"))
    applied(desk.census.store, merged("lab/b"))
    status, problem = desk.refused("POST", f"/plans/{late.digest}/apply")
    assert (status, problem["moved"]) == (409, ["lab/b"])


def test_a_rejected_plan_is_not_applied_until_it_is_proposed_again(desk: Desk) -> None:
    listed(desk, model("lab/a"))
    digest = desk.do("POST", "/plans")["digest"]
    told = desk.do("POST", f"/plans/{digest[:10]}/reject", {"reason": "not on a friday"})
    assert (told["state"], told["reason"], told["decided_by"]) == ("rejected", "not on a friday", "admin token")
    assert desk.refused("POST", f"/plans/{digest}/apply")[0] == 400
    desk.do("POST", "/plans")
    assert desk.refused("POST", f"/plans/{digest}/apply")[0] == 400
    assert desk.do("POST", "/plans", {"reopen": True})["digest"] == digest
    assert desk.do("POST", f"/plans/{digest}/apply")["revision"]["number"] == 1


def test_a_plan_is_also_told_as_new_updated_and_archived_models(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/a"), merged("lab/b"))
    plan = proposed(desk.census.store, merged("lab/a", price="3"), merged("lab/new"), gone=["lab/b"])
    wanted = desk.get(f"/plans/{plan.digest}", shape="diff")
    assert [each["id"] for each in wanted["new_models"]] == ["lab/new"]
    assert [each["id"] for each in wanted["archived_models"]] == ["lab/b"]
    (updated,) = wanted["updated_models"]
    assert (updated["existing"]["fields"]["price.input"], updated["updated"]["fields"]["price.input"]) == ("2", "3")
    assert wanted["digest"] == plan.digest
    desk.do("POST", f"/plans/{plan.digest}/apply")
    assert desk.get(f"/plans/{plan.digest}", shape="diff") == wanted


def test_an_earlier_revision_is_brought_back_by_a_plan(desk: Desk) -> None:
    applied(desk.census.store, merged("lab/a", price="2"))
    applied(desk.census.store, merged("lab/a", price="3"))
    plan = desk.do("POST", "/revisions/1/rollback", {"reason": "revision 2 took wrong prices"})
    assert published(desk.census.store)["lab/a"].fields["price.input"] == "3"
    desk.do("POST", f"/plans/{plan['digest']}/apply")
    assert published(desk.census.store)["lab/a"].fields["price.input"] == "2"


def test_the_pages_of_the_revisions_join_to_all_of_them(desk: Desk) -> None:
    for price in "12345":
        applied(desk.census.store, merged("lab/a", price=price))
    found: list[Any] = []
    after = None
    while len(found) < 9:
        page = desk.get("/revisions", limit=2, after=after)
        found += [each["number"] for each in page["data"]]
        after = page["next"]
        if after is None:
            break
    assert found == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/plans/12345678", None, 404),
        ("GET", "/plans/1234", None, 422),
        ("GET", "/plans/12345678?shape=round", None, 422),
        ("POST", "/plans/12345678/apply", None, 404),
        ("POST", "/plans/12345678/apply", {"only": []}, 422),
        ("POST", "/plans/12345678/apply", {"release": {"lab/a": ""}}, 422),
        ("POST", "/plans/12345678/apply", {"force": True}, 422),
        ("POST", "/plans/12345678/reject", {}, 422),
        ("POST", "/plans/12345678/reject", {"reason": "no"}, 404),
        ("POST", "/revisions/1/rollback", {"reason": "no"}, 404),
        ("POST", "/revisions/99999999999999999999/rollback", {"reason": "no"}, 422),
        ("GET", "/providers/nobody/diff", None, 404),
        ("POST", "/providers/openrouter/apply", {}, 422),
        ("POST", "/providers/openrouter/apply", {"digest": "12345678"}, 409),
    ],
)
def test_what_cannot_be_decided_is_refused(untouched: Desk, method: str, path: str, body: Any, status: int) -> None:
    assert untouched.refused(method, path, body)[0] == status


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk for tests that change nothing in the end."""
    url = f"sqlite:///{tmp_path_factory.mktemp('desk') / 'census.db'}"
    with census_at(url) as census, desk_on(census) as opened:
        yield opened


def test_a_model_or_a_hold_that_the_plan_does_not_have_is_refused(desk: Desk) -> None:
    plan = proposed(desk.census.store, merged("lab/a"))
    for body in ({"only": ["lab/b"]}, {"release": {"lab/a": "why not"}}):
        assert desk.refused("POST", f"/plans/{plan.digest}/apply", body)[0] == 400
    assert head(desk.census.store) == 0


def test_who_may_only_look_decides_nothing(desk: Desk) -> None:
    plan = proposed(desk.census.store, merged("lab/a"))
    with desk.as_role(Role.VIEWER):
        assert desk.get(f"/plans/{plan.digest}")["proposed_by"] == "sync"
        for path in ("/plans", f"/plans/{plan.digest}/apply", f"/plans/{plan.digest}/reject", "/revisions/1/rollback"):
            assert desk.refused("POST", path)[0] == 403
        assert desk.refused("POST", "/providers/openrouter/apply")[0] == 403
    assert head(desk.census.store) == 0


def test_the_difference_of_a_source_tells_its_part_alone_and_writes_nothing(desk: Desk) -> None:
    listed(desk, model("lab/a"), model("openai/gpt-4.1"))
    catalog.refresh(desk.census, now=desk.census.clock())
    before = (everything(desk.census.store), count(desk.census.store, "plan"), count(desk.census.store, "audit"))
    openrouters = desk.get("/providers/openrouter/diff")
    assert [each["id"] for each in openrouters["new_models"]] == ["lab/a", "openai/gpt-4.1"]
    assert [each["id"] for each in desk.get("/providers/modelsdev/diff")["new_models"]][-1] == "openai/gpt-5"
    assert desk.get("/providers/genai-prices/diff")["new_models"] == []
    after = (everything(desk.census.store), count(desk.census.store, "plan"), count(desk.census.store, "audit"))
    assert (after, published(desk.census.store)) == (before, {})


def test_exactly_the_part_that_was_looked_at_is_applied(desk: Desk) -> None:
    listed(desk, model("lab/a"), model("openai/gpt-4.1"))
    catalog.update(desk.census, now=desk.census.clock())
    listed(desk, model("lab/a", price="0.0000011"), model("openai/gpt-4.1"), hours=24, dearer=True)
    catalog.refresh(desk.census, now=desk.census.clock())
    wanted = desk.get("/providers/openrouter/diff")
    assert [each["updated"]["id"] for each in wanted["updated_models"]] == ["lab/a"]
    done = desk.do("POST", "/providers/openrouter/apply", {"digest": wanted["digest"]})
    assert (done["revision"]["models"], done["revision"]["plan"]) == (1, wanted["digest"])
    now = published(desk.census.store)
    assert (now["lab/a"].fields["price.input"], now["openai/gpt-5"].fields["price.input"]) == ("1.1", "2")
    assert desk.get("/providers/openrouter/diff")["updated_models"] == []
    assert [each["updated"]["id"] for each in desk.get("/providers/modelsdev/diff")["updated_models"]] == [
        "openai/gpt-5"
    ]


def test_a_part_that_is_no_longer_what_was_looked_at_is_refused(desk: Desk) -> None:
    listed(desk, model("lab/a"))
    catalog.refresh(desk.census, now=desk.census.clock())
    digest = desk.get("/providers/openrouter/diff")["digest"]
    listed(desk, model("lab/a"), model("lab/b"), hours=24)
    catalog.refresh(desk.census, now=desk.census.clock())
    status, _ = desk.refused("POST", "/providers/openrouter/apply", {"digest": digest})
    assert (status, published(desk.census.store)) == (409, {})


def test_of_a_part_only_some_models_are_applied(desk: Desk) -> None:
    listed(desk, model("lab/a"), model("lab/b"))
    catalog.refresh(desk.census, now=desk.census.clock())
    digest = desk.get("/providers/openrouter/diff")["digest"]
    desk.do("POST", "/providers/openrouter/apply", {"digest": digest[:12], "only": ["lab/b"]})
    assert list(published(desk.census.store)) == ["lab/b"]
    assert desk.refused("POST", "/providers/openrouter/apply", {"digest": digest[:12]})[0] == 409


def test_what_only_waits_for_a_look_is_let_through_by_one_reason(sqlite_url: str) -> None:
    reviewed = {"openrouter": SourceSettings(policy="review")}
    with census_at(sqlite_url, **reviewed) as census, desk_on(census) as desk:
        listed(desk, model("lab/a"), model("lab/b"))
        digest = desk.do("POST", "/plans")["digest"]
        assert desk.get("/plans")["data"][0]["held"] > 0
        done = desk.do("POST", f"/plans/{digest}/apply", {"only": ["lab/a"], "reviewed": "looked at all"})
        assert (done["held"], list(published(census.store))) == ({}, ["lab/a"])
        assert {each["reason"] for each in desk.get("/audit", act="release")["data"]} == {"looked at all"}
