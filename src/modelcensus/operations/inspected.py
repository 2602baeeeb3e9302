"""What inspections found, page by page: drift, findings, and how scores went."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from modelcensus.core.drift import DriftEvent, DriftKind
from modelcensus.core.quality import HINTS, EntityFinding, FindingKind, Score
from modelcensus.operations.inspect import Count, quality_of
from modelcensus.store import drift, quality
from modelcensus.store.engine import Store

SCORES = 30
"""So many of its last scores are shown of a category."""
_EXAMPLES = 4


class ScoreTrend(msgspec.Struct, frozen=True, kw_only=True):
    """The latest score of a category of a source, and those up to it, oldest first (each of 100)."""

    score: Score
    past: tuple[float, ...]


class FindingGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of one kind and severity in one category: how many, what to do, and the first few."""

    count: Count
    hint: str
    examples: tuple[EntityFinding, ...]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """How good the catalogs are: scores with their trends, and findings in groups, errors first, the most first."""

    scores: tuple[ScoreTrend, ...]
    groups: tuple[FindingGroup, ...]


def overview(store: Store, *, source: str | None = None) -> Overview:
    """Scores and groups of findings of all sources or of one."""
    found = quality_of(store, source=source, limit=0)
    with store.reading() as tx:
        past = quality.list_history(tx, source=source, limit=SCORES)
    counts = sorted(found.counts, key=lambda each: (each.severity, -each.findings, each.source, each.category))
    return Overview(
        scores=tuple(
            ScoreTrend(score=each, past=tuple(past.get((each.source, each.category), ()))) for each in found.scores
        ),
        groups=tuple(_groups(store, counts)),
    )


def findings_page(
    store: Store, *, source: str | None, category: str | None, kind: FindingKind | None, limit: int, offset: int
) -> list[EntityFinding]:
    """Findings of live entities: errors before warnings, the newest first."""
    with store.reading() as tx:
        return quality.list_findings(
            tx, source=source, category=category, kind=kind, limit=limit, offset=offset
        )  # fmt: skip


def drift_page(
    store: Store, *, source: str | None, kind: DriftKind | None, part: str, since: int | None, limit: int, offset: int
) -> list[DriftEvent]:
    """Drift events that last happened at ``since`` (microseconds since 1970) or later, newest first.

    ``part``: of the field's path, in any case.
    """
    if "\0" in part:
        return []
    with store.reading() as tx:
        return drift.list_events(
            tx, source=source, since=since, kind=kind, part=part or None, limit=limit, offset=offset
        )  # fmt: skip


def _groups(store: Store, counts: Iterable[Count]) -> list[FindingGroup]:
    groups = []
    for count in counts:
        kind = FindingKind(count.kind)
        with store.reading() as tx:
            found = quality.list_findings(
                tx, source=count.source, category=count.category, kind=kind, severity=count.severity, limit=_EXAMPLES
            )
        groups.append(FindingGroup(count=count, hint=HINTS[kind], examples=tuple(found)))
    return groups
