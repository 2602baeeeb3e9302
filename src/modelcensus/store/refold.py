"""After an older reading is recorded: see to it that every later reading still says what it said.

A later reading left an entity alone because it followed from the state before it. Where the older reading changed that
state, the later state is written again at the later time; nothing that was written is changed (see the two times in
docs/decisions/0006). A later reading's verdict may turn too: one that was believed for want of anything before it is
held if it now proves far too small, and the other way round.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from modelcensus.core.verdict import removes
from modelcensus.store.moments import indexed
from modelcensus.store.timeline import AS_OF, FAULTY, PastReading, Timeline

Scope = dict[str, int | str]


def refold(timeline: Timeline, sync_id: int) -> None:
    """Carry what the sync wrote at ``timeline.observed_at`` through the readings after it."""
    tx = timeline.tx
    _fill(timeline, sync_id)
    for reading in timeline.later():
        scope: Scope = {
            **timeline.scope,
            "time": reading.observed_at,
            "before": reading.observed_at - 1,
            "sync": sync_id,
        }
        gained = int(tx.execute(text(_GAINED)).scalar() or 0)
        if not gained and not _any(tx):
            break
        evidence = reading.evidence
        judged = type(evidence)(
            evidence.complete, evidence.unnamed, evidence.seen, evidence.live_before + gained, evidence.accepted
        )
        verdict = removes(judged)
        if verdict != reading.removes:
            _turn(tx, scope, verdict)
        if gained or verdict != reading.removes:
            _judge(tx, scope, reading, gained, verdict)
        _carry(tx, scope, verdict, by_state=reading.removes and verdict)
    tx.execute(text("DROP TABLE dirty"))


def _any(tx: Connection) -> bool:
    return tx.execute(text("SELECT 1 FROM dirty LIMIT 1")).first() is not None


_GAINED = """SELECT coalesce(sum((CASE WHEN new_body IS NULL THEN 0 ELSE 1 END)
                                - (CASE WHEN old_body IS NULL THEN 0 ELSE 1 END)), 0) FROM dirty"""


def _fill(timeline: Timeline, sync_id: int) -> None:
    """``dirty``: entities whose state after the reading is not what it was, with both states."""
    tx = timeline.tx
    tx.execute(text("CREATE TEMPORARY TABLE dirty (entity_id BIGINT PRIMARY KEY, old_body BIGINT, new_body BIGINT)"))
    tx.execute(
        text(
            f"""INSERT INTO dirty SELECT s.entity_id, {AS_OF.format(entity="s.entity_id", time=":before")}, s.body_id
            FROM snapshot s JOIN entity e ON e.id = s.entity_id
            WHERE s.observed_at = :time AND s.sync_id = :sync AND e.source_id = :source AND e.category = :category
            AND {indexed(tx, sync_id, "s.sync_id")}"""
        ),
        {**timeline.scope, "time": timeline.observed_at, "before": timeline.observed_at - 1, "sync": sync_id},
    )


_AT = """(SELECT {what} FROM snapshot r WHERE r.entity_id = {entity} AND r.observed_at = :time
          ORDER BY r.sync_id DESC LIMIT 1)"""
_HAS_ROW = "EXISTS (SELECT 1 FROM snapshot r WHERE r.entity_id = {entity} AND r.observed_at = :time)"
_SIGHTED = """EXISTS (SELECT 1 FROM sighting g WHERE g.source_id = :source AND g.category = :category
              AND g.observed_at = :time AND g.entity_id = {entity})"""


def _turn(tx: Connection, scope: Scope, verdict: bool) -> None:
    """A later reading's verdict turns: take back its tombstones, or write those it now owes."""
    old_dirty = "(SELECT d.old_body FROM dirty d WHERE d.entity_id = e.id)"
    old_at = (
        f"CASE WHEN {_HAS_ROW.format(entity='e.id')} THEN {_AT.format(what='r.body_id', entity='e.id')}"
        f" WHEN EXISTS (SELECT 1 FROM dirty d WHERE d.entity_id = e.id) THEN {old_dirty}"
        f" ELSE {AS_OF.format(entity='e.id', time=':before')} END"
    )
    mine = "e.source_id = :source AND e.category = :category"
    if not verdict:
        # It is held now. What it saw was all that was live after it; that is worth knowing from here on.
        tx.execute(
            text(
                f"""INSERT INTO sighting SELECT :source, :category, :time, e.id FROM entity e
                WHERE {mine} AND ({old_at}) IS NOT NULL AND NOT {FAULTY.format(entity="e.id")}
                AND NOT {_SIGHTED.format(entity="e.id")}"""
            ),
            scope,
        )
        tombstones = f"""SELECT e.id FROM entity e WHERE {mine} AND {_HAS_ROW.format(entity="e.id")}
            AND {_AT.format(what="r.body_id", entity="e.id")} IS NULL
            AND NOT EXISTS (SELECT 1 FROM dirty d WHERE d.entity_id = e.id)"""
        tx.execute(
            text(
                f"""INSERT INTO dirty SELECT t.id, {AS_OF.format(entity="t.id", time=":before")},
                {AS_OF.format(entity="t.id", time=":before")} FROM ({tombstones}) t"""
            ),
            scope,
        )
    else:
        tx.execute(
            text(
                f"""INSERT INTO dirty SELECT t.id, t.body, t.body FROM (
                    SELECT e.id, {AS_OF.format(entity="e.id", time=":before")} AS body FROM entity e
                    WHERE {mine} AND NOT {_SIGHTED.format(entity="e.id")}
                    AND NOT EXISTS (SELECT 1 FROM dirty d WHERE d.entity_id = e.id)) t
                WHERE t.body IS NOT NULL"""
            ),
            scope,
        )


def _judge(tx: Connection, scope: Scope, reading: PastReading, gained: int, verdict: bool) -> None:
    evidence = reading.evidence
    tx.execute(
        text(
            """INSERT INTO coverage (source_id, category, observed_at, sync_id, complete, unnamed, seen, live_before,
            accepted, removes) VALUES (:source, :category, :time, :sync, :complete, :unnamed, :seen, :live, :accepted,
            :removes)"""
        ),
        {
            **scope,
            "complete": int(evidence.complete),
            "unnamed": evidence.unnamed,
            "seen": evidence.seen,
            "live": evidence.live_before + gained,
            "accepted": int(evidence.accepted),
            "removes": int(verdict),
        },
    )


def _carry(tx: Connection, scope: Scope, verdict: bool, *, by_state: bool) -> None:
    """Step over one later reading: write what no longer follows, keep what is still not what it was.

    ``by_state``: the reading named exactly what was live after it, faulty ones aside. Others keep sightings.
    """
    has_row = _HAS_ROW.format(entity="d.entity_id")
    at = _AT.format(what="r.body_id", entity="d.entity_id")
    sighted = _SIGHTED.format(entity="d.entity_id")
    old = f"CASE WHEN {has_row} THEN {at} ELSE d.old_body END"
    faulty = FAULTY.format(entity="d.entity_id")
    seen = f"({old}) IS NOT NULL AND NOT {faulty}" if by_state else sighted
    tx.execute(
        text(
            "CREATE TEMPORARY TABLE carried"
            " (entity_id BIGINT PRIMARY KEY, old_body BIGINT, new_body BIGINT, follows BIGINT)"
        )
    )
    tx.execute(
        text(
            f"""INSERT INTO carried SELECT d.entity_id, {old},
            CASE WHEN {seen} THEN {old} WHEN :verdict = 1 AND NOT {faulty} THEN NULL ELSE d.new_body END,
            CASE WHEN {has_row} THEN {at} ELSE d.new_body END
            FROM dirty d"""
        ),
        {**scope, "verdict": int(verdict)},
    )
    tx.execute(
        text(
            """INSERT INTO snapshot (entity_id, observed_at, sync_id, body_id)
            SELECT entity_id, :time, :sync, new_body FROM carried WHERE new_body IS DISTINCT FROM follows"""
        ),
        scope,
    )
    tx.execute(text("DELETE FROM dirty"))
    tx.execute(
        text(
            """INSERT INTO dirty SELECT entity_id, old_body, new_body FROM carried
            WHERE new_body IS DISTINCT FROM old_body"""
        )
    )
    tx.execute(text("DROP TABLE carried"))
