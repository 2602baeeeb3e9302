"""A census as it is after five months of use, for pictures and for rounds through the pages: three catalogs,
new models, cheaper and dearer ones, some that retire, a plan that waits for a person.

Names are real, so that people recognise them; prices and dates are invented.
"""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any, NamedTuple

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.run import RunState, Trigger, run_result, source_run
from modelcensus.core.webhook import Filters
from modelcensus.operations import tokens
from modelcensus.operations.catalog import curating, overriding
from modelcensus.operations.catalog.catalog import update
from modelcensus.operations.census import Census
from modelcensus.operations.triggering.slots import new_run
from modelcensus.operations.webhooks import registering
from modelcensus.settings import WebhookSettings
from modelcensus.store import runs
from tests.builders import as_json, at, openrouter, read

STEP = 80
"""Hours. What happens here is told in steps of them."""
STEPS = 45
"""The last reading is of this step."""
NOW = STEPS * STEP + 3
"""Hours after ``START`` at which the pictures are taken."""
WEBHOOKS = WebhookSettings(signing_key="of these pictures alone")


class Sold(NamedTuple):
    """A model: USD per million tokens, tokens, steps from and until it is listed, and its prices by step."""

    id: str
    name: str
    price: tuple[float, float]
    context: int
    since: int = 0
    until: int = STEPS + 1
    later: tuple[tuple[int, float, float], ...] = ()
    reads: tuple[str, ...] = ("text",)
    can: tuple[str, ...] = ("tools", "structured_outputs")
    score: float | None = None
    weights: str | None = None
    loads: int = 0

    def price_at(self, step: int) -> tuple[float, float]:
        """Input and output at a step."""
        found = self.price
        for begins, *price in self.later:
            if begins <= step:
                found = (price[0], price[1])
        return found


_EYES = ("image", "text")
_ALL = ("audio", "file", "image", "text", "video")
_THINKS = ("reasoning", "structured_outputs", "tools")
SHELF = (
    Sold("openai/gpt-5.2", "OpenAI: GPT-5.2", (1.75, 14), 400_000, reads=_EYES, can=_THINKS, score=70.5, since=9),
    Sold("openai/gpt-5.1", "OpenAI: GPT-5.1", (1.25, 10), 400_000, reads=_EYES, can=_THINKS, score=66.2),
    Sold("openai/gpt-5-mini", "OpenAI: GPT-5 Mini", (0.25, 2), 400_000, reads=_EYES, can=_THINKS, score=61.0, later=((44, 0.2, 1.6),)),  # noqa: E501
    Sold("openai/gpt-4.1", "OpenAI: GPT-4.1", (2.5, 10), 1_047_576, reads=_EYES, score=46.8, later=((12, 2, 8),)),
    Sold("openai/gpt-4.1-nano", "OpenAI: GPT-4.1 Nano", (0.1, 0.4), 1_047_576, reads=_EYES, score=32.4),
    Sold("openai/gpt-4o-2024-05-13", "OpenAI: GPT-4o (2024-05-13)", (5, 15), 128_000, reads=_EYES, score=35.1, until=40),  # noqa: E501
    Sold("anthropic/claude-opus-4.5", "Anthropic: Claude Opus 4.5", (15, 75), 200_000, reads=_EYES, can=_THINKS, score=69.8, later=((20, 5, 25),)),  # noqa: E501
    Sold("anthropic/claude-sonnet-4.5", "Anthropic: Claude Sonnet 4.5", (3, 15), 200_000, reads=_EYES, can=_THINKS, score=62.9),  # noqa: E501
    Sold("anthropic/claude-haiku-4.5", "Anthropic: Claude Haiku 4.5", (1, 5), 200_000, reads=_EYES, can=_THINKS, score=55.0),  # noqa: E501
    Sold("anthropic/claude-3-opus", "Anthropic: Claude 3 Opus", (15, 75), 200_000, reads=_EYES, score=24.5, until=16),
    Sold("google/gemini-3-pro", "Google: Gemini 3 Pro", (2, 12), 1_048_576, reads=_ALL, can=_THINKS, score=72.8, since=4),  # noqa: E501
    Sold("google/gemini-2.5-pro", "Google: Gemini 2.5 Pro", (1.25, 10), 1_048_576, reads=_ALL, can=_THINKS, score=59.6),
    Sold("google/gemini-2.5-flash", "Google: Gemini 2.5 Flash", (0.3, 2.5), 1_048_576, reads=_ALL, can=_THINKS, score=51.2),  # noqa: E501
    Sold("google/gemma-3-27b-it", "Google: Gemma 3 27B", (0.09, 0.16), 131_072, reads=_EYES, score=22.1, weights="google/gemma-3-27b-it", loads=1_840_000, later=((26, 0.04, 0.15),)),  # noqa: E501
    Sold("mistralai/mistral-large-3", "Mistral: Large 3", (0.5, 1.5), 262_144, reads=_EYES, score=38.4, weights="mistralai/Mistral-Large-3", loads=212_000, since=14),  # noqa: E501
    Sold("mistralai/mistral-medium-3.1", "Mistral: Medium 3.1", (0.4, 2), 131_072, reads=_EYES, score=35.6),
    Sold("mistralai/codestral-2508", "Mistral: Codestral 2508", (0.3, 0.9), 256_000, score=26.9),
    Sold("meta-llama/llama-4-maverick", "Meta: Llama 4 Maverick", (0.15, 0.6), 1_048_576, reads=_EYES, score=36.0, weights="meta-llama/Llama-4-Maverick", loads=905_000, later=((33, 0.18, 0.72), (44, 0.2, 0.8))),  # noqa: E501
    Sold("meta-llama/llama-3.3-70b-instruct", "Meta: Llama 3.3 70B", (0.13, 0.39), 131_072, score=28.1, weights="meta-llama/Llama-3.3-70B-Instruct", loads=3_470_000, later=((8, 0.11, 0.34),)),  # noqa: E501
    Sold("deepseek/deepseek-v3.2", "DeepSeek: V3.2", (0.28, 0.42), 163_840, can=_THINKS, score=57.2, weights="deepseek-ai/DeepSeek-V3.2", loads=640_000, later=((22, 0.25, 0.38), (40, 0.22, 0.33))),  # noqa: E501
    Sold("deepseek/deepseek-r1-0528", "DeepSeek: R1 0528", (0.5, 2.15), 163_840, can=_THINKS, score=52.0, weights="deepseek-ai/DeepSeek-R1-0528", loads=1_120_000),  # noqa: E501
    Sold("qwen/qwen3-max", "Qwen: Qwen3 Max", (1.2, 6), 256_000, score=55.1),
    Sold("qwen/qwen3-235b-a22b-2507", "Qwen: Qwen3 235B A22B 2507", (0.08, 0.55), 262_144, score=45.3, weights="Qwen/Qwen3-235B-A22B-2507", loads=780_000),  # noqa: E501
    Sold("qwen/qwen3-coder", "Qwen: Qwen3 Coder", (0.22, 0.95), 262_144, score=42.4, weights="Qwen/Qwen3-Coder", loads=530_000, since=37),  # noqa: E501
    Sold("moonshotai/kimi-k2-thinking", "MoonshotAI: Kimi K2 Thinking", (0.6, 2.5), 262_144, can=_THINKS, score=66.9, weights="moonshotai/Kimi-K2-Thinking", loads=410_000, since=43),  # noqa: E501
    Sold("x-ai/grok-4", "xAI: Grok 4", (3, 15), 256_000, reads=_EYES, can=_THINKS, score=65.3),
    Sold("x-ai/grok-4-fast", "xAI: Grok 4 Fast", (0.2, 0.5), 2_000_000, reads=_EYES, can=_THINKS, score=60.2, later=((42, 0.25, 0.6),)),  # noqa: E501
    Sold("z-ai/glm-4.6", "Z.AI: GLM 4.6", (0.4, 1.75), 202_752, can=_THINKS, score=56.0, weights="zai-org/GLM-4.6", loads=350_000),  # noqa: E501
    Sold("cohere/command-a", "Cohere: Command A", (2.5, 10), 256_000, score=28.6),
    Sold("amazon/nova-premier-v1", "Amazon: Nova Premier 1.0", (2.5, 12.5), 1_000_000, reads=_EYES, score=31.9),
    Sold("nvidia/nemotron-3-nano", "NVIDIA: Nemotron 3 Nano", (0.06, 0.24), 262_144, can=_THINKS, score=37.7, weights="nvidia/Nemotron-3-Nano", loads=96_000, since=41),  # noqa: E501
    Sold("openai/gpt-oss-120b", "OpenAI: gpt-oss-120b", (0.1, 0.5), 131_072, can=_THINKS, score=58.0, weights="openai/gpt-oss-120b", loads=4_120_000, later=((17, 0.04, 0.2),)),  # noqa: E501
)  # fmt: skip


def five_months(census: Census) -> None:
    """Read, publish, curate: what the pages then have to show. Takes two seconds."""
    for step in range(0, STEPS + 1, 3):
        _sync(census, _openrouter(step), step * STEP)
        if step % 9 == 0:
            _sync(census, _modelsdev(step), step * STEP + 1, source="modelsdev")
        if step % 15 == 0:
            _sync(census, _scores(step), step * STEP + 2, source="artificialanalysis")
        update(census, now=at(step * STEP + 2.5))
    _people(census)
    _sync(census, _odd_reading(), NOW - 0.4, Trigger.HTTP)
    update(census, now=at(NOW - 0.3))


def _sync(
    census: Census, body: bytes, hours: float, trigger: Trigger = Trigger.WORKER, *, source: str = "openrouter"
) -> None:
    """Read a payload in a run of its own."""
    run = new_run(at(hours), trigger, "anna" if trigger is Trigger.HTTP else "worker", (source,), secrets.token_hex)
    result = run_result(run.id, [source_run(source, [read(census, body, hours, source=source)], seconds=2)], seconds=2)
    with census.store.noting() as tx:
        runs.begin(tx, run)
        runs.end(tx, run.id, RunState.DONE, at(hours) + 2_000_000, result)


def _openrouter(step: int) -> bytes:
    return openrouter(*(_listed(each, step) for each in SHELF if each.since <= step < each.until))


def _odd_reading() -> bytes:
    """The last reading has a price a thousand times as high, one of nothing, and an entry that is none."""
    listed = [_listed(each, STEPS) for each in SHELF if each.since <= STEPS < each.until]
    for each in listed:
        if each["id"] == "qwen/qwen3-max":
            each["pricing"]["prompt"] = "0.0012"
        if each["id"] == "cohere/command-a":
            each["pricing"] |= {"prompt": "0", "completion": "0"}
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    return openrouter(*listed, {"id": "lab/unreadable", "architecture": deep})


def _listed(sold: Sold, step: int) -> dict[str, Any]:
    price = sold.price_at(step)
    expires = "2026-07-31" if sold.id == "mistralai/mistral-medium-3.1" and step > 20 else None
    return {
        "id": sold.id,
        "canonical_slug": sold.id,
        "name": sold.name,
        "hugging_face_id": sold.weights,
        "created": at(sold.since * STEP) // 1_000_000 - (0 if sold.since else 20_000_000),
        "description": f"{sold.name.partition(': ')[2]}, as an invented listing describes it.",
        "context_length": sold.context,
        "architecture": {"input_modalities": list(sold.reads), "output_modalities": ["text"], "tokenizer": "Other"},
        "pricing": {"prompt": _per_token(price[0]), "completion": _per_token(price[1])},
        "top_provider": {"context_length": sold.context, "max_completion_tokens": sold.context // 8},
        "supported_parameters": ["max_tokens", "temperature", *sold.can],
        "expiration_date": expires,
    }


def _modelsdev(step: int) -> bytes:
    providers: dict[str, dict[str, Any]] = {}
    for sold in SHELF:
        if not sold.since <= step < sold.until:
            continue
        lab, _, name = sold.id.partition("/")
        price = sold.price_at(max(0, step - 2))
        said = {
            "id": name, "name": sold.name.partition(": ")[2],
            "cost": {"input": price[0], "output": price[1]},
            "limit": {"context": sold.context, "output": sold.context // 8},
            "modalities": {"input": sorted(sold.reads), "output": ["text"]},
            "tool_call": True, "reasoning": "reasoning" in sold.can, "open_weights": sold.weights is not None,
            "attachment": "image" in sold.reads, "temperature": True, "release_date": "2025-08-07",
            "last_updated": "2025-08-07",
        }  # fmt: skip
        providers.setdefault(lab, {})[name] = said
        if sold.weights:
            dearer = {"input": round(price[0] * 1.2, 4), "output": round(price[1] * 1.2, 4)}
            providers.setdefault("together", {})[name] = said | {"cost": dearer}
    listed = {
        name: {"id": name, "name": name.title(), "env": [f"{name.upper()}_API_KEY"], "npm": "@ai-sdk/openai-compatible",
               "doc": f"https://{name}.example/docs", "models": models}
        for name, models in providers.items()
    }  # fmt: skip
    return as_json(listed)


def _scores(step: int) -> bytes:
    data = [
        {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "name": sold.name.partition(": ")[2],
            "slug": sold.id.partition("/")[2].replace(".", "-"),
            "model_creator": {
                "id": f"c{number}",
                "name": sold.name.partition(":")[0],
                "slug": sold.id.partition("/")[0],
            },
            "evaluations": {"artificial_analysis_intelligence_index": sold.score},
            "pricing": {"price_1m_input_tokens": sold.price[0], "price_1m_output_tokens": sold.price[1]},
            "median_output_tokens_per_second": 40 + number * 3,
        }
        for number, sold in enumerate(SHELF)
        if sold.score is not None and sold.since <= step < sold.until
    ]
    return as_json({"status": 200, "data": data})


def _people(census: Census) -> None:
    """What curators did."""
    now, store = at(NOW - 20), census.store
    for sold in SHELF[:20]:
        if sold.until > STEPS:
            curating.edit(store, [sold.id], {"is_curated": True}, "anna", now)
    overriding.set_override(
        store, "openai/gpt-5.1", "price.input", "1.10", actor="anna", reason="our contract of January", now=now,
        expires_at=at(NOW + 24 * 90),
    )  # fmt: skip
    tokens.create(store, "gateway", role=Role.READER, tier=Tier.PRO, actor="anna", now=now)
    tokens.create(store, "night-job", role=Role.CURATOR, actor="anna", now=now, expires_at=at(NOW + 24 * 30))
    registering.create(
        store, WEBHOOKS, "https://hooks.example.com/models",
        Filters(models=("anthropic/claude-opus-4.5",)), actor="anna", now=now,
    )  # fmt: skip


def _per_token(dollars: float) -> str:
    return f"{Decimal(str(dollars)) / 1_000_000:f}"
