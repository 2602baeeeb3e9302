"""What waits for a person, each with the page where it is done."""

from __future__ import annotations

import msgspec

from modelcensus.core.drift import DriftKind
from modelcensus.operations import inspect
from modelcensus.operations.catalog import applying, linking
from modelcensus.operations.census import Census
from modelcensus.store.catalog.plans import PlanState, StoredPlan

WEEK = 7 * 24 * 3_600_000_000
_PLANS = 50
_EVENTS = 1000
_BREAKING = (DriftKind.MISSING, DriftKind.RETYPED)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One thing: how much of it waits, in words, and where to go. ``tone`` is that of its card."""

    name: str
    path: str
    count: int
    words: str
    tone: str = ""


def waiting(census: Census, plans: list[StoredPlan]) -> list[Waiting]:
    """All of them, also those of which nothing waits. ``plans`` are the open ones."""
    return [_decisions(census, plans), _names(census), _drift(census), _quality(census)]


def open_plans(census: Census) -> list[StoredPlan]:
    """The plans that wait for a word, newest first."""
    return applying.stored_plans(census.store, state=PlanState.OPEN, limit=_PLANS)


def _decisions(census: Census, plans: list[StoredPlan]) -> Waiting:
    if plans:
        held = sum(len(applying.still_held(each.plan)) for each in plans)
        path = f"/admin/plans/{plans[0].plan.digest}" if len(plans) == 1 else "/admin/plans?state=open"
        words = f"open plan{'' if len(plans) == 1 else 's'}, {held:,} held"
        return Waiting(name="Plans", path=path, count=len(plans), words=words, tone="warn")
    # What a sync's own apply left held is in no open plan before the next one is made.
    for last in applying.stored_plans(census.store, state=PlanState.APPLIED, limit=1):
        if left := applying.still_held(last.plan, last.taken.released if last.taken else None):
            path = f"/admin/plans/{last.plan.digest}"
            return Waiting(name="Plans", path=path, count=len(left), words="held by the last plan", tone="warn")
    return Waiting(name="Plans", path="/admin/plans", count=0, words="open plans: nothing to decide")


def _names(census: Census) -> Waiting:
    count = linking.waiting(census.store)
    words = "names that no rule links" if count else "names: every one is linked"
    return Waiting(name="Unmatched names", path="/admin/names", count=count, words=words)


def _drift(census: Census) -> Waiting:
    found = inspect.drift_events(census.store, since=census.clock() - WEEK, limit=_EVENTS)
    breaking = sum(each.kind in _BREAKING for each in found)
    words = f"changes of form in 7 days, {breaking:,} breaking" if found else "changes of form in 7 days"
    return Waiting(name="Drift", path="/admin/drift", count=len(found), words=words, tone="warn" if breaking else "")


def _quality(census: Census) -> Waiting:
    scores = inspect.quality_of(census.store, limit=1).scores
    flawed = sum(each.flawed for each in scores)
    doubtful = sum(each.doubtful for each in scores)
    words = f"entities with errors, {doubtful:,} doubtful" if flawed or doubtful else "entities with errors"
    return Waiting(name="Quality", path="/admin/quality", count=flawed, words=words, tone="warn" if flawed else "")
