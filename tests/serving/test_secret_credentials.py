"""Credentials of callers appear in no table, log line, page, error or address, whatever they send or what breaks."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from modelcensus.core.access import Role
from modelcensus.operations import tokens
from modelcensus.settings import AccessSettings, ApiSettings, Settings, load, shown
from modelcensus.upstream import Play, Received, Upstream
from tests.api.signing import SECRET, rsa_key, token
from tests.builders import census_at
from tests.operations.test_secret_keys import dump
from tests.web.serving import served

ADMIN = "the-very-secret-admin-token"
CRON = "the-very-secret-cron-word"
PATHS = (
    "/nowhere", "/metrics", "/api/me", "/api/models/nobody", "/api/models?limit=0", "/api/admin/tokens?all=true",
    "/api/admin/audit", "/api/admin/plans/zzz", "/api/cron/sync-models?sources=nobody", "/feeds/models.json",
    "/api/nowhere",
)  # fmt: skip


def test_no_credential_is_anywhere_after_a_round_of_requests_good_and_bad(
    database_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    # The client that plays the callers here logs where it goes; the program does not use it.
    caplog.set_level(logging.WARNING, "httpx2")
    caplog.set_level(logging.DEBUG)
    asked: list[Received] = []

    def keys(request: Received) -> Play:
        asked.append(request)
        return Play(b"garbage")

    with census_at(database_url) as census, Upstream(keys) as issuer:
        access = AccessSettings(
            mode="tiers", admin_token=ADMIN, cron_secret=CRON, jwt_secret=SECRET,
            jwks_url=f"{issuer.url}/jwks.json",
        )  # fmt: skip
        made = [
            tokens.create(census.store, name, role=role, actor="ada", now=census.clock()).secret
            for name, role in (("reads", Role.READER), ("rules", Role.ADMIN), ("leaked", Role.ADMIN))
        ]
        tokens.revoke(census.store, "leaked", actor="ada", reason="it leaked", now=census.clock())
        jwts = [
            token("admin"), token("pro"), token("admin", seconds=-5), token("admin", key=SECRET + "x"),
            token(key=rsa_key(), algorithm="RS256"),
        ]  # fmt: skip
        credentials = [ADMIN, CRON, *made, *jwts, made[0][:-1] + "A", ADMIN[:-1] + "x"]
        settings = Settings(access=access, api=ApiSettings(live=False))
        said = []
        # No connection is kept, so that none is found closed by the server.
        limits = httpx2.Limits(max_keepalive_connections=0)
        with (
            served(census, settings) as address,
            httpx2.Client(base_url=address, trust_env=False, timeout=20, limits=limits) as client,
        ):
            said += [_round(client, each) for each in credentials]
            with census.store.writing() as tx:
                tx.execute(text("ALTER TABLE token RENAME TO lost"))
            said += [_round(client, each) for each in credentials]
        places = {
            "the answers": b"".join(said),
            "the tables": dump(census),
            "the logs": caplog.text.encode(),
            "the output": "".join(capfd.readouterr()).encode(),
            "the issuer's address": repr([(each.path, each.query, each.headers) for each in asked]).encode(),
        }
    assert asked
    assert b'"status":401' in places["the answers"]
    assert b'"status":503' in places["the answers"]
    signatures = [each.rpartition(".")[2] for each in jwts]
    secrets = [*credentials, *signatures, SECRET]
    assert [(place, each) for place, there in places.items() for each in secrets if each.encode() in there] == []


def test_a_credential_in_the_settings_is_shown_as_stars(tmp_path: Path) -> None:
    given = {"ADMIN_TOKEN": ADMIN, "CRON_SECRET": CRON, "JWT_SECRET": SECRET}
    loaded = load(tmp_path, given)
    assert [each for each in given.values() if each in repr(shown(loaded))] == []
    assert loaded.settings.access.admin_token == ADMIN


def _round(client: httpx2.Client, credential: str) -> bytes:
    """What is answered to a credential in the header, in a wrong one, twice, and in the path."""
    well = {"Authorization": f"Bearer {credential}"}
    odd = [{"Authorization": f"Token {credential}"}, {"X-Cron-Secret": credential},
           {"Authorization": f"Bearer {credential}, Bearer {credential}"}]  # fmt: skip
    answers = [client.get(path, headers=well) for path in PATHS]
    answers += [client.get(path, headers=each) for path in PATHS[-3:] for each in odd]
    answers += [client.get(f"/t/{credential}{path}") for path in ("/api/models", "/feeds/models.json", "/api/me")]
    return b"".join(answer.content + repr(dict(answer.headers)).encode() for answer in answers)
