"""Rebuild: every revision of the catalog worked out anew from the snapshots of its time, and compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection

from modelcensus.core import canonical
from modelcensus.core.catalog import planning, sealed
from modelcensus.core.catalog.listing import Listing, Offering, Snapshot, Translated, Untranslatable
from modelcensus.core.catalog.model import Plan, Published
from modelcensus.operations.catalog.catalog import merged_models, plan_from
from modelcensus.operations.catalog.linking import links_of
from modelcensus.operations.catalog.translating import aids_of, meaning
from modelcensus.operations.census import Census, Progress, silent
from modelcensus.sources.translators.contract import Aids, Translator
from modelcensus.sources.translators.registry import translator_of
from modelcensus.store import history
from modelcensus.store.catalog import aliases, models, plans, revisions
from modelcensus.store.catalog.revisions import Revision
from modelcensus.store.engine import Store


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """One revision worked out anew.

    ``same_plan``: the snapshots of its time give the plan that was applied, digest for digest; ``same_catalog``:
    applied to the revision before, it gives what was published. A rollback's plan follows from no snapshots: it is
    taken as it was stored, and ``from_snapshots`` is False.
    """

    revision: int
    at: int
    from_snapshots: bool
    same_plan: bool
    same_catalog: bool


def revisions_of(store: Store) -> int:
    """How many revisions the catalog has."""
    with store.reading() as tx:
        return revisions.head(tx)


def rebuild(
    census: Census, *, first: int = 1, last: int | None = None, progress: Progress = silent
) -> Iterator[Rebuilt]:
    """Rebuild these revisions, each on the one before it as it was published. Nothing is written."""
    with census.store.reading() as tx:
        head = revisions.head(tx)
    until = head if last is None else min(last, head)
    for number in range(first, until + 1):
        with census.store.reading() as tx:
            revision = revisions.find(tx, number)
            if revision is not None:
                yield _rebuilt(census, tx, revision)
        progress("rebuild", number - first + 1, until - first + 1)


def _rebuilt(census: Census, tx: Connection, revision: Revision) -> Rebuilt:
    before = models.as_of(tx, revision.number - 1)
    stored = plans.find(tx, revision.plan)
    assert stored is not None
    plan = plan_at(census, tx, revision.number - 1, before, revision.at, note=stored.plan.note)
    from_snapshots = not stored.plan.note.startswith("rollback") and plan.digest == revision.plan
    taken = stored.taken or plans.Taken()
    only = None if taken.only is None else frozenset(taken.only)
    followed = plan if from_snapshots else stored.plan
    after = planning.applied(before, followed, only=only, released=taken.released)
    return Rebuilt(
        revision=revision.number,
        at=revision.at,
        from_snapshots=from_snapshots,
        same_plan=plan.digest == revision.plan,
        same_catalog=sealed.digest_of_catalog(after.values()) == revision.catalog_digest,
    )


def plan_at(
    census: Census, tx: Connection, revision: int, published: dict[str, Published], at: int, *, note: str = ""
) -> Plan:
    """The plan that the snapshots and people's words of a time give on a revision."""
    said, offerings = said_at(census, tx, at)
    offered = Counter((each.source, each.model_key) for each in offerings)
    decided = [each for each in aliases.decisions(tx) if each.at <= at]
    links = links_of(said, decided, census.catalog.anchors)
    merged = list(merged_models(links, said, offered, census.catalog.precedence))
    return plan_from(tx, revision, published, merged, census.catalog, at=at, note=note)


Known = dict[tuple[str, str, str, str, int], Translated]
"""Translations that hang on a snapshot alone, by source, category, key, digest and time."""


def said_at(
    census: Census, tx: Connection, at: int, known: Known | None = None
) -> tuple[list[Listing], list[Offering]]:
    """Every listing and offering as of a time, translated from the snapshots of that time.

    ``known`` is what the same call for a time near it has read; it is made that of this one.
    """
    aids = aids_of(census, datetime.fromtimestamp(at / 1_000_000, UTC).date())
    before, now = dict(known or {}), Known()
    said: list[Listing] = []
    offered: list[Offering] = []
    for source in sorted(census.sources.values(), key=lambda each: each.name):
        translator = translator_of(source.adapter)
        for category in sorted(translator.categories) if translator else ():
            assert translator
            for version in history.as_of(tx, at, source=source.name, category=category):
                place = (source.name, category, version.key, version.sha256 or "", version.observed_at)
                translated = before.get(place) or _meaning(place, bytes(version.data or b"{}"), translator, aids)
                if translated is None:
                    continue
                if not translator.aided:
                    now[place] = translated
                if translated.listing is not None and translated.listing.excluded is None:
                    said.append(translated.listing)
                offered += translated.offerings
    if known is not None:
        known.clear()
        known.update(now)
    return said, offered


def _meaning(
    place: tuple[str, str, str, str, int], data: bytes, translator: Translator, aids: Aids
) -> Translated | None:
    source, category, key, sha256, observed_at = place
    snapshot = Snapshot(
        source=source, category=category, key=key, sha256=sha256, observed_at=observed_at, data=canonical.decode(data)
    )
    try:
        return meaning(snapshot, translator, aids)
    except Untranslatable:
        return None
