"""Who asks: every kind of credential, right, wrong and forged. What is not right is refused, never anonymous."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from modelcensus.core.access import ANONYMOUS, Caller, Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import SettingsError, StoreError, Unauthenticated
from modelcensus.operations import tokens
from modelcensus.operations.census import Census
from modelcensus.serving.identity import Identity
from modelcensus.serving.remembering import Remembered
from modelcensus.settings import AccessSettings
from tests.api.asking import Clock, caller, refused
from tests.api.signing import SECRET, bearer, by_hand, ec_jwk, issuing, rsa_jwk, rsa_key, token
from tests.builders import census_at


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    with census_at(f"sqlite:///{tmp_path_factory.mktemp('identity') / 'census.db'}") as census:
        yield census


@pytest.fixture(scope="module")
def known(census: Census) -> Identity:
    """Knows administrators by ``boss``, and JWTs by the secret."""
    return Identity(census, AccessSettings(admin_token="boss", jwt_secret=SECRET))


# The header.


def test_whoever_sends_no_header_is_anonymous_and_free(known: Identity) -> None:
    assert known.caller(None) == ANONYMOUS
    assert (ANONYMOUS.tier, ANONYMOUS.role, ANONYMOUS.known) == (Tier.FREE, Role.READER, False)


@pytest.mark.parametrize(
    "header",
    [
        "", " ", "Bearer", "Bearer ", "Bearer    ", "bearer\t", "Basic Ym9zczpib3Nz", "boss", "Token boss",
        "Bearerboss",
        "Bearer boss boss", "Bearer boss, Bearer boss", "Bearer x, Bearer boss", "Bearer boss,", "Bearer nonsense",
        "Bearer BOSS", "Bearer bos", "Bearer bosss", "Bearer \u00e9\u00ff", "Bearer \ud800", "Bearer a.b", "Bearer ...",
        "Bearer a.b.c.d", "Bearer " + "x" * 100_000, "Bearer mct_", "Bearer mct_" + "A" * 43, "Bearer mct_" + "A" * 44,
    ],
    ids=lambda header: ascii(header)[1:30],
)  # fmt: skip
def test_a_header_that_is_malformed_or_wrong_is_refused_with_a_hint(known: Identity, header: str) -> None:
    refused(known, header)


@pytest.mark.parametrize("header", ["Bearer boss", "bearer boss", "BEARER  boss ", "  Bearer boss"])
def test_the_admin_token_opens_administration(known: Identity, header: str) -> None:
    assert known.caller(header) == Caller(name="admin token", role=Role.ADMIN, tier=Tier.ENTERPRISE)


def test_an_admin_token_with_letters_of_its_own_arrives_as_it_was_set(census: Census) -> None:
    identity = Identity(census, AccessSettings(admin_token="schlüssel, mit Leerzeichen"))
    on_the_wire = bearer("schlüssel, mit Leerzeichen").encode().decode("latin-1")
    assert identity.caller(on_the_wire).role is Role.ADMIN


@pytest.mark.parametrize("unset", [None, "", "  "])
def test_an_admin_token_that_is_not_set_lets_nobody_in(census: Census, unset: str | None) -> None:
    identity = Identity(census, AccessSettings(admin_token=unset))
    for header in ("Bearer ", "Bearer None", "Bearer null", "Bearer"):
        refused(identity, header)


# JWTs by the secret.


@pytest.mark.parametrize(
    ("word", "tier", "role"),
    [
        (None, Tier.FREE, Role.READER),
        ("free", Tier.FREE, Role.READER),
        ("pro", Tier.PRO, Role.READER),
        ("enterprise", Tier.ENTERPRISE, Role.READER),
        ("admin", Tier.ENTERPRISE, Role.ADMIN),
        *((word, Tier.FREE, Role.READER) for word in ("Admin", "ADMIN", " admin", "curator", "gold", "", "Pro")),
    ],
)
def test_the_tier_is_the_word_in_the_claim_and_an_unknown_word_is_free(
    known: Identity, word: str | None, tier: Tier, role: Role
) -> None:
    assert caller(known, token(word)) == Caller(name="user ada", tier=tier, role=role)


@pytest.mark.parametrize("odd", [["admin"], {"admin": True}, 1, True, 1e400, {"subscription_tier": "admin"}])
def test_a_claim_that_is_no_word_is_free(known: Identity, odd: Any) -> None:
    assert caller(known, token(subscription_tier=odd)).tier is Tier.FREE
    assert caller(known, token(subscription_tier=odd)).role is Role.READER


def test_the_first_claim_that_there_is_decides(known: Identity) -> None:
    assert caller(known, token(app_metadata={"subscription_tier": "pro"})).tier is Tier.PRO
    assert caller(known, token("free", app_metadata={"subscription_tier": "admin"})).role is Role.READER
    assert caller(known, token("gold", app_metadata={"subscription_tier": "admin"})).role is Role.READER


@pytest.mark.parametrize(
    ("paths", "claims"),
    [
        ("plan", {"plan": "pro"}),
        ("https://example.com/tier", {"https://example.com/tier": "pro"}),
        ("https://example.com/app.tier", {"https://example.com/app": {"tier": "pro"}}),
        (" metadata.plan.tier , other", {"metadata": {"plan": {"tier": "pro"}}}),
        ("a.b,c", {"a": {"b": None}, "c": "pro"}),
        ("a.b,c", {"a": "b", "c": "pro"}),
        ("", {}),
    ],
)
def test_the_claim_is_where_the_setting_says(census: Census, paths: str, claims: dict[str, Any]) -> None:
    identity = Identity(census, AccessSettings(jwt_secret=SECRET, tier_claims=paths))
    found = caller(identity, token("enterprise", **claims))
    assert found.tier is (Tier.PRO if claims else Tier.FREE)


ADMIN = {"subscription_tier": "admin", "exp": 2**40}
FORGED: dict[str, tuple[Callable[[], str], str]] = {
    "another secret": (lambda: token("admin", key=SECRET + "x"), "not signed"),
    "over": (lambda: token("admin", seconds=-60), "expired"),
    "over this second": (lambda: token("admin", seconds=0), "expired"),
    "without an end": (lambda: token("admin", seconds=None), "lacks"),
    "not yet": (lambda: token("admin", nbf=int(time.time()) + 600), "not valid yet"),
    "of the future": (lambda: token("admin", iat=int(time.time()) + 600), "not valid yet"),
    "another algorithm": (lambda: token("admin", algorithm="HS512", key=SECRET * 2), "signed in a way"),
    "another kind of key": (lambda: token("admin", key=rsa_key(), algorithm="RS256"), "signed in a way"),
    "none": (lambda: jwt.encode(ADMIN, "", "none"), "signed in a way"),
    "none with a signature": (lambda: by_hand({"alg": "none"}, ADMIN, b"x"), "signed in a way"),
    "None": (lambda: by_hand({"alg": "None"}, ADMIN), "signed in a way"),
    "no signature": (lambda: by_hand({"alg": "HS256"}, ADMIN), "not signed"),
    "no algorithm": (lambda: by_hand({}, ADMIN, b"x"), "signed in a way"),
    "several algorithms": (lambda: by_hand({"alg": ["HS256"]}, ADMIN, b"x"), "signed in a way"),
    "a number as key id": (lambda: by_hand({"alg": "HS256", "kid": 7}, ADMIN, b"x"), "cannot be read"),
    "an extension": (lambda: by_hand({"alg": "HS256", "crit": ["exp"]}, ADMIN, b"x"), "cannot be read"),
    "no object": (lambda: by_hand([], ADMIN, b"x"), "cannot be read"),
    "its own key": (
        lambda: by_hand({"alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}}, ADMIN, b"x"), "not signed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("forged", "why"), FORGED.values(), ids=FORGED)
def test_a_forged_or_stale_jwt_is_refused(known: Identity, forged: Callable[[], str], why: str) -> None:
    assert why in refused(known, bearer(forged())).message


@pytest.mark.parametrize("end", ["soon", [], {}, True, "NaN", float("nan"), float("inf")])
def test_a_jwt_whose_end_is_no_time_is_refused(known: Identity, end: Any) -> None:
    refused(known, bearer(token("admin", seconds=None, exp=end)))


def test_a_jwt_of_which_one_character_was_changed_is_refused(known: Identity) -> None:
    good = token("free")
    for place in range(0, len(good) - 1, 7):
        other = "A" if good[place] != "A" else "B"
        refused(known, bearer(good[:place] + other + good[place + 1 :]))


def test_a_clock_that_is_a_little_ahead_does_no_harm(known: Identity) -> None:
    soon = int(time.time()) + 3
    assert caller(known, token("pro", iat=soon, nbf=soon)).tier is Tier.PRO


def test_a_jwt_ends_at_its_time_also_when_it_is_remembered(known: Identity) -> None:
    short = token("pro", seconds=1.2)
    assert caller(known, short).tier is Tier.PRO
    assert known.at_hand(bearer(short)) is not None
    time.sleep(1.3)
    assert known.at_hand(bearer(short)) is None
    assert "expired" in refused(known, bearer(short)).message


def test_issuer_and_audience_are_checked_where_they_are_set(census: Census) -> None:
    identity = Identity(census, AccessSettings(jwt_secret=SECRET, jwt_issuer="https://a/", jwt_audience="census"))
    for aud in ("census", ["other", "census"]):
        assert caller(identity, token("pro", iss="https://a/", aud=aud)).tier is Tier.PRO
    for wrong in ({}, {"iss": "https://a/"}, {"aud": "census"}, {"iss": "https://b/", "aud": "census"},
                  {"iss": "https://a/", "aud": "other"}, {"iss": ["https://a/"], "aud": "census"},
                  {"iss": "https://a/", "aud": {"census": 1}}):  # fmt: skip
        forged = by_hand({"alg": "HS256"}, {}) if isinstance(wrong.get("iss"), list) else token("pro", **wrong)
        refused(identity, bearer(forged))


def test_an_audience_that_nobody_set_is_not_asked_for(known: Identity) -> None:
    assert caller(known, token("pro", aud="authenticated", iss="https://anybody")).tier is Tier.PRO


def test_a_subject_cannot_pass_for_somebody_else_in_the_audit_log(known: Identity) -> None:
    assert caller(known, token(sub="admin token")).name == "user admin token"
    assert caller(known, token(sub="a\nb\x1b[2J" + "x" * 500)).name == "user a?b?[2J" + "x" * 93
    for none in ("", "  ", None, 7):
        assert caller(known, token(sub=none)).name == "user without a name"


def test_without_settings_a_jwt_is_refused_and_the_hint_names_them(census: Census) -> None:
    error = refused(Identity(census, AccessSettings()), bearer(token("pro")))
    assert "access.jwt_secret (JWT_SECRET) or access.jwks_url (JWKS_URL)" in error.hint


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (AccessSettings(jwt_secret="short"), "access.jwt_secret"),
        (AccessSettings(jwt_secret="-----BEGIN PUBLIC KEY-----\n" + "A" * 100), "access.jwt_secret"),
        (AccessSettings(jwks_url="keys.json"), "access.jwks_url"),
        (AccessSettings(jwks_url="file:///etc/passwd"), "access.jwks_url"),
    ],
)
def test_a_setting_that_would_be_unsafe_stops_the_start(census: Census, wrong: AccessSettings, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Identity(census, wrong)
    assert name in caught.value.message
    assert caught.value.hint


def test_a_jwt_that_is_known_costs_microseconds(known: Identity) -> None:
    header = bearer(token("pro"))
    known.caller(header)
    start = time.perf_counter()
    for _ in range(2000):
        known.caller(header)
    assert (time.perf_counter() - start) / 2000 < 0.001


@pytest.fixture(scope="module")
def shut(census: Census) -> Iterator[Identity]:
    """Checks by the secret and by keys."""
    with issuing(rsa_jwk(0, "one"), ec_jwk("curve")) as issuer:
        yield Identity(census, AccessSettings(admin_token="boss", jwt_secret=SECRET, jwks_url=issuer.url))


@settings(max_examples=150, deadline=None)
@given(
    header=some.dictionaries(
        some.sampled_from(["alg", "kid", "typ", "b64", "crit", "jku", "x5u", "jwk", "zip"]),
        some.none() | some.booleans() | some.integers() | some.text() | some.lists(some.text())
        | some.sampled_from(["HS256", "RS256", "ES256", "none", "one"]),
    ),
    claims=some.dictionaries(some.text(), some.none() | some.booleans() | some.integers() | some.text()),
    signature=some.binary(max_size=80),
)  # fmt: skip
def test_nobody_gets_in_by_making_up_a_jwt(
    shut: Identity, header: dict[str, Any], claims: dict[str, Any], signature: bytes
) -> None:
    with pytest.raises(Unauthenticated):
        shut.caller(bearer(by_hand(header, claims, signature)))


@settings(max_examples=150, deadline=None)
@given(text=some.text())
def test_nobody_gets_in_by_a_made_up_header(shut: Identity, text: str) -> None:
    for header in (text, f"Bearer {text}", f"Bearer mct_{text}"):
        with pytest.raises(Unauthenticated):
            shut.caller(header)


# API tokens.


def made(census: Census, name: str, role: Role = Role.CURATOR, **more: Any) -> str:
    return tokens.create(census.store, name, role=role, actor="ada", now=census.clock(), **more).secret


def test_an_api_token_has_its_role_and_tier(census: Census, known: Identity) -> None:
    secret = made(census, "ci", Role.VIEWER, tier=Tier.PRO)
    assert known.caller(bearer(secret)) == Caller(name="token ci", role=Role.VIEWER, tier=Tier.PRO)
    assert known.last_uses.written(10)


def test_a_revoked_token_is_refused_within_five_seconds_and_at_once_where_it_was_revoked(census: Census) -> None:
    clock = Clock()
    here, elsewhere = (Identity(census, AccessSettings(), ticks=clock) for _ in range(2))
    secret = made(census, "leaked")
    for identity in (here, elsewhere):
        assert identity.caller(bearer(secret)).known
    tokens.revoke(census.store, "leaked", actor="ada", reason="it leaked", now=census.clock())
    here.forget_tokens()
    assert "revoked" in refused(here, bearer(secret)).message
    clock.at += 5.1
    assert "revoked" in refused(elsewhere, bearer(secret)).message


def test_a_look_up_that_was_begun_before_a_revocation_is_not_remembered_after_it() -> None:
    remembered: Remembered[str] = Remembered(2)
    begun = remembered.generation
    remembered.forget()
    remembered.keep(b"key", "right a moment ago", begun)
    assert remembered.get(b"key") is None


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    remembered: Remembered[int] = Remembered(2)
    for number in range(3):
        remembered.keep(b"%d" % number, number + 1, 0)
        remembered.get(b"0")
    assert [remembered.get(b"%d" % number) for number in range(3)] == [1, None, 3]


def test_a_token_ends_at_its_time_also_when_it_is_remembered(census: Census, known: Identity) -> None:
    secret = made(census, "short", expires_at=census.clock() + 600_000)
    assert known.caller(bearer(secret)).known
    time.sleep(0.7)
    assert "expired" in refused(known, bearer(secret)).message


def test_the_last_use_is_written_once_a_minute_and_nobody_waits_for_it(census: Census) -> None:
    clock = Clock()
    identity = Identity(census, AccessSettings(), ticks=clock)
    secret = made(census, "used")
    with census.store.writing():
        # Whoever writes, a sync for one, holds nobody up.
        assert identity.caller(bearer(secret)).known
    assert identity.last_uses.written(10)
    (first,) = [each.last_used_at for each in tokens.listed(census.store, census.clock()) if each.name == "used"]
    assert first is not None
    clock.at += 6
    identity.caller(bearer(secret))
    assert identity.last_uses.written(10)
    (second,) = [each.last_used_at for each in tokens.listed(census.store, census.clock()) if each.name == "used"]
    assert second == first


def test_while_the_database_is_down_a_token_known_a_moment_ago_still_is_and_no_other(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census:
        clock = Clock()
        identity = Identity(census, AccessSettings(admin_token="boss"), ticks=clock)
        secret, other = made(census, "known"), made(census, "unknown")
        identity.caller(bearer(secret))
        assert identity.last_uses.written(10)
        lose_tokens(sqlite_url)
        clock.at += 60
        assert identity.caller(bearer(secret)).name == "token known"
        with pytest.raises(StoreError):
            identity.caller(bearer(other))
        clock.at += 600
        with pytest.raises(StoreError):
            identity.caller(bearer(secret))


def lose_tokens(sqlite_url: str) -> None:
    """Take the table away, which open connections notice as well."""
    with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("ALTER TABLE token RENAME TO lost")


def test_what_is_at_hand_is_told_without_asking_anybody(census: Census) -> None:
    identity = Identity(census, AccessSettings(admin_token="boss", jwt_secret=SECRET))
    secret, good = made(census, "handy"), token("pro")
    assert identity.at_hand(None) == ANONYMOUS
    assert identity.at_hand("Bearer boss") == identity.caller("Bearer boss")
    for credential in (secret, good):
        assert identity.at_hand(bearer(credential)) is None
        assert identity.caller(bearer(credential)) == identity.at_hand(bearer(credential))
    assert identity.at_hand("Bearer nonsense") is None
    assert identity.last_uses.written(10)
