"""Providers and labs as tables, and one provider's models and offerings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from modelcensus.core.catalog.answers import Cheapest, Lab, Provider, Providers
from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.fields import prices_of
from modelcensus.core.catalog.listing import Offering, Prices
from modelcensus.core.catalog.model import Status
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.record import shown_name


class Row(msgspec.Struct, frozen=True):
    """A provider, and how many of its models came lately."""

    provider: Provider
    new: int


class LabRow(msgspec.Struct, frozen=True):
    """A lab, and how many of its models came lately."""

    lab: Lab
    new: int


class Own(msgspec.Struct, frozen=True):
    """A model of a provider, at the prices that are published for it."""

    id: str
    name: str
    prices: Prices
    context: int | None
    released: str | None
    archived: bool
    new: bool


class Offered(msgspec.Struct, frozen=True):
    """An offering of a provider, and the model that it is of."""

    model_id: str
    name: str
    offering: Offering


def _by_name(row: Row) -> tuple[bool, Decimal | int, str]:
    return False, 0, row.provider.name.casefold()


def _by_count(count: Callable[[Row], int]) -> Callable[[Row], tuple[bool, Decimal | int, str]]:
    return lambda row: (False, -count(row), row.provider.name.casefold())


def _by_price(price: Callable[[Row], Cheapest | UnsetType]) -> Callable[[Row], tuple[bool, Decimal | int, str]]:
    def key(row: Row) -> tuple[bool, Decimal | int, str]:
        found = price(row)
        return isinstance(found, UnsetType), 0 if found is UNSET else found.price, row.provider.name.casefold()

    return key


SORTS: Mapping[str, tuple[str, Callable[[Row], tuple[bool, Decimal | int, str]]]] = {
    "models": ("Models", _by_count(lambda row: row.provider.models)),
    "name": ("Provider", _by_name),
    "offered": ("Offers", _by_count(lambda row: row.provider.offered)),
    "input": ("Cheapest input", _by_price(lambda row: row.provider.cheapest_input)),
    "output": ("Cheapest output", _by_price(lambda row: row.provider.cheapest_output)),
    "new": ("New in 30 days", _by_count(lambda row: row.new)),
}
"""Orders of the table of providers by name: their column, and what is compared. What is not known comes last."""


def rows(found: Providers, edition: Edition, new: Collection[str], *, sort: str, text: str) -> list[Row]:
    """The providers whose name holds a text, in an order of ``SORTS``."""
    came = _counted(edition, new, "provider")
    wanted = text.casefold()
    made = (Row(each, came[each.name.casefold()]) for each in found.data if wanted in each.name.casefold())
    return sorted(made, key=SORTS[sort][1])


def lab_rows(found: Providers, edition: Edition, new: Collection[str], *, text: str) -> list[LabRow]:
    """The labs whose name holds a text, those with most models first."""
    came = _counted(edition, new, "lab")
    wanted = text.casefold()
    made = (LabRow(each, came[each.name.casefold()]) for each in found.labs if wanted in each.name.casefold())
    return sorted(made, key=lambda row: (-row.lab.models, row.lab.name.casefold()))


def own_models(edition: Edition, provider: str, new: Collection[str]) -> list[Own]:
    """The models of a provider: those that are offered first, the newest first, archived ones last."""
    found = [
        _own(each, each.entry.model.id in new)
        for each in edition.portraits
        if _is(each.entry.model.fields.get("provider"), provider)
    ]
    found.sort(key=lambda own: own.name.casefold())
    found.sort(key=lambda own: own.released or "", reverse=True)
    return sorted(found, key=lambda own: own.archived)


def offered(edition: Edition, provider: str) -> list[Offered]:
    """Every offering of a provider, by model."""
    found = [
        Offered(each.entry.model.id, shown_name(each.entry) or each.entry.model.id, offering)
        for each in edition.portraits
        for offering in each.offerings
        if _is(offering.provider, provider)
    ]
    return sorted(found, key=lambda each: (each.name.casefold(), each.model_id, each.offering.region or ""))


def _counted(edition: Edition, new: Collection[str], path: str) -> Counter[str]:
    names = (each.entry.model.fields.get(path) for each in edition.portraits if each.entry.model.id in new)
    return Counter(name.casefold() for name in names if isinstance(name, str))


def _own(portrait: Portrait, new: bool) -> Own:
    model = portrait.entry.model
    context, released = model.fields.get("context"), model.fields.get("released")
    return Own(
        model.id, shown_name(portrait.entry) or model.id,
        prices_of({path: said for path, said in model.fields.items() if path.startswith("price.")}),
        context if isinstance(context, int) else None, released if isinstance(released, str) else None,
        model.status is Status.ARCHIVED, new,
    )  # fmt: skip


def _is(name: object, wanted: str) -> bool:
    return isinstance(name, str) and name.casefold() == wanted.casefold()
