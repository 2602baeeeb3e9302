"""The public keys of whoever issues JWTs: read from ``access.jwks_url``, kept, and read again when they rotate.

The document is a JWK Set: https://datatracker.ietf.org/doc/html/rfc7517
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from math import inf
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import msgspec

from modelcensus.core.errors import SettingsError, SourceError, UpstreamBroken

FRESH_SECONDS = 600.0
"""Keys are read again after so long."""
PAUSE_SECONDS = 30.0
"""They are read at most so often, whatever key ids callers make up, and whether it works or not."""
KEPT_SECONDS = 86_400.0
"""While they cannot be read, the last ones hold for so long."""
_WAIT_SECONDS = 6.0
_MAX_BYTES = 512 * 1024
_MAX_KEYS = 100
_MAX_TEXT = 2048

Key = Any
"""A public key of the package ``cryptography``."""
Keys = Mapping[tuple[str | None, str], list[Key]]
"""Key id and algorithm -> keys."""

_log = logging.getLogger("modelcensus.access")


class PublicKeys:
    """The keys at an address; safe to use from several threads. ``ticks`` gives seconds that only grow.

    Raises ``SettingsError`` for what is no address.
    """

    def __init__(self, url: str, ticks: Callable[[], float]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                "the setting access.jwks_url (JWKS_URL) is no web address", "write https://issuer/.well-known/jwks.json"
            )
        self._url = url
        self._ticks = ticks
        self._reading = Lock()
        self._held: tuple[Keys, float] | None = None
        self._tried_at: float | None = None

    def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The key of this id for this algorithm, or without an id the only one there is for the algorithm.

        Reads the keys anew if they are old or the id is unknown. Raises ``SourceError`` if there are none at hand.
        """
        found, age = self._at_hand(kid, algorithm)
        if found is None or age > FRESH_SECONDS:
            self._refresh(wait=found is None)
            found, age = self._at_hand(kid, algorithm)
        if age > KEPT_SECONDS:
            raise UpstreamBroken("the keys at access.jwks_url cannot be read", "see the server's log")
        return found

    def _at_hand(self, kid: str | None, algorithm: str) -> tuple[Key | None, float]:
        """The key that is wanted, and how old the keys are in seconds."""
        held = self._held
        if held is None:
            return None, inf
        keys, read_at = held
        fitting = [
            key for (name, use), each in keys.items() if use == algorithm and kid in (None, name) for key in each
        ]
        return (fitting[0] if len(fitting) == 1 else None), self._ticks() - read_at

    def _refresh(self, *, wait: bool) -> None:
        """Read the keys unless that was done a moment ago; ``wait`` for another thread that is at it."""
        if not self._reading.acquire(timeout=_WAIT_SECONDS if wait else 0):
            return
        try:
            now = self._ticks()
            if self._tried_at is not None and now - self._tried_at < PAUSE_SECONDS:
                return
            self._tried_at = now
            self._held = keys_of(self._body()), now
        except SourceError as error:
            _log.warning("the keys at access.jwks_url cannot be read: %s", error)
        finally:
            self._reading.release()

    def _body(self) -> bytes:
        # Imported here: the HTTP stack is only for whoever checks JWTs by keys.
        from modelcensus.sources.connect import connect_to
        from modelcensus.sources.http import HttpLimits

        limits = HttpLimits(
            connect_seconds=3, read_seconds=3, total_seconds=5, max_body_bytes=_MAX_BYTES,
            max_decoded_bytes=_MAX_BYTES, max_redirects=2, attempts=1,
        )  # fmt: skip
        with connect_to(self._url, limits=limits) as client:
            return client.get("").body


def keys_of(body: bytes) -> Keys:
    """The keys of a JWK Set that can check RS256 or ES256; all others are left out. Raises ``UpstreamBroken``."""
    try:
        listed = msgspec.json.decode(body)["keys"]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, KeyError, TypeError):
        listed = None
    if not isinstance(listed, list):
        raise UpstreamBroken("what is there is no JWK Set", "it must be JSON: {'keys': [...]}")
    found: dict[tuple[str | None, str], list[Key]] = {}
    for each in listed[:_MAX_KEYS]:
        if isinstance(each, dict) and (made := _key(each)):
            algorithm, key = made
            kid = each.get("kid")
            found.setdefault((kid if isinstance(kid, str) else None, algorithm), []).append(key)
    return found


def _key(described: Mapping[str, Any]) -> tuple[str, Key] | None:
    """Algorithm and public key of one JWK. The key's kind says the algorithm, never a token; secrets are no keys."""
    if described.get("use", "sig") != "sig":
        return None
    if described.get("kty") == "RSA" and described.get("alg", "RS256") == "RS256":
        return _made("RS256", described, ("kty", "n", "e"))
    if described.get("kty") == "EC" and described.get("crv") == "P-256" and described.get("alg", "ES256") == "ES256":
        return _made("ES256", described, ("kty", "crv", "x", "y"))
    return None


def _made(algorithm: str, described: Mapping[str, Any], members: tuple[str, ...]) -> tuple[str, Key] | None:
    # Imported here: cryptography takes a while, and most servers never need it.
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm
    from jwt.exceptions import PyJWTError

    public = {name: described.get(name) for name in members}
    if not all(isinstance(value, str) and len(value) <= _MAX_TEXT for value in public.values()):
        return None
    try:
        key: Key = (RSAAlgorithm if algorithm == "RS256" else ECAlgorithm).from_jwk(public)
    except (PyJWTError, ValueError, TypeError):
        return None
    return algorithm, key
