"""Models of the Hugging Face Hub, and who serves them: https://huggingface.co/docs/hub/api.

Downloads, likes and trends are metrics and no fields; no price is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from modelcensus.core.catalog.listing import Listing, Offering, Snapshot, Stage, Translated
from modelcensus.core.catalog.modality import modality
from modelcensus.sources.translators import native
from modelcensus.sources.translators.contract import Aids, Translator
from modelcensus.sources.translators.reading import day, items, media, members, name, texts

HUB = "https://huggingface.co/"
_TEXT, _PICTURE = ("text",), ("image",)
_TASKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text-generation": (_TEXT, _TEXT),
    "text2text-generation": (_TEXT, _TEXT),
    "conversational": (_TEXT, _TEXT),
    "summarization": (_TEXT, _TEXT),
    "translation": (_TEXT, _TEXT),
    "question-answering": (_TEXT, _TEXT),
    "fill-mask": (_TEXT, _TEXT),
    "image-text-to-text": (("text", "image"), _TEXT),
    "visual-question-answering": (("text", "image"), _TEXT),
    "document-question-answering": (("text", "image"), _TEXT),
    "video-text-to-text": (("text", "video"), _TEXT),
    "audio-text-to-text": (("text", "audio"), _TEXT),
    "image-to-text": (_PICTURE, _TEXT),
    "automatic-speech-recognition": (("audio",), _TEXT),
    "text-to-image": (_TEXT, _PICTURE),
    "image-to-image": (_PICTURE, _PICTURE),
    "text-to-video": (_TEXT, ("video",)),
    "image-to-video": (_PICTURE, ("video",)),
    "text-to-speech": (_TEXT, ("audio",)),
    "text-to-audio": (_TEXT, ("audio",)),
    "feature-extraction": (_TEXT, ("embedding",)),
    "sentence-similarity": (_TEXT, ("embedding",)),
    "text-ranking": (_TEXT, ("rerank",)),
}
"""What goes in and comes out by task (https://huggingface.co/tasks). A task that is not here says nothing."""
_PAPER = re.compile(r"\d{4}\.\d{4,5}")
_LICENCE, _ARXIV = "license:", "arxiv:"
_LIVE = "live"
_MOST = 200
"""Inference providers that are looked at; there are about 20."""


def translate(snapshot: Snapshot, aids: Aids) -> Translated:  # noqa: ARG001  # every translator is given the aids
    """One repository: its listing, and an offering for each inference provider that serves it."""
    entity, key = snapshot.data, snapshot.key
    tags = texts(entity.get("tags"))
    inputs, outputs = _TASKS.get(name(entity.get("pipeline_tag")) or "", ((), ()))
    owner, slash, rest = key.partition("/")
    found = Listing(
        **native.origin(snapshot),
        name=rest or key,
        lab=name(entity.get("author")) or (owner if slash else None),
        hugging_face_id=key,
        inputs=inputs,
        outputs=outputs,
        modality=modality(inputs, outputs),
        # A repository has one task and may be good for more: what is not in it is not said.
        capabilities={ability: True for ability, there in media(inputs, outputs).items() if there},
        released=day(entity.get("createdAt")),
        licence=", ".join(tag.removeprefix(_LICENCE) for tag in tags if tag.startswith(_LICENCE)) or None,
        open_weights=True,
        parameters=native.parameters(members(entity.get("safetensors")).get("total")),
        links=_links(key, tags),
    )
    return Translated(found, tuple(_offerings(snapshot, entity.get("inferenceProviderMapping"))))


def _links(key: str, tags: tuple[str, ...]) -> dict[str, str]:
    links = {"hugging_face": HUB + quote(key, safe="/")}
    papers = (tag.removeprefix(_ARXIV) for tag in tags if tag.startswith(_ARXIV))
    if paper := next((paper for paper in papers if _PAPER.fullmatch(paper)), None):
        links["paper"] = f"https://arxiv.org/abs/{paper}"
    return links


def _offerings(snapshot: Snapshot, served: object) -> Iterator[Offering]:
    """One for each provider: it may serve a model for several tasks, and is active if one of them is live."""
    stages: dict[str, tuple[str | None, Stage]] = {}
    for provider, entry in _entries(served):
        live = entry.get("status") == _LIVE
        if provider not in stages or (live and stages[provider][1] is not Stage.ACTIVE):
            stages[provider] = name(entry.get("providerId")), Stage.ACTIVE if live else Stage.UNKNOWN
    for provider, (called, stage) in stages.items():
        yield Offering(**native.origin(snapshot), model_key=snapshot.key, provider=provider, name=called, stage=stage)


def _entries(served: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """(provider, entry) of an array of entries, or of an object of them by provider."""
    pairs = [(name(provider), entry) for provider, entry in members(served).items()]
    pairs += [(name(members(entry).get("provider")), entry) for entry in items(served)]
    for provider, entry in pairs[:_MOST]:
        if provider is not None and isinstance(entry, dict):
            yield provider, entry


TRANSLATOR = Translator(version=1, categories=("model",), translate=translate)
