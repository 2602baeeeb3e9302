"""The tokens' table: what is known of each, and the hash of its secret."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.token import Token, TokenState

_COLUMNS = "id, name, role, tier, created_by, created_at, expires_at, revoked_at, revoked_by, last_used_at"
_SELECT = f"SELECT {_COLUMNS} FROM token"
_INSERT = """INSERT INTO token (id, name, hash, role, tier, created_by, created_at, expires_at)
VALUES (:id, :name, :hash, :role, :tier, :created_by, :created_at, :expires_at)"""
_USED = """UPDATE token SET last_used_at = :at
WHERE id = :id AND (last_used_at IS NULL OR last_used_at <= :before)"""


def add(tx: Connection, token: Token, digest: bytes) -> None:
    """Write a new token under the SHA-256 of its secret."""
    row = {
        "id": token.id, "name": token.name, "hash": digest, "role": token.role.value, "tier": token.tier.value,
        "created_by": token.created_by, "created_at": token.created_at, "expires_at": token.expires_at,
    }  # fmt: skip
    tx.execute(text(_INSERT), row)


def by_digest(tx: Connection, digest: bytes, now: int) -> Token | None:
    """The token whose secret has this SHA-256."""
    row = tx.execute(text(f"{_SELECT} WHERE hash = :hash"), {"hash": digest}).first()
    return _token(row, now) if row else None


def by_id(tx: Connection, token_id: str, now: int) -> Token | None:
    """The token of this id, whatever its state."""
    row = tx.execute(text(f"{_SELECT} WHERE id = :id"), {"id": token_id}).first()
    return _token(row, now) if row else None


def by_name(tx: Connection, name: str, now: int) -> Token | None:
    """The token of this name that nobody has revoked."""
    row = tx.execute(text(f"{_SELECT} WHERE name = :name AND revoked_at IS NULL"), {"name": name}).first()
    return _token(row, now) if row else None


def listed(tx: Connection, now: int, *, revoked: bool) -> list[Token]:
    """Tokens by name, then age; with ``revoked`` those that were revoked too."""
    where = "" if revoked else "WHERE revoked_at IS NULL"
    return [_token(row, now) for row in tx.execute(text(f"{_SELECT} {where} ORDER BY name, created_at, id"))]


def revoke(tx: Connection, token_id: str, actor: str, at: int) -> None:
    """Note that a token is revoked."""
    sql = "UPDATE token SET revoked_at = :at, revoked_by = :actor WHERE id = :id"
    tx.execute(text(sql), {"id": token_id, "actor": actor, "at": at})


def note_use(tx: Connection, token_id: str, at: int, *, before: int) -> None:
    """Note a use, unless one later than ``before`` is noted already."""
    tx.execute(text(_USED), {"id": token_id, "at": at, "before": before})


def _token(row: Any, now: int) -> Token:
    expires_at, revoked_at = row[6], row[7]
    state = TokenState.LIVE
    if revoked_at is not None:
        state = TokenState.REVOKED
    elif expires_at is not None and expires_at <= now:
        state = TokenState.EXPIRED
    return Token(
        id=row[0], name=row[1], role=Role(row[2]), tier=Tier(row[3]), state=state, created_by=row[4],
        created_at=row[5], expires_at=expires_at, revoked_at=revoked_at, revoked_by=row[8], last_used_at=row[9],
    )  # fmt: skip
