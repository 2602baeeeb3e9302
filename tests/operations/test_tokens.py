"""API tokens: told once, kept as hashes, revocable, each with an end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from modelcensus.core.access import Caller, Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.times import from_micros, to_micros
from modelcensus.core.token import CreatedToken, TokenState, end_of
from modelcensus.operations import tokens
from modelcensus.operations.catalog.applying import audit_log
from modelcensus.store.engine import Store
from tests.builders import START, at, census_at, rows

NOW = at()
HOUR = 3_600_000_000
SECOND = 1_000_000


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with census_at(database_url) as census:
        yield census.store


def created(
    store: Store, name: str = "ci", role: Role = Role.VIEWER, *, now: int = NOW, tier: Tier | None = None,
    expires_at: int | None = None,
) -> CreatedToken:  # fmt: skip
    return tokens.create(store, name, role=role, tier=tier, expires_at=expires_at, actor="ada", now=now, reason="why")


def revoked(store: Store, name: str = "ci", now: int = NOW) -> None:
    tokens.revoke(store, name, actor="bob", reason="it leaked", now=now)


def names(store: Store, *, revoked: bool = False) -> list[tuple[str, TokenState]]:
    return [(each.name, each.state) for each in tokens.listed(store, NOW, revoked=revoked)]


def test_whoever_has_the_secret_is_known_and_nobody_else(store: Store) -> None:
    made = created(store, expires_at=NOW + HOUR)
    assert tokens.holder(store, made.secret, NOW) == made.token
    for other in (made.secret[:-1], made.secret + "A", made.secret.swapcase(), "", "mct_", made.token.id, "mct_\0"):
        assert tokens.holder(store, other, NOW) is None
    assert made.token.caller == Caller(name="token ci", role=Role.VIEWER, tier=Tier.ENTERPRISE)


def test_a_secret_has_256_random_bits_and_only_its_hash_is_kept(store: Store) -> None:
    first, second = created(store, "one"), created(store, "two")
    assert first.secret != second.secret
    assert len(first.secret) == len("mct_") + 43
    (kept,) = rows(store, "SELECT hash FROM token WHERE name = 'one'")
    assert bytes(kept[0]) == hashlib.sha256(first.secret.encode()).digest()


def test_chance_makes_the_secret(store: Store) -> None:
    made = tokens.create(store, "ci", role=Role.ADMIN, actor="ada", now=NOW, chance=lambda count: b"\xff" * count)
    assert made.secret == "mct_" + "_" * 42 + "8"


@pytest.mark.parametrize(
    ("role", "asked", "given"),
    [
        (Role.READER, None, Tier.FREE),
        (Role.READER, Tier.PRO, Tier.PRO),
        (Role.VIEWER, None, Tier.ENTERPRISE),
        (Role.ADMIN, Tier.FREE, Tier.FREE),
    ],
)
def test_readers_are_free_and_who_administers_sees_all_unless_said(
    store: Store, role: Role, asked: Tier | None, given: Tier
) -> None:
    assert created(store, role=role, tier=asked).token.tier is given


def test_a_token_is_over_from_the_microsecond_of_its_end(store: Store) -> None:
    made = created(store, expires_at=NOW + SECOND)
    states = [tokens.holder(store, made.secret, NOW + SECOND + each) for each in (-1, 0, 1)]
    assert [each.state for each in states if each] == [TokenState.LIVE, TokenState.EXPIRED, TokenState.EXPIRED]


def test_a_revoked_token_stays_revoked_and_says_by_whom(store: Store) -> None:
    made = created(store)
    revoked(store, now=NOW + 1)
    found = tokens.holder(store, made.secret, NOW + 2)
    assert found is not None
    assert (found.state, found.revoked_at, found.revoked_by) == (TokenState.REVOKED, NOW + 1, "bob")


def test_names_are_unique_among_live_tokens(store: Store) -> None:
    first = created(store)
    with pytest.raises(InvalidInput, match="already"):
        created(store)
    revoked(store)
    second = created(store)
    assert names(store) == [("ci", TokenState.LIVE)]
    assert sorted(names(store, revoked=True)) == [("ci", TokenState.LIVE), ("ci", TokenState.REVOKED)]
    states = [tokens.holder(store, each.secret, NOW) for each in (first, second)]
    assert [each.state for each in states if each] == [TokenState.REVOKED, TokenState.LIVE]


def test_the_name_of_an_expired_token_can_be_used_again(store: Store) -> None:
    created(store, expires_at=NOW + SECOND)
    created(store, now=NOW + 2 * SECOND)
    assert names(store) == [("ci", TokenState.LIVE)]
    acts = [(each.act, each.reason) for each in audit_log(store)]
    assert acts[1] == ("revoke token", "it had expired, and its name was wanted")


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "-a", "ä", "a/b", "x" * 65, "a\n", "mct_" + "A" * 43, "a\0", "\ud800"]
)
def test_a_name_that_would_be_odd_in_an_address_or_a_secret_is_refused_unrepeated(store: Store, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        created(store, name)
    with pytest.raises(InvalidInput):
        revoked(store, name)
    assert len(name) < 2 or name not in str(caught.value)


def test_what_cannot_be_is_refused_and_nothing_is_written(store: Store) -> None:
    with pytest.raises(InvalidInput, match="over already"):
        created(store, expires_at=NOW)
    with pytest.raises(NotFound, match="there is no token 'ci'"):
        revoked(store)
    created(store)
    with pytest.raises(InvalidInput, match="why"):
        tokens.revoke(store, "ci", actor="bob", reason=" ", now=NOW)
    assert names(store, revoked=True) == [("ci", TokenState.LIVE)]


def test_every_act_is_in_the_audit_log_without_the_secret(store: Store) -> None:
    made = created(store, expires_at=NOW + HOUR)
    revoked(store)
    acts = [(each.actor, each.act, each.target, each.before, each.after, each.reason) for each in audit_log(store)]
    facts = {"role": "viewer", "tier": "enterprise", "expires": "2026-01-01T13:30:00Z"}
    assert acts == [
        ("bob", "revoke token", "ci", facts, None, "it leaked"),
        ("ada", "create token", "ci", None, facts, "why"),
    ]
    assert made.secret not in repr(audit_log(store))


def test_the_last_use_is_noted_once_a_minute_and_never_goes_back(store: Store) -> None:
    token_id = created(store).token.id
    seen = []
    for seconds in (0, 59, 60, 10, 130):
        tokens.note_uses(store, {token_id: NOW + seconds * SECOND, "nobody": NOW})
        (token,) = tokens.listed(store, NOW)
        seen.append(((token.last_used_at or 0) - NOW) // SECOND)
    assert seen == [0, 0, 60, 60, 130]


@pytest.mark.parametrize(
    ("text", "after"),
    [("90d", timedelta(days=90)), ("36h", timedelta(hours=36)), (" 2w ", timedelta(weeks=2)),
     ("2026-01-02T12:30Z", timedelta(days=1))],
)  # fmt: skip
def test_an_end_is_so_long_from_now_or_a_time(text: str, after: timedelta) -> None:
    assert from_micros(end_of(text, START)) == START + after


@pytest.mark.parametrize("text", ["", "soon", "2026-01-01", "now", "0d", "999999w", "-1d", "90 days", "9" * 500 + "d"])
def test_an_end_that_is_none_or_over_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        end_of(text, START)
    assert caught.value.hint
    assert to_micros(START) == NOW
