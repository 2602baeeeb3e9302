"""The official OpenAI client lists our models and asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import AuthenticationError, NotFoundError, OpenAI

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Tier
from modelcensus.operations import tokens
from modelcensus.operations.catalog.curating import edit_one
from modelcensus.operations.census import Census
from tests.builders import census_at
from tests.operations.catalog_world import applied, merged
from tests.web.serving import served

ODD = "lab/one:free@2 (x)"


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    folder: Path = tmp_path_factory.mktemp("openai")
    with census_at(f"sqlite:///{folder / 'census.db'}") as opened:
        applied(opened.store, merged("openai/gpt-5", released="2025-08-07"), merged(ODD), merged("lab/off"))
        now = opened.clock()
        edit_one(opened.store, "openai/gpt-5", {"enabled": True, "is_free": True}, "ann", now)
        edit_one(opened.store, ODD, {"enabled": True, "is_pro": True}, "ann", now)
        yield opened


@pytest.fixture(scope="module")
def address(census: Census) -> Iterator[str]:
    with served(census) as found:
        yield f"{found}/v1"


def key(census: Census, tier: Tier) -> str:
    made = tokens.create(
        census.store, f"client-{tier}", role=Role.READER, tier=tier, actor="ann", now=census.clock()
    )  # fmt: skip
    return made.secret


def test_the_client_lists_the_models_of_its_tier(census: Census, address: str) -> None:
    with OpenAI(base_url=address, api_key=key(census, Tier.FREE), max_retries=0) as free:
        (model,) = free.models.list()
    assert (model.id, model.created, model.owned_by, model.object) == ("openai/gpt-5", 1754524800, "openai", "model")
    with OpenAI(base_url=address, api_key=key(census, Tier.PRO), max_retries=0) as pro:
        assert [each.id for each in pro.models.list()] == [ODD, "openai/gpt-5"]
        assert pro.models.retrieve("openai/gpt-5").created == 1754524800
        assert pro.models.retrieve(ODD).id == ODD


def test_the_client_is_told_of_a_model_that_it_may_not_see_as_of_none(census: Census, address: str) -> None:
    with (
        OpenAI(base_url=address, api_key=key(census, Tier.ENTERPRISE), max_retries=0) as client,
        pytest.raises(NotFoundError),
    ):
        client.models.retrieve("lab/off")


def test_the_key_of_another_provider_is_refused_and_not_taken_for_nobodys(address: str) -> None:
    with (
        OpenAI(base_url=address, api_key="sk-of-somebody-else", max_retries=0) as client,
        pytest.raises(AuthenticationError),
    ):
        client.models.list()
