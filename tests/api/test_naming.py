"""``/api/resolve``, ``/api/price`` and the catalog summed up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from modelcensus.core.times import iso
from modelcensus.operations.catalog.curating import edit_one
from modelcensus.operations.catalog.linking import link
from tests.api.shop import TIERED, bearer, shop
from tests.builders import at
from tests.web.serving import ask


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A census that the tests of this module only read."""
    with shop(f"sqlite:///{tmp_path_factory.mktemp('shop') / 'census.db'}") as (_, address):
        yield address


@pytest.fixture(scope="module")
def tiers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One where only lab/cheap is free, and lab/dear is for pro."""
    with shop(f"sqlite:///{tmp_path_factory.mktemp('tiers') / 'census.db'}", TIERED) as (census, address):
        edit_one(census.store, "lab/cheap", {"enabled": True, "is_free": True}, "ann", at(30))
        edit_one(census.store, "lab/dear", {"enabled": True, "is_pro": True}, "ann", at(30))
        yield address


def got(address: str, path: str, tier: str | None = None) -> Any:
    answer = ask(address, path, headers=bearer(tier) if tier else None)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("name", ["lab/dear", "LAB/Dear", "dear", "lab/dear-20260101"])
def test_a_name_of_a_model_is_resolved_with_its_evidence(address: str, name: str) -> None:
    found = got(address, f"/api/resolve?name={quote(name)}")
    assert (found["model_id"], bool(found["evidence"]), found["confidence"] > 0) == ("lab/dear", True, True)
    assert {(each["source"], each["key"]) for each in found["aliases"]} == {
        ("openrouter", "lab/dear"), ("modelsdev", "lab/dear"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["dea", "deer", "lab/m", "\U0001f600", "%"])
def test_a_name_that_is_only_like_one_means_no_model(address: str, name: str) -> None:
    assert got(address, f"/api/resolve?name={quote(name)}")["model_id"] is None


def test_a_name_of_a_hidden_model_is_like_one_that_nobody_has(tiers: str) -> None:
    hidden, missing = (ask(tiers, f"/api/resolve?name={name}").text for name in ("lab/dear", "lab/nono"))
    assert hidden.replace("dear", "nono") == missing
    assert ask(tiers, "/api/price?model=lab/dear").status_code == 404
    assert got(tiers, "/api/resolve?name=lab/dear", "pro")["model_id"] == "lab/dear"
    assert got(tiers, "/api/price?model=lab/dear", "pro")["model_id"] == "lab/dear"


def test_a_word_of_a_persons_counts_at_once_and_their_name_is_not_told(sqlite_url: str) -> None:
    with shop(sqlite_url) as (census, address):
        assert got(address, "/api/resolve?name=lab/dear")["model_id"] == "lab/dear"
        link(census.store, "modelsdev", "lab/dear", "lab/cheap", "ann", "she knows", at(30))
        found = got(address, "/api/resolve?name=lab/cheap")
    assert ("modelsdev", "lab/dear", "person") in {
        (each["source"], each["key"], each["decided_by"]) for each in found["aliases"]
    }
    assert "she knows" not in str(found)


def test_a_use_is_billed_by_the_prices_of_its_time(address: str) -> None:
    now = got(address, "/api/price?model=dear&input=1000000&output=500000")
    assert (now["model_id"], now["total"], now["missing"]) == ("lab/dear", "13", [])
    assert [(each["what"], each["rate"], each["amount"]) for each in now["lines"]] == [
        ("input", "12", "12"), ("output", "2", "1"),
    ]  # fmt: skip
    assert now["origins"]["input"]["source"] == "openrouter"
    then = got(address, f"/api/price?model=dear&input=1000000&at={quote(iso(at(5)))}")
    assert (then["total"], then["at"]) == ("10", iso(at(5)))


def test_a_price_that_is_not_known_is_named_and_never_0(address: str) -> None:
    bill = got(address, "/api/price?model=lab/dear&input=1000000&images=2")
    assert (bill["total"], bill["known"], bill["missing"]) == (None, "12", ["image"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/price?model=lab/nobody", 404),
        ("/api/price?model=lab/dear&at=2020-01-01", 404),
        ("/api/price?model=lab/dear&cached=1", 400),
        ("/api/price?model=lab/dear&input=-1", 422),
        ("/api/price?model=lab/dear&input=9999999999999999999999", 422),
        ("/api/price", 422),
        ("/api/resolve", 422),
        ("/api/resolve?name=", 422),
        ("/api/resolve?name=lab/dear%00", 400),
        ("/api/syncs/last?source=nobody", 404),
        ("/api/syncs/last?source=%00", 400),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_next_step(address: str, path: str, status: int) -> None:
    answer = ask(address, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_providers_are_counted_with_their_lowest_prices(tiers: str) -> None:
    (free,) = got(tiers, "/api/providers")["data"]
    assert (free["name"], free["models"], free["offered"]) == ("lab", 1, 0)
    assert free["cheapest_input"] == {"model_id": "lab/cheap", "price": "0.5"}
    (pro,) = got(tiers, "/api/providers", "pro")["data"]
    assert (pro["models"], pro["offered"]) == (2, 1)
    assert got(tiers, "/api/providers")["labs"] == [{"name": "lab", "models": 1, "archived": 0}]


def test_the_catalog_is_counted_as_the_caller_sees_it(address: str, tiers: str) -> None:
    whole, part = got(address, "/api/stats"), got(tiers, "/api/stats")
    assert (whole["syncs"], whole["database"]) == (3, "sqlite")
    assert {name: whole["catalog"][name] for name in ("models", "open", "revision")} == {
        "models": 8, "open": True, "revision": 2,
    }  # fmt: skip
    assert (part["catalog"]["models"], part["catalog"]["open"]) == (1, False)


def test_the_last_sync_is_told(address: str) -> None:
    assert got(address, "/api/syncs/last")["source"] == "modelsdev"
    assert got(address, "/api/syncs/last?source=openrouter")["observed_at"] == iso(at(24))
