"""How many models there are, what waits for a person, how upstream drifts, and which feeds are refused."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from modelcensus.core.catalog.planning import held
from modelcensus.core.drift import DriftEvent, DriftKind
from modelcensus.core.health import Finding, Severity
from modelcensus.core.times import iso
from modelcensus.operations.catalog.memory import uncollected
from modelcensus.operations.census import Census
from modelcensus.operations.health.words import ago, first, many
from modelcensus.settings import HealthSettings
from modelcensus.store import drift as drifted
from modelcensus.store import feeds as copies
from modelcensus.store import numbers
from modelcensus.store.catalog import plans
from modelcensus.store.catalog.plans import PlanState, StoredPlan

MODELS, HELD, DRIFT, FEEDS = "models", "held", "drift", "feeds"
_HOUR = 3_600_000_000
_WEEK = 7 * 24 * _HOUR
_PLANS = 200
"""So many plans are looked through for since when something is held."""
_EVENTS = 1000
_BREAKING = frozenset({DriftKind.MISSING, DriftKind.RETYPED})
"""What may break whoever reads it; what is merely new does not."""


def models(tx: Connection, limits: HealthSettings) -> Iterator[Finding]:
    """Whether there are as many active models as there should be."""
    count = numbers.numbers(tx).models
    message = f"{many(count, 'active model')} in the catalog"
    if count >= limits.min_models:
        yield Finding(check=MODELS, severity=Severity.OK, message=message)
        return
    yield Finding(
        check=MODELS, severity=Severity.WARNING if count else Severity.CRITICAL,
        message=f"{message}, fewer than {limits.min_models:,}",
        hint="run 'modelcensus sync', then see what is held back: 'modelcensus plan list'",
    )  # fmt: skip


def held_plans(tx: Connection, census: Census, limits: HealthSettings) -> Iterator[Finding]:
    """Whether something waits for a person for too long.

    What is held comes back in each plan: since when it is, the plans before the last one say.
    """
    now = census.clock()
    latest, names, since = _held(tx, not_before=now - int(limits.held_hours * _HOUR))
    if latest is None or not names:
        yield Finding(check=HELD, severity=Severity.OK, message="nothing waits for a person")
        return
    message = f"{many(len(names), 'change')} held since {iso(since)} or before"
    if now - since < limits.held_hours * _HOUR:
        yield Finding(check=HELD, severity=Severity.OK, message=message)
        return
    yield Finding(
        check=HELD, severity=Severity.WARNING,
        message=f"{message} ({ago(now - since)}): {first(names)}",
        hint=f"decide: 'modelcensus plan show {latest.plan.digest[:12]}', then apply with --release, or reject it",
    )  # fmt: skip


@uncollected()
def _held(tx: Connection, *, not_before: int) -> tuple[StoredPlan | None, list[str], int]:
    """The last plan, what of it has been held for longest, and since when (or at least since before ``not_before``)."""
    latest: StoredPlan | None = None
    names: list[str] = []
    since = 0
    for each in plans.listed(tx, limit=_PLANS):
        if each.state is PlanState.REJECTED:
            break  # a person has decided: what came before does not count
        stopped = [name for name, _ in held(each.plan)]
        if latest is None:
            released = each.taken.released if each.taken else {}
            latest, names = each, [name for name in stopped if name not in released]
        elif before := set(stopped).intersection(names):
            names = [name for name in names if name in before]
        else:
            break
        since = each.proposed_at
        if not names or since < not_before:
            break
    return latest, names, since


def drift(tx: Connection, census: Census) -> Iterator[Finding]:
    """What has changed its form within a week, by source."""
    found = drifted.list_events(tx, since=census.clock() - _WEEK, limit=_EVENTS)
    by_source: dict[str, list[DriftEvent]] = {}
    for event in found:
        by_source.setdefault(event.source, []).append(event)
    for source, events in by_source.items():
        breaking = [event for event in events if event.kind in _BREAKING]
        counted = f"{len(breaking):,} fields gone or of another type, {len(events) - len(breaking):,} new in 7 days"
        if not breaking:
            yield Finding(check=DRIFT, subject=source, severity=Severity.OK, message=counted)
            continue
        names = list(dict.fromkeys(f"{event.kind.value} {event.path or event.category}" for event in breaking))
        yield Finding(
            check=DRIFT, subject=source, severity=Severity.WARNING, message=f"{counted}: {first(names)}",
            hint=f"see whether something you use hangs on them: 'modelcensus drift --source {source} --since 7d'",
        )  # fmt: skip
    if not found:
        yield Finding(check=DRIFT, severity=Severity.OK, message="every field is as it was a week ago")


def feeds(tx: Connection) -> Iterator[Finding]:
    """Whether every feed is as its consumer takes it."""
    published = copies.published(tx)
    kept = {(each.name, each.tier) for each in published}
    refused = copies.refusals(tx)
    for each in refused:
        has_copy = (each.name, each.tier) in kept
        why = first(each.reasons)
        yield Finding(
            check=FEEDS, subject=f"{each.name} ({each.tier.value})",
            severity=Severity.WARNING if has_copy else Severity.CRITICAL,
            message=f"its consumer would refuse it since {iso(each.refused_at)}, "
            f"{'the last good copy is served' if has_copy else 'and there is no good copy'}: {why}",
            hint="correct the models that are named with an override, or report it",
        )  # fmt: skip
    if not refused:
        yield Finding(
            check=FEEDS, severity=Severity.OK, message=f"{many(len(published), 'feed')} published, none refused"
        )
