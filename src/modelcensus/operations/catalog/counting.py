"""The catalog summed up for a caller: providers and labs, counts, and what a use cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from modelcensus.core.catalog.answers import (
    CatalogStats,
    CensusStats,
    Cheapest,
    Lab,
    PricedUse,
    Provider,
    Providers,
)
from modelcensus.core.catalog.cost import Usage
from modelcensus.core.catalog.curated import brief
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.fields import number
from modelcensus.core.catalog.listing import Prices, Window
from modelcensus.core.catalog.listing import Tier as Above
from modelcensus.core.catalog.model import Origin, Status, Tier
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.record import PriceTier, PriceWindow, Provenance, price_record
from modelcensus.core.errors import NotFound
from modelcensus.operations import browse
from modelcensus.operations.catalog.pricing import Bill, bill
from modelcensus.operations.catalog.public import PublicCatalog


def providers(edition: Edition) -> Providers:
    """Providers and labs of the models of an edition, by name."""
    spelled: dict[str, str] = {}
    models: dict[str, list[Portrait]] = {}
    offered: Counter[str] = Counter()
    for each in edition.portraits:
        own = each.entry.model.fields.get("provider")
        if isinstance(own, str):
            models.setdefault(own.casefold(), []).append(each)
            spelled[own.casefold()] = own
        for name in {offering.provider for offering in each.offerings}:
            spelled.setdefault(name.casefold(), name)
        offered.update({offering.provider.casefold() for offering in each.offerings})
    return Providers(
        data=tuple(_provider(spelled[key], models.get(key, []), offered[key]) for key in sorted(spelled)),
        labs=tuple(_labs(edition.portraits)),
        revision=edition.stamp.revision,
    )


def stats(public: PublicCatalog, tier: Tier) -> CensusStats:
    """The census counted, and the catalog as a tier sees it."""
    edition = public.edition(tier)
    counted = browse.census_stats(public.census.store)
    catalog = CatalogStats(
        revision=edition.stamp.revision,
        models=sum(1 for _ in edition.active),
        archived=len(edition.portraits) - sum(1 for _ in edition.active),
        offerings=sum(len(each.offerings) for each in edition.portraits),
        names=sum(len(each.aliases) for each in edition.portraits),
        open=edition.open,
        published_at=edition.published_at if edition.stamp.revision else None,
    )
    # Whoever may read models need not know on which machine or folder they lie.
    members = msgspec.structs.asdict(counted) | {"database": counted.database.partition(":")[0]}
    return CensusStats(**members, catalog=catalog)


def priced(
    public: PublicCatalog, tier: Tier, name: str, usage: Usage, at: int, *, region: str | None = None
) -> PricedUse:
    """What a use of a model, by its id or any name of it, cost at a time. Raises ``NotFound``, ``InvalidInput``."""
    visible = {each.entry.model.id for each in public.edition(tier).portraits}
    found = public.names.seen(name, visible)
    # A model that nobody lists any more has no name left but its id.
    model_id = found.model_id or (name.strip() if name.strip() in visible else None)
    if model_id is None:
        near = ", ".join(found.candidates)
        hint = f"did you mean: {near}" if near else "see what a name means: /api/resolve"
        raise NotFound(f"'{brief(name)}' is no model of the catalog: {found.evidence}", hint)
    return _use(bill(public.census, model_id, usage, at, region=region))


def _provider(name: str, models: list[Portrait], offered: int) -> Provider:
    active = [each for each in models if each.entry.model.status is Status.ACTIVE]
    return Provider(
        name=name, models=len(active), archived=len(models) - len(active), offered=offered,
        cheapest_input=_cheapest(active, "price.input"), cheapest_output=_cheapest(active, "price.output"),
    )  # fmt: skip


def _cheapest(models: Iterable[Portrait], path: str) -> Cheapest | UnsetType:
    known: list[tuple[Decimal, str]] = []
    for each in models:
        fields = each.entry.model.fields
        price = number(fields.get(path))
        if price is not None and fields.get("price.variable") is not True:
            known.append((price, each.entry.model.id))
    if not known:
        return UNSET
    price, model_id = min(known)
    return Cheapest(model_id=model_id, price=price)


def _labs(portraits: Iterable[Portrait]) -> Iterable[Lab]:
    spelled: dict[str, str] = {}
    counted: dict[str, Counter[Status]] = {}
    for each in portraits:
        lab = each.entry.model.fields.get("lab")
        if isinstance(lab, str):
            spelled.setdefault(lab.casefold(), lab)
            counted.setdefault(lab.casefold(), Counter())[each.entry.model.status] += 1
    for key in sorted(counted):
        yield Lab(name=spelled[key], models=counted[key][Status.ACTIVE], archived=counted[key][Status.ARCHIVED])


def _use(found: Bill) -> PricedUse:
    cost = found.cost
    return PricedUse(
        model_id=found.model_id, at=found.at, total=cost.total, known=cost.known, lines=cost.lines,
        price=price_record(found.prices), missing=cost.missing, tier=_tier(cost.tier), window=_window(cost.window),
        origins={name: _origin(origin) for name, origin in found.origins.items()}, overridden=found.overridden,
    )  # fmt: skip


def _tier(tier: Above | None) -> PriceTier | UnsetType:
    return price_record(Prices(tiers=(tier,))).tiers[0] if tier else UNSET


def _window(window: Window | None) -> PriceWindow | UnsetType:
    return price_record(Prices(windows=(window,))).windows[0] if window else UNSET


def _origin(origin: Origin) -> Provenance:
    return Provenance(
        source=origin.source, category=origin.category, key=origin.key, sha256=origin.sha256,
        observed_at=origin.observed_at,
    )  # fmt: skip
