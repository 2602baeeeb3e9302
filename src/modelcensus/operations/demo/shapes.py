"""The same invented models as each catalog would write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from modelcensus.operations.demo.world import GENAI_PRICES, MODELSDEV, OPENROUTER, Model

_MILLION = 1_000_000


def _openrouter(models: Iterable[Model]) -> Any:
    return {"data": [_openrouter_model(model) for model in models]}


def _openrouter_model(model: Model) -> dict[str, Any]:
    inputs = ["text", "image"] if model.sees else ["text"]
    return {
        "id": model.id,
        "canonical_slug": f"{model.id}-{model.released.replace('-', '')}",
        "name": f"{model.lab.title()}: {model.name}",
        "description": model.description,
        "context_length": model.context,
        "architecture": {
            "modality": f"{'+'.join(inputs)}->text",
            "input_modalities": inputs,
            "output_modalities": ["text"],
        },
        "pricing": {"prompt": _text(model.prompt / _MILLION), "completion": _text(model.completion / _MILLION)},
        "supported_parameters": ["max_tokens", "temperature", "tools"],
        "benchmarks": {"invented_index": {"score": model.benchmark / 10}},
    }


def _modelsdev(models: Iterable[Model]) -> Any:
    return {
        lab: {
            "id": lab,
            "env": [f"{lab.upper().replace('-', '_')}_API_KEY"],
            "name": lab.title(),
            "models": {model.slug: _modelsdev_model(model) for model in group},
        }
        for lab, group in _by_lab(models)
    }


def _modelsdev_model(model: Model) -> dict[str, Any]:
    return {
        "id": model.slug,
        "name": model.name,
        "attachment": model.sees,
        "reasoning": False,
        "tool_call": True,
        "release_date": model.released,
        "modalities": {"input": ["text", "image"] if model.sees else ["text"], "output": ["text"]},
        "cost": {"input": float(model.prompt), "output": float(model.completion)},
        "limit": {"context": model.context, "output": 8192},
    }


def _genai_prices(models: Iterable[Model]) -> Any:
    return [
        {
            "id": lab,
            "name": lab.title(),
            "api_pattern": f"https://api\\.{lab}\\.example",
            "models": [
                {
                    "id": model.slug,
                    "name": model.name,
                    "match": {"equals": model.slug},
                    "context_window": model.context,
                    "prices": {"input_mtok": float(model.prompt), "output_mtok": float(model.completion)},
                }
                for model in group
            ],
        }
        for lab, group in _by_lab(models)
    ]


_SHAPES: Mapping[str, Callable[[Iterable[Model]], Any]] = {
    OPENROUTER: _openrouter,
    MODELSDEV: _modelsdev,
    GENAI_PRICES: _genai_prices,
}
PATHS: Mapping[str, str] = {OPENROUTER: "models", MODELSDEV: "api.json", GENAI_PRICES: "data.json"}
"""Where each catalog's document lies below its base URL."""


def written(source: str, models: Iterable[Model]) -> bytes:
    """The catalog of ``models`` (by id) as ``source`` publishes it."""
    return json.dumps(_SHAPES[source](models)).encode()


def _by_lab(models: Iterable[Model]) -> Iterable[tuple[str, Iterable[Model]]]:
    return groupby(models, key=lambda model: model.lab)


def _text(price: Decimal) -> str:
    return f"{price.normalize():f}"
