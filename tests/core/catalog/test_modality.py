"""The modality of a model by the rules, in their order."""

from __future__ import annotations

from typing import Any

import pytest

from modelcensus.core.catalog.listing import Modality
from modelcensus.core.catalog.modality import modality, parted, word, words


@pytest.mark.parametrize(
    ("inputs", "outputs", "said", "is_"),
    [
        ("text", "text", None, Modality.TEXT),
        ("text image", "text", None, Modality.MULTIMODAL),
        ("text audio", "text", None, Modality.MULTIMODAL),
        ("audio", "text", None, Modality.MULTIMODAL),
        ("text file", "text", None, Modality.TEXT),
        ("text video", "text", None, Modality.TEXT),
        ("text image", "image text", None, Modality.IMAGE),
        ("text", "video", None, Modality.VIDEO),
        ("text", "video audio", None, Modality.VIDEO),
        ("text", "audio text", None, Modality.AUDIO),
        ("text", "image video audio text", None, Modality.IMAGE),
        ("text", "", "text->embeddings", Modality.EMBEDDING),
        ("text", "embedding", None, Modality.EMBEDDING),
        ("text image", "embedding", None, Modality.EMBEDDING),
        ("text image", "image", "text->embedding", Modality.IMAGE),
        ("text", "rerank", None, Modality.TEXT),
        ("", "", "text->text", Modality.TEXT),
        ("", "", "", None),
        ("", "", None, None),
        ("", "", 7, None),
    ],
)
def test_the_first_rule_that_holds_decides(inputs: str, outputs: str, said: Any, is_: Modality | None) -> None:
    assert modality(inputs.split(), outputs.split(), said) == is_


@pytest.mark.parametrize(
    ("said", "ours"),
    [("Text", "text"), (" images ", "image"), ("pdf", "file"), ("speech", "audio"), ("embeddings", "embedding")],
)
def test_words_of_sources_come_to_one_spelling(said: str, ours: str) -> None:
    assert word(said) == ours


@pytest.mark.parametrize("said", ["smell", "", None, 7, ["text"], {}])
def test_an_unknown_word_is_none(said: Any) -> None:
    assert word(said) is None


def test_a_list_is_kept_in_one_order_with_each_word_once() -> None:
    assert words(["image", "text", "Images", "smell", None]) == ("text", "image")


@pytest.mark.parametrize("said", [None, "text", 7, {"text": 1}])
def test_what_is_no_list_has_no_words(said: Any) -> None:
    assert words(said) == ()


def test_only_so_many_words_of_a_list_are_looked_at() -> None:
    assert words(["smell"] * 32 + ["image"]) == ()


@pytest.mark.parametrize(
    ("said", "inputs", "outputs"),
    [
        ("text+image->text", ("text", "image"), ("text",)),
        ("text->embeddings", ("text",), ("embedding",)),
        ("text", (), ()),
        ("->image", (), ("image",)),
        (None, (), ()),
    ],
)
def test_a_modality_string_names_both_sides(said: Any, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    assert parted(said) == (inputs, outputs)
