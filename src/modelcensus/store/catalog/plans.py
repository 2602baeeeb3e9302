"""Plans: what was proposed, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core import canonical
from modelcensus.core.catalog.model import Plan


class PlanState(StrEnum):
    """What became of a plan. STALE: another revision came first."""

    OPEN = "open"
    APPLIED = "applied"
    REJECTED = "rejected"
    STALE = "stale"


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a plan was applied: ``only`` these models' steps (None: all), and why each held thing was released."""

    only: tuple[str, ...] | None = None
    released: dict[str, str] = {}


class StoredPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan with who proposed it and who decided. Times are microseconds."""

    plan: Plan
    state: PlanState
    proposed_by: str
    proposed_at: int
    decided_by: str | None = None
    decided_at: int | None = None
    reason: str | None = None
    revision: int | None = None
    taken: Taken | None = None


_plan = msgspec.json.Decoder(Plan)
_taken = msgspec.json.Decoder(Taken)
_COLUMNS = "data, state, proposed_by, proposed_at, decided_by, decided_at, reason, revision, taken"


def keep(tx: Connection, plan: Plan, actor: str, at: int) -> bool:
    """Store an open plan; False where this very plan is there already, whatever became of it."""
    sql = """INSERT INTO plan (digest, base_revision, data, state, proposed_by, proposed_at)
    VALUES (:digest, :base, :data, 'open', :actor, :at) ON CONFLICT DO NOTHING"""
    row = {"digest": plan.digest, "base": plan.base_revision, "data": canonical.encode(plan).decode(), "actor": actor}
    return bool(tx.execute(text(sql), {**row, "at": at}).rowcount)


def find(tx: Connection, digest: str) -> StoredPlan | None:
    """The plan of a digest. Raises ``msgspec.DecodeError`` for text that is no plan any more."""
    row = tx.execute(text(f"SELECT {_COLUMNS} FROM plan WHERE digest = :digest"), {"digest": digest}).first()
    return _stored(row) if row else None


def digests(tx: Connection, prefix: str) -> list[str]:
    """Digests that begin so; a prefix of hexadecimal digits."""
    rows = tx.execute(
        text("SELECT digest FROM plan WHERE digest LIKE :prefix ORDER BY digest"), {"prefix": prefix + "%"}
    )
    return [row[0] for row in rows]


def opened(tx: Connection) -> list[str]:
    """Digests of the plans that wait for a decision, the newest first."""
    sql = "SELECT digest FROM plan WHERE state = 'open' ORDER BY proposed_at DESC, digest"
    return [row[0] for row in tx.execute(text(sql))]


def listed(
    tx: Connection, *, state: PlanState | None = None, after: tuple[int, str] | None = None, limit: int = 100
) -> list[StoredPlan]:
    """The latest plans, newest first, from after a time of proposal and digest on."""
    wanted = ["state = :state"] if state else []
    wanted += ["(proposed_at < :at OR (proposed_at = :at AND digest > :digest))"] if after else []
    at, digest = after or (0, "")
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    rows = tx.execute(
        text(f"SELECT {_COLUMNS} FROM plan {where} ORDER BY proposed_at DESC, digest LIMIT :limit"),
        {"limit": limit} | ({"state": state.value} if state else {}) | ({"at": at, "digest": digest} if after else {}),
    )
    return [_stored(row) for row in rows]


def decide(
    tx: Connection, digest: str, state: PlanState, *, actor: str, at: int, reason: str | None = None,
    revision: int | None = None, taken: Taken | None = None,
) -> None:  # fmt: skip
    """Write what became of a plan."""
    sql = """UPDATE plan SET state = :state, decided_by = :actor, decided_at = :at, reason = :reason,
    revision = :revision, taken = :taken WHERE digest = :digest"""
    values: dict[str, Any] = {"state": state.value, "actor": actor, "at": at, "reason": reason, "revision": revision}
    kept = canonical.encode(taken).decode() if taken else None
    tx.execute(text(sql), {**values, "taken": kept, "digest": digest})


def reopen(tx: Connection, digest: str) -> None:
    """Let a rejected plan be decided again."""
    sql = "UPDATE plan SET state = 'open', decided_by = NULL, decided_at = NULL, reason = NULL WHERE digest = :digest"
    tx.execute(text(sql), {"digest": digest})


def outdate(tx: Connection, revision: int, at: int) -> int:
    """Mark open plans that are not based on this revision as stale; how many."""
    sql = "UPDATE plan SET state = 'stale', decided_at = :at WHERE state = 'open' AND base_revision <> :revision"
    return tx.execute(text(sql), {"revision": revision, "at": at}).rowcount


def _stored(row: Any) -> StoredPlan:
    return StoredPlan(
        plan=_plan.decode(row[0]), state=PlanState(row[1]), proposed_by=row[2], proposed_at=row[3],
        decided_by=row[4], decided_at=row[5], reason=row[6], revision=row[7],
        taken=_taken.decode(row[8]) if row[8] else None,
    )  # fmt: skip
