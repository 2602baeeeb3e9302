"""JWTs of every kind, and an issuer whose keys are served by a real HTTP server."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from modelcensus.upstream import Play, Received, Upstream

SECRET = "a secret that is long enough for HS256, as it must be"


def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """One of some RSA keys, the same in every test: making one takes a while."""
    return _rsa_key(number)


WEAK = 1024
"""The number of an RSA key that is too short."""


@cache
def _rsa_key(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if number == WEAK else 2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def token(
    tier: str | None = None, *, key: Any = SECRET, algorithm: str = "HS256", seconds: float | None = 3600,
    kid: str | None = None, **claims: Any,
) -> str:  # fmt: skip
    """A JWT that ends in so many seconds; with a key id where there is one."""
    body = {"sub": "ada", **claims}
    if seconds is not None:
        body["exp"] = int(time.time() + seconds)
    if tier is not None:
        body["subscription_tier"] = tier
    return jwt.encode(body, key, algorithm, headers={"kid": kid} if kid is not None else None)


def by_hand(header: Any, claims: Any, signature: bytes = b"") -> str:
    """A JWT that no honest library makes."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def bearer(credential: str) -> str:
    """The header's value."""
    return f"Bearer {credential}"


def rsa_jwk(number: int = 0, kid: str | None = "one", **more: Any) -> dict[str, Any]:
    """The public half of an RSA key, as an issuer names it."""
    made = RSAAlgorithm.to_jwk(rsa_key(number).public_key(), as_dict=True)
    return _named(made, kid, **more)


def ec_jwk(kid: str | None = "curve", **more: Any) -> dict[str, Any]:
    return _named(ECAlgorithm.to_jwk(ec_key().public_key(), as_dict=True), kid, **more)


def _named(made: Any, kid: str | None, **more: Any) -> dict[str, Any]:
    return {**made, **({"kid": kid} if kid is not None else {}), "use": "sig", **more}


class Issuer:
    """Publishes its keys; ``down`` makes it fail, ``asked`` counts."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.play: Callable[[], Play] | None = None
        self.url = ""
        self.asked = 0

    def answer(self, _: Received) -> Play:
        self.asked += 1
        if self.play is not None:
            return self.play()
        return Play(json.dumps({"keys": self.keys}).encode())


@contextmanager
def issuing(*keys: dict[str, Any]) -> Iterator[Issuer]:
    """An issuer on this machine."""
    issuer = Issuer(*keys)
    with Upstream(issuer.answer) as up:
        issuer.url = f"{up.url}/.well-known/jwks.json"
        yield issuer
