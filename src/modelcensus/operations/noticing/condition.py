"""How well the census is: when that changes, and when the quality of a catalog falls."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from modelcensus.core.health import Finding, Health, Severity
from modelcensus.core.notice import Incident, NoticeKind, NoticeSeverity, key_of, minute, plain
from modelcensus.operations.noticing.finding import Found
from modelcensus.store import notices, quality

HEALTH, QUALITY = "health", "quality"
LOOK_MICROSECONDS = 60_000_000
"""Health is looked at so often at most, by all processes together."""
LEAST_FALL = 1.0
"""Points of a score, of 100: less is no news."""
_NAMED = 6
_SEVERITIES = {
    Severity.OK: NoticeSeverity.GOOD,
    Severity.WARNING: NoticeSeverity.WARNING,
    Severity.CRITICAL: NoticeSeverity.CRITICAL,
}


class HealthSeen(msgspec.Struct, frozen=True):
    """How it was at the last look, what was critical then, and how often it changed so far; ``key``: of the last."""

    at: int = 0
    severity: Severity = Severity.OK
    critical: tuple[str, ...] = ()
    changes: int = 0
    key: str | None = None


def find_health(tx: Connection, look: Callable[[], Health], now: int) -> Found | None:
    """Whether the whole is better or worse than before, or something more is critical; None where it is too early.

    Before the first look all is taken to have been well.
    """
    before = notices.position(tx, HEALTH)
    seen = msgspec.json.decode(before, type=HealthSeen) if before else HealthSeen()
    if before and now - seen.at < LOOK_MICROSECONDS:
        return None
    health = look()
    critical = tuple(sorted(_name(each) for each in health.findings if each.severity is Severity.CRITICAL))
    changed = health.severity is not seen.severity or bool(set(critical) - set(seen.critical))
    if not changed:
        after = msgspec.structs.replace(seen, at=now, critical=critical)
        return Found(HEALTH, before, msgspec.json.encode(after).decode())
    incident = _changed(health, seen)
    after = HealthSeen(now, health.severity, critical, seen.changes + 1, incident.key)
    return Found(HEALTH, before, msgspec.json.encode(after).decode(), (incident,))


def find_fallen(tx: Connection) -> Found | None:
    """Catalogs whose score fell by a point or more since it was told, or since it was best; None: all as it was."""
    before = notices.position(tx, QUALITY)
    known = msgspec.json.decode(before, type=dict[str, float]) if before else {}
    now, fallen = dict(known), list[Incident]()
    for score in quality.list_scores(tx):
        if score.score is None:
            continue
        name = f"{score.source}/{score.category}"
        best = known.get(name, score.score)
        now[name] = max(best, score.score)
        if best - score.score < LEAST_FALL:
            continue
        now[name] = score.score
        fallen.append(
            Incident(
                key=key_of(NoticeKind.QUALITY_FELL, score.source, score.category, score.sync_id), at=score.observed_at,
                kind=NoticeKind.QUALITY_FELL, severity=NoticeSeverity.WARNING, sources=(score.source,),
                message=f"the quality of {plain(name)} fell from {best:.1f} to {score.score:.1f} of 100,"
                f" at {minute(score.observed_at)} (sync {score.sync_id}): {score.flawed} of {score.entities}"
                " entities have errors",
                hint=f"see what is wrong: 'modelcensus quality --source {plain(score.source)}'",
                path="/api/admin/quality",
            )
        )  # fmt: skip
    after = msgspec.json.encode(now).decode()
    return None if after == before else Found(QUALITY, before, after, tuple(fallen))


def _changed(health: Health, seen: HealthSeen) -> Incident:
    severity = _SEVERITIES[health.severity]
    wrong = [each for each in health.findings if each.severity is not Severity.OK]
    said = "; ".join(f"{plain(_name(each))}: {plain(each.message)}" for each in wrong[:_NAMED])
    more = f"; and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    return Incident(
        key=key_of(NoticeKind.HEALTH_CHANGED, seen.changes + 1, health.at), kind=NoticeKind.HEALTH_CHANGED,
        severity=severity, at=health.at,
        message=f"health is {health.severity.value} since {minute(health.at)}, it was {seen.severity.value}"
        + (f": {said}{more}" if said else ""),
        hint=plain(wrong[0].hint, 300) if wrong and wrong[0].hint else ("see 'modelcensus health'" if wrong else ""),
        # The end of what woke somebody up may wake them once more.
        urgent=Severity.CRITICAL in (health.severity, seen.severity),
        ends=seen.key if health.severity is Severity.OK else None,
    )  # fmt: skip


def _name(finding: Finding) -> str:
    return f"{finding.check} of {finding.subject}" if finding.subject else finding.check
