"""A small census to look at: three catalogs over three days, with comings, goings and new prices."""

from __future__ import annotations

from typing import Any

from modelcensus.operations.census import Census
from tests.builders import genai_prices, model, modelsdev, openrouter, read

ODD_KEY = "lab/a b:free@2~(x)+100%?#é"
HOSTILE_KEY = "lab/<script>alert(1)</script>\u202eexe.txt"
LONG_KEY = "lab/" + "x" * 500


def fill(census: Census) -> None:
    """Read the catalogs, in order."""
    tools = ["max_tokens", "temperature", "tools", "top_p"]
    old = [
        _model("openai/gpt-4.1", "OpenAI: GPT-4.1", "0.0000025", 1_047_576, supported_parameters=tools[1:]),
        _model("anthropic/claude-sonnet-4.5", "Anthropic: Claude Sonnet 4.5", "0.000003", 200_000, supported_parameters=tools),  # noqa: E501
        _model("google/gemini-2.5-pro", "Google: Gemini 2.5 Pro", "0.00000125", 1_048_576, supported_parameters=tools),
        _model("lab/early-preview:free", "Lab: Early Preview", "0", 32_768),
    ]  # fmt: skip
    read(census, openrouter(*old))
    new = [
        _model("openai/gpt-4.1", "OpenAI: GPT-4.1", "0.000002", 1_047_576, supported_parameters=tools),
        _model("anthropic/claude-sonnet-4.5", "Anthropic: Claude Sonnet 4.5", "0.000003", 1_000_000, supported_parameters=tools),  # noqa: E501
        _model("google/gemini-2.5-pro", "Google: Gemini 2.5 Pro", "0.00000125", 1_048_576, supported_parameters=tools),
        _model("mistralai/mistral-large-3", "Mistral: Large 3", "0.0000005", 262_144),
        _model(ODD_KEY, "An odd name", "0.000001", 8_192),
    ]  # fmt: skip
    read(census, openrouter(*new), 24)
    known = {"gpt-4.1": {"name": "GPT-4.1", "cost": {"input": 2, "output": 8}, "limit": {"context": 1_047_576}}}
    read(census, modelsdev(openai=known), 25, source="modelsdev")
    read(census, genai_prices(anthropic=["claude-sonnet-4-5"], openai=["gpt-4.1"]), 26, source="genai-prices")


def hostile(census: Census) -> None:
    """A reading that means harm."""
    marks = "\u202eevil\u0000\u2066<img src=x onerror=alert(1)>"
    link = "[press](javascript:alert(1)) javascript:alert(1)"
    rude = model(HOSTILE_KEY, description=f"{marks}\n{link}", context_length="x" * 10_000, created=10**30)
    read(census, openrouter(model(LONG_KEY), rude, model("lab/calm")), 30)
    worse = model(
        HOSTILE_KEY, price="'\"><script>alert(2)</script>", description=link, supported_parameters=[marks] * 500
    )
    read(census, openrouter(model(LONG_KEY, name="y" * 10_000), worse, model("lab/calm")), 31)


def _model(key: str, name: str, price: str, context: int, **fields: Any) -> dict[str, Any]:
    shape = {"input_modalities": ["image", "text"], "output_modalities": ["text"]}
    return model(key, price=price, context_length=context, architecture=shape, **fields) | {"name": name}
