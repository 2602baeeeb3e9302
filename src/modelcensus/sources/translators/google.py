"""Google's listing of Gemini API models: names, limits and methods; prices come from the facts.

https://ai.google.dev/api/models
"""

from __future__ import annotations

from modelcensus.core.catalog.listing import Snapshot, Translated
from modelcensus.core.catalog.modality import words
from modelcensus.sources.native import model_name, said
from modelcensus.sources.translators import native
from modelcensus.sources.translators.contract import Aids, Translator
from modelcensus.sources.translators.reading import flag, name, number, text, texts

PROVIDER = "google"
_METHODS = {"createCachedContent": "caching", "batchGenerateContent": "batch"}
"""Capabilities that a method of the API proves. That one is not listed proves nothing: older entries name fewer."""
_EMBEDS = frozenset({"embedContent", "embedText", "asyncBatchEmbedContent"})
_WRITES = frozenset({"generateContent", "generateText", "generateMessage"})


def translate(snapshot: Snapshot, aids: Aids) -> Translated:
    """One model. ``inputTokenLimit`` is what may be sent, not the whole window; see ``core.native.limits``."""
    entity = snapshot.data
    methods = texts(entity.get("supportedGenerationMethods"))
    able = {ours: True for method, ours in _METHODS.items() if method in methods}
    if (thinking := flag(entity.get("thinking"))) is not None:
        able["reasoning"] = thinking
    if number(entity.get("maxTemperature")) is not None:
        able["temperature"] = True
    # An embedding model is told by its methods; what one that generates gives (text, images) is not said.
    embeds = bool(_EMBEDS & {*methods}) and not _WRITES & {*methods}
    return native.translated(
        snapshot,
        aids,
        PROVIDER,
        model_name(PROVIDER, snapshot.key),
        said(PROVIDER, entity),
        lab=PROVIDER,
        name=name(entity.get("displayName")),
        description=text(entity.get("description")),
        canonical=name(entity.get("baseModelId")),
        outputs=words(["embedding"]) if embeds else (),
        capabilities=able,
    )


TRANSLATOR = Translator(version=1, categories=("model",), translate=translate, aided=True)
