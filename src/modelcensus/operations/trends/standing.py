"""How models stand today: what each costs as a whole, what it can do, and how it was scored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.listing import CAPABILITIES, Benchmark
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.record import shown_name
from modelcensus.core.trends import ALL, blended
from modelcensus.operations.trends.moving import seen_of

_INDEX = ("artificial_analysis_intelligence_index", "Intelligence Index")
"""What Artificial Analysis' index is called: by itself, and where OpenRouter passes it on. The first is followed."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A model that somebody offers today. ``price`` is USD per million tokens, three of input to one of output; None
    where it is not known, free, or a router's. ``score`` is Artificial Analysis' intelligence index."""

    model_id: str
    name: str
    provider: str | None
    price: Decimal | None
    capabilities: tuple[str, ...]
    score: Benchmark | None = None


class Cheapest(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest model of those that can do a thing, the thing being ``all`` for every model; ``of`` have a price."""

    capability: str
    model: Standing
    of: int


def standing(edition: Edition) -> list[Standing]:
    """Every model of an edition that somebody offers today, by id."""
    return [_standing(each) for each in edition.active]


def cheapest(models: Iterable[Standing]) -> list[Cheapest]:
    """The cheapest model by what it can do; equal ones by id. What costs nothing is left out."""
    priced = [(each.price, each.model_id, each) for each in models if each.price is not None]
    found = []
    for capability in (ALL, *CAPABILITIES):
        able = [each for each in priced if capability == ALL or capability in each[2].capabilities]
        if able:
            found.append(Cheapest(capability=capability, model=min(able, key=lambda each: each[:2])[2], of=len(able)))
    return found


def _standing(portrait: Portrait) -> Standing:
    model = portrait.entry.model
    seen = seen_of(model.fields, active=True)
    return Standing(
        model_id=model.id, name=shown_name(portrait.entry) or model.id, provider=seen.provider, price=blended(seen),
        capabilities=seen.capabilities, score=_score(portrait.benchmarks),
    )  # fmt: skip


def _score(benchmarks: Sequence[Benchmark]) -> Benchmark | None:
    for name in _INDEX:
        # A model has a score for each of its reasoning settings; the best is what it can do.
        found = [each for each in benchmarks if each.name == name]
        if found:
            return max(found, key=lambda each: each.value)
    return None
