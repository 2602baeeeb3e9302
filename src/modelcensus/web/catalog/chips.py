"""What is chosen, in words, each with the address that leaves it out."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from modelcensus.web.catalog.asked import EVERYONE, Asked
from modelcensus.web.catalog.cells import capability
from modelcensus.web.rendering.shown import brief

_FLAGS = {
    ("free", "true"): "free of charge", ("free", "false"): "not free", ("curated", "true"): "curated",
    ("curated", "false"): "not curated", ("open_weights", "true"): "open weights",
    ("open_weights", "false"): "no open weights", ("enabled", "true"): "enabled", ("enabled", "false"): "not enabled",
}  # fmt: skip
_WORDS = {
    "q": "“{}”", "provider": "{}", "lab": "by {}", "offered_by": "offered by {}", "modality": "{}",
    "input_modality": "takes {}", "output_modality": "gives {}", "min_price_input": "input from ${}",
    "max_price_input": "input up to ${}", "min_price_output": "output from ${}", "max_price_output": "output up to ${}",
    "lifecycle": "{}", "retiring_before": "retires before {}",
}  # fmt: skip

NAMES = {
    "q": "the search", "min_price_input": "the price of input", "max_price_input": "the price of input",
    "min_price_output": "the price of output", "max_price_output": "the price of output", "min_context": "the context",
    "free": "“free of charge”", "sort": "the order", "as_of": "the day of “as of”", "offered_by": "“offered by”",
    "retiring_before": "the day of “retires before”", "open_weights": "“open weights”", "tier": "“as seen by”",
    "input_modality": "what it takes", "output_modality": "what it gives",
}  # fmt: skip
"""What a filter is called in a sentence; the others by their own name."""


class Chip(msgspec.Struct, frozen=True):
    """One thing that is chosen."""

    text: str
    address: str


def chips(asked: Asked) -> Iterator[Chip]:
    """All filters that are in force; not the order, the columns and the time."""
    for name, word in asked.pairs:
        text = _told(name, word)
        if text is not None:
            yield Chip(text, asked.less(name, word))


def _told(name: str, word: str) -> str | None:
    if name in _WORDS:
        return _WORDS[name].format(brief(word, 40))
    if name == "capability":
        return capability(word)
    if name == "min_context":
        return f"context from {int(word):,}".replace(",", "\u202f")
    if name == "tier":
        return "everything, whoever sees it" if word == EVERYONE else f"as {word} callers see it"
    if name == "held":
        return "held back"
    return _FLAGS.get((name, word.lower().replace("1", "true").replace("0", "false")))
