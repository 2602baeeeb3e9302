"""Real names of all catalogs: each is linked to the model that people say, or to none."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from modelcensus.core.catalog.evidence import Named
from modelcensus.core.catalog.linking import Links, link
from modelcensus.core.catalog.resolving import resolve

GOLDEN = Path(__file__).parents[2] / "golden" / "names.toml"
NAMES: list[dict[str, Any]] = tomllib.loads(GOLDEN.read_text(encoding="utf-8"))["names"]
SOURCES = {
    "openrouter", "modelsdev", "litellm", "genai-prices", "openai", "anthropic", "google", "huggingface",
    "artificialanalysis",
}  # fmt: skip


@cache
def linked() -> Links:
    return link(Named(**{field: value for field, value in each.items() if field != "model"}) for each in NAMES)


@cache
def answers() -> dict[tuple[str, str], str]:
    return {(each.source, each.key): each.model_id for each in linked().linked}


@pytest.mark.parametrize("named", NAMES, ids=lambda each: f"{each['source']}:{each['key']}")
def test_a_golden_name_is_linked_to_its_model_and_to_no_other(named: dict[str, Any]) -> None:
    assert answers().get((named["source"], named["key"]), "") == named["model"]


def test_the_golden_file_has_names_of_every_catalog_and_enough_of_them() -> None:
    sources = Counter(each["source"] for each in NAMES)
    assert set(sources) == SOURCES
    assert sources.total() >= 250
    assert sum(not each["model"] for each in NAMES) >= 60


def test_no_golden_name_is_there_twice() -> None:
    assert not [place for place, times in Counter((e["source"], e["key"]) for e in NAMES).items() if times > 1]


def test_every_golden_model_resolves_to_itself() -> None:
    for model_id in {each["model"] for each in NAMES} - {""}:
        assert resolve(model_id, linked()).model_id == model_id
