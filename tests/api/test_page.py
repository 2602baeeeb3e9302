"""The examples of docs/api.md, asked of a served census: what the page shows is what is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelcensus.operations.catalog.catalog import update
from tests.api.shop import sold
from tests.builders import at, census_at, modelsdev, openrouter, read
from tests.web.serving import ask, served

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
EXAMPLE = re.compile(r"^```http\nGET (\S+)\n```\n+```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The census that the page tells of: two models of two catalogs, one of which became cheaper."""
    url = f"sqlite:///{tmp_path_factory.mktemp('page') / 'census.db'}"
    claude = sold("anthropic/claude-sonnet-4.5", "0.000003", 200_000)
    with census_at(url) as census:
        read(census, openrouter(claude, _gpt("0.0000025")))
        update(census, now=at(1))
        read(census, openrouter(claude, _gpt("0.000002")), 24)
        known = {"gpt-4.1": {"name": "GPT-4.1", "cost": {"input": 2, "output": 8}, "limit": {"context": 1_047_576}}}
        read(census, modelsdev(openai=known), 25, source="modelsdev")
        update(census, now=at(26))
        with served(census) as address:
            yield address


def _gpt(price: str) -> dict[str, Any]:
    model = sold("openai/gpt-4.1", price, 1_047_576, supported_parameters=["tools", "temperature"])
    return model | {"name": "OpenAI: GPT-4.1", "pricing": {"prompt": price, "completion": "0.000008"}}


def differences(shown: Any, told: Any, place: str = "$") -> list[str]:
    """Where an answer does not hold what is shown; it may hold more members."""
    if isinstance(shown, dict) and isinstance(told, dict):
        return [
            difference
            for name, value in shown.items()
            for difference in (
                differences(value, told[name], f"{place}.{name}") if name in told else [f"{place}.{name} is not there"]
            )
        ]
    if isinstance(shown, list) and isinstance(told, list):
        if len(shown) > len(told):
            return [f"{place} has {len(told)} items"]
        return [each for n, value in enumerate(shown) for each in differences(value, told[n], f"{place}[{n}]")]
    return [] if shown == told else [f"{place} is {told!r}, not {shown!r}"]


@pytest.mark.parametrize(("path", "shown"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_an_example_of_the_page_is_true(address: str, path: str, shown: str) -> None:
    assert differences(json.loads(shown), ask(address, path).json()) == []


def test_the_page_tells_of_every_path_of_the_catalog(address: str) -> None:
    paths = ask(address, "/openapi.json").json()["paths"]
    ours = [
        path for path, how in paths.items() if "catalog" in how.get("get", {}).get("tags", ()) and "stream" not in path
    ]
    told = PAGE.read_text(encoding="utf-8")
    assert [path for path in ours if f"`{path.replace('{model_id}', '{id}')}" not in told] == []
    assert len(ours) >= 11
    assert len(EXAMPLES) >= 10
