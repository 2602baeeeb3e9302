"""What stands in the cells of the table: columns to choose from, and how their values are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec

from modelcensus.core.catalog.curated import effectively_enabled
from modelcensus.core.catalog.fields import number
from modelcensus.core.catalog.glance import Glance
from modelcensus.core.catalog.model import Value
from modelcensus.core.catalog.query import Lifecycle
from modelcensus.core.catalog.record import tiers_of
from modelcensus.core.catalog.units import decimal_text
from modelcensus.web.rendering.shown import brief

UNKNOWN = "–"
_LONGEST = 12
"""Characters of a price; what is longer is rounded to four digits."""
_SHORT = {
    "tool_calling": "tools", "structured_output": "structured", "web_search": "web search",
    "image_output": "images out", "audio_input": "audio in", "audio_output": "audio out", "video_input": "video in",
    "file_input": "files",
}  # fmt: skip
_TOLD = ("vision", "tool_calling", "structured_output", "reasoning", "web_search", "caching", "batch", "fine_tuning")
"""Capabilities that a cell tells, most telling first."""
_MOST_TOLD = 4
"""So many by name, the rest as a number."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column. ``sort`` is the order that its head gives, ``down`` whether the largest comes first at the first click.

    ``number``: its values stand at the right. ``inside``: only for who sees administration.
    """

    key: str
    title: str
    read: Callable[[Glance], str]
    hint: str = ""
    sort: str = ""
    down: bool = False
    number: bool = False
    inside: bool = False


def _fields(glance: Glance) -> Mapping[str, Value]:
    return glance.portrait.entry.model.fields


def _text(path: str) -> Callable[[Glance], str]:
    def read(glance: Glance) -> str:
        found = _fields(glance).get(path)
        return brief(found, 60) if isinstance(found, str) and found else UNKNOWN

    return read


def _price(path: str) -> Callable[[Glance], str]:
    return lambda glance: price(_fields(glance), path)


def _tokens(path: str) -> Callable[[Glance], str]:
    return lambda glance: tokens(number(_fields(glance).get(path)))


def price(fields: Mapping[str, Value], path: str) -> str:
    """A price in USD, with at least two decimals."""
    if fields.get("price.variable") is True:
        return "varies"
    found = number(fields.get(path))
    if found is None:
        return UNKNOWN
    if found == 0:
        return "free"
    text = decimal_text(found)
    if len(text) > _LONGEST:
        text = f"{found:.4g}"
    whole, _, decimals = text.partition(".")
    return text if "e" in text else f"{whole}.{decimals.ljust(2, '0')}"


def tokens(count: Decimal | None) -> str:
    """A number of tokens or parameters, to three digits: ``128k``, ``1.05M``."""
    if count is None or count <= 0:
        return UNKNOWN
    for unit, size in (("T", 10**12), ("B", 10**9), ("M", 10**6), ("k", 1000)):
        if count >= size:
            return f"{_three(count / size)}{unit}"
    return str(int(count))


def _three(amount: Decimal) -> str:
    if amount >= 100:
        return f"{amount:.0f}"
    text = f"{amount:.3g}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _flag(path: str) -> Callable[[Glance], str]:
    def read(glance: Glance) -> str:
        found = _fields(glance).get(path)
        return {True: "yes", False: "no"}[found] if isinstance(found, bool) else UNKNOWN

    return read


def _can(glance: Glance) -> str:
    fields = _fields(glance)
    able = [name for name in _TOLD if fields.get(f"capabilities.{name}") is True]
    more = f" +{len(able) - _MOST_TOLD}" if len(able) > _MOST_TOLD else ""
    return ", ".join(capability(name) for name in able[:_MOST_TOLD]) + more or UNKNOWN


def capability(name: str) -> str:
    """A capability in few letters."""
    return _SHORT.get(name, name.replace("_", " "))


def _offers(glance: Glance) -> str:
    found = len({each.provider.casefold() for each in glance.portrait.offerings})
    return str(found) if found else UNKNOWN


def _lifecycle(glance: Glance) -> str:
    return glance.lifecycle.value if glance.lifecycle is not Lifecycle.ACTIVE or not glance.retires else "retiring"


def _enabled(glance: Glance) -> str:
    entry = glance.portrait.entry
    return "yes" if effectively_enabled(entry.curation, entry.model.status) else "no"


def _tiers(glance: Glance) -> str:
    return ", ".join(tiers_of(glance.portrait.entry.curation, open_=False)) or "none"


COLUMNS: tuple[Column, ...] = (
    Column(key="provider", title="Provider", read=_text("provider")),
    Column(key="lab", title="Lab", read=_text("lab"), hint="Who made it"),
    Column(key="modality", title="Modality", read=_text("modality")),
    Column(key="can", title="Can", read=_can),
    Column(key="context", title="Context", read=_tokens("context"), hint="Tokens", sort="context", down=True,
           number=True),
    Column(key="max_output", title="Output limit", read=_tokens("max_output"), hint="Tokens", number=True),
    Column(key="input", title="Input", read=_price("price.input"), hint="USD per million tokens", sort="price.input",
           number=True),
    Column(key="output", title="Output", read=_price("price.output"), hint="USD per million tokens",
           sort="price.output", number=True),
    Column(key="cached", title="Cached", read=_price("price.cache_read"),
           hint="Input read from a cache, USD per million tokens", number=True),
    Column(key="trend", title="Trend", read=lambda _: "", hint="Price of input, the last 90 days"),
    Column(key="released", title="Released", read=_text("released"), sort="released", down=True),
    Column(key="cutoff", title="Knowledge", read=_text("knowledge_cutoff"), hint="What it has learned ends here"),
    Column(key="offers", title="Offers", read=_offers, hint="Providers that offer it", number=True),
    Column(key="weights", title="Open", read=_flag("open_weights"), hint="Open weights"),
    Column(key="parameters", title="Size", read=_tokens("parameters"), hint="Parameters", number=True),
    Column(key="lifecycle", title="Lifecycle", read=_lifecycle),
    Column(key="retires", title="Retires", read=_text("retires")),
    Column(key="enabled", title="Enabled", read=_enabled, inside=True),
    Column(key="tiers", title="Tiers", read=_tiers, inside=True),
)  # fmt: skip
"""In the order in which they stand."""
DEFAULT = ("modality", "can", "context", "input", "output", "trend", "released")
"""Columns that are shown where none are chosen."""
