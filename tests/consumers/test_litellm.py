"""LiteLLM itself, in a process of its own, pointed at a served census."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from modelcensus.feeds.litellm import BUNDLED, RESERVED
from tests.consumers.prices import NAME, shop
from tests.web.serving import ask

_PATH = "/model_prices_and_context_window.json"
_PROGRAM = """
import json, sys
import litellm
from litellm.litellm_core_utils.get_model_cost_map import GetModelCostMap, get_model_cost_map_source_info
from litellm.types.utils import Usage

def cost(name, provider):
    usage = Usage(prompt_tokens=1_000_000, completion_tokens=1_000_000)
    answer = litellm.ModelResponse(model=name, usage=usage)
    return repr(litellm.completion_cost(completion_response=answer, model=name, custom_llm_provider=provider))

name = sys.argv[1]
told = {"source": get_model_cost_map_source_info(), "bundled": GetModelCostMap.get_backup_model_count()}
if told["source"]["source"] == "remote":
    told["openai"] = cost(name, "openai")
    told["azure"] = cost("azure/" + name, "azure")
    told["openrouter"] = cost("openrouter/openai/" + name, "openrouter")
    told["info"] = litellm.get_model_info(name)["max_input_tokens"]
print(json.dumps(told))
"""


def asked(url: str, folder: Path) -> dict[str, Any]:
    """What LiteLLM says of where its prices are from, and what a million tokens each way cost."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LITELLM", "MODEL_COST"))}
    # The map is on this machine; without a time-out that passes for one it would wait on a busy one.
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, NAME],
        env={**kept, "LITELLM_MODEL_COST_MAP_URL": url, "NO_PROXY": "*"},
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("litellm")
    with shop(folder) as address:
        assert ask(address, _PATH).status_code == 200
        yield address, asked(address + _PATH, folder)


def test_litellm_says_that_its_prices_are_ours(told: tuple[str, dict[str, Any]]) -> None:
    address, said = told
    assert (said["source"]["source"], said["source"]["url"]) == ("remote", address + _PATH)
    assert said["source"]["fallback_reason"] is None


def test_litellm_counts_a_completion_at_our_price_to_the_digit(told: tuple[str, dict[str, Any]]) -> None:
    _, said = told
    assert Decimal(said["openai"]) == Decimal("0.123456789") + Decimal("3.21")
    assert said["info"] == 400_000


def test_litellm_counts_a_model_that_its_own_map_lacks_at_our_price(told: tuple[str, dict[str, Any]]) -> None:
    assert Decimal(told[1]["openrouter"]) == Decimal("3.333456789")


def test_litellm_counts_another_providers_offering_at_its_own_price(told: tuple[str, dict[str, Any]]) -> None:
    assert Decimal(told[1]["azure"]) == 3


def test_what_we_say_that_litellm_ships_is_no_less_than_what_it_ships(told: tuple[str, dict[str, Any]]) -> None:
    assert told[1]["bundled"] <= BUNDLED, f"raise modelcensus.feeds.litellm.BUNDLED to {told[1]['bundled']}"
    assert {"sample_spec", "fallback_generalizations"} == RESERVED


def test_a_map_that_litellm_would_refuse_is_not_published(tmp_path: Path) -> None:
    with shop(tmp_path, entries=100) as address:
        answer = ask(address, _PATH)
    assert answer.status_code == 404
    assert "fewer than half" in answer.text
