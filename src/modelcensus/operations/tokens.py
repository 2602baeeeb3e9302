"""API tokens: create, list, revoke, and know whoever holds one. Secrets are told once and kept as hashes."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy import Connection

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import AuditEntry, Tier
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.times import iso
from modelcensus.core.token import PREFIX, SECRET_BYTES, CreatedToken, Token, TokenState, looks_right, usable_name
from modelcensus.operations.catalog.applying import because, named
from modelcensus.store import tokens
from modelcensus.store.catalog import audit
from modelcensus.store.engine import Store

USE_INTERVAL = 60_000_000
"""A token's last use is written at most so often; microseconds."""
_ID_BYTES = 8


def create(
    store: Store, name: str, *, role: Role, actor: str, now: int, tier: Tier | None = None,
    expires_at: int | None = None, reason: str | None = None, chance: Callable[[int], bytes] = secrets.token_bytes,
) -> CreatedToken:  # fmt: skip
    """A new token. Without a tier readers are free, and who administers sees all (enterprise).

    A name is free again once its token is revoked or has expired. Raises ``InvalidInput``.
    """
    who, why = named(actor), because(reason) if reason is not None else None
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("that token would be over already", "give it a later end, or none")
    made = Token(
        id=chance(_ID_BYTES).hex(), name=usable_name(name), role=role, state=TokenState.LIVE,
        tier=tier or (Tier.FREE if role is Role.READER else Tier.ENTERPRISE),
        created_by=who, created_at=now, expires_at=expires_at,
    )  # fmt: skip
    secret = PREFIX + urlsafe_b64encode(chance(SECRET_BYTES)).rstrip(b"=").decode()
    with store.writing() as tx:
        before = tokens.by_name(tx, name, now)
        if before and before.state is TokenState.LIVE:
            raise InvalidInput(f"there is a token '{name}' already", "choose another name, or revoke that one first")
        if before:
            _revoke(tx, before, who, now, "it had expired, and its name was wanted")
        tokens.add(tx, made, digest_of(secret))
        audit.append(tx, [_act(now, who, "create token", name, after=_facts(made), reason=why)])
    return CreatedToken(made, secret)


def listed(store: Store, now: int, *, revoked: bool = False) -> list[Token]:
    """Tokens by name; with ``revoked`` also those that were revoked."""
    with store.reading() as tx:
        return tokens.listed(tx, now, revoked=revoked)


def revoke(store: Store, name: str, *, actor: str, reason: str, now: int) -> Token:
    """Take a token's rights away for good. Raises ``NotFound``, ``InvalidInput``."""
    who, why = named(actor), because(reason)
    with store.writing() as tx:
        found = tokens.by_name(tx, usable_name(name), now)
        if found is None:
            raise NotFound(f"there is no token '{name}'", "list them with 'modelcensus token list'")
        return _revoke(tx, found, who, now, why)


def holder(store: Store, secret: str, now: int) -> Token | None:
    """The token that has this secret, whatever its state; None where there is none."""
    if not looks_right(secret):
        return None
    with store.reading() as tx:
        return tokens.by_digest(tx, digest_of(secret), now)


def note_uses(store: Store, uses: Mapping[str, int]) -> None:
    """Note when tokens were last used, by their ids."""
    with store.writing() as tx:
        for token_id, at in uses.items():
            tokens.note_use(tx, token_id, at, before=at - USE_INTERVAL)


def digest_of(secret: str) -> bytes:
    """What is kept of a secret: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def _revoke(tx: Connection, token: Token, actor: str, now: int, reason: str) -> Token:
    tokens.revoke(tx, token.id, actor, now)
    audit.append(tx, [_act(now, actor, "revoke token", token.name, before=_facts(token), reason=reason)])
    return msgspec.structs.replace(token, state=TokenState.REVOKED, revoked_at=now, revoked_by=actor)


def _facts(token: Token) -> dict[str, str]:
    facts = {"role": token.role.value, "tier": token.tier.value}
    return facts if token.expires_at is None else {**facts, "expires": iso(token.expires_at)}


def _act(
    at: int, actor: str, act: str, name: str, *, before: object = None, after: object = None, reason: str | None = None
) -> AuditEntry:
    return AuditEntry(id=0, at=at, actor=actor, act=act, target=name, before=before, after=after, reason=reason)
