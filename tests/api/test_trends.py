"""Trends over HTTP: one small census with a history of months, served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modelcensus.operations.catalog.curating import edit_one
from modelcensus.settings import AccessSettings, Settings
from tests.operations.trends_world import hub, quarter
from tests.web.serving import QUIET, ask, served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with quarter(f"sqlite:///{tmp_path_factory.mktemp('trends')}/census.db") as census:
        hub(census, 0, org__one=100, org__two=100)
        hub(census, 90, org__one=100, org__two=400)
        # Of lab's models callers of the free tier see lab/a alone.
        edit_one(census.store, "lab/a", {"enabled": True, "is_free": True}, "ann", census.clock())
        with served(census, Settings(api=QUIET, access=AccessSettings(mode="tiers"))) as address:
            yield address


def told(address: str, path: str) -> Any:
    answer = ask(address, f"/api/trends/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_risers_have_exact_growth_as_text(address: str) -> None:
    found = told(address, "risers?days=60&metric=downloads")
    assert found["data"] == [
        {
            "source": "huggingface", "key": "org/two", "before": 100, "after": 400, "gain": 300, "growth": "1.5",
            "since_at": "2026-02-09T12:30:00Z", "model_id": None, "provider": "org",
        }
    ]  # fmt: skip
    assert (found["compared"], found["usual"], found["metric"]) == (2, "100", "downloads")


def test_prices_are_of_the_models_that_the_caller_sees(address: str) -> None:
    found = told(address, "prices?by=capability&only=vision&months=3")
    (index,) = found["data"]
    assert [(each["at"][:10], each["index"], each["models"]) for each in index["points"]] == [
        ("2026-03-01", "100", 1),
        ("2026-04-01", "100", 1),
        ("2026-04-10", "100", 1),
    ]


def test_models_are_those_that_the_caller_sees(address: str) -> None:
    found = told(address, "models?months=3")["data"]
    assert [each["after"] for each in found] == [1, 1, 1]
    assert not any(each["new_ids"] or each["retired_ids"] for each in found)


@pytest.mark.parametrize(
    ("path", "status"),
    [("models?months=61", 422), ("prices?by=colour", 422), ("risers?day=3", 400), ("prices?only=nobody", 404)],
)
def test_what_cannot_be_shown_is_refused(address: str, path: str, status: int) -> None:
    assert ask(address, f"/api/trends/{path}").status_code == status
