"""Guards: every incident below happened in a public catalog and is held; every harmless change did too, and passes.

The years of the recorded incidents are those of the readings in which they were seen.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from modelcensus.core.catalog.guards import (
    STANDARD,
    Thresholds,
    judge_fields,
    mass_removal,
    too_high,
)

GONE = object()
"""No value on this side."""


def held(path: str, before: Any, after: Any, limits: Thresholds = STANDARD, **beside: Any) -> str | None:
    """Name of the guard that holds one changed field; ``beside`` are prices that stay."""
    stay = {f"price.{rate}": value for rate, value in beside.items()}
    old = {**stay, **({} if before is GONE else {path: before})}
    new = {**stay, **({} if after is GONE else {path: after})}
    found = judge_fields("lab/model", old if stay or before is not GONE else None, new, [path], limits).get(path)
    return found.guard if found else None


# (guard, what happened and where, field, before, after)
JUMPS = [
    ("unit_slip", "litellm 2026: watsonx/ibm/granite-3-8b-instruct, per 1,000 as per token", "input", "200", "0.2"),
    ("unit_slip", "litellm 2026: watsonx/ibm/granite-3-8b-instruct, the same of the output", "output", "200", "0.2"),
    ("unit_slip", "models.dev 2026: openrouter/openai/gpt-5.4-mini, per token", "input", "0.00000075", "0.75"),
    ("unit_slip", "models.dev 2026: openrouter/openai/gpt-5.4-mini, output", "output", "0.0000045", "4.5"),
    ("unit_slip", "models.dev 2026: openrouter/openai/gpt-5.4-mini, cache", "cache_read", "0.000000075", "0.075"),
    ("unit_slip", "models.dev 2026: openrouter/openai/gpt-5.4-nano, the same", "output", "0.00000125", "1.25"),
    ("jump", "models.dev 2026: llmgateway/qwen3-coder-plus, output", "output", "60", "5"),
    ("jump", "models.dev 2026: kilo/deepseek/deepseek-r1-distill-llama-70b", "input", "0.03", "0.7"),
    ("jump", "litellm 2025: gpt-4o-mini, web search per 1,000 as per search", "web_search", "35", "0.0275"),
    ("jump", "litellm 2026: wandb/moonshotai/Kimi-K2-Instruct, 225,000 times too much", "input", "0.6", "135000"),
    ("jump", "litellm 2026: the same, and back", "output", "400000", "2.5"),
    ("jump", "litellm 2026: oci/xai.grok-3, a hundredth of the price until corrected", "output", "0.15", "15"),
    ("jump", "litellm 2026: oci/xai.grok-4, the same", "output", "0.15", "15"),
    ("jump", "litellm 2025: databricks-claude-3-7-sonnet, output ten times too much", "output", "178.57", "17.857"),
    ("jump", "litellm 2023: claude-instant-1.2, a digit slipped", "input", "1.63", "0.163"),
    ("jump", "litellm 2023: claude-instant-1.2, and of the output", "output", "5.51", "0.551"),
    ("jump", "litellm 2024: perplexity/pplx-70b-online, price per request as per token", "output", "500", "2.8"),
    ("jump", "litellm 2024: perplexity/pplx-7b-online, the same", "output", "500", "0.28"),
    ("jump", "litellm 2024: gemini-pro, price per character as per token", "output", "0.125", "1.5"),
    ("jump", "litellm 2024: dolphin, a placeholder price corrected", "input", "20", "0.5"),
    ("jump", "litellm 2024: command-light, a placeholder price corrected", "input", "15", "0.3"),
    ("jump", "litellm 2025: mistral/mistral-small, the name moved to another model", "input", "1", "0.1"),
    ("jump", "litellm 2026: moonshot/kimi-thinking-preview", "input", "30", "0.6"),
    ("jump", "litellm 2026: azure_ai/grok-code-fast-1", "output", "17.5", "1.5"),
    ("jump", "genai-prices 2025: ministral-8b, output ten times too much", "output", "0.1", "1"),
    ("jump", "genai-prices 2026: gemini-2.5-flash-image, image tokens' price as that of text", "output", "30", "2.5"),
    ("jump", "genai-prices 2026: gemini-3-pro-image-preview, the same", "output", "120", "12"),
    ("jump", "models.dev 2026: vercel/google/gemini-3.1-flash-image-preview, the same", "output", "60", "3"),
    ("jump", "models.dev 2026: abacus/route-llm, ten times as much", "output", "1.5", "15"),
    ("jump", "models.dev 2026: kilo/auto, a router's price", "output", "1", "25"),
    ("jump", "models.dev 2026: nano-gpt/openai/gpt-oss-120b, a placeholder of 1", "input", "1", "0.05"),
    ("jump", "models.dev 2026: sap-ai-core/anthropic--claude-3-sonnet, cache", "cache_write", "0.3", "3.75"),
    ("jump", "openrouter 2026: google/gemini-2.0-flash-001, image tokens", "image", "0.0000258", "0.0000001"),
    ("jump", "openrouter 2026: google/gemini-2.5-pro-preview, the same", "image", "0.00516", "0.00000125"),
    ("jump", "openrouter 2026: nvidia/llama-3.1-nemotron-70b-instruct, tenfold", "input", "0.12", "1.2"),
    ("jump", "openrouter 2026: openai/gpt-5.3-chat, web search ten times too much", "web_search", "0.1", "0.01"),
    ("to_zero", "openrouter 2026-04-18: moonshotai/kimi-k2.5, free for one day by mistake", "input", "0.3827", "0"),
    ("to_zero", "openrouter 2026-04-18: moonshotai/kimi-k2.5, output", "output", "1.72", "0"),
    ("to_zero", "openrouter 2026-04-18: moonshotai/kimi-k2.5, cache", "cache_read", "0.19135", "0"),
    ("to_zero", "litellm 2026: gemini/gemini-1.5-flash, output lost", "output", "0.3", "0"),
    ("to_zero", "models.dev 2026: firmware/gpt-5-mini, subscription written as free", "input", "0.25", "0"),
    ("from_zero", "models.dev 2026: firmware/claude-opus-4-5, corrected", "input", "0", "5"),
    ("from_zero", "models.dev 2026: moonshotai/kimi-k2.5, missing price corrected", "output", "0", "3"),
    ("from_zero", "openrouter 2026: qwen/qwen3-vl-235b-a22b-thinking, missing price corrected", "output", "0", "2.6"),
    ("from_zero", "litellm 2025: whisper-1, seconds were free", "audio_minute", "0", "0.006"),
    ("jump", "openrouter 2026: qwen/qwen3-235b-a22b-thinking-2507, back 13 days later", "output", "1.495", "0.1"),
    ("price_gone", "litellm 2024: text-bison lost its price and was still listed", "input", "0.125", GONE),
    ("price_gone", "litellm 2024: text-bison@001, the same", "output", "0.125", GONE),
]  # fmt: skip
IMPOSSIBLE = [
    ("not_a_number", "NaN"), ("not_a_number", "Infinity"), ("not_a_number", "-Infinity"), ("not_a_number", "1E+400"),
    ("not_a_number", ""), ("not_a_number", "TBD"), ("not_a_number", None), ("not_a_number", True), ("negative", "-3"),
]  # fmt: skip
"""What no recorded catalog has said yet, and what programs that write catalogs are able to."""
FIRSTS = [
    ("too_high", "litellm 2026: wandb/openai/gpt-oss-120b, 100,000 times too much", "input", "15000"),
    ("too_high", "litellm 2026: wandb/deepseek-ai/DeepSeek-V3.1, 100,000 times too much", "output", "165000"),
    ("too_high", "litellm 2026: wandb/Qwen/Qwen3-Coder-480B-A35B-Instruct, 100,000 times too much", "input", "100000"),
    ("too_high", "litellm 2026: wandb/meta-llama/Llama-3.1-8B-Instruct, 100,000 times too much", "output", "22000"),
    ("too_high", "litellm 2026: azure_ai/jais-30b-chat, per 1,000 as per token", "input", "3200"),
    ("too_high", "litellm 2026: watsonx/core42/jais-13b-chat, per 1,000 as per token", "output", "2000"),
    ("too_low", "models.dev 2026: openrouter/openai/gpt-5.4-mini, per token as per million", "input", "0.00000075"),
    ("too_low", "models.dev 2026: openrouter/openai/gpt-5.4-nano, the same", "output", "0.00000125"),
    ("negative", "openrouter 2025: openrouter/auto, if the mark -1 is read as a price", "input", "-1000000"),
]
CONTEXTS = [
    ("openrouter 2026-03-06: anthropic/claude-sonnet-4, back 37 days later", 1000000, 200000),
    ("openrouter 2026-03-18: z-ai/glm-5, one provider's limit for 35 days", 202752, 80000),
    ("openrouter 2026-03-10: qwen/qwen3-next-80b-a3b-instruct, back nine days later", 262144, 131072),
    ("openrouter 2025-05-20: pygmalionai/mythalion-13b", 8192, 4096),
]
HARMLESS = [
    ("openrouter 2025: openai/o3 became five times cheaper", "input", "10", "2"),
    ("openrouter 2025: openai/o3, output", "output", "40", "8"),
    ("openrouter 2025: openai/o3, cache", "cache_read", "2.5", "0.5"),
    ("openrouter 2026: meta-llama/llama-3.1-405b-instruct, five times dearer", "input", "0.8", "4"),
    ("openrouter 2026: aion-labs/aion-rp-llama-3.1-8b, eight times dearer", "output", "0.2", "1.6"),
    ("openrouter 2026: inclusionai/ling-2.6-flash, an eighth", "input", "0.08", "0.01"),
    ("openrouter 2026: inclusionai/ling-2.6-flash, output", "output", "0.24", "0.03"),
    ("openrouter 2026: inclusionai/ling-2.6-flash, cache", "cache_read", "0.016", "0.002"),
    ("openrouter 2026: deepseek/deepseek-v4-flash, cache", "cache_read", "0.0028", "0.022"),
    ("openrouter 2026: deepseek/deepseek-v4-flash cut its cache to a tenth", "cache_read", "0.028", "0.0028"),
    ("openrouter 2026: deepseek/deepseek-v4-pro cut its cache to a tenth", "cache_read", "0.03625", "0.003625"),
    ("openrouter 2026: xiaomi/mimo-v2.5-pro, cache", "cache_read", "0.2", "0.0036"),
    ("openrouter 2026: xiaomi/mimo-v2.5, cache", "cache_read", "0.08", "0.0028"),
    ("openrouter 2026: nex-agi/nex-n2-pro, cache", "cache_read", "0.25", "0.025"),
    ("openrouter 2026: tencent/hy3, cache", "cache_read", "0.5", "0.035"),
    ("openrouter 2026: meta-llama/llama-guard-3-8b, another provider", "input", "0.02", "0.48"),
    ("openrouter 2026: meta-llama/llama-3.2-3b-instruct, another provider", "output", "0.02", "0.34"),
    ("openrouter 2026: meta-llama/llama-3.2-1b-instruct, another provider", "output", "0.01", "0.2"),
    ("openrouter 2026: mistralai/mistral-small-3.1-24b-instruct, another provider", "input", "0.35", "0.03"),
    ("openrouter 2026: mistralai/mistral-small-3.1-24b-instruct, output", "output", "0.56", "0.11"),
    ("openrouter 2026: mistralai/mistral-7b-instruct", "input", "0.028", "0.2"),
    ("openrouter 2026: xiaomi/mimo-v2.5", "output", "2", "0.28"),
    ("openrouter 2026: deepseek/deepseek-r1-distill-llama-70b", "input", "0.1", "0.7"),
    ("openrouter 2026: mistralai/mixtral-8x7b-instruct", "input", "0.08", "0.54"),
    ("openrouter 2026: google/gemma-2-27b-it", "input", "0.1", "0.65"),
    ("openrouter 2026: deepseek/deepseek-v3.2, cache", "cache_read", "0.02145", "0.1345"),
    ("openrouter 2026: nousresearch/hermes-2-pro-llama-3-8b", "input", "0.025", "0.14"),
    ("openrouter 2026: qwen/qwen3-235b-a22b-2507", "output", "0.1", "0.55"),
    ("openrouter 2026: mistralai/mixtral-8x22b-instruct", "input", "0.4", "2"),
    ("openrouter 2026: qwen/qwen3-235b-a22b-thinking-2507", "output", "0.6", "1.495"),
    ("openrouter 2026: meta-llama/llama-3.2-11b-vision-instruct", "output", "0.049", "0.245"),
    ("openrouter 2026: nousresearch/hermes-3-llama-3.1-405b", "output", "0.8", "1"),
    ("openrouter 2026: tencent/hy3", "input", "0.14", "0.2"),
    ("openrouter 2026: qwen/qwen3.6-27b", "input", "0.5", "0.325"),
    ("openrouter 2026: inception/mercury", "output", "1", "0.75"),
    ("openrouter 2026: thedrummer/rocinante-12b", "input", "0.25", "0.17"),
    ("openrouter 2025: neversleep/noromaid-20b", "output", "1.5", "2"),
    ("openrouter 2026: moonshotai/kimi-k2.6, cache", "cache_read", "0.1463", "0.14"),
    ("openrouter 2026: moonshotai/kimi-k2.7-code", "output", "3.5", "3.069"),
    ("openrouter 2026: openai/gpt-5.1-codex, cache", "cache_read", "0.125", "0.13"),
    ("openrouter 2026: z-ai/glm-5.2", "output", "4.4", "4.1"),
    ("openrouter 2026: qwen/qwen3-max, cache", "cache_read", "0.24", "0.156"),
    ("openrouter 2025: web search was free and became unknown", "web_search", "0.01", GONE),
    ("a price that was not known is", "input", GONE, "3"),
    ("the dearest real price: openai/o1-pro", "output", GONE, "600"),
]
HARMLESS_CONTEXTS = [
    ("openrouter 2026-04-18: moonshotai/kimi-k2.5", 262144, 256000),
    ("openrouter 2026-03-03: meta-llama/llama-3.2-3b-instruct", 131072, 80000),
    ("openrouter 2026-03-20: nvidia/nemotron-3-super-120b-a12b", 8000, 262144),
    ("openrouter 2026-04-21: deepseek/deepseek-v3.2", 163840, 131072),
    ("openrouter 2026-04-14: minimax/minimax-m2.7", 204800, 196608),
]


def short(case: tuple[Any, ...]) -> str:
    return str(next(part for part in case[-5:] if isinstance(part, str) and " " in part))


@pytest.mark.parametrize(("guard", "incident", "rate", "before", "after"), JUMPS, ids=map(short, JUMPS))
def test_a_price_change_of_an_incident_is_held(guard: str, incident: str, rate: str, before: Any, after: Any) -> None:
    assert held(f"price.{rate}", before, after) == guard


@pytest.mark.parametrize(("guard", "incident", "rate", "price"), FIRSTS, ids=map(short, FIRSTS))
def test_a_new_models_price_of_an_incident_is_held(guard: str, incident: str, rate: str, price: str) -> None:
    assert held(f"price.{rate}", GONE, price) == guard


@pytest.mark.parametrize(("guard", "price"), IMPOSSIBLE)
def test_what_can_be_no_price_is_held_whether_there_was_one_or_not(guard: str, price: Any) -> None:
    assert held("price.input", "3", price) == guard
    assert held("price.input", GONE, price, image="0.04") == guard
    assert held("price.input", GONE, price) == guard


@pytest.mark.parametrize(("incident", "before", "after"), CONTEXTS, ids=map(short, CONTEXTS))
def test_a_context_that_shrank_in_an_incident_is_held(incident: str, before: int, after: int) -> None:
    assert held("context", before, after) == "shrinking"


@pytest.mark.parametrize(("what", "rate", "before", "after"), HARMLESS, ids=map(short, HARMLESS))
def test_a_harmless_price_change_passes(what: str, rate: str, before: Any, after: Any) -> None:
    assert held(f"price.{rate}", before, after) is None


@pytest.mark.parametrize(("what", "before", "after"), HARMLESS_CONTEXTS, ids=map(short, HARMLESS_CONTEXTS))
def test_a_harmless_change_of_context_passes(what: str, before: int, after: int) -> None:
    assert held("context", before, after) is None


def test_there_are_at_least_forty_incidents_and_as_many_harmless_changes() -> None:
    assert len(JUMPS) + len(FIRSTS) + len(CONTEXTS) >= 40
    assert len(HARMLESS) + len(HARMLESS_CONTEXTS) >= 40


def test_a_missing_price_given_as_zero_is_held_until_something_says_free() -> None:
    # openrouter 2026: qwen/qwen3-vl-235b-a22b-thinking began with 0 and cost 2.6 days later.
    new = {"price.input": "0", "price.output": "0"}
    assert {hold.guard for hold in judge_fields("qwen/big", None, new, [*new]).values()} == {"free_unsaid"}
    assert {hold.guard for hold in judge_fields("qwen/big", {"context": 8}, new, [*new]).values()} == {"free_unsaid"}
    assert judge_fields("qwen/big:free", None, new, [*new]) == {}
    assert judge_fields("qwen/big", None, {**new, "name": "Big (free)"}, [*new]) == {}
    assert judge_fields("qwen/freedom", None, new, [*new]) != {}


def test_a_free_model_with_one_paid_price_passes() -> None:
    new = {"price.input": "0", "price.output": "0", "price.image": "0.04"}
    assert judge_fields("lab/draws", None, new, [*new]) == {}


def test_output_cheaper_than_cached_input_is_held() -> None:
    assert held("price.output", "3", "0.9", cache_read="1") == "output_below_cached"
    assert held("price.cache_read", "0.5", "4", output="3") == "output_below_cached"
    assert held("price.output", "3", "1.1", cache_read="1") is None


def test_output_that_was_below_cached_input_before_is_not_held_again() -> None:
    assert held("price.output", "0.8", "0.9", cache_read="1") is None


def test_a_held_price_is_not_compared_with_its_neighbour() -> None:
    old = {"price.output": "3", "price.cache_read": "1"}
    new = {"price.output": "0.1", "price.cache_read": "0.5"}
    assert {path: hold.guard for path, hold in judge_fields("a/b", old, new, [*new]).items()} == {
        "price.output": "jump"
    }


def test_a_router_whose_price_begins_to_vary_is_not_held() -> None:
    assert held("price.input", "3", GONE, variable=True) is None


def test_the_same_correction_is_held_when_it_comes_a_fourth_time() -> None:
    def guard(history: list[str]) -> list[str]:
        found = judge_fields("a/b", {"name": "A"}, {"name": "B"}, ["name"], STANDARD, {"name": history})
        return [hold.guard for hold in found.values()]

    assert guard(["A", "B", "A", "B", "A", "B", "A"]) == ["flapping"]
    assert guard(["A", "B", "A", "B", "A"]) == []
    assert guard(["A", "C", "A", "C", "A", "C", "A"]) == []


def test_tiers_and_windows_are_judged_price_by_price() -> None:
    old = [{"above": 200000, "rates": {"input": "2.5"}}]
    new = [{"above": 200000, "rates": {"input": "2500"}}]
    assert held("price.tiers", old, new) == "unit_slip"
    assert held("price.tiers", old, [{"above": 100000, "rates": {"input": "5"}}]) is None
    assert held("price.windows", GONE, [{"starts": "2026-01-01", "rates": {"output": "NaN"}}]) == "not_a_number"


@pytest.mark.parametrize(
    ("removed", "active", "is_held"),
    [
        (0, 100, False), (1, 5, False), (10, 100, False), (11, 100, True), (20, 1000, False), (21, 1000, True),
        (1, 1, True), (2, 5, True), (5, 5, True), (300, 400, True),
    ],
)  # fmt: skip
def test_removals_are_held_above_a_tenth_above_twenty_and_all(removed: int, active: int, is_held: bool) -> None:
    # google 2025: 14 of 24 recorded listings were a first page of 50, which looks like a third of all models gone.
    assert (mass_removal(removed, active, STANDARD) is not None) == is_held


def test_thresholds_are_settings() -> None:
    strict = Thresholds(jump=Decimal(2), jump_worth=Decimal(0), shrink=Decimal("0.1"))
    assert held("price.input", "0.02", "0.04", strict) == "jump"
    assert held("price.input", "0.02", "0.04") is None
    assert held("context", 262144, 131073, strict) == "shrinking"
    assert held("context", 262144, 131073) is None
    assert too_high("image", Decimal(11), msgspec.structs.replace(STANDARD, highest_each=Decimal(10))) is not None


def test_a_jump_of_exactly_ten_is_held_and_one_below_passes() -> None:
    assert held("price.input", "1", "10") == "jump"
    assert held("price.input", "1", "9.99") is None
    assert held("price.input", "10", "1") == "jump"


def test_each_hold_says_what_is_wrong_and_what_to_do() -> None:
    (hold,) = judge_fields("a/b", {"price.input": "3"}, {"price.input": "3000"}, ["price.input"]).values()
    assert "10^3" in hold.reason
    assert "3 -> 3000" in hold.reason
    assert "release" in hold.hint
