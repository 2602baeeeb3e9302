"""One schema for what every source says: listings of models, and offerings of them at providers.

Money is ``Decimal`` in USD per million tokens (or per unit where the name says so); limits are tokens; days are ISO
8601 text as exact as the source is (``2026``, ``2026-03``, ``2026-03-01``). What is not known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

import msgspec


class Modality(StrEnum):
    """What a model is for, in one word."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    EMBEDDING = "embedding"
    MULTIMODAL = "multimodal"


class Stage(StrEnum):
    """Where in its life a model is, as a source says outright; UNKNOWN where it says nothing."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"
    UNKNOWN = "unknown"


class Rates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Prices of one unit each: USD per million tokens; ``image``, ``request``, ``web_search``, ``video_second``,
    ``audio_minute``, ``page`` and ``character`` are USD per one of these. Zero is free, None is not known."""

    input: Decimal | None = None
    output: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    batch_input: Decimal | None = None
    batch_output: Decimal | None = None
    reasoning: Decimal | None = None
    audio_input: Decimal | None = None
    audio_output: Decimal | None = None
    audio_cache_read: Decimal | None = None
    image_input: Decimal | None = None
    image_output: Decimal | None = None
    image: Decimal | None = None
    request: Decimal | None = None
    web_search: Decimal | None = None
    video_second: Decimal | None = None
    audio_minute: Decimal | None = None
    character: Decimal | None = None
    page: Decimal | None = None

    def known(self) -> Iterator[tuple[str, Decimal]]:
        """(name, price) of every price that is known, in the order above."""
        for name in self.__struct_fields__:
            price = getattr(self, name)
            if price is not None:
                yield name, price


class Tier(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Prices of a whole request whose prompt has more than ``above`` tokens: the threshold re-rates all of it."""

    above: int
    rates: Rates


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Prices that hold only then or there, instead of the base ones.

    ``starts`` and ``ends`` are days (from the one, before the other); ``daily_from`` and ``daily_until`` are times of
    day in UTC (``HH:MM``); ``region`` is the provider's word for a place. ``tiers`` are the window's own: those of the
    base do not hold in it.
    """

    rates: Rates
    tiers: tuple[Tier, ...] = ()
    starts: str | None = None
    ends: str | None = None
    daily_from: str | None = None
    daily_until: str | None = None
    region: str | None = None


class Prices(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All prices of one offer. ``variable``: it depends on what a router chooses, so that no number can be said."""

    base: Rates = Rates()
    tiers: tuple[Tier, ...] = ()
    windows: tuple[Window, ...] = ()
    variable: bool = False

    @property
    def known(self) -> bool:
        """Whether there is any price."""
        return self.variable or bool(self.tiers or self.windows) or any(True for _ in self.base.known())


CAPABILITIES = (
    "vision", "tool_calling", "parallel_tools", "structured_output", "json_mode", "reasoning", "web_search",
    "audio_input", "audio_output", "image_output", "video_input", "file_input", "streaming", "caching", "batch",
    "temperature", "logprobs", "seed", "fine_tuning", "computer_use",
)  # fmt: skip
"""What a model may be able to do; True or False as the source says, absent where it says nothing."""


class Benchmark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One measured number, and whom to name for it."""

    name: str
    value: Decimal
    attribution: str


class Listing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one source says of one model.

    ``key`` is its id there, and with ``sha256`` and ``observed_at`` (microseconds) remembers the snapshot. ``provider``
    is who serves it there, ``lab`` who made it, both as the source spells them; ``canonical`` and ``hugging_face_id``
    are what the source itself gives to recognise the model by. ``moving``: it is a name for whichever model is newest.
    ``text_llm`` False with ``excluded`` saying why: it is no text LLM by the native filter.
    """

    source: str
    category: str
    key: str
    sha256: str
    observed_at: int
    name: str | None = None
    provider: str | None = None
    lab: str | None = None
    description: str | None = None
    canonical: str | None = None
    hugging_face_id: str | None = None
    moving: bool = False
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    modality: Modality | None = None
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    capabilities: dict[str, bool] = {}
    prices: Prices = Prices()
    stage: Stage = Stage.UNKNOWN
    released: str | None = None
    knowledge_cutoff: str | None = None
    deprecated: str | None = None
    retires: str | None = None
    successor: str | None = None
    licence: str | None = None
    open_weights: bool | None = None
    parameters: int | None = None
    links: dict[str, str] = {}
    benchmarks: tuple[Benchmark, ...] = ()
    text_llm: bool | None = None
    excluded: str | None = None


class Offering(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price and limits of a model at a provider, and region, as one source says.

    ``key`` is the entity it was said in; ``model_key`` the key of the listing in the same source that it offers.
    """

    source: str
    category: str
    key: str
    sha256: str
    observed_at: int
    model_key: str
    provider: str
    name: str | None = None
    region: str | None = None
    quantization: str | None = None
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    capabilities: dict[str, bool] = {}
    prices: Prices = Prices()
    stage: Stage = Stage.UNKNOWN


class Untranslatable(Exception):
    """An entity that gives no listing: ``reason`` says why in one line, ``hint`` what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a translator is given: one recorded version, decoded with exact numbers, and its volatile members."""

    source: str
    category: str
    key: str
    sha256: str
    observed_at: int
    data: dict[str, object]
    volatile: dict[str, object] = {}


class Translated(msgspec.Struct, frozen=True):
    """What one snapshot says: at most one listing, any number of offerings. Neither: it says nothing of models."""

    listing: Listing | None = None
    offerings: tuple[Offering, ...] = ()
