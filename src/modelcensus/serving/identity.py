"""Who asks: credentials become a caller."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from hmac import compare_digest

import msgspec

from modelcensus.core.access import ANONYMOUS, Caller, Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import StoreError, Unauthenticated
from modelcensus.core.session import Credential
from modelcensus.core.token import PREFIX, Token, TokenState
from modelcensus.operations import tokens
from modelcensus.operations.census import Census
from modelcensus.serving import jwts
from modelcensus.serving.last_uses import LastUses
from modelcensus.serving.remembering import Remembered
from modelcensus.settings import AccessSettings

ADMINISTRATOR = Caller(name="admin token", role=Role.ADMIN, tier=Tier.ENTERPRISE)
"""Whoever holds ``ADMIN_TOKEN``."""
TOKEN_SECONDS = 5.0
"""A token is looked up again after so long: its revocation by another process takes effect within this time."""
_TOKEN_SECONDS_AT_WORST = 600.0
"""While the database does not answer, a token that was right a moment ago still is, for so long."""
_JWT_SECONDS = 600.0
"""A JWT is checked again after so long, so that a key that its issuer takes back does not live on in it."""
_SIZE = 4096
_LONGEST = 16_384
_SEND = "send 'Authorization: Bearer' with ADMIN_TOKEN, an API token or a JWT, or no such header for the public list"


class _Held(msgspec.Struct, frozen=True):
    """A token as it was in the database, at a time of ``ticks``."""

    token: Token
    read_at: float


class _Checked(msgspec.Struct, frozen=True):
    """A JWT's caller, until when (Unix seconds)."""

    caller: Caller
    until: float


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """A credential that is right: of which kind, whose, and when it ends (microseconds; None: never, or as it is told).

    ``token_id`` is an API token's, empty for others.
    """

    kind: Credential
    caller: Caller
    token_id: str = ""
    until: int | None = None


class Identity:
    """Knows callers by their credentials; safe to use from several threads. ``ticks`` gives seconds that only grow.

    Raises ``SettingsError`` for settings that cannot be used.
    """

    def __init__(self, census: Census, access: AccessSettings, *, ticks: Callable[[], float] = time.monotonic) -> None:
        self._census = census
        self._ticks = ticks
        admin = (access.admin_token or "").strip()
        self._admin = hashlib.sha256(admin.encode()).digest() if admin else None
        self._jwts = jwts.Jwts(access, ticks)
        self._tokens: Remembered[_Held] = Remembered(_SIZE)
        self._checked: Remembered[_Checked] = Remembered(_SIZE)
        self.last_uses = LastUses(census.store)

    def caller(self, authorization: str | None) -> Caller:
        """Who sends this ``Authorization`` header; nobody sends none.

        Raises ``Unauthenticated``, and ``StoreError`` if the database does not answer for a token.
        """
        if authorization is None:
            return ANONYMOUS
        secret = _secret(authorization)
        key = _digest(secret)
        known = self._remembered(key)
        if known is not None:
            return known
        _check_form(secret)
        if secret.startswith(PREFIX):
            return self._holder(secret, key)
        if jwts.looks_like_one(secret):
            return self._bearer(secret, key)
        raise Unauthenticated("these credentials are not right", _SEND)

    def at_hand(self, authorization: str | None) -> Caller | None:
        """As ``caller``, but None where that would have to ask the database or an issuer: it never waits.

        Raises ``Unauthenticated`` for a header without a credential.
        """
        return ANONYMOUS if authorization is None else self._remembered(_digest(_secret(authorization)))

    def proven(self, secret: str) -> Proven:
        """A credential as it is now, nothing remembered. Raises ``Unauthenticated`` and ``StoreError``."""
        key = _digest(secret)
        if self._admin is not None and compare_digest(key, self._admin):
            return Proven(kind=Credential.ADMIN, caller=ADMINISTRATOR)
        if secret.startswith(PREFIX):
            found = tokens.holder(self._census.store, secret, self._census.clock())
            if found is None or not self._is_live(found):
                raise _not_live(found)
            return Proven(kind=Credential.TOKEN, caller=found.caller, token_id=found.id, until=found.expires_at)
        if len(secret) <= _LONGEST and jwts.looks_like_one(secret):
            caller, until = self._jwts.checked(secret)
            return Proven(kind=Credential.JWT, caller=caller, until=int(until * 1_000_000))
        raise Unauthenticated(
            "these credentials are not right", "give ADMIN_TOKEN, an API token ('modelcensus token create') or a JWT"
        )

    def admin_mark(self, salt: bytes) -> str:
        """What is made of ``ADMIN_TOKEN`` and a secret salt: it tells neither, and changes with both."""
        return hmac.new(salt, self._admin or b"", hashlib.sha256).hexdigest()

    def forget_tokens(self) -> None:
        """Look every token up again: one was revoked."""
        self._tokens.forget()

    def _remembered(self, key: bytes) -> Caller | None:
        if self._admin is not None and compare_digest(key, self._admin):
            return ADMINISTRATOR
        held = self._tokens.get(key)
        if held is not None and self._ticks() - held.read_at < TOKEN_SECONDS and self._is_live(held.token):
            return held.token.caller
        checked = self._checked.get(key)
        return checked.caller if checked is not None and time.time() < checked.until else None

    def _holder(self, secret: str, key: bytes) -> Caller:
        begun = self._tokens.generation
        try:
            found = tokens.holder(self._census.store, secret, self._census.clock())
        except StoreError:
            held = self._tokens.get(key)
            if held is None or self._ticks() - held.read_at > _TOKEN_SECONDS_AT_WORST or not self._is_live(held.token):
                raise
            return held.token.caller
        if found is None or not self._is_live(found):
            self._tokens.drop(key)
            raise _not_live(found)
        self._tokens.keep(key, _Held(found, self._ticks()), begun)
        now = self._census.clock()
        if found.last_used_at is None or found.last_used_at <= now - tokens.USE_INTERVAL:
            self.last_uses.note(found.id, now)
        return found.caller

    def _is_live(self, token: Token) -> bool:
        return token.is_live(self._census.clock())

    def _bearer(self, token: str, key: bytes) -> Caller:
        begun = self._checked.generation
        caller, until = self._jwts.checked(token)
        self._checked.keep(key, _Checked(caller, min(until, time.time() + _JWT_SECONDS)), begun)
        return caller


def _secret(authorization: str) -> str:
    """What a header says after ``Bearer``. Raises ``Unauthenticated``."""
    scheme, _, rest = authorization.strip().partition(" ")
    secret = rest.strip()
    if scheme.lower() != "bearer":
        raise Unauthenticated("the header 'Authorization' does not say 'Bearer'", _SEND)
    if not secret:
        raise Unauthenticated("there is nothing after 'Bearer' in the header 'Authorization'", _SEND)
    return secret


def _check_form(secret: str) -> None:
    """Raises ``Unauthenticated`` for what is no single credential."""
    if "," in secret or any(each.isspace() for each in secret):
        raise Unauthenticated("the header 'Authorization' holds more than one credential", _SEND)
    if len(secret) > _LONGEST:
        raise Unauthenticated("the header 'Authorization' is too long for any credential", _SEND)


def _digest(secret: str) -> bytes:
    # Servers read headers as Latin-1; what a settings file has in UTF-8 arrives so.
    try:
        raw = secret.encode("latin-1")
    except UnicodeEncodeError:
        raw = secret.encode("utf-8", "surrogatepass")
    return hashlib.sha256(raw).digest()


def _not_live(token: Token | None) -> Unauthenticated:
    if token is None:
        return Unauthenticated("there is no such API token", "make one with 'modelcensus token create'")
    over = "revoked" if token.state is TokenState.REVOKED else "expired"
    return Unauthenticated(f"this API token has {'been ' if over == 'revoked' else ''}{over}", "ask for a new one")
