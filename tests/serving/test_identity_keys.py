"""JWTs that are checked with the keys that their issuer publishes: rotation, outages, and keys that are none."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from modelcensus.core.access import Caller, Role
from modelcensus.core.catalog.model import Tier
from modelcensus.operations.census import Census
from modelcensus.serving.identity import Identity
from modelcensus.settings import AccessSettings
from modelcensus.upstream import Fault, Play
from tests.api.asking import Clock, caller, refused
from tests.api.signing import SECRET, WEAK, Issuer, bearer, by_hand, ec_jwk, ec_key, issuing, rsa_jwk, rsa_key, token
from tests.builders import census_at


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    with census_at(f"sqlite:///{tmp_path_factory.mktemp('keys') / 'census.db'}") as census:
        yield census


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing(rsa_jwk(0, "one"), ec_jwk("curve")) as issuer:
        yield issuer


ADMIN = {"subscription_tier": "admin", "exp": 2**40}


def by_keys(census: Census, issuer: Issuer, clock: Clock | None = None, **more: Any) -> Identity:
    return Identity(census, AccessSettings(jwks_url=issuer.url, **more), ticks=clock or Clock())


def rs(tier: str = "pro", number: int = 0, kid: str | None = "one", **more: Any) -> str:
    return token(tier, key=rsa_key(number), algorithm="RS256", kid=kid, **more)


def test_keys_of_both_kinds_are_accepted(census: Census, issuer: Issuer) -> None:
    identity = by_keys(census, issuer)
    assert caller(identity, rs("pro")).tier is Tier.PRO
    assert caller(identity, token("admin", key=ec_key(), algorithm="ES256", kid="curve")).role is Role.ADMIN
    assert issuer.asked == 1


def test_a_jwt_without_a_key_id_is_checked_with_the_only_key_there_is(census: Census) -> None:
    with issuing(rsa_jwk(0, None), ec_jwk("curve")) as one, issuing(rsa_jwk(0, "a"), rsa_jwk(1, "b")) as two:
        assert caller(by_keys(census, one), rs(kid=None)).tier is Tier.PRO
        refused(by_keys(census, two), bearer(rs(kid=None)))


def test_a_public_key_is_no_secret(census: Census, issuer: Issuer) -> None:
    """The classic confusion: signed with HS256, the secret being what everybody can read."""
    public = rsa_key().public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    modulus = rsa_jwk()["n"].encode()
    for identity in (by_keys(census, issuer), by_keys(census, issuer, jwt_secret=SECRET)):
        for secret in (pem, pem.strip(), der, modulus):
            refused(identity, bearer(_hs256(secret, "one")))


def test_a_secret_among_public_keys_is_no_key(census: Census) -> None:
    oct_key = {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "o", "alg": "HS256"}
    with issuing(oct_key, {**oct_key, "alg": "RS256"}, {**oct_key, "kty": "RSA"}, rsa_jwk()) as issuer:
        identity = by_keys(census, issuer)
        refused(identity, bearer(_hs256(b"secretsecretsecretsecretsecret", "o")))
        assert caller(identity, rs()).tier is Tier.PRO


def test_a_jwt_for_the_one_setting_is_never_checked_by_the_other(census: Census, issuer: Issuer) -> None:
    both = by_keys(census, issuer, jwt_secret=SECRET)
    assert caller(both, token("pro")).tier is Tier.PRO
    assert caller(both, rs("pro")).tier is Tier.PRO
    only_keys = by_keys(census, issuer)
    assert "RS256 or ES256" in refused(only_keys, bearer(token("pro"))).hint


FORGED: dict[str, Callable[[], str]] = {
    "another key": lambda: rs("admin", number=1),
    "an id that is not there": lambda: rs("admin", kid="two"),
    "the id of another key": lambda: rs("admin", kid="curve"),
    "an id that is a path": lambda: rs("admin", kid="../../etc/passwd"),
    "the id of a key of another kind": lambda: token("admin", key=ec_key(), algorithm="ES256", kid="one"),
    "RS512": lambda: token("admin", key=rsa_key(), algorithm="RS512", kid="one"),
    "PS256": lambda: token("admin", key=rsa_key(), algorithm="PS256", kid="one"),
    "over": lambda: rs("admin", seconds=-1),
    "none": lambda: by_hand({"alg": "none", "kid": "one"}, ADMIN),
    "a signature of zeros": lambda: by_hand({"alg": "ES256", "kid": "curve"}, ADMIN, bytes(64)),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_jwt_by_another_key_or_algorithm_is_refused(
    census: Census, issuer: Issuer, forged: Callable[[], str]
) -> None:
    refused(by_keys(census, issuer), bearer(forged()))


def test_a_key_for_something_else_or_that_is_broken_is_no_key(census: Census) -> None:
    for key in (rsa_jwk(use="enc"), rsa_jwk(alg="RS512"), {**rsa_jwk(), "n": "AQAB"}, {**rsa_jwk(), "n": 7},
                {**rsa_jwk(), "e": None}, {**rsa_jwk(), "kty": "EC"}):  # fmt: skip
        with issuing(key) as issuer:
            refused(by_keys(census, issuer), bearer(rs("admin")))


def test_a_key_that_is_too_short_is_not_trusted(census: Census) -> None:
    # The library warns whoever signs with such a key; here a forger does.
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        forged = rs("admin", number=WEAK)
    with issuing(rsa_jwk(WEAK, "one")) as issuer:
        refused(by_keys(census, issuer), bearer(forged))


def test_a_new_key_is_read_when_a_jwt_names_it(census: Census, issuer: Issuer) -> None:
    clock = Clock()
    identity = by_keys(census, issuer, clock)
    caller(identity, rs())
    issuer.keys = [rsa_jwk(1, "two")]
    clock.at += 31
    assert caller(identity, rs("enterprise", number=1, kid="two")).tier is Tier.ENTERPRISE
    refused(identity, bearer(rs(name="not remembered")))
    assert issuer.asked == 2


def test_made_up_key_ids_do_not_hammer_the_issuer(census: Census, issuer: Issuer) -> None:
    clock = Clock()
    identity = by_keys(census, issuer, clock)
    for number in range(50):
        refused(identity, bearer(rs("admin", kid=f"made up {number}")))
    assert issuer.asked == 1
    clock.at += 31
    for number in range(50):
        refused(identity, bearer(rs("admin", kid=f"made up {number}")))
    assert issuer.asked == 2


def test_keys_are_kept_for_ten_minutes_and_then_read_again(census: Census, issuer: Issuer) -> None:
    clock = Clock()
    identity = by_keys(census, issuer, clock)
    caller(identity, rs(jti="a"))
    clock.at += 599
    caller(identity, rs(jti="b"))
    assert issuer.asked == 1
    clock.at += 2
    caller(identity, rs(jti="c"))
    assert issuer.asked == 2


BROKEN = {
    "down": Play(b"no", status=500),
    "hangs up": Play(fault=Fault.RESET),
    "garbage": Play(b"<html>"),
    "no set": Play(b'{"keys": {"one": 1}}'),
    "a list": Play(b"[]"),
    "too large": Play(b'{"keys": [' + b" " * 600_000 + b"]}"),
    "nested": Play(b"[" * 100_000),
}


@pytest.mark.parametrize("play", BROKEN.values(), ids=BROKEN)
def test_the_last_keys_hold_while_they_cannot_be_read_for_a_day(census: Census, issuer: Issuer, play: Play) -> None:
    clock = Clock()
    identity = by_keys(census, issuer, clock)
    caller(identity, rs(jti="a"))
    issuer.play = lambda: play
    clock.at += 7200
    assert caller(identity, rs(jti="b")).tier is Tier.PRO
    assert issuer.asked == 2
    clock.at += 86_400
    assert "cannot be checked now" in refused(identity, bearer(rs(jti="c"))).message


def test_while_the_first_keys_cannot_be_read_nobody_gets_in_and_the_log_says_why(
    census: Census, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    identity = by_keys(census, issuer, clock)
    issuer.play = lambda: Play(b"no", status=503)
    for _ in range(5):
        assert "cannot be checked now" in refused(identity, bearer(rs())).message
    assert issuer.asked == 1
    assert "the keys at access.jwks_url cannot be read" in caplog.text
    issuer.play = None
    clock.at += 31
    assert caller(identity, rs()).tier is Tier.PRO


def test_many_callers_at_once_read_the_keys_once(census: Census, issuer: Issuer) -> None:
    identity = by_keys(census, issuer)
    found: list[Caller] = []
    jwts = [rs(jti=str(number)) for number in range(20)]
    threads = [Thread(target=lambda text=text: found.append(caller(identity, text))) for text in jwts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), issuer.asked) == (20, 1)


def _hs256(secret: bytes, kid: str) -> str:
    """A JWT signed with a secret that the library would refuse to sign with."""
    unsigned = by_hand({"alg": "HS256", "kid": kid}, ADMIN).rstrip(".")
    signature = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
    return by_hand({"alg": "HS256", "kid": kid}, ADMIN, signature)
