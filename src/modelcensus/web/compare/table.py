"""Models side by side: a row for each fact, what differs, and which value is the best."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from modelcensus.core.catalog.answers import ModelDetail
from modelcensus.core.catalog.cost import Usage
from modelcensus.core.catalog.fields import PER_MILLION, RATES, number, prices_of
from modelcensus.core.catalog.listing import CAPABILITIES
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.quotes import quote
from modelcensus.core.catalog.record import shown_name
from modelcensus.web.model.facts import measure, said_text
from modelcensus.web.rendering.shown import money
from modelcensus.web.rendering.shown import number as spaced
from modelcensus.web.rendering.words import label, rate

_ABOUT = (
    "provider", "lab", "modality", "inputs", "outputs", "stage", "released", "knowledge_cutoff", "deprecated",
    "retires", "successor", "open_weights", "parameters", "licence",
)  # fmt: skip
_LIMITS = ("context", "max_input", "max_output")
_SLOW = ("time", "latency", "seconds", "price", "cost")
"""Of what is measured under such a name less is better."""


class One(msgspec.Struct, frozen=True):
    """One of the models that are compared."""

    portrait: Portrait
    detail: ModelDetail

    @property
    def id(self) -> str:
        """Its id."""
        return self.portrait.entry.model.id

    @property
    def name(self) -> str:
        """Its name, or its id where it has none."""
        return shown_name(self.portrait.entry) or self.id


class Cell(msgspec.Struct, frozen=True):
    """A value as text, None where it is not known; ``best`` says in a word why it stands out."""

    text: str | None
    best: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One fact. ``hint`` says more about it; ``numeric``: the values are numbers."""

    name: str
    cells: tuple[Cell, ...]
    hint: str = ""
    numeric: bool = False

    @property
    def differs(self) -> bool:
        """Whether the models differ in what is known of them."""
        return len({cell.text for cell in self.cells if cell.text is not None}) > 1


class Group(msgspec.Struct, frozen=True):
    """Rows under a heading."""

    title: str
    rows: tuple[Row, ...]


def groups(ones: Sequence[One], usage: Usage, times: int, at: datetime) -> list[Group]:
    """All facts that are known of at least one. ``usage`` is one request, of which there are so many ``times``."""
    found = (
        ("Cost of the example", [_costs(ones, usage, times, at)]),
        ("Prices, USD per million tokens", [_price(ones, name) for name in RATES if name in PER_MILLION]),
        ("Other prices, USD", [_price(ones, name) for name in RATES if name not in PER_MILLION]),
        ("Limits, tokens", [_field(ones, path, best=("largest", max)) for path in _LIMITS]),
        ("Can do", [_field(ones, f"capabilities.{name}") for name in CAPABILITIES]),
        ("About", [*(_field(ones, path) for path in _ABOUT), _providers(ones)]),
        ("Measured", list(_benchmarks(ones))),
    )
    known = (
        Group(title, tuple(row for row in rows if any(cell.text is not None for cell in row.cells)))
        for title, rows in found
    )
    return [group for group in known if group.rows]


def attributions(ones: Iterable[One]) -> list[str]:
    """Whom to name for what was measured."""
    return list(dict.fromkeys(each.attribution for one in ones for each in one.detail.benchmarks))


_Best = tuple[str, Callable[[Iterable[Any]], Any]]


def _row(name: str, texts: Sequence[str | None], sizes: Sequence[Any], best: _Best | None, hint: str = "") -> Row:
    """A row in which the best size, of those that are known and not all the same, is told."""
    known = [size for size in sizes if size is not None]
    winner = best[1](known) if best is not None and len(known) > 1 and len(set(known)) > 1 else None
    word = best[0] if best is not None else ""
    cells = tuple(
        Cell(text, word if winner is not None and size == winner else "")
        for text, size in zip(texts, sizes, strict=True)
    )
    return Row(name=name, cells=cells, hint=hint, numeric=best is not None)


def _field(ones: Sequence[One], path: str, best: _Best | None = None) -> Row:
    said = [one.portrait.entry.model.fields.get(path) for one in ones]
    texts = [None if each is None else said_text(each, path) for each in said]
    return _row(label(path), texts, [number(each) for each in said] if best else texts, best)


def _price(ones: Sequence[One], name: str) -> Row:
    found = [None if _varies(one) else number(one.portrait.entry.model.fields.get(f"price.{name}")) for one in ones]
    texts = ["varies" if _varies(one) else None if each is None else money(each, "free")
             for one, each in zip(ones, found, strict=True)]  # fmt: skip
    if all(each is None for each in found):
        texts = [None for _ in texts]
    return _row(rate(name), texts, found, ("lowest", min))


def _varies(one: One) -> bool:
    return one.portrait.entry.model.fields.get("price.variable") is True


def _costs(ones: Sequence[One], usage: Usage, times: int, at: datetime) -> Row:
    totals: list[Decimal | None] = []
    for one in ones:
        fields = one.portrait.entry.model.fields
        prices = prices_of({path: said for path, said in fields.items() if path.startswith("price.")})
        totals.append(quote(prices, usage, times, at).total if prices.known else None)
    texts = [None if each is None else _cents(each) for each in totals]
    hint = f"{spaced(times)} × ({spaced(usage.input)} in, {spaced(usage.output)} out)"
    return _row("All requests", texts, totals, ("cheapest", min), hint)


def _cents(total: Decimal) -> str:
    return money(round(total, 2) if total >= 1 else total, "free")


def _providers(ones: Sequence[One]) -> Row:
    counts = [len({each.provider.casefold() for each in one.portrait.offerings}) for one in ones]
    return _row(
        "Providers that offer it", [spaced(count) if count else None for count in counts], counts, ("most", max)
    )


def _benchmarks(ones: Sequence[One]) -> Iterator[Row]:
    values = [{each.name: each.value for each in one.detail.benchmarks} for one in ones]
    for name in sorted({name for each in values for name in each}):
        found = [each.get(name) for each in values]
        best: _Best = ("lowest", min) if any(word in name for word in _SLOW) else ("highest", max)
        texts = [None if each is None else measure(each) for each in found]
        yield _row(label(f"benchmarks.{name}"), texts, found, best)
