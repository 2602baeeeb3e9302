"""Sessions: a browser's cookie becomes a caller, for as long as what it signed in with is right.

The cookie is random and only its hash is kept. What a page's forms send along with it (``proof``) is made of the
cookie, so that no other site, which cannot read cookies, can make one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable

import msgspec

from modelcensus.core.access import Caller
from modelcensus.core.session import Credential, Session
from modelcensus.operations.census import Census
from modelcensus.serving.identity import Identity
from modelcensus.serving.remembering import Remembered
from modelcensus.store import sessions, tokens

COOKIE = "census_session"
"""The cookie's name."""
LASTS = 14 * 86_400_000_000
"""A session ends after so many microseconds at the latest."""
_SECONDS = 5.0
"""A session is looked up again after so long: its end in another process takes effect within this time."""
_BYTES = 32
_LENGTH = 43
_SIZE = 1024


class _Held(msgspec.Struct, frozen=True):
    caller: Caller
    expires_at: int
    read_at: float


class Sessions:
    """The sessions of a census; safe to use from several threads. ``ticks`` gives seconds that only grow."""

    def __init__(self, census: Census, identity: Identity, *, ticks: Callable[[], float] = time.monotonic) -> None:
        self._census = census
        self._identity = identity
        self._ticks = ticks
        self._held: Remembered[_Held] = Remembered(_SIZE)

    def begin(self, secret: str) -> tuple[str, Session]:
        """Sign in with a credential as API callers send it: the new cookie, and its session.

        Raises ``Unauthenticated`` for a credential that is not right.
        """
        proven = self._identity.proven(secret)
        now = self._census.clock()
        until = now + LASTS
        cookie = urlsafe_b64encode(secrets.token_bytes(_BYTES)).rstrip(b"=").decode()
        session = Session(
            kind=proven.kind,
            mark=self._admin_mark(cookie) if proven.kind is Credential.ADMIN else proven.token_id,
            caller=proven.caller,
            created_at=now,
            expires_at=until if proven.until is None else max(now + 1, min(until, proven.until)),
        )
        with self._census.store.writing() as tx:
            sessions.end_old(tx, now)
            sessions.add(tx, session, _digest(cookie))
        return cookie, session

    def caller(self, cookie: str | None) -> Caller | None:
        """Who signed in with this cookie; None where that is over or never was. Raises ``StoreError``."""
        if cookie is None or len(cookie) != _LENGTH or not cookie.isascii():
            return None
        digest = _digest(cookie)
        held = self._held.get(digest)
        now = self._census.clock()
        if held is not None and self._ticks() - held.read_at < _SECONDS:
            return held.caller if held.expires_at > now else None
        begun = self._held.generation
        found = self._found(cookie, digest, now)
        if found is None:
            self._held.drop(digest)
            return None
        self._held.keep(digest, _Held(found.caller, found.expires_at, self._ticks()), begun)
        return found.caller

    def end(self, cookie: str) -> None:
        """Sign out."""
        digest = _digest(cookie)
        with self._census.store.writing() as tx:
            sessions.end(tx, digest)
        self._held.forget()

    def forget(self) -> None:
        """Look every session up again: a token was revoked."""
        self._held.forget()

    def _found(self, cookie: str, digest: bytes, now: int) -> Session | None:
        with self._census.store.reading() as tx:
            found = sessions.find(tx, digest, now)
            by_token = found is not None and found.kind is Credential.TOKEN
            token = tokens.by_id(tx, found.mark, now) if found is not None and by_token else None
        if found is None or found.kind is Credential.JWT:
            return found
        if found.kind is Credential.ADMIN:
            return found if hmac.compare_digest(found.mark, self._admin_mark(cookie)) else None
        if token is None or not token.is_live(now):
            return None
        # Role and tier are those that the token has now.
        return msgspec.structs.replace(found, caller=token.caller)

    def _admin_mark(self, cookie: str) -> str:
        # Neither the token nor a hash of it alone is kept: a weak one could be guessed from that.
        return self._identity.admin_mark(cookie.encode())


def proof_of(cookie: str) -> str:
    """What forms send along, to show that they come from a page of ours."""
    return hmac.new(cookie.encode(), b"modelcensus form", hashlib.sha256).hexdigest()


def is_proof(given: str, cookie: str) -> bool:
    """Whether a form's proof belongs to a cookie."""
    return hmac.compare_digest(given.encode(), proof_of(cookie).encode())


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()
