"""The official OpenRouter client lists our models, and who offers one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openrouter import OpenRouter

from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.census import Census
from tests.builders import at, census_at, imported, model, openrouter, read
from tests.web.serving import served

COUNT = 503
"""More than the client's page."""


def _model(name: str, **more: Any) -> dict[str, Any]:
    shape = {"input_modalities": ["text", "image"], "output_modalities": ["text"], "tokenizer": "GPT"}
    return model(
        name, price="0.00000125", context_length=400_000, created=1754524800, architecture=shape,
        supported_parameters=["tools", "seed"], **more,
    )  # fmt: skip


def _endpoints() -> bytes:
    endpoint = {
        "name": "Groq | lab/one", "model_id": "lab/one", "context_length": 131_072, "provider_name": "Groq",
        "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "tag": "groq", "quantization": "fp8",
        "max_completion_tokens": 8192, "supported_parameters": ["tools"],
    }  # fmt: skip
    return json.dumps({"data": {"id": "lab/one", "endpoints": [endpoint]}}).encode()


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    folder: Path = tmp_path_factory.mktemp("openrouter")
    with census_at(f"sqlite:///{folder / 'census.db'}") as opened:
        more = (_model(f"lab/m-{number:03}") for number in range(COUNT - 2))
        mute = {**_model("lab/mute"), "pricing": {"prompt": "0.000001"}}
        tiers = [{"min_prompt_tokens": 200_000, "prompt": "0.0000025"}]
        one = _model("lab/one", hugging_face_id="lab/One", knowledge_cutoff="2024-10-01")
        one["pricing"]["overrides"] = tiers
        router = {**_model("lab/router"), "pricing": {"prompt": "-1", "completion": "-1"}}
        read(opened, openrouter(one, router, mute, *more))
        assert imported(opened, _endpoints(), 1, category="endpoint").error is None
        update(opened, now=at(2))
        yield opened


@pytest.fixture(scope="module")
def client(census: Census) -> Iterator[OpenRouter]:
    with served(census) as address, OpenRouter(server_url=f"{address}/api/v1") as found:
        yield found


def test_the_client_lists_every_model_over_its_pages(client: OpenRouter) -> None:
    page = client.models.list()
    pages, models = 0, {}
    while page is not None and page.result.data:
        assert page.result.total_count == COUNT
        models.update({each.id: each for each in page.result.data})
        pages += 1
        page = page.next()  # type: ignore[assignment]  # typed for its two kinds of client
    assert (pages, len(models)) == (2, COUNT)
    one = models["lab/one"]
    assert (one.pricing.prompt, one.pricing.completion, one.context_length) == ("0.00000125", "0.000002", 400_000)
    assert one.pricing.overrides is not None
    assert (one.pricing.overrides[0].min_prompt_tokens, one.pricing.overrides[0].prompt) == (200_000, "0.0000025")
    assert (one.created, one.hugging_face_id, one.knowledge_cutoff) == (1754524800, "lab/One", "2024-10-01")
    assert one.supported_parameters == ["tools", "seed"]
    assert models["lab/router"].pricing.prompt == "-1"
    assert "lab/mute" not in models


def test_the_client_lists_who_offers_a_model(client: OpenRouter) -> None:
    found = client.endpoints.list(author="lab", slug="one").data
    (endpoint,) = found.endpoints
    assert (found.id, endpoint.provider_name, endpoint.tag) == ("lab/one", "Groq", "groq")
    assert (endpoint.pricing.prompt, endpoint.context_length, endpoint.quantization) == ("0.000001", 131_072, "fp8")
    assert (endpoint.max_completion_tokens, endpoint.uptime_last_30m) == (8192, None)
