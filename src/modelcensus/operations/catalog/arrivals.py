"""Arrivals: which models of an edition came lately."""

from __future__ import annotations

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.glance import came_lately
from modelcensus.core.times import iso
from modelcensus.operations.census import Census
from modelcensus.store.catalog import revisions

_DAY = 86_400_000_000


def arrivals(census: Census, edition: Edition, *, days: int) -> frozenset[str]:
    """Ids of the models that somebody offers and that came within so many days.

    With the catalog's first revision all came at once: of these, what upstream released in that time counts.
    """
    now = census.clock()
    since = now - days * _DAY
    with census.store.reading() as tx:
        before = revisions.at_time(tx, since - 1)
    first, today = iso(since)[:10], iso(now)[:10]
    return frozenset(
        each.entry.model.id
        for each in edition.active
        if came_lately(
            each.entry.model.since_revision, now if each.entry.model.since_revision > before else 0,
            each.entry.model.fields.get("released"), since=since, day=first, today=today,
        )
    )  # fmt: skip
