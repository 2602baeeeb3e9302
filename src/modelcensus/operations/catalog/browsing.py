"""The published catalog as its screens want it: models with what people own of them, now or at an earlier time."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.curated import effectively_enabled, flags_of, in_force, overridden
from modelcensus.core.catalog.merging import STANDARD, Precedence, merge
from modelcensus.core.catalog.model import Curation, Override, Published, Status, Tier
from modelcensus.core.catalog.portrait import Entry, Portrait
from modelcensus.operations.catalog.curating import unknown
from modelcensus.operations.catalog.linking import VOICES
from modelcensus.store.catalog import aliases, curation, listings, models, revisions
from modelcensus.store.engine import Store


def entries(
    store: Store,
    *,
    now: int,
    match: str = "",
    archived: bool = False,
    enabled: bool | None = None,
    tier: Tier | None = None,
    status: str | None = None,
    as_of: int | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """The models, by id; archived ones only if asked for.

    ``match``: a part of the id or a name, whatever its case. ``tier``: those that are in what callers of it see.
    ``as_of`` (microseconds) reads the catalog as it was published then; what people own is always today's, and
    overrides are those in force at that time of those that are kept.
    """
    with store.reading() as tx:
        then = now if as_of is None else as_of
        found = models.published(tx) if as_of is None else models.as_of(tx, revisions.at_time(tx, as_of))
        people = curation.curations(tx)
        set_ = overrides_at(tx, then)
    wanted = match.casefold()
    chosen = []
    for model in found.values():
        entry = with_people(model, people.get(model.id), set_.get(model.id, []), then)
        if _is_wanted(entry, wanted, archived=archived, enabled=enabled, tier=tier, status=status):
            chosen.append(entry)
            if len(chosen) == limit:
                break
    return chosen


def portrait(store: Store, model_id: str, *, now: int, precedence: Precedence = STANDARD) -> Portrait:
    """Everything about one model, what sources say of it as of now. Raises ``NotFound``."""
    with store.reading() as tx:
        found = models.find(tx, [model_id])
        if model_id not in found:
            raise unknown(tx, model_id)
        people = curation.find(tx, [model_id])[model_id]
        entry = with_people(found[model_id], people, curation.overrides(tx, model_id=model_id, now=now), now)
        names = tuple(aliases.of_model(tx, model_id))
        places = {(each.source, each.key) for each in names}
        voices = {(each.source, each.key) for each in names if each.relation in VOICES}
        said = [each for each in listings.listings(tx) if (each.source, each.key) in voices]
        return Portrait(
            entry=entry,
            aliases=names,
            offerings=tuple(each for each in listings.offerings(tx) if (each.source, each.model_key) in places),
            benchmarks=tuple(mark for each in said for mark in each.benchmarks),
            disagreements=merge(model_id, said, precedence=precedence).disagreements,
        )


def overrides_at(tx: Connection, then: int) -> dict[str, list[Override]]:
    """The overrides that are kept and were in force at a time, by model."""
    found: dict[str, list[Override]] = {}
    for each in curation.overrides(tx):
        if in_force(each, then) and each.created_at <= then:
            found.setdefault(each.model_id, []).append(each)
    return found


def with_people(model: Published, people: Curation | None, overrides: list[Override], now: int) -> Entry:
    """A model with what people own of it; the overrides in force are laid over its fields."""
    fields = overridden(model.fields, overrides, now) if overrides else model.fields
    return Entry(
        model=msgspec.structs.replace(model, fields=fields),
        curation=people or Curation(model_id=model.id),
        overrides=tuple(overrides),
    )


def _is_wanted(
    entry: Entry, match: str, *, archived: bool, enabled: bool | None, tier: Tier | None, status: str | None
) -> bool:
    model, people = entry.model, entry.curation
    if not archived and model.status is Status.ARCHIVED:
        return False
    if enabled is not None and effectively_enabled(people, model.status) is not enabled:
        return False
    if tier is not None and not any(getattr(people, flag) for flag in flags_of(tier)):
        return False
    if status is not None and people.status != status:
        return False
    names = (model.id, str(model.fields.get("name", "")), people.display_name or "")
    return not match or any(match in name.casefold() for name in names)
