"""The roster: one row for each model, as whoever runs the catalog looks through it; filters and orders. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from functools import cmp_to_key
from typing import Any

import msgspec

from modelcensus.core.catalog.curated import (
    INACTIVE,
    STATUSES,
    effectively_enabled,
    flags_of,
    shown_status,
)
from modelcensus.core.catalog.fields import number
from modelcensus.core.catalog.model import Status, Tier
from modelcensus.core.catalog.portrait import Entry
from modelcensus.core.catalog.units import decimal_text
from modelcensus.core.errors import InvalidInput

SHOWN_STATUSES = (*STATUSES, INACTIVE)
"""The statuses that a row may show."""


class RosterPrice(msgspec.Struct, frozen=True, kw_only=True):
    """USD per million tokens; None where it is not known."""

    input: Decimal | None = None
    output: Decimal | None = None


class RosterRow(msgspec.Struct, frozen=True, kw_only=True):
    """One model at a glance.

    ``status`` is the person's word (``new``, ``active``, ``disabled``), or ``inactive`` for an archived model.
    ``enabled`` is the person's wish, ``in_effect`` whether it may be used. ``overridden``: the fields that a person has
    set. The revisions are those in which it came and last changed.
    """

    id: str
    name: str
    display_name: str | None
    provider: str | None
    modality: str | None
    status: str
    enabled: bool
    in_effect: bool
    archived: bool
    is_curated: bool
    is_free: bool
    is_pro: bool
    is_enterprise: bool
    notes: str | None
    price: RosterPrice
    context: int | None
    overridden: tuple[str, ...]
    since_revision: int
    changed_revision: int


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows: None and an empty text leave all.

    ``tier``: what its callers see, enabled or not; ``tiered`` False: what nobody's tier sees. ``overridden``: whether
    a person has set a field.
    """

    status: str | None = None
    provider: str | None = None
    enabled: bool | None = None
    curated: bool | None = None
    tier: Tier | None = None
    tiered: bool | None = None
    overridden: bool | None = None
    text: str = ""


class Order(StrEnum):
    """What rows are ordered by, then by id; a minus turns it round. What is not known comes last."""

    ID = "id"
    NAME = "name"
    PROVIDER = "provider"
    STATUS = "status"
    INPUT = "price.input"
    OUTPUT = "price.output"
    CONTEXT = "context"
    SINCE = "since_revision"
    CHANGED = "changed_revision"


class Mark(msgspec.Struct, frozen=True):
    """Where a page ended: the order (with its minus), the last row's value in it as text, and its id."""

    order: str
    value: str | None
    id: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one page, where the next one goes on, and how many models of each status the other filters leave.

    ``providers``: those of all rows, whatever the filters.
    """

    rows: tuple[RosterRow, ...]
    next: Mark | None
    counts: dict[str, int]
    providers: tuple[str, ...] = ()


def row_of(entry: Entry) -> RosterRow:
    """The row of a model."""
    model, people, fields = entry.model, entry.curation, entry.model.fields
    context = fields.get("context")
    return RosterRow(
        id=model.id,
        name=_text(fields.get("name")) or model.id,
        display_name=people.display_name,
        provider=_text(fields.get("provider")),
        modality=_text(fields.get("modality")),
        status=shown_status(people, model.status),
        enabled=people.enabled,
        in_effect=effectively_enabled(people, model.status),
        archived=model.status is Status.ARCHIVED,
        is_curated=people.is_curated,
        is_free=people.is_free,
        is_pro=people.is_pro,
        is_enterprise=people.is_enterprise,
        notes=people.notes,
        price=RosterPrice(input=number(fields.get("price.input")), output=number(fields.get("price.output"))),
        context=context if isinstance(context, int) else None,
        overridden=tuple(each.path for each in entry.overrides),
        since_revision=model.since_revision,
        changed_revision=model.changed_revision,
    )


def page_of(rows: Iterable[RosterRow], wanted: Wanted, order: str, after: Mark | None, limit: int) -> Page:
    """The rows that are wanted, in order, from after a mark on. Raises ``InvalidInput`` for a mark of another order."""
    every = list(rows)
    found = [row for row in every if _fits(row, wanted)]
    counts = {status: sum(row.status == status for row in found) for status in SHOWN_STATUSES}
    chosen = [row for row in found if wanted.status in (None, row.status)]
    place = _placing(order)
    chosen.sort(key=cmp_to_key(lambda one, other: place(_place(one, order), _place(other, order))))
    if after is not None:
        at = (_read_value(after, order), after.id)
        chosen = [row for row in chosen if place(at, _place(row, order)) < 0]
    more = _mark(chosen[limit - 1], order) if len(chosen) > limit else None
    providers = tuple(sorted({row.provider for row in every if row.provider}))
    return Page(rows=tuple(chosen[:limit]), next=more, counts=counts, providers=providers)


def _fits(row: RosterRow, wanted: Wanted) -> bool:
    text = wanted.text.casefold()
    return (
        wanted.provider in (None, row.provider)
        and wanted.enabled in (None, row.in_effect)
        and wanted.curated in (None, row.is_curated)
        and (wanted.tier is None or any(getattr(row, flag) for flag in flags_of(wanted.tier)))
        and wanted.tiered in (None, row.is_free or row.is_pro or row.is_enterprise)
        and wanted.overridden in (None, bool(row.overridden))
        and (not text or any(text in each.casefold() for each in (row.id, row.name, row.display_name or "")))
    )


_Place = tuple[Any, str]
_VALUES: dict[str, Callable[[RosterRow], Any]] = {
    Order.ID: lambda row: row.id,
    Order.NAME: lambda row: (row.display_name or row.name).casefold(),
    Order.PROVIDER: lambda row: row.provider,
    Order.STATUS: lambda row: str(SHOWN_STATUSES.index(row.status)),
    Order.INPUT: lambda row: row.price.input,
    Order.OUTPUT: lambda row: row.price.output,
    Order.CONTEXT: lambda row: _decimal(row.context),
    Order.SINCE: lambda row: _decimal(row.since_revision),
    Order.CHANGED: lambda row: _decimal(row.changed_revision),
}
_NUMBERS = frozenset({Order.INPUT, Order.OUTPUT, Order.CONTEXT, Order.SINCE, Order.CHANGED})


def _place(row: RosterRow, order: str) -> _Place:
    return _VALUES[order.removeprefix("-")](row), row.id


def _placing(order: str) -> Callable[[_Place, _Place], int]:
    """Compares two places: what is not known comes last either way, and of equal values the lesser id comes first."""
    sign = -1 if order.startswith("-") else 1

    def compare(one: _Place, other: _Place) -> int:
        if (one[0] is None) != (other[0] is None):
            return 1 if one[0] is None else -1
        if one[0] != other[0]:
            return sign if one[0] > other[0] else -sign
        return (one[1] > other[1]) - (one[1] < other[1])

    return compare


def _mark(row: RosterRow, order: str) -> Mark:
    value, row_id = _place(row, order)
    return Mark(order, decimal_text(value) if isinstance(value, Decimal) else value, row_id)


def _read_value(mark: Mark, order: str) -> Any:
    if mark.order != order:
        raise InvalidInput("the cursor is of another order", "go on in the order in which you began")
    if mark.value is None or order.removeprefix("-") not in _NUMBERS:
        return mark.value
    value = number(mark.value)
    if value is None:
        raise InvalidInput("the cursor cannot be read", "give back 'next' of the page before as it was")
    return value


def _decimal(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
