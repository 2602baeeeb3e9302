"""The catalog: from what sources say to what would be published, and what is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.guards import Thresholds, mass_removal
from modelcensus.core.catalog.linking import Links
from modelcensus.core.catalog.listing import Listing
from modelcensus.core.catalog.merging import Precedence, merge
from modelcensus.core.catalog.model import (
    Disagreement,
    FieldChange,
    Merged,
    Plan,
    Published,
    Status,
    Step,
    StepKind,
)
from modelcensus.core.catalog.planning import held, sealed
from modelcensus.core.catalog.planning import plan as planned
from modelcensus.operations.catalog import applying
from modelcensus.operations.catalog.linking import by_model, links_of, relink
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.catalog.policy import CatalogPolicy
from modelcensus.operations.catalog.translating import Translation, translate
from modelcensus.operations.census import Census
from modelcensus.store.catalog import aliases, evidence, listings, models, revisions, stamps
from modelcensus.store.catalog.revisions import Revision
from modelcensus.store.engine import Store

SYNC = "sync"
"""Who applies what no guard holds."""


class Refreshed(msgspec.Struct, frozen=True, kw_only=True):
    """What a refresh found: snapshots translated anew, and names linked, unlinked and waiting."""

    translation: Translation
    models: int
    linked: int
    unmatched: int
    begun: int
    ended: int


class Updated(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync did to the catalog: the plan, the revision that it made if any, and how much is held."""

    refreshed: Refreshed
    plan: Plan
    revision: Revision | None
    held: int


def refresh(census: Census, *, now: int) -> Refreshed:
    """Translate what is new and link every name anew. It changes nothing that is published."""
    translation = translate(census)
    with uncollected(), census.store.writing() as tx:
        links = links_of(listings.listings(tx), aliases.decisions(tx), census.catalog.anchors)
        moved = relink(tx, links, now)
        stamps.count_refresh(tx)
    return Refreshed(
        translation=translation, models=len(links.models), linked=len(links.linked), unmatched=len(links.unmatched),
        begun=moved.begun, ended=moved.ended,
    )  # fmt: skip


def current_plan(census: Census, *, now: int, note: str = "", actor: str = SYNC, reopen: bool = False) -> Plan:
    """What would make the catalog what the listings together say; kept as an open plan if it does anything.

    ``reopen``: a person wants to decide again on the very plan that was rejected.
    """
    plan = computed_plan(census.store, census.catalog, note=note)
    if plan.steps:
        applying.propose(census.store, plan, actor, now, reopen=reopen)
    return plan


def computed_plan(store: Store, policy: CatalogPolicy, *, note: str = "") -> Plan:
    """The plan as a value; nothing is written."""
    with uncollected(), store.reading() as tx:
        said, offered = list(listings.listings(tx)), listings.offered(tx)
        links = links_of(said, aliases.decisions(tx), policy.anchors)
        merged = list(merged_models(links, said, offered, policy.precedence))
        return plan_from(tx, revisions.head(tx), models.published(tx), merged, policy, note=note)


def plan_from(
    tx: Connection,
    revision: int,
    published: Mapping[str, Published],
    merged: Sequence[Merged],
    policy: CatalogPolicy,
    *,
    at: int = evidence.FOREVER,
    note: str = "",
) -> Plan:
    """The plan from a revision to what the listings say, with the evidence that there was at a time."""
    listed = {model.id for model in merged}
    gone = [model_id for model_id in published if model_id not in listed]
    plan = planned(
        revision,
        published,
        merged,
        absences=evidence.absences(tx, gone, at=at),
        thresholds=policy.thresholds,
        policy=policy.review,
        history=evidence.recent_values(tx, _altered(published, merged), until=revision),
        note=note,
    )
    renamed = evidence.superseded(tx, gone, at=at)
    return with_renamed(plan, published, renamed, policy.thresholds) if renamed else plan


def with_renamed(
    plan: Plan, published: Mapping[str, Published], renamed: Mapping[str, str], thresholds: Thresholds
) -> Plan:
    """The plan with each model archived of which every name means another one now; many at once are held."""
    stepped = {step.model_id for step in plan.steps}
    ids = [each for each in sorted(renamed) if each not in stepped and published[each].status is Status.ACTIVE]
    if not ids:
        return plan
    removed = len(ids) + sum(step.kind is StepKind.ARCHIVED for step in plan.steps)
    active = sum(model.status is Status.ACTIVE for model in published.values())
    hold = mass_removal(removed, active, thresholds)
    steps = [
        Step(
            kind=StepKind.ARCHIVED, model_id=each, reason=f"all its names mean {renamed[each]} now", hold=hold,
            changes=(FieldChange(
                path="successor", before=published[each].fields.get("successor", msgspec.UNSET), after=renamed[each]
            ),),
        )
        for each in ids
    ]  # fmt: skip
    return sealed(plan.base_revision, [*plan.steps, *steps], plan.note)


def _altered(published: Mapping[str, Published], merged: Iterable[Merged]) -> list[str]:
    """Models of which something is not as it is published: only for these the past matters."""
    altered = []
    for model in merged:
        was = published.get(model.id)
        if was is not None and was.fields != {path: field.value for path, field in model.fields.items()}:
            altered.append(model.id)
    return altered


def merged_models(
    links: Links, said: Iterable[Listing], offered: Mapping[tuple[str, str], int], precedence: Precedence
) -> Iterator[Merged]:
    """Every model that a listing speaks for, by id; without benchmarks, which are metrics and have no versions.

    ``offered``: how many offerings there are, by source and key.
    """
    voices = by_model(links, said)
    for model_id in sorted(voices):
        mine = [msgspec.structs.replace(each, benchmarks=()) for each in voices[model_id]]
        offers = sum(offered.get((each.source, each.key), 0) for each in mine)
        yield merge(model_id, mine, offers, precedence)


def update(census: Census, *, now: int) -> Updated:
    """After a sync: refresh, plan, and publish what nothing holds, unless a person wants to apply it all."""
    refreshed = refresh(census, now=now)
    plan = current_plan(census, now=now, note="after a sync")
    stopped = dict(held(plan))
    revision = None
    if census.catalog.automatic and any(_lets_something_through(step.model_id, step, stopped) for step in plan.steps):
        revision = applying.apply(census.store, plan.digest, SYNC, now)
    return Updated(refreshed=refreshed, plan=plan, revision=revision, held=len(stopped))


def _lets_something_through(model_id: str, step: object, stopped: Mapping[str, object]) -> bool:
    if model_id in stopped:
        return False
    changes = getattr(step, "changes", ())
    return not changes or any(change.hold is None for change in changes)


def disagreements(
    store: Store, *, field: str | None = None, after: tuple[str, str] = ("", ""), limit: int = 100,
    precedence: Precedence | None = None,
) -> list[tuple[str, Disagreement]]:  # fmt: skip
    """Where sources say different things of a model: (model id, disagreement), from after a place on.

    By model and field.
    """
    found: list[tuple[str, Disagreement]] = []
    with uncollected(), store.reading() as tx:
        said = list(listings.listings(tx))
        links = links_of(said, aliases.decisions(tx))
    for model in merged_models(links, said, {}, precedence or Precedence()):
        for each in sorted(model.disagreements, key=lambda each: each.path):
            fits = field is None or each.path == field or each.path.startswith(f"{field}.")
            if fits and (model.id, each.path) > after:
                found.append((model.id, each))
    return sorted(found, key=lambda each: (each[0], each[1].path))[:limit]
