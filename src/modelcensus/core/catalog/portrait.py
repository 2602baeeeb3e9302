"""A model as it is shown: with what people own of it, its names, who offers it, what was measured."""

from __future__ import annotations

import msgspec

from modelcensus.core.catalog.listing import Benchmark, Offering
from modelcensus.core.catalog.model import Alias, Curation, Disagreement, Override, Published


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A model and its curation. Its fields are what sources say, with the overrides in force laid over them."""

    model: Published
    curation: Curation
    overrides: tuple[Override, ...] = ()


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """All there is about one model: the entry, its names, who offers it, what was measured, where sources differ."""

    entry: Entry
    aliases: tuple[Alias, ...] = ()
    offerings: tuple[Offering, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
