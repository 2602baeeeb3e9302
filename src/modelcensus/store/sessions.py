"""The sessions' table: who signed in, under the hash of the browser's cookie."""

from __future__ import annotations

from sqlalchemy import Connection, text

from modelcensus.core.access import Caller, Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.session import Credential, Session

_INSERT = """INSERT INTO session (hash, kind, mark, name, role, tier, created_at, expires_at)
VALUES (:hash, :kind, :mark, :name, :role, :tier, :created_at, :expires_at)"""
_FIND = """SELECT kind, mark, name, role, tier, created_at, expires_at FROM session
WHERE hash = :hash AND expires_at > :now"""


def add(tx: Connection, session: Session, digest: bytes) -> None:
    """Write a new session under the SHA-256 of its cookie."""
    caller = session.caller
    row = {
        "hash": digest, "kind": session.kind.value, "mark": session.mark, "name": caller.name,
        "role": caller.role.value, "tier": caller.tier.value, "created_at": session.created_at,
        "expires_at": session.expires_at,
    }  # fmt: skip
    tx.execute(text(_INSERT), row)


def find(tx: Connection, digest: bytes, now: int) -> Session | None:
    """The session whose cookie has this SHA-256, unless it is over."""
    row = tx.execute(text(_FIND), {"hash": digest, "now": now}).first()
    if row is None:
        return None
    kind, mark, name, role, tier, created_at, expires_at = row
    return Session(
        kind=Credential(kind), mark=mark, caller=Caller(name=name, role=Role(role), tier=Tier(tier)),
        created_at=created_at, expires_at=expires_at,
    )  # fmt: skip


def end(tx: Connection, digest: bytes) -> None:
    """Forget a session."""
    tx.execute(text("DELETE FROM session WHERE hash = :hash"), {"hash": digest})


def end_old(tx: Connection, now: int) -> None:
    """Forget all that are over."""
    tx.execute(text("DELETE FROM session WHERE expires_at <= :now"), {"now": now})
