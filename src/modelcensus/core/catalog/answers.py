"""What programs are answered about the catalog as a whole: lists, one model whole, providers, a bill."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from modelcensus.core.catalog.cost import Line
from modelcensus.core.catalog.event import Event
from modelcensus.core.catalog.listing import Benchmark
from modelcensus.core.catalog.model import Status, Tier
from modelcensus.core.catalog.record import (
    Conflict,
    KnownAs,
    LimitPoint,
    Model,
    Offer,
    Price,
    PricePoint,
    PriceTier,
    PriceWindow,
    Provenance,
)
from modelcensus.core.records import Stats


class Models(msgspec.Struct, frozen=True, kw_only=True):
    """One page of models. ``next`` is ``after`` of the next page, null on the last; ``total`` counts those of all.

    ``published_at`` is when the revision was published, ``observed_at`` when upstream was last read. ``as_of`` is there
    where an earlier time was asked for; ``rebuilt``: nothing was published then, and the models are worked out from
    the payloads of that time. ``moved``: the catalog is at another revision than the first page was.
    """

    data: tuple[Model, ...]
    next: str | None
    total: int
    revision: int
    published_at: int | None
    observed_at: int | None
    as_of: int | UnsetType = UNSET
    rebuilt: bool = False
    moved: bool = False


class ModelDetail(Model, frozen=True, kw_only=True):
    """All there is about one model.

    ``provenance``, by path, is where each field comes from. ``history`` are its latest changes, newest first.
    ``prices`` and ``limits`` are those over time. ``disagreements`` are those of today, and not told ``as_of`` an
    earlier time.
    """

    offerings: tuple[Offer, ...]
    aliases: tuple[KnownAs, ...]
    benchmarks: tuple[Benchmark, ...]
    provenance: dict[str, Provenance]
    disagreements: tuple[Conflict, ...]
    history: tuple[Event, ...]
    prices: tuple[PricePoint, ...]
    limits: tuple[LimitPoint, ...]
    revision: int
    published_at: int | None
    observed_at: int | None
    as_of: int | UnsetType = UNSET
    rebuilt: bool = False


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Changes of the catalog. Ask again with ``after`` for what is newer, with ``before`` for what is older.

    ``before`` is null where nothing is older. ``more``: there may be more in the direction that was asked for.
    """

    data: tuple[Event, ...]
    after: str
    before: str | None
    more: bool


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a caller of a tier may use a model, and why not; ``status`` only where they may see it."""

    model_id: str
    tier: Tier
    allowed: bool
    reason: str
    status: Status | UnsetType = UNSET


class Cheapest(msgspec.Struct, frozen=True, kw_only=True):
    """The lowest price that is known, USD per million tokens, and the model that has it."""

    model_id: str
    price: Decimal


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider: its models (those that are offered, and archived ones), and of how many models it has an offering."""

    name: str
    models: int
    archived: int
    offered: int
    cheapest_input: Cheapest | UnsetType = UNSET
    cheapest_output: Cheapest | UnsetType = UNSET


class Lab(msgspec.Struct, frozen=True, kw_only=True):
    """Who made models: how many that are offered, and archived ones."""

    name: str
    models: int
    archived: int


class Providers(msgspec.Struct, frozen=True, kw_only=True):
    """Providers and labs, by name."""

    data: tuple[Provider, ...]
    labs: tuple[Lab, ...]
    revision: int


class PricedUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a use of a model cost at a time, in USD.

    ``total`` is null where a price is not known: then ``missing`` names each, and ``known`` is the sum of the rest.
    ``price`` are all prices of that time; ``tier`` and ``window`` are those of them that counted. ``origins``, by name
    of the price, are the snapshots they come from; ``overridden`` are prices that a person had set.
    """

    model_id: str
    at: int
    total: Decimal | None
    known: Decimal
    lines: tuple[Line, ...]
    price: Price
    missing: tuple[str, ...] = ()
    tier: PriceTier | UnsetType = UNSET
    window: PriceWindow | UnsetType = UNSET
    origins: dict[str, Provenance] = {}
    overridden: tuple[str, ...] = ()


class CatalogStats(msgspec.Struct, frozen=True, kw_only=True):
    """The published catalog counted, as the caller sees it. ``open``: tiers are not in use, everybody sees all."""

    revision: int
    models: int
    archived: int
    offerings: int
    names: int
    open: bool
    published_at: int | None


class CensusStats(Stats, frozen=True, kw_only=True):
    """The census counted: what is recorded, and the catalog that is published of it."""

    catalog: CatalogStats
