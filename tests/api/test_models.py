"""``/api/models``: lists in pages, one model whole, earlier times, and only what the caller's tier sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from modelcensus.core.times import iso
from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.catalog.curating import edit_one
from modelcensus.operations.catalog.linking import link
from modelcensus.operations.catalog.overriding import set_override
from modelcensus.operations.census import Census
from tests.api.shop import ODD, TIERED, bearer, shop, sold
from tests.builders import at, census_at, openrouter, read
from tests.web.serving import ask, served

EVERY = ["lab/a b:x@2~(y)+100%?#é", "lab/cheap", "lab/dear", "lab/m0", "lab/m1", "lab/m2", "lab/m3", "lab/m4"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A census that the tests of this module only read."""
    with shop(f"sqlite:///{tmp_path_factory.mktemp('shop') / 'census.db'}") as (_, address):
        yield address


def got(address: str, path: str, tier: str | None = None) -> Any:
    answer = ask(address, path, headers=bearer(tier) if tier else None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(address: str, query: str = "", tier: str | None = None) -> list[str]:
    return [each["id"] for each in got(address, f"/api/models{query}", tier)["data"]]


def test_the_list_tells_models_and_which_catalog_it_is_of(address: str) -> None:
    answer = got(address, "/api/models")
    assert [each["id"] for each in answer["data"]] == EVERY
    dear = answer["data"][2]
    assert (dear["price"]["input"], dear["context"], dear["status"]) == ("12", 128_000, "active")
    assert (answer["total"], answer["next"], answer["revision"]) == (8, None, 2)
    assert (answer["published_at"], answer["observed_at"]) == (iso(at(26)), iso(at(25)))
    assert "as_of" not in answer
    assert answer["rebuilt"] is False


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?provider=LAB&q=cheap", ["lab/cheap"]),
        ("?provider=nobody", []),
        ("?max_price_input=0.5", [ODD, "lab/cheap"]),
        ("?min_price_input=4.01", ["lab/dear"]),
        ("?modality=image&modality=text&free=true", []),
        ("?capability=vision", []),
        ("?min_context=128001", []),
        ("?lifecycle=archived", []),
        ("?curated=true", []),
        ("?q=dear-20260101", []),
        ("?sort=-price.input&limit=1", ["lab/dear"]),
        ("?sort=price.input&limit=2", [ODD, "lab/cheap"]),
        ("?offered_by=lab", ["lab/dear"]),
    ],
)
def test_a_list_is_filtered_and_sorted(address: str, query: str, found: list[str]) -> None:
    assert ids(address, query) == found


@pytest.mark.parametrize("sort", ["id", "-price.input", "name", "released"])
def test_the_pages_join_to_the_whole(address: str, sort: str) -> None:
    found: list[str] = []
    after = ""
    for _ in range(len(EVERY)):
        page = got(address, f"/api/models?sort={sort}&limit=3{after}")
        found += [each["id"] for each in page["data"]]
        assert (page["total"], page["moved"]) == (8, False)
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == ids(address, f"?sort={sort}")


def test_fields_can_be_chosen(address: str) -> None:
    answer = got(address, "/api/models?q=dear&fields=name,price.input,context")
    assert answer["data"] == [{"id": "lab/dear", "name": "Lab/Dear", "context": 128_000, "price": {"input": "12"}}]


def test_one_model_is_told_whole(address: str) -> None:
    model = got(address, "/api/models/lab/dear")
    assert [(each["provider"], each["price"]["input"]) for each in model["offerings"]] == [("lab", "12")]
    assert {each["source"] for each in model["aliases"]} == {"openrouter", "modelsdev"}
    assert model["provenance"]["price.input"]["source"] == "openrouter"
    assert model["provenance"]["price.input"]["observed_at"] == iso(at(24))
    (conflict,) = [each for each in model["disagreements"] if each["path"] == "context"]
    assert [(each["source"], each["value"]) for each in conflict["said"]] == [
        ("openrouter", 128_000), ("modelsdev", 200_000),
    ]  # fmt: skip
    assert [(each["id"][0], each["kind"]) for each in model["history"]] == [("2", "updated"), ("1", "new")]
    assert [(each["at"], each["price"]["input"], each["revision"]) for each in model["prices"]] == [
        (iso(at(0)), "10", None), (iso(at(26)), "12", 2),
    ]  # fmt: skip


def test_an_id_with_odd_characters_can_be_asked_for(address: str) -> None:
    assert got(address, f"/api/models/{quote(ODD, safe='/')}")["id"] == ODD
    assert got(address, f"/api/models/{quote(ODD, safe='')}/access")["allowed"] is True
    assert got(address, f"/api/models/{quote(ODD, safe='')}/history")["data"][0]["model_id"] == ODD
    assert got(address, f"/api/models/{quote(ODD, safe='')}/prices")["data"][0]["price"]["input"] == "0"


def test_a_name_that_is_no_id_is_not_found_and_told_what_it_means(address: str) -> None:
    answer = ask(address, "/api/models/dear")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "lab/dear" in answer.json()["detail"]


def test_an_earlier_time_is_answered_as_it_was_published(address: str) -> None:
    then = quote(iso(at(5)))
    answer = got(address, f"/api/models?q=dear&as_of={then}")
    assert (answer["data"][0]["price"]["input"], answer["revision"], answer["rebuilt"]) == ("10", 1, False)
    assert answer["as_of"] == iso(at(5))
    model = got(address, f"/api/models/lab/dear?as_of={then}")
    assert (model["price"]["input"], len(model["history"]), len(model["prices"])) == ("10", 1, 1)


def test_a_time_before_the_first_revision_is_worked_out_from_the_payloads(address: str) -> None:
    answer = got(address, f"/api/models?q=dear&as_of={quote(iso(at(0.5)))}")
    assert (answer["rebuilt"], answer["revision"], answer["published_at"]) == (True, 0, None)
    assert answer["data"][0]["price"]["input"] == "10"
    assert ids(address, "?as_of=2025-12-31") == []


def test_the_pages_of_an_earlier_time_are_all_of_that_time(address: str) -> None:
    first = got(address, f"/api/models?sort=-price.input&limit=1&as_of={quote(iso(at(5)))}")
    second = got(address, f"/api/models?sort=-price.input&limit=100&after={first['next']}")
    assert (first["data"][0]["price"]["input"], second["as_of"]) == ("10", iso(at(5)))
    assert len(second["data"]) == 7


def test_a_time_to_come_is_answered_with_today(address: str) -> None:
    answer = got(address, "/api/models?as_of=9999-12-31")
    assert (answer["revision"], "as_of" in answer) == (2, False)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/models?limit=0", 422),
        ("/api/models?limit=1001", 422),
        ("/api/models?capability=flying", 422),
        ("/api/models?sort=size", 422),
        ("/api/models?max_price_input=-1", 422),
        ("/api/models?max_price_input=NaN", 422),
        ("/api/models?retiring_before=soon", 422),
        ("/api/models?fields=notes", 400),
        ("/api/models?after=%FF", 400),
        ("/api/models?after=WzEsMl0", 400),
        ("/api/models?as_of=yesterday-ish", 400),
        ("/api/models?colour=red", 400),
        ("/api/models/%00", 404),
        ("/api/models/", 404),
        ("/api/models/lab/nobody/history", 404),
        ("/api/models/lab/nobody/prices", 404),
        ("/api/models/lab/dear/access?tier=golden", 422),
        ("/api/models/lab/dear/access?tier=pro", 403),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_next_step(address: str, path: str, status: int) -> None:
    answer = ask(address, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["title"]
    assert answer.json()["detail"]


def test_the_cursor_of_another_query_is_refused(address: str) -> None:
    cursor = got(address, "/api/models?limit=1")["next"]
    answer = ask(address, f"/api/models?limit=1&free=true&after={cursor}")
    assert (answer.status_code, answer.json()["title"]) == (400, "the cursor is of another query")


@pytest.fixture(scope="module")
def tiers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One where lab/cheap is free, lab/dear is for pro, lab/m0 has a note, and the rest is enabled for nobody."""
    with shop(f"sqlite:///{tmp_path_factory.mktemp('tiers') / 'census.db'}", TIERED) as (census, address):
        edit_one(census.store, "lab/cheap", {"enabled": True, "is_free": True, "notes": "psst"}, "ann", at(30))
        edit_one(census.store, "lab/dear", {"enabled": True, "is_pro": True, "display_name": "Dearest"}, "ann", at(30))
        link(census.store, "modelsdev", "lab/dear", "lab/dear", "ann", "she knows", at(30))
        set_override(census.store, "lab/dear", "price.input", "11", actor="ann", reason="as agreed", now=at(31))
        yield address


@pytest.mark.parametrize(
    ("tier", "seen"),
    [
        (None, ["lab/cheap"]), ("free", ["lab/cheap"]), ("pro", ["lab/cheap", "lab/dear"]),
        ("enterprise", ["lab/cheap", "lab/dear"]),
    ],
)  # fmt: skip
def test_each_tier_sees_the_models_that_are_enabled_for_it(tiers: str, tier: str | None, seen: list[str]) -> None:
    assert ids(tiers, "", tier) == seen
    assert [each["model_id"] for each in got(tiers, "/api/changes?kind=new", tier)["data"]] == seen[::-1]


@pytest.mark.parametrize("part", ["", "/history", "/prices"])
def test_a_model_of_a_higher_tier_is_answered_like_one_that_is_not_there(tiers: str, part: str) -> None:
    hidden, missing = ask(tiers, f"/api/models/lab/dear{part}"), ask(tiers, f"/api/models/lab/nono{part}")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert [hidden.json()[part].replace("dear", "nono") for part in ("title", "detail")] == [
        missing.json()[part] for part in ("title", "detail")
    ]
    assert got(tiers, f"/api/models/lab/dear{part}", "pro")


def test_whether_a_model_may_be_used_tells_nothing_of_hidden_ones(tiers: str) -> None:
    hidden, missing = got(tiers, "/api/models/lab/dear/access"), got(tiers, "/api/models/lab/nono/access")
    assert hidden == missing | {"model_id": "lab/dear"}
    assert hidden["allowed"] is False
    assert got(tiers, "/api/models/lab/dear/access", "pro")["allowed"] is True
    assert got(tiers, "/api/models/lab/dear/access?tier=free", "pro")["allowed"] is False
    assert got(tiers, "/api/models/lab/cheap/access")["allowed"] is True


def test_what_curators_keep_to_themselves_is_not_told(tiers: str) -> None:
    texts = [ask(tiers, f"/api/models/{each}", headers=bearer("pro")).text for each in ("lab/cheap", "lab/dear")]
    texts.append(ask(tiers, "/api/models", headers=bearer("pro")).text)
    assert not [secret for secret in ("psst", "ann", "she knows", "as agreed") for text in texts if secret in text]


def test_an_overridden_field_says_so(tiers: str) -> None:
    model = got(tiers, "/api/models/lab/dear", "pro")
    assert (model["name"], model["price"]["input"], model["overridden"]) == ("Dearest", "11", ["price.input"])
    assert model["provenance"]["price.input"]["overridden"] is True
    assert model["provenance"]["price.output"]["overridden"] is False
    last = model["prices"][-1]
    assert (last["at"], last["price"]["input"], last["overridden"]) == (iso(at(31)), "11", ["input"])


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as census:
        yield census


def test_before_anything_is_published_there_are_no_models(census: Census) -> None:
    with served(census) as address:
        answer = got(address, "/api/models")
    assert (answer["data"], answer["total"], answer["revision"], answer["published_at"]) == ([], 0, 0, None)


def test_after_an_apply_the_next_page_says_that_the_catalog_moved(census: Census) -> None:
    read(census, openrouter(sold("lab/a", "0.000001"), sold("lab/b", "0.000001"), sold("lab/c", "0.000001")))
    update(census, now=at(1))
    with served(census) as address:
        first = got(address, "/api/models?limit=1")
        read(census, openrouter(sold("lab/a", "0.000001"), sold("lab/b", "0.000002"), sold("lab/c", "0.000001")), 2)
        update(census, now=at(3))
        second = got(address, f"/api/models?limit=1&after={first['next']}")
    assert (second["data"][0]["id"], second["data"][0]["price"]["input"]) == ("lab/b", "2")
    assert (first["moved"], second["moved"], second["revision"]) == (False, True, 2)
