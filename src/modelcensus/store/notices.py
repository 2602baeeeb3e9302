"""Incidents, the notices of them that each target is owed, and how far everything was looked through."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.notice import Incident, NoticeKind, NoticeSeverity, Owed

_MOST = 5000
"""Waiting notices of one target that are looked at together; the rest comes with the next message."""
_incident = msgspec.json.Decoder(Incident)


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One incident told, or to be told, to one target. It waits while ``sent_at`` is None.

    ``message`` is the id of the message that it went out in, with others where they were gathered. ``failures``: so
    often in a row its target could not be reached by now; ``last_error`` is why.
    """

    key: str
    kind: NoticeKind
    severity: NoticeSeverity
    target: str
    text: str
    hint: str
    at: int
    created_at: int
    sent_at: int | None = None
    message: str | None = None
    failures: int = 0
    last_error: str | None = None


def position(tx: Connection, watch: str) -> str | None:
    """How far a watch has looked; None before it ever has."""
    return tx.execute(text("SELECT reached FROM notice_position WHERE watch = :watch"), {"watch": watch}).scalar()


def move(tx: Connection, watch: str, before: str | None, after: str) -> bool:
    """Note how far a watch has looked; False where somebody else has moved it since it was at ``before``."""
    values = {"watch": watch, "before": before, "after": after}
    if before is None:
        sql = "INSERT INTO notice_position (watch, reached) VALUES (:watch, :after) ON CONFLICT DO NOTHING"
    else:
        sql = "UPDATE notice_position SET reached = :after WHERE watch = :watch AND reached = :before"
    return bool(tx.execute(text(sql), values).rowcount)


def enter(tx: Connection, incident: Incident, now: int) -> bool:
    """Write an incident, or what is known of it by now; whether it is new."""
    values = {
        "key": incident.key, "kind": incident.kind.value, "now": now, "data": msgspec.json.encode(incident).decode()
    }  # fmt: skip
    sql = """INSERT INTO incident (key, kind, found_at, data) VALUES (:key, :kind, :now, :data)
    ON CONFLICT (key) DO NOTHING"""
    if tx.execute(text(sql), values).rowcount:
        return True
    tx.execute(text("UPDATE incident SET data = :data WHERE key = :key"), values)
    return False


def owe(tx: Connection, incident: Incident, target: str, now: int) -> bool:
    """Let a target be told of an incident; False where it was told, or is to be, already."""
    sql = """INSERT INTO notice (incident_key, target, created_at) VALUES (:key, :target, :now)
    ON CONFLICT (incident_key, target) DO NOTHING"""
    return bool(tx.execute(text(sql), {"key": incident.key, "target": target, "now": now}).rowcount)


def targets_of(tx: Connection, key: str) -> frozenset[str]:
    """Who was told, or is to be told, of an incident."""
    rows = tx.execute(text("SELECT target FROM notice WHERE incident_key = :key"), {"key": key})
    return frozenset(row[0] for row in rows)


def waiting(tx: Connection, target: str) -> tuple[Owed, ...]:
    """What a target is still to be told of, the oldest first."""
    sql = """SELECT i.data, n.created_at FROM notice n JOIN incident i ON i.key = n.incident_key
    WHERE n.target = :target AND n.sent_at IS NULL ORDER BY n.created_at, n.incident_key LIMIT :most"""
    rows = tx.execute(text(sql), {"target": target, "most": _MOST})
    return tuple(Owed(_incident.decode(row[0]), row[1]) for row in rows)


def waiting_by_target(tx: Connection) -> dict[str, int]:
    """How many notices wait, by target."""
    rows = tx.execute(text("SELECT target, count(*) FROM notice WHERE sent_at IS NULL GROUP BY target ORDER BY target"))
    return {row[0]: int(row[1]) for row in rows}


def sent_since(tx: Connection, target: str, since: int) -> tuple[int, ...]:
    """When messages went to a target after a time, oldest first."""
    sql = """SELECT max(sent_at) FROM notice WHERE target = :target AND sent_at > :since
    GROUP BY message ORDER BY 1"""
    return tuple(int(row[0]) for row in tx.execute(text(sql), {"target": target, "since": since}))


def free_at(tx: Connection, target: str) -> int:
    """When a target may be sent to again: a claim runs out, or the pause after a failure."""
    found = tx.execute(text("SELECT free_at FROM notice_target WHERE name = :name"), {"name": target}).scalar()
    return int(found or 0)


def claim(tx: Connection, target: str, claim_id: str, now: int, until: int, *, at_once: bool) -> bool:
    """Be the only one who sends to a target until a time; False where somebody else is, or it is left alone for now.

    ``at_once`` does not wait for the pause after a failure to pass.
    """
    values = {"name": target, "claim": claim_id, "now": now, "until": until, "at_once": int(at_once)}
    sql = "INSERT INTO notice_target (name, free_at, failures) VALUES (:name, 0, 0) ON CONFLICT (name) DO NOTHING"
    tx.execute(text(sql), values)
    sql = """UPDATE notice_target SET claim = :claim, free_at = :until
    WHERE name = :name AND (free_at <= :now OR (claim IS NULL AND :at_once = 1))"""
    return bool(tx.execute(text(sql), values).rowcount)


def release(tx: Connection, target: str, claim_id: str) -> None:
    """Let go of a target to which nothing was sent."""
    sql = "UPDATE notice_target SET claim = NULL, free_at = 0 WHERE name = :name AND claim = :claim"
    tx.execute(text(sql), {"name": target, "claim": claim_id})


def told(tx: Connection, target: str, claim_id: str, keys: list[str], message: str, now: int) -> None:
    """Write that a message took these incidents to a target, and let go of it."""
    sql = """UPDATE notice SET sent_at = :now, message = :message
    WHERE target = :target AND incident_key = :key AND sent_at IS NULL"""
    rows = [{"target": target, "key": key, "message": message, "now": now} for key in keys]
    tx.execute(text(sql), rows)
    sql = """UPDATE notice_target SET claim = NULL, free_at = 0, failures = 0, last_error = NULL
    WHERE name = :name AND claim = :claim"""
    tx.execute(text(sql), {"name": target, "claim": claim_id})


def failures(tx: Connection, target: str) -> int:
    """How often in a row a target could not be reached."""
    found = tx.execute(text("SELECT failures FROM notice_target WHERE name = :name"), {"name": target}).scalar()
    return int(found or 0)


def failed(tx: Connection, target: str, claim_id: str, *, count: int, until: int, error: str) -> None:
    """Write that a target took no message, the ``count``-th time in a row, and leave it alone until a time."""
    sql = """UPDATE notice_target SET claim = NULL, free_at = :until, failures = :count, last_error = :error
    WHERE name = :name AND claim = :claim"""
    tx.execute(text(sql), {"name": target, "claim": claim_id, "until": until, "count": count, "error": error})


def listed(tx: Connection, *, waiting_only: bool = False, target: str | None = None, limit: int = 100) -> list[Notice]:
    """Notices, what waits first, then the newest."""
    sql = """SELECT i.data, n.target, n.created_at, n.sent_at, n.message, coalesce(t.failures, 0), t.last_error
    FROM notice n JOIN incident i ON i.key = n.incident_key LEFT JOIN notice_target t ON t.name = n.target
    WHERE (:waiting = 0 OR n.sent_at IS NULL) AND (CAST(:target AS TEXT) IS NULL OR n.target = :target)
    ORDER BY CASE WHEN n.sent_at IS NULL THEN 0 ELSE 1 END, n.created_at DESC, n.incident_key, n.target LIMIT :limit"""
    values = {"waiting": int(waiting_only), "target": target, "limit": limit}
    return [_notice(row) for row in tx.execute(text(sql), values)]


class TargetState(msgspec.Struct, frozen=True, kw_only=True):
    """How telling one target goes. ``free_at``: it is left alone until then; ``sent_at``: when it last took a message.

    Times are microseconds since 1970.
    """

    waiting: int = 0
    sent_at: int | None = None
    messages: int = 0
    failures: int = 0
    free_at: int = 0
    last_error: str | None = None


def target_states(tx: Connection) -> dict[str, TargetState]:
    """Every target that was ever owed a notice, by name; also those that the settings no longer have."""
    sql = """SELECT n.target, sum(CASE WHEN n.sent_at IS NULL THEN 1 ELSE 0 END), max(n.sent_at),
    count(DISTINCT n.message), coalesce(t.failures, 0), coalesce(t.free_at, 0), t.last_error
    FROM notice n LEFT JOIN notice_target t ON t.name = n.target
    GROUP BY n.target, t.failures, t.free_at, t.last_error ORDER BY n.target"""
    return {
        row[0]: TargetState(
            waiting=int(row[1]), sent_at=row[2], messages=int(row[3]), failures=int(row[4]), free_at=int(row[5]),
            last_error=row[6],
        )
        for row in tx.execute(text(sql))
    }  # fmt: skip


def incidents(tx: Connection, *, limit: int = 50, offset: int = 0) -> list[tuple[Incident, list[Notice]]]:
    """Incidents by when they were found, newest first, each with the notices of it by target."""
    newest = "SELECT key FROM incident ORDER BY found_at DESC, key LIMIT :limit OFFSET :offset"
    sql = f"""SELECT i.data, n.target, n.created_at, n.sent_at, n.message, coalesce(t.failures, 0), t.last_error
    FROM incident i JOIN notice n ON n.incident_key = i.key LEFT JOIN notice_target t ON t.name = n.target
    WHERE i.key IN ({newest}) ORDER BY i.found_at DESC, i.key, n.target"""
    found: dict[str, tuple[Incident, list[Notice]]] = {}
    for row in tx.execute(text(sql), {"limit": limit, "offset": offset}):
        notice = _notice(row)
        found.setdefault(notice.key, (_incident.decode(row[0]), []))[1].append(notice)
    return list(found.values())


def forget(tx: Connection, before: int) -> None:
    """Take away incidents that were found before a time and of which nothing waits."""
    sql = """DELETE FROM incident WHERE found_at < :before AND NOT EXISTS (
    SELECT 1 FROM notice n WHERE n.incident_key = incident.key AND n.sent_at IS NULL)"""
    tx.execute(text(sql), {"before": before})


def _notice(row: Any) -> Notice:
    incident, waits = _incident.decode(row[0]), row[3] is None
    return Notice(
        key=incident.key, kind=incident.kind, severity=incident.severity, target=row[1], text=incident.message,
        hint=incident.hint, at=incident.at, created_at=row[2], sent_at=row[3], message=row[4],
        failures=row[5] if waits else 0, last_error=row[6] if waits else None,
    )  # fmt: skip


def newest_plan(tx: Connection) -> tuple[str, str] | None:
    """Digest and state of the plan that was proposed last."""
    row = tx.execute(text("SELECT digest, state FROM plan ORDER BY proposed_at DESC, digest LIMIT 1")).first()
    return (row[0], row[1]) if row else None
