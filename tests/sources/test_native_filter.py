"""The filter that keeps text LLMs: the shipped rules on real names, and the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelcensus.core.errors import SettingsError
from modelcensus.core.native import Ruling, ruling
from modelcensus.sources.native import load_filter
from modelcensus.sources.native.filter import read_filter

EXCLUDED = {
    "embeddings": ["text-embedding-3-small", "text-embedding-ada-002", "gemini-embedding-exp-03-07", "embedding-001"],
    "moderation": ["omni-moderation-latest"],
    "transcription": ["whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize"],
    "speech": ["tts-1", "tts-1-hd-1106", "gpt-4o-mini-tts", "gemini-2.5-pro-preview-tts"],
    "realtime": ["gpt-4o-realtime-preview-2024-10-01", "gpt-realtime", "gemini-2.0-flash-live-001"],
    "spoken chat": ["gpt-4o-audio-preview", "gpt-4o-mini-audio-preview-2024-12-17", "gpt-audio-mini"],
    "images": [
        "dall-e-3", "gpt-image-1", "chatgpt-image-latest", "imagen-3.0-generate-002", "gemini-2.5-flash-image",
        "gemini-2.0-flash-exp-image-generation",
    ],
    "video and music": ["sora-2", "veo-3.0-generate-001", "lyria-3-pro-preview"],
    "screen control": ["computer-use-preview", "gemini-2.5-computer-use-preview-10-2025"],
}  # fmt: skip
KEPT = [
    "gpt-4.1", "gpt-4o", "gpt-4o-mini-search-preview", "gpt-4-turbo-preview", "gpt-3.5-turbo-instruct", "davinci-002",
    "chatgpt-4o-latest", "codex-mini-latest", "o1-pro", "o4-mini-deep-research", "gpt-5-chat-latest", "gpt-9-new",
    "ft:gpt-4o-mini:me::1", "claude-2.0", "claude-opus-4-20250514", "gemini-2.5-pro-preview-05-06",
    "gemini-pro-vision", "gemini-2.5-flash-preview-04-17-thinking", "gemma-3-1b-it", "learnlm-2.0-flash-experimental",
]  # fmt: skip


def ruled(name: str, provider: str = "openai", own: Path | None = None, **entity: Any) -> Ruling:
    return ruling(load_filter(own), provider, name, entity)


def written(folder: Path, *rules: str, head: str = "") -> Path:
    path = folder / "mine.toml"
    path.write_text(head + "".join(f'\n[[rule]]\nname = "mine"\nwhy = "I say so"\n{rule}\n' for rule in rules))
    return path


@pytest.mark.parametrize(("rule", "name"), [(rule, name) for rule, names in EXCLUDED.items() for name in names])
def test_what_is_no_text_model_is_excluded_by_the_rule_for_its_kind(rule: str, name: str) -> None:
    told = ruled(name)
    assert (told.kept, told.rule) == (False, rule)
    assert told.why
    assert told.origin is not None
    assert told.origin.line


@pytest.mark.parametrize("name", KEPT)
def test_a_text_model_is_kept_a_new_one_too(name: str) -> None:
    assert ruled(name).kept


def test_a_google_model_without_a_method_for_text_is_excluded_whatever_its_name() -> None:
    asked: dict[str, Any] = {"supportedGenerationMethods": ["generateAnswer"]}
    assert ruled("aqa", "google", **asked).rule == "no text generation"
    assert ruled("aqa", "openai", **asked).kept


@pytest.mark.parametrize("method", ["generateContent", "generateText", "generateMessage"])
def test_a_google_model_with_a_method_for_text_is_kept(method: str) -> None:
    assert ruled("text-bison-001", "google", supportedGenerationMethods=["countTokens", method]).kept


def test_a_google_model_that_tells_no_methods_is_kept() -> None:
    assert ruled("gemini-next", "google").kept


def test_a_base_for_tuning_is_excluded() -> None:
    assert ruled("gemini-1.5-flash-001-tuning", "google").rule == "tuning"


def test_an_own_rule_is_asked_before_the_shipped_ones(tmp_path: Path) -> None:
    mine = written(tmp_path, 'action = "keep"\nids = ["tts-1"]')
    told = ruled("tts-1", own=mine)
    assert (told.kept, told.rule, told.why) == (True, "mine", "I say so")
    assert told.origin is not None
    assert told.origin.own
    assert ruled("tts-1-hd", own=mine).rule == "speech"


@pytest.mark.parametrize(("otherwise", "kept"), [("keep", True), ("exclude", False)])
def test_own_rules_can_do_without_the_shipped_ones(tmp_path: Path, otherwise: str, kept: bool) -> None:
    mine = written(tmp_path, 'action = "keep"\nids = ["gpt-*"]', head=f'otherwise = "{otherwise}"\n')
    assert ruled("gpt-4", own=mine).rule == "mine"
    assert (ruled("tts-1", own=mine).kept, ruled("tts-1", own=mine).rule) == (kept, None)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('ids = ["a"]', "does not say what it does"),
        ('action = "drop"\nids = ["a"]', "does not say what it does"),
        ('action = "keep"', "has no condition"),
        ('action = "keep"\nids = "a"', "'ids' must be a list"),
        ('action = "keep"\nfield = "a"', "go together"),
        ('action = "keep"\ncontains = ["a"]\nids = ["b"]', "go together"),
        ('action = "keep"\nid = ["a"]', "no field 'id'"),
    ],
)
def test_a_wrong_rule_is_refused_with_file_line_and_name(tmp_path: Path, rule: str, problem: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_filter(written(tmp_path, rule))
    assert error.value.message.startswith(f"{tmp_path}/mine.toml, line 2 (mine): ")
    assert problem in error.value.message
    assert error.value.hint


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('otherwise = "maybe"', "'otherwise' is 'maybe'"),
        ("rules = 1", "no field 'rules'"),
        ("rule = 1", "'rule' must be entries"),
        ("[[rule]]\nwhy = 'x'", "no name"),
        ("[[rule]]\nname = 'x'", "does not say why"),
        ('otherwise = "shipped rules"', "'otherwise' is 'shipped rules'"),
    ],
)
def test_a_wrong_filter_is_refused(text: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        read_filter(text, "f.toml")


def test_an_own_filter_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none.toml cannot be read: No such file"):
        load_filter(tmp_path / "none.toml")


def test_the_filter_in_the_documentation_can_be_used(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "howto" / "native-prices.md"
    (tmp_path / "filter.toml").write_text(page.read_text().split("```toml\n")[2].split("```")[0])
    assert ruled("gpt-3.5-turbo", own=tmp_path / "filter.toml").rule == "no old models"
    assert ruled("tts-1", own=tmp_path / "filter.toml").rule == "speech"
