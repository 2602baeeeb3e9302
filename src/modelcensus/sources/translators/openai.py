"""OpenAI's listing: ids and announced ends; prices, limits and modalities come from the facts.

https://developers.openai.com/api/reference/resources/models/methods/list
"""

from __future__ import annotations

from modelcensus.core.catalog.listing import Snapshot, Translated
from modelcensus.sources.native import said
from modelcensus.sources.translators import native
from modelcensus.sources.translators.contract import Aids, Translator

PROVIDER = "openai"


def translate(snapshot: Snapshot, aids: Aids) -> Translated:
    """One model.

    ``created`` is no day of release: of 27 recorded models one was released on that day by models.dev, others up to
    350 days apart.
    """
    return native.translated(
        snapshot,
        aids,
        PROVIDER,
        snapshot.key,
        said(PROVIDER, snapshot.data),
        lab=PROVIDER,
    )


TRANSLATOR = Translator(version=1, categories=("model",), translate=translate, aided=True)
