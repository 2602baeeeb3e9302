"""Anthropic's listing: names, limits, lifecycle and capabilities; prices come from the facts.

https://platform.claude.com/docs/en/api/models/list
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelcensus.core.catalog.listing import Snapshot, Translated
from modelcensus.core.change import at_path
from modelcensus.sources.native import said
from modelcensus.sources.translators import native
from modelcensus.sources.translators.contract import Aids, Translator
from modelcensus.sources.translators.reading import day, flag, members, name

PROVIDER = "anthropic"
_CAPABILITIES = {
    "vision": "image_input", "file_input": "pdf_input", "structured_output": "structured_outputs",
    "reasoning": "thinking", "batch": "batch", "web_search": "server_tools.web_search",
}  # fmt: skip
"""Ours by upstream's; each is an object that says ``supported``."""
_INPUTS = {"image": "image_input", "file": "pdf_input"}


def translate(snapshot: Snapshot, aids: Aids) -> Translated:
    """One model. What goes in is said by its capabilities, beside the text that every model here reads and writes."""
    entity = snapshot.data
    able = members(entity.get("capabilities"))
    inputs = tuple(word for word, field in _INPUTS.items() if _supported(able, field))
    return native.translated(
        snapshot,
        aids,
        PROVIDER,
        snapshot.key,
        said(PROVIDER, entity),
        lab=PROVIDER,
        name=name(entity.get("display_name")),
        released=day(entity.get("created_at")),
        inputs=("text", *inputs) if able else (),
        outputs=("text",) if able else (),
        capabilities={
            ours: known for ours, field in _CAPABILITIES.items() if (known := _supported(able, field)) is not None
        },
    )


def _supported(able: Mapping[str, Any], field: str) -> bool | None:
    return flag(at_path(able, f"{field}.supported"))


TRANSLATOR = Translator(version=1, categories=("model",), translate=translate, aided=True)
