"""What a visitor asks the catalog for, as it stands in the address; and addresses that ask for something else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from modelcensus.core.catalog.asking import FILTERS, query_of, read_filters
from modelcensus.core.catalog.model import Tier
from modelcensus.core.catalog.query import ModelQuery, Sort
from modelcensus.core.errors import InvalidInput
from modelcensus.core.times import parse_time, to_micros
from modelcensus.operations.catalog.glancing import Inside
from modelcensus.web.catalog.cells import COLUMNS, DEFAULT, Column

PATH = "/models"
NEWEST = Sort.RELEASED_DOWN
"""The order where none is asked for: what came last comes first."""
EVERYONE = "all"
"""Instead of a tier: every model, whoever sees it."""
_INSIDE = ("tier", "enabled", "held")
_MAX_PAIRS = 500
_MAX_CURSOR = 4000
Pairs = tuple[tuple[str, str], ...]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A query of the address, understood.

    ``filters`` are by name; ``typed`` is what was typed, by name, and ``faults`` what is wrong with it. ``pairs`` is
    the shortest query that asks for the same, without its place in the pages.
    """

    filters: dict[str, Any]
    typed: dict[str, str]
    faults: dict[str, str]
    sort: Sort
    columns: tuple[Column, ...]
    after: str | None
    as_of: int | None
    inside: Inside | None
    pairs: Pairs

    @property
    def query(self) -> ModelQuery:
        """The models that are asked for."""
        return query_of(self.filters)

    def has(self, name: str, word: str) -> bool:
        """Whether a word of a filter is chosen."""
        return (name, word) in self.pairs

    def many(self, name: str) -> list[str]:
        """The words that are chosen of a filter."""
        return [word for each, word in self.pairs if each == name]

    def of(self, *names: str) -> int:
        """How many things are chosen of these filters."""
        return sum(1 for name, _ in self.pairs if name in names)

    def address(self, path: str = PATH, *, without: Iterable[str] = (), **more: str | int) -> str:
        """The address of the same query, without some names and with others."""
        dropped = {*without, *more}
        kept = [pair for pair in self.pairs if pair[0] not in dropped]
        told = urlencode([*kept, *((name, str(value)) for name, value in more.items() if value != NEWEST)])
        return f"{path}?{told}" if told else path

    def less(self, name: str, word: str) -> str:
        """The address of the same query without one thing."""
        told = urlencode([pair for pair in self.pairs if pair != (name, word)])
        return f"{PATH}?{told}" if told else PATH

    @property
    def for_api(self) -> str:
        """The query as the API takes it."""
        kept = [pair for pair in self.pairs if pair[0] in FILTERS or pair[0] == "as_of"]
        return urlencode([*kept, ("sort", self.sort.value)])


def asked(pairs: Sequence[tuple[str, str]], *, now: datetime, may_look: bool) -> Asked:
    """The query of an address, as far as it can be understood."""
    said = [(name, text.strip()) for name, text in pairs[:_MAX_PAIRS] if text.strip()]
    filters, faults = read_filters(said)
    typed = dict(said)
    sort, as_of, inside = _sort(typed, faults), _as_of(typed, faults, now), None
    if may_look:
        inside = _inside(typed, faults)
    columns = _columns([text for name, text in said if name == "col"], may_look=may_look)
    after = typed.get("after")
    return Asked(
        filters=filters, typed=typed, faults=faults, sort=sort, columns=columns,
        after=after if after and len(after) <= _MAX_CURSOR else None, as_of=as_of, inside=inside,
        pairs=_shortest(said, filters, faults, sort, columns, may_look=may_look),
    )  # fmt: skip


def _sort(typed: dict[str, str], faults: dict[str, str]) -> Sort:
    try:
        return Sort(typed.get("sort", NEWEST))
    except ValueError:
        faults["sort"] = f"must be one of: {', '.join(Sort)}"
        return NEWEST


def _as_of(typed: dict[str, str], faults: dict[str, str], now: datetime) -> int | None:
    try:
        found = parse_time(typed["as_of"], now) if "as_of" in typed else None
        if found is not None and found < 0:
            raise InvalidInput("before all", "")
    except InvalidInput:
        faults["as_of"] = "must be a day, such as 2026-03-01"
        return None
    if found is not None and found > to_micros(now):
        faults["as_of"] = "is still to come"
        return None
    return found


def _inside(typed: dict[str, str], faults: dict[str, str]) -> Inside:
    tier, enabled, held = (typed.get(name) for name in _INSIDE)
    if tier is not None and tier not in (EVERYONE, *Tier):
        faults["tier"] = f"must be one of: {', '.join((*Tier, EVERYONE))}"
        tier = None
    if enabled not in (None, "true", "false"):
        faults["enabled"] = "must be true or false"
        enabled = None
    return Inside(
        tier=Tier(tier) if tier not in (None, EVERYONE) else None,
        # Who asks for what is not enabled, or held back, means it wherever it is.
        whole=tier == EVERYONE or (tier is None and (enabled is not None or held is not None)),
        enabled=None if enabled is None else enabled == "true", held=held is not None,
    )  # fmt: skip


def _columns(keys: list[str], *, may_look: bool) -> tuple[Column, ...]:
    known = [each for each in COLUMNS if may_look or not each.inside]
    chosen = tuple(each for each in known if each.key in keys)
    return chosen or tuple(each for each in known if each.key in DEFAULT)


def _shortest(
    said: Sequence[tuple[str, str]], filters: dict[str, Any], faults: dict[str, str], sort: Sort,
    columns: tuple[Column, ...], *, may_look: bool,
) -> Pairs:  # fmt: skip
    names = [*filters, "as_of", *(_INSIDE if may_look else ())]
    found: list[tuple[str, str]] = []
    for name in names:
        texts = [text for each, text in said if each == name and name not in faults]
        several = isinstance(filters.get(name), list)
        found += [(name, text) for text in (dict.fromkeys(texts) if several else texts[-1:])]
    if sort is not NEWEST:
        found.append(("sort", sort.value))
    keys = tuple(each.key for each in columns)
    if keys != DEFAULT:
        found += [("col", key) for key in keys]
    return tuple(found)
