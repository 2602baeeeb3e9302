"""JWTs: checked with the one secret (HS256) or with public keys (RS256, ES256), never with both kinds.

A token's header only says which of the settings it asks to be checked with; each of these has its own fixed algorithm
and its own kind of key. See https://datatracker.ietf.org/doc/html/rfc8725
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from modelcensus.core.access import Caller
from modelcensus.core.claims import caller_of, paths_of
from modelcensus.core.errors import SettingsError, SourceError, Unauthenticated
from modelcensus.serving.keys import PublicKeys
from modelcensus.settings import AccessSettings

LEEWAY_SECONDS = 10
"""Clocks of whoever issues tokens may be ahead of ours by so much; it never prolongs a token."""
_BY_SECRET = "HS256"
_BY_KEY = ("RS256", "ES256")
_MIN_SECRET_BYTES = 32
_SHAPE = re.compile(r"[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]+={0,2}\.[A-Za-z0-9_-]*={0,2}")
_NOT_SET = "set access.jwt_secret (JWT_SECRET) or access.jwks_url (JWKS_URL)"
_ANOTHER = "get a new token from whoever issues them"


def looks_like_one(text: str) -> bool:
    """Whether text has the form of a JWT."""
    return _SHAPE.fullmatch(text) is not None


class Jwts:
    """Checks JWTs by the settings. Raises ``SettingsError`` for a secret or an address that cannot be used."""

    def __init__(self, access: AccessSettings, ticks: Callable[[], float]) -> None:
        self._secret = _usable_secret(access.jwt_secret)
        self._keys = PublicKeys(access.jwks_url, ticks) if access.jwks_url else None
        self._issuer = access.jwt_issuer or None
        self._audience = access.jwt_audience or None
        self._paths = paths_of(access.tier_claims)

    def checked(self, token: str) -> tuple[Caller, float]:
        """Whoever holds a token, and until when (Unix seconds). Raises ``Unauthenticated``."""
        if self._secret is None and self._keys is None:
            raise Unauthenticated("JWTs are not accepted here: nothing is set to check them with", _NOT_SET)
        algorithm, key = self._key(token)
        claims = self._claims(token, key, algorithm)
        return caller_of(claims, self._paths), float(min(int(claims["exp"]), 2**53))

    def _key(self, token: str) -> tuple[str, Any]:
        """The algorithm and the key of the setting that a token is to be checked with."""
        import jwt  # here, as it takes a tenth of a second that servers without JWTs need not pay

        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _refused("the JWT cannot be read") from None
        asked = header.get("alg")
        if asked == _BY_SECRET and self._secret is not None:
            return _BY_SECRET, self._secret
        for algorithm in _BY_KEY:
            if asked == algorithm and self._keys is not None:
                return algorithm, self._public_key(header.get("kid"), algorithm)
        accepted = ([_BY_SECRET] if self._secret is not None else []) + (list(_BY_KEY) if self._keys else [])
        raise Unauthenticated(
            "the JWT is signed in a way that is not accepted here",
            f"accepted is {' or '.join(accepted)}; for others {_NOT_SET}",
        )

    def _public_key(self, kid: str | None, algorithm: str) -> Any:
        assert self._keys is not None
        try:
            key = self._keys.find(kid, algorithm)
        except SourceError:
            raise Unauthenticated(
                "the JWT cannot be checked now: the issuer's keys cannot be read", "try again in a minute"
            ) from None
        if key is None:
            raise _refused("the JWT is signed with a key that its issuer does not name")
        return key

    def _claims(self, token: str, key: Any, algorithm: str) -> dict[str, Any]:
        import jwt  # as above

        try:
            claims = jwt.decode(
                token, key, algorithms=[algorithm], issuer=self._issuer, audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={
                    "require": ["exp"], "verify_aud": self._audience is not None, "enforce_minimum_key_length": True,
                    # Not ours to judge, and some issuers write them as numbers.
                    "verify_sub": False, "verify_jti": False,
                },
            )  # fmt: skip
            over = int(claims["exp"]) <= time.time()
        except jwt.ExpiredSignatureError:
            over = True
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _refused(_reason(error)) from None
        if over:
            raise _refused("the JWT has expired")
        return claims


def _reason(error: Exception) -> str:
    """Why a JWT was refused, in our words: those of the library may repeat the token."""
    import jwt  # as above

    for kind, reason in (
        (jwt.ImmatureSignatureError, "the JWT is not valid yet"),
        (jwt.InvalidIssuerError, "the JWT comes from another issuer"),
        (jwt.InvalidAudienceError, "the JWT is meant for somebody else"),
        (jwt.MissingRequiredClaimError, "the JWT lacks a claim: exp, or iss or aud where these are set"),
        (jwt.InvalidSignatureError, "the JWT is not signed by whom it should be"),
    ):  # fmt: skip
        if isinstance(error, kind):
            return reason
    return "the JWT cannot be used"


def _refused(reason: str) -> Unauthenticated:
    return Unauthenticated(reason, _ANOTHER)


def _usable_secret(given: str | None) -> bytes | None:
    if not given:
        return None
    secret = given.encode()
    if b"-----BEGIN " in secret:
        raise SettingsError(
            "the setting access.jwt_secret (JWT_SECRET) is a key pair's, which is no secret",
            "set access.jwks_url (JWKS_URL) to the address of the issuer's public keys",
        )
    if len(secret) < _MIN_SECRET_BYTES:
        raise SettingsError(
            f"the setting access.jwt_secret (JWT_SECRET) has less than {_MIN_SECRET_BYTES} bytes: it can be guessed",
            "make one with 'openssl rand -base64 48', and give it to whoever issues the tokens too",
        )
    return secret
