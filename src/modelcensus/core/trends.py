"""Trends: who rises fastest, how prices move as a whole, and how many models come and go.

Prices are USD per million tokens. Ratios and indices are decimals rounded once, at the end: an index to
``INDEX_PLACES``, a growth to ``GROWTH_PLACES``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

import msgspec

INDEX_PLACES = 2
GROWTH_PLACES = 4
START = Decimal(100)
"""Every index begins with it."""
ALL = "all"
"""The name of the group in which every model is."""
INPUT_SHARE = 3
"""Tokens of input that are bought with one token of output: the blend whose price is followed."""
_EXACT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_WIDE = Context(prec=20_000, rounding=ROUND_HALF_EVEN)
"""For rounding: an index of prices that are a hundred powers of ten apart is still a number."""


class Metric(StrEnum):
    """What can rise. DOWNLOADS are those of the last 30 days, as Hugging Face counts them."""

    DOWNLOADS = "downloads"
    LIKES = "likes"


class Measure(StrEnum):
    """By what risers are sorted: GROWTH for their size, or GAIN in whole."""

    GROWTH = "growth"
    GAIN = "gain"


class By(StrEnum):
    """What models are grouped by."""

    PROVIDER = "provider"
    CAPABILITY = "capability"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A number of an entity at two times. ``since_at`` is that of ``before``: later than asked for where none was
    known then. ``model_id`` is the catalog's model that the entity is, ``provider`` that model's, or the first part of
    the key."""

    source: str
    key: str
    before: int
    after: int
    since_at: int
    model_id: str | None = None
    provider: str | None = None


class Riser(msgspec.Struct, frozen=True, kw_only=True):
    """An entity that rose from ``before`` (at ``since_at``) to ``after``: by ``gain`` in whole, and by ``growth``.

    ``growth`` is the gain divided by ``before`` and the usual size together, see ``Risers``.
    """

    source: str
    key: str
    before: int
    after: int
    gain: int
    growth: Decimal
    since_at: int
    model_id: str | None = None
    provider: str | None = None


class Risers(msgspec.Struct, frozen=True, kw_only=True):
    """The fastest risers of ``compared`` entities between two times.

    ``usual`` is the median size at the beginning. It is added to the size by which each gain is divided, so that 3
    that become 9 are no wonder, and 30,000 that become 90,000 are.
    """

    metric: Metric
    since_at: int
    until_at: int
    compared: int
    usual: Decimal
    data: tuple[Riser, ...]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A model as it was at one moment. Prices are None where they are not known or depend on a router's choice.

    ``sources`` are those that its fields come from.
    """

    active: bool
    provider: str | None = None
    capabilities: tuple[str, ...] = ()
    input: Decimal | None = None
    output: Decimal | None = None
    sources: tuple[str, ...] = ()


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The catalog at one moment: models by id. ``read`` are the sources that had been read by then."""

    at: int
    models: Mapping[str, Seen]
    read: frozenset[str] = frozenset()


class IndexPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The index at one moment. ``matched`` models had a price then and at the moment before, and moved it;
    ``models`` had one then."""

    at: int
    index: Decimal
    matched: int
    models: int


class PriceIndex(msgspec.Struct, frozen=True, kw_only=True):
    """The price index of one group: 100 at its first point."""

    group: str
    points: tuple[IndexPoint, ...]


class PriceTrend(msgspec.Struct, frozen=True, kw_only=True):
    """Price indices: first that of all models, then groups by how many models they have. ``groups`` counts all."""

    by: By
    groups: int
    data: tuple[PriceIndex, ...]


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """What became of models from ``since_at`` to ``until_at``: ``before`` + ``new`` + ``found`` + ``back`` -
    ``retired`` = ``after``.

    ``found`` are those that came with a source that had not been read before: nobody knows how old they are. ``back``
    had been retired. ``new_ids`` and ``retired_ids`` name the models.
    """

    since_at: int
    until_at: int
    before: int
    new: int
    found: int
    back: int
    retired: int
    after: int
    new_ids: tuple[str, ...]
    retired_ids: tuple[str, ...]


class ModelTrend(msgspec.Struct, frozen=True, kw_only=True):
    """New and retired models, month by month, oldest first."""

    data: tuple[Month, ...]


def risers(
    found: Sequence[Measured], *, metric: Metric, since_at: int, until_at: int, measure: Measure, limit: int
) -> Risers:
    """Those of ``found`` that rose most, the fastest first, equal ones by key."""
    usual = max(_median(sorted(each.before for each in found)), Decimal(1))
    risen = [_riser(each, usual) for each in found if each.after > each.before]
    risen.sort(key=lambda each: (-getattr(each, measure.value), each.source, each.key))
    return Risers(
        metric=metric, since_at=since_at, until_at=until_at, compared=len(found), usual=usual,
        data=tuple(risen[:limit]),
    )  # fmt: skip


def blended(seen: Seen) -> Decimal | None:
    """What a token costs of three of input and one of output; None where a price is unknown, or all is free."""
    if seen.input is None or seen.output is None or seen.input < 0 or seen.output < 0:
        return None
    # Exact: money has few digits, and the default context might still round it.
    price = _EXACT.divide(
        _EXACT.add(_EXACT.multiply(seen.input, Decimal(INPUT_SHARE)), seen.output), Decimal(INPUT_SHARE + 1)
    )
    return price if price > 0 else None


def price_trend(views: Sequence[View], by: By, *, only: str | None = None, limit: int | None = None) -> PriceTrend:
    """A chained matched-model index of each group, over views in order of time.

    From one view to the next the index is multiplied by the geometric mean of the price relatives (Jevons) of those
    models that are active, in the group, and priced in both. Models that come, go, or change their group do not move
    it; where no model is matched it stays. ``only`` leaves one group, whatever its case.
    """
    spelled, priced = _spelled(views, by), [_priced(view, by) for view in views]
    if only is not None:
        spelled = {key: name for key, name in spelled.items() if key == only.casefold()}
    chains = [PriceIndex(group=name, points=_chain(views, priced, key)) for key, name in spelled.items()]
    chains = [each for each in chains if each.points]
    chains.sort(key=lambda each: (each.group != ALL, -each.points[-1].models, each.group))
    kept = chains if limit is None else chains[: limit + 1 if only is None else limit]
    return PriceTrend(by=by, groups=sum(each.group != ALL for each in chains), data=tuple(kept))


def model_trend(views: Sequence[View]) -> ModelTrend:
    """What became of models from each view to the next; views are in order of time."""
    months: list[Month] = []
    known: set[str] = set(views[0].models) if views else set()
    for before, after in pairwise(views):
        was, now = _active(before), _active(after)
        come = now - was
        back = {each for each in come if each in known}
        found = {each for each in come - back if before.read.isdisjoint(after.models[each].sources)}
        new, retired = come - back - found, was - now
        known |= after.models.keys()
        months.append(
            Month(
                since_at=before.at, until_at=after.at, before=len(was), new=len(new), found=len(found),
                back=len(back), retired=len(retired), after=len(now), new_ids=tuple(sorted(new)),
                retired_ids=tuple(sorted(retired)),
            )
        )  # fmt: skip
    return ModelTrend(data=tuple(months))


def _median(sizes: Sequence[int]) -> Decimal:
    if not sizes:
        return Decimal(0)
    middle = len(sizes) // 2
    return Decimal(sizes[middle]) if len(sizes) % 2 else Decimal(sizes[middle - 1] + sizes[middle]) / 2


def _riser(found: Measured, usual: Decimal) -> Riser:
    gain = found.after - found.before
    growth = _EXACT.divide(Decimal(gain), Decimal(found.before) + usual)
    return Riser(
        source=found.source, key=found.key, before=found.before, after=found.after, gain=gain,
        growth=_rounded(growth, GROWTH_PLACES), since_at=found.since_at, model_id=found.model_id,
        provider=found.provider,
    )  # fmt: skip


def _groups(seen: Seen, by: By) -> tuple[str, ...]:
    if by is By.CAPABILITY:
        return (ALL, *seen.capabilities)
    return (ALL, seen.provider) if seen.provider and seen.provider.casefold() != ALL else (ALL,)


def _spelled(views: Iterable[View], by: By) -> dict[str, str]:
    """Every group, as its latest model spells it."""
    return {
        group.casefold(): group for view in views for seen in view.models.values() for group in _groups(seen, by)
    }  # fmt: skip


_Priced = dict[str, dict[str, Decimal]]
"""Prices by group and model."""


def _priced(view: View, by: By) -> _Priced:
    found: _Priced = {}
    for model_id, seen in view.models.items():
        price = blended(seen) if seen.active else None
        if price is not None:
            for group in dict.fromkeys(each.casefold() for each in _groups(seen, by)):
                found.setdefault(group, {})[model_id] = price
    return found


def _chain(views: Sequence[View], priced: Sequence[_Priced], key: str) -> tuple[IndexPoint, ...]:
    points: list[IndexPoint] = []
    index = START
    before: Mapping[str, Decimal] = {}
    for view, groups in zip(views, priced, strict=True):
        now = groups.get(key, {})
        matched = [_EXACT.divide(price, before[model_id]) for model_id, price in now.items() if model_id in before]
        if matched:
            index = _EXACT.multiply(index, _geometric_mean(matched))
        if now or points:
            points.append(
                IndexPoint(at=view.at, index=_rounded(index, INDEX_PLACES), matched=len(matched), models=len(now))
            )
        before = now
    return tuple(points)


def _geometric_mean(relatives: Sequence[Decimal]) -> Decimal:
    if all(each == relatives[0] for each in relatives):
        return relatives[0]
    with localcontext(_EXACT):
        return (sum(map(_logarithm, relatives), Decimal(0)) / len(relatives)).exp()


@lru_cache(4096)
def _logarithm(number: Decimal) -> Decimal:
    return number.ln(_EXACT)


def _active(view: View) -> set[str]:
    return {model_id for model_id, seen in view.models.items() if seen.active}


def _rounded(number: Decimal, places: int) -> Decimal:
    return _WIDE.quantize(number, Decimal(1).scaleb(-places))
