"""Names taken apart, one transform at a time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.catalog.naming import MAX_NAME, parsed
from modelcensus.core.catalog.transforms import TRANSFORMS

STEPS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("case", "zai-org/GLM-5", {}, {"base": "glm-5"}),
    ("transport prefix", "bedrock/anthropic.claude-sonnet-5", {}, {"base": "claude-sonnet-5"}),
    ("transport prefix", "nano-gpt/openai/gpt-4o", {"provider": "nano-gpt"}, {"lab": "openai", "base": "gpt-4o"}),
    ("tilde", "~openai/gpt-latest", {"router": True}, {"moving": True}),
    ("region prefix", "us-gov.anthropic.claude-sonnet-5", {}, {"lab": "anthropic", "base": "claude-sonnet-5"}),
    ("region prefix", "azure/eu/gpt-4o", {}, {"base": "gpt-4o"}),
    ("region prefix", "bedrock/us-east-1/meta.llama3-70b-instruct-v1:0", {}, {"base": "llama-3-70b-instruct"}),
    ("vendor prefix", "mistral.voxtral-small-24b", {}, {"lab": "mistralai", "base": "voxtral-small-24b"}),
    ("lab", "zai-org/GLM-5", {}, {"lab": "z-ai"}),
    ("lab", "anthropic--claude-4.5-opus", {}, {"lab": "anthropic", "base": "claude-opus-4-5"}),
    ("databricks prefix", "databricks-gpt-5-1", {}, {"base": "gpt-5-1"}),
    ("joined lab", "anthropic-claude-opus-5", {}, {"lab": "anthropic", "base": "claude-opus-5"}),
    ("bedrock version", "openai.gpt-oss-20b-1:0", {}, {"base": "gpt-oss-20b"}),
    ("bedrock version", "anthropic.claude-opus-4-6-v1", {}, {"base": "claude-opus-4-6"}),
    ("hosting suffix", "zai-org/glm-5-maas", {}, {"base": "glm-5"}),
    ("tag", "qwen/qwen3-8b:free", {}, {"base": "qwen3-8b", "variant": "free"}),
    ("tag", "gpt-oss:20b", {}, {"base": "gpt-oss-20b", "variant": None}),
    ("default", "claude-opus-4-6@default", {}, {"base": "claude-opus-4-6", "moving": False}),
    ("latest", "claude-3-5-haiku-latest", {}, {"moving": True}),
    ("lab's alias", "deepseek/deepseek-chat", {}, {"moving": True}),
    ("quantization", "Qwen/Qwen3-8B-FP8", {}, {"base": "qwen3-8b", "quantization": "fp8"}),
    ("quantization", "Qwen3_5-9B-Q4_K_M", {}, {"base": "qwen3-5-9b", "quantization": "q4_k_m"}),
    ("mode", "claude-opus-5-thinking", {}, {"base": "claude-opus-5", "mode": "thinking"}),
    ("date", "claude-sonnet-4-5-20250929", {}, {"base": "claude-sonnet-4-5", "date": "20250929"}),
    ("date", "gpt-4o-2024-08-06", {}, {"base": "gpt-4o", "date": "20240806"}),
    ("date", "claude-opus-4-1@20250805", {}, {"base": "claude-opus-4-1", "date": "20250805"}),
    ("date", "command-r-08-2024", {}, {"base": "command-r", "date": "202408"}),
    ("date", "qwen3.5-plus-02-15", {}, {"base": "qwen3-5-plus", "date": "0215"}),
    ("date", "deepseek-r1-0528", {}, {"base": "deepseek-r1", "date": "0528"}),
    ("date", "gemini-2.0-flash-001", {}, {"base": "gemini-2-0-flash", "date": "001"}),
    ("preview", "gemini-3-flash-preview", {}, {"base": "gemini-3-flash", "preview": True}),
    ("date before preview", "gpt-4-1106-preview", {}, {"base": "gpt-4", "preview": True, "date": "1106"}),
    ("mode before date", "qwen3-30b-a3b-thinking-2507", {}, {"base": "qwen3-30b-a3b", "mode": "thinking"}),
    ("point", "accounts/fireworks/models/kimi-k2p5", {}, {"base": "kimi-k2-5"}),
    ("dot to dash", "grok-4.20-multi-agent", {}, {"base": "grok-4-20-multi-agent"}),
    ("claude's words", "claude-4.5-sonnet", {}, {"base": "claude-sonnet-4-5"}),
    ("claude's words", "claude-opus-4-0", {}, {"base": "claude-opus-4"}),
    ("family and version", "llama3.1-8b-instruct", {}, {"base": "llama-3-1-8b-instruct"}),
    ("family and version", "qwen-2.5-7b-instruct", {}, {"base": "qwen2-5-7b-instruct"}),
    ("family and version", "gpt-35-turbo", {}, {"base": "gpt-3-5-turbo"}),
    ("nova's version", "amazon/nova-lite-v1", {}, {"base": "nova-lite"}),
]


@pytest.mark.parametrize(("transform", "name", "known", "parts"), STEPS, ids=lambda each: str(each)[:40])
def test_a_transform_finds_its_part_and_is_on_record(
    transform: str, name: str, known: dict[str, Any], parts: dict[str, Any]
) -> None:
    read = parsed(name, **known)
    assert {part: getattr(read, part) for part in parts} == parts
    assert transform in [step.transform for step in read.steps]


def test_every_transform_that_changes_names_has_a_case_here() -> None:
    assert {transform.name for transform in TRANSFORMS} - {case[0] for case in STEPS} == {"as written"}


@pytest.mark.parametrize(
    "name",
    [
        "claude-sonnet-4-5-20250929",
        "anthropic/claude-4.5-sonnet-20250929",
        "jp.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "bedrock/us-gov-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0",
        "vertex_ai/claude-sonnet-4-5@20250929",
    ],
)
def test_the_names_of_one_claude_come_to_the_same(name: str) -> None:
    read = parsed(name, lab="anthropic")
    assert (read.lab, read.base, read.date) == ("anthropic", "claude-sonnet-4-5", "20250929")


@pytest.mark.parametrize(
    ("name", "base"),
    [("anthropic.claude-v2:1", "claude-v2:1"), ("amazon.titan-embed-text-v2:0", "titan-embed-text-v2:0")],
)
def test_a_version_that_is_the_models_own_stays_in_the_base(name: str, base: str) -> None:
    assert parsed(name).base == base


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "ft:gpt-4o", "a/b/c", "kimi-k2p5", "model-v3p1"])
def test_what_is_not_understood_stays_in_the_base(name: str) -> None:
    assert parsed(name).base == name


def test_a_dot_between_letters_stays() -> None:
    assert parsed("poolside/laguna-m.1").base == "laguna-m.1"


def test_a_name_without_a_lab_is_the_makers_own() -> None:
    assert parsed("mistral/mistral-nemo", provider="mistral").lab == "mistralai"


def test_a_name_without_a_lab_is_nobodys_at_a_reseller() -> None:
    assert parsed("azure/gpt-4o", provider="azure").lab is None


def test_a_maker_that_sells_others_models_too_owns_its_own_families_only() -> None:
    assert parsed("google/claude-opus-5", provider="google").lab is None
    assert parsed("google/gemini-3.5-flash", provider="google").lab == "google"


def test_the_lab_that_the_name_says_goes_before_the_one_that_the_source_says() -> None:
    assert parsed("perplexity/anthropic/claude-opus-5", provider="perplexity", lab="perplexity").lab == "anthropic"


def test_a_provider_with_the_name_of_a_lab_is_taken_off_once() -> None:
    read = parsed("nvidia/nvidia/nemotron-nano-9b-v2", provider="nvidia")
    assert (read.lab, read.base) == ("nvidia", "nemotron-nano-9b-v2")


def test_the_name_of_a_router_of_openrouter_keeps_its_lab() -> None:
    assert parsed("openrouter/auto", router=True).lab == "openrouter"


def test_a_routers_own_name_never_moves_unless_it_says_so() -> None:
    assert not parsed("deepseek/deepseek-chat", router=True).moving


def test_steps_tell_what_was_left_before_and_after_each() -> None:
    read = parsed("bedrock/anthropic.claude-sonnet-5")
    assert [(step.transform, step.before, step.after) for step in read.steps] == [
        ("transport prefix", "bedrock/anthropic.claude-sonnet-5", "anthropic.claude-sonnet-5"),
        ("vendor prefix", "anthropic.claude-sonnet-5", "claude-sonnet-5"),
    ]


def test_a_name_that_is_too_long_is_not_taken_apart() -> None:
    name = "a" * MAX_NAME + "-fp8"
    assert parsed(name).base == name


@given(st.text(alphabet="claude-gpt/.:@~_0123456789vpq", max_size=40), st.sampled_from([None, "azure", "openai"]))
def test_no_name_breaks_and_none_loses_its_base(name: str, provider: str | None) -> None:
    read = parsed(name, provider=provider)
    assert bool(read.base) == bool(name)


@pytest.mark.parametrize("name", ["-tee", "-maas"])
def test_a_name_that_is_nothing_but_a_hosting_suffix_keeps_it(name: str) -> None:
    assert parsed(name).base == name
