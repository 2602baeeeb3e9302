"""A model as programs read it: nested records, what is not known left out, money as exact text.

Prices are USD per million tokens, or per unit where the name says so (``image``, ``request`` ...), as in ``Rates``.
What curators note for themselves is no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from modelcensus.core.catalog.curated import flags_of
from modelcensus.core.catalog.fields import prices_of
from modelcensus.core.catalog.linking import Link
from modelcensus.core.catalog.listing import Offering, Prices, Rates, Stage
from modelcensus.core.catalog.listing import Tier as Above
from modelcensus.core.catalog.model import Alias, Curation, Origin, Published, Relation, Status, Tier, Value
from modelcensus.core.catalog.portrait import Entry, Portrait


class PriceTier(Rates, frozen=True, kw_only=True, omit_defaults=True):
    """Prices of a whole request whose prompt has more than ``above`` tokens."""

    above: int


class PriceWindow(Rates, frozen=True, kw_only=True, omit_defaults=True):
    """Prices that hold from the day ``starts``, before the day ``ends``, in hours of the day (UTC), or in a region."""

    starts: str | None = None
    ends: str | None = None
    daily_from: str | None = None
    daily_until: str | None = None
    region: str | None = None
    tiers: tuple[PriceTier, ...] = ()


class Price(Rates, frozen=True, kw_only=True, omit_defaults=True):
    """Prices of a model or of an offer of it. ``variable``: a router's, of which no number can be said."""

    tiers: tuple[PriceTier, ...] = ()
    windows: tuple[PriceWindow, ...] = ()
    variable: bool = False


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model as a list shows it. What is not known, or not asked for, is left out.

    ``context``, ``max_input`` and ``max_output`` are tokens. ``tiers`` are those whose callers see the model; ``name``
    is the one that people gave it, else upstream's. It came with the revision ``since_revision`` and last changed with
    ``changed_revision``. ``overridden`` are fields that people set instead of what sources say, as paths.
    """

    id: str
    name: str | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    lab: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    description: str | UnsetType = UNSET
    modality: str | UnsetType = UNSET
    inputs: tuple[str, ...] | UnsetType = UNSET
    outputs: tuple[str, ...] | UnsetType = UNSET
    context: int | UnsetType = UNSET
    max_input: int | UnsetType = UNSET
    max_output: int | UnsetType = UNSET
    capabilities: dict[str, bool] | UnsetType = UNSET
    price: Price | UnsetType = UNSET
    stage: str | UnsetType = UNSET
    released: str | UnsetType = UNSET
    knowledge_cutoff: str | UnsetType = UNSET
    deprecated: str | UnsetType = UNSET
    retires: str | UnsetType = UNSET
    successor: str | UnsetType = UNSET
    licence: str | UnsetType = UNSET
    open_weights: bool | UnsetType = UNSET
    parameters: int | UnsetType = UNSET
    hugging_face_id: str | UnsetType = UNSET
    links: dict[str, str] | UnsetType = UNSET
    is_curated: bool | UnsetType = UNSET
    tiers: tuple[Tier, ...] | UnsetType = UNSET
    overridden: tuple[str, ...] | UnsetType = UNSET
    since_revision: int | UnsetType = UNSET
    changed_revision: int | UnsetType = UNSET


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A price and limits of a model at a provider (and region), as ``source`` said at ``observed_at``."""

    provider: str
    source: str
    key: str
    observed_at: int
    name: str | None = None
    region: str | None = None
    quantization: str | None = None
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    capabilities: dict[str, bool] | UnsetType = UNSET
    price: Price | UnsetType = UNSET
    stage: Stage = Stage.UNKNOWN


class KnownAs(msgspec.Struct, frozen=True, kw_only=True):
    """A name of a source that is linked to the model: by which evidence, how sure (0 to 100), by a rule or a person."""

    source: str
    key: str
    relation: Relation
    evidence: str
    confidence: int
    decided_by: str


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """The snapshot that a field comes from. ``overridden``: a person set another value, which is the one shown."""

    source: str
    category: str
    key: str
    sha256: str
    observed_at: int
    overridden: bool = False


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says of a field, and the snapshot in which it does."""

    value: Value
    source: str
    key: str
    sha256: str
    observed_at: int


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A field of which sources say different things: first the one that is followed, and why."""

    path: str
    said: tuple[Said, ...]
    reason: str


class PricePoint(msgspec.Struct, frozen=True, kw_only=True):
    """The prices from ``at`` on. ``revision``: the one that published them; before the first it is null, and they are
    what sources said. ``overridden`` are prices that a person had set."""

    at: int
    price: Price
    revision: int | None = None
    overridden: tuple[str, ...] = ()


class LimitPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The limits from ``at`` on, in tokens; null where one is not known. ``revision`` as in ``PricePoint``."""

    at: int
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    revision: int | None = None


def members_of(portrait: Portrait, *, open_: bool) -> dict[str, Any]:
    """The members of ``Model``, as far as they are known.

    ``open_``: nobody has set tiers, so that every caller sees every model.
    """
    model, people = portrait.entry.model, portrait.entry.curation
    told = _told(model)
    if people.display_name:
        told["name"] = people.display_name
    told |= {
        "id": model.id,
        "status": model.status,
        "is_curated": people.is_curated,
        "tiers": tiers_of(people, open_=open_),
        "since_revision": model.since_revision,
        "changed_revision": model.changed_revision,
    }
    if portrait.entry.overrides:
        told["overridden"] = tuple(sorted(each.path for each in portrait.entry.overrides))
    return told


def shown_name(entry: Entry) -> str | None:
    """The name that people gave a model, else upstream's."""
    name = entry.curation.display_name or entry.model.fields.get("name")
    return name if isinstance(name, str) else None


def tiers_of(people: Curation, *, open_: bool) -> tuple[Tier, ...]:
    """The tiers whose callers see a model."""
    if open_:
        return tuple(Tier)
    return tuple(tier for tier in Tier if people.enabled and any(getattr(people, flag) for flag in flags_of(tier)))


def price_record(prices: Prices) -> Price:
    """Prices with the base ones first."""
    return Price(
        **dict(prices.base.known()),
        tiers=_tiers(prices.tiers),
        windows=tuple(
            PriceWindow(
                **dict(each.rates.known()), starts=each.starts, ends=each.ends, daily_from=each.daily_from,
                daily_until=each.daily_until, region=each.region, tiers=_tiers(each.tiers),
            )
            for each in prices.windows
        ),
        variable=prices.variable,
    )  # fmt: skip


def offer_record(offering: Offering) -> Offer:
    """An offering as programs read it."""
    return Offer(
        provider=offering.provider, source=offering.source, key=offering.key, observed_at=offering.observed_at,
        name=offering.name, region=offering.region, quantization=offering.quantization, context=offering.context,
        max_input=offering.max_input, max_output=offering.max_output, capabilities=offering.capabilities or UNSET,
        price=price_record(offering.prices) if offering.prices.known else UNSET, stage=offering.stage,
    )  # fmt: skip


def names_of(portrait: Portrait) -> tuple[KnownAs, ...]:
    """The names of a model."""
    return tuple(map(known_as, portrait.aliases))


def known_as(name: Alias | Link) -> KnownAs:
    """A name as programs read it. Who it was that linked it, and the reason given, are for administration alone."""
    by_rule = name.decided_by == "rule"
    return KnownAs(
        source=name.source,
        key=name.key,
        relation=name.relation,
        evidence=name.evidence if by_rule else "a person said so",
        confidence=name.confidence,
        decided_by="rule" if by_rule else "person",
    )


def provenance_of(entry: Entry) -> dict[str, Provenance]:
    """Where each field comes from, by path; a field that only a person says has no snapshot."""
    overridden = {each.path for each in entry.overrides}
    return {path: _provenance(origin, overridden=path in overridden) for path, origin in entry.model.origins.items()}


def conflicts_of(portrait: Portrait) -> tuple[Conflict, ...]:
    """The fields of which sources say different things."""
    return tuple(
        Conflict(
            path=each.path,
            reason=each.reason,
            said=tuple(
                Said(value=said.value, source=said.origin.source, key=said.origin.key, sha256=said.origin.sha256,
                     observed_at=said.origin.observed_at)
                for said in each.said
            ),
        )
        for each in portrait.disagreements
    )  # fmt: skip


def _provenance(origin: Origin, *, overridden: bool) -> Provenance:
    return Provenance(
        source=origin.source, category=origin.category, key=origin.key, sha256=origin.sha256,
        observed_at=origin.observed_at, overridden=overridden,
    )  # fmt: skip


def _tiers(tiers: tuple[Above, ...]) -> tuple[PriceTier, ...]:
    return tuple(PriceTier(above=each.above, **dict(each.rates.known())) for each in tiers)


_TEXTS = (
    "name", "provider", "lab", "description", "modality", "stage", "released", "knowledge_cutoff", "deprecated",
    "retires", "successor", "licence", "hugging_face_id",
)  # fmt: skip
_WHOLES = ("context", "max_input", "max_output", "parameters")
_KINDS: dict[str, type] = {
    **dict.fromkeys(_TEXTS, str), **dict.fromkeys(_WHOLES, int), "inputs": list, "outputs": list, "open_weights": bool,
}  # fmt: skip
_GROUPS: dict[str, type] = {"capabilities": bool, "links": str}


def _told(model: Published) -> dict[str, Any]:
    """The fields nested, each of its kind: what is of another kind is no answer that a program could read."""
    told: dict[str, Any] = {}
    for path, value in model.fields.items():
        first, _, rest = path.partition(".")
        if first in _GROUPS and rest:
            if isinstance(value, _GROUPS[first]):
                told.setdefault(first, {})[rest] = value
        elif not rest and _is_of(_KINDS.get(path), value):
            told[path] = tuple(map(str, value)) if isinstance(value, list) else value
    prices = _prices(model.fields)
    if prices.known:
        told["price"] = price_record(prices)
    return told


def _is_of(kind: type | None, value: Value) -> bool:
    if kind is None or (kind is int and isinstance(value, bool)):
        return False
    return isinstance(value, kind)


def _prices(fields: Mapping[str, Value]) -> Prices:
    return prices_of({path: value for path, value in fields.items() if path.startswith("price.")})
