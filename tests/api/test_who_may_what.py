"""The authorisation matrix: every path of /openapi.json, every kind of caller, and what they get.

A new path needs one line in ``PATHS``: its least role. What is asked names things that do not exist, or has no good
body, so that whoever may do it does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import httpx2
import pytest

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Tier
from modelcensus.operations import tokens
from modelcensus.settings import AccessSettings, ApiSettings, Settings, SourceSettings
from modelcensus.sources.registry import ADAPTERS
from tests.api.signing import SECRET, by_hand, issuing, rsa_jwk, rsa_key, token
from tests.builders import census_at
from tests.web.serving import served

WHO_GETS_WHAT = """
caller              public  anyone  viewer  curator  admin  cron
anonymous           yes     yes     401     401      401    401
free JWT            yes     yes     403     403      403    401
pro JWT             yes     yes     403     403      403    401
enterprise JWT      yes     yes     403     403      403    401
admin JWT           yes     yes     yes     yes      yes    401
admin JWT by keys   yes     yes     yes     yes      yes    401
ADMIN_TOKEN         yes     yes     yes     yes      yes    401
reader token        yes     yes     403     403      403    401
viewer token        yes     yes     yes     403      403    401
curator token       yes     yes     yes     yes      403    401
admin token         yes     yes     yes     yes      yes    401
CRON_SECRET         yes     401     401     401      401    yes
wrong key           yes     401     401     401      401    401
revoked token       yes     401     401     401      401    401
expired token       yes     401     401     401      401    401
unknown token       yes     401     401     401      401    401
expired JWT         yes     401     401     401      401    401
none-algorithm JWT  yes     401     401     401      401    401
confused JWT        yes     401     401     401      401    401
JWT of a stranger   yes     401     401     401      401    401
Basic               yes     401     401     401      401    401
empty Bearer        yes     401     401     401      401    401
two headers         yes     401     401     401      401    401
"""
"""``public`` paths look at no credentials. ``yes`` is any answer that is not a refusal: 2xx, 400, 404, 409, 422 ..."""

PATHS = """
GET     public   /healthz
GET     public   /readyz
GET     anyone   /api/diff
GET     anyone   /api/entities
GET     anyone   /api/entities/{key}
GET     anyone   /api/entity-changes
GET     anyone   /api/history/{key}
GET     anyone   /api/sources
GET     anyone   /api/syncs
GET     anyone   /api/syncs/last

GET     anyone   /api/me
GET     anyone   /api/changes
GET     anyone   /api/changes/stream
GET     anyone   /api/models
GET     anyone   /api/models/{model_id}
GET     anyone   /api/models/{model_id}/access
GET     anyone   /api/models/{model_id}/history
GET     anyone   /api/models/{model_id}/prices
GET     anyone   /api/price
GET     anyone   /api/providers
GET     anyone   /api/resolve
GET     anyone   /api/stats
GET     anyone   /api/trends/models
GET     anyone   /api/trends/prices
GET     anyone   /api/trends/risers

GET     anyone   /api.json
GET     anyone   /api/feeds
GET     anyone   /api/v1/models
GET     anyone   /api/v1/models/{id}/endpoints
GET     anyone   /feeds/bifrost.json
GET     anyone   /feeds/changes.atom
GET     anyone   /feeds/genai-prices.json
GET     anyone   /feeds/langfuse.json
GET     anyone   /feeds/litellm.json
GET     anyone   /feeds/models.csv
GET     anyone   /feeds/models.json
GET     anyone   /feeds/models.parquet
GET     anyone   /feeds/models.rss
GET     anyone   /feeds/openlit.json
GET     anyone   /model/info
GET     anyone   /model_prices_and_context_window.json
GET     anyone   /v1/model/info
GET     anyone   /v1/models
GET     anyone   /v1/models/{id}

GET     viewer   /metrics
GET     viewer   /api/admin/aliases
GET     viewer   /api/admin/audit
GET     viewer   /api/admin/disagreements
GET     viewer   /api/admin/drift
GET     viewer   /api/admin/health
GET     viewer   /api/admin/models
GET     viewer   /api/admin/models/{id}
GET     viewer   /api/admin/notices
GET     viewer   /api/admin/overrides
GET     viewer   /api/admin/plans
GET     viewer   /api/admin/plans/{digest}
GET     viewer   /api/admin/providers/{source}/diff
GET     viewer   /api/admin/quality
GET     viewer   /api/admin/quarantine
GET     viewer   /api/admin/refused
GET     viewer   /api/admin/revisions
GET     viewer   /api/admin/sources
GET     viewer   /api/admin/sync-logs
GET     viewer   /api/admin/sync-models
GET     viewer   /api/admin/syncs
GET     viewer   /api/admin/syncs/{run}
GET     viewer   /api/admin/syncs/{run}/events
GET     viewer   /api/admin/unmatched

POST    curator  /api/admin/aliases
POST    curator  /api/admin/aliases/unlink
PATCH   curator  /api/admin/models
POST    curator  /api/admin/models/curate
POST    curator  /api/admin/models/undo
PATCH   curator  /api/admin/models/{id}
DELETE  curator  /api/admin/models/{id}/overrides/{path}
PUT     curator  /api/admin/models/{id}/overrides/{path}
POST    curator  /api/admin/plans
POST    curator  /api/admin/plans/{digest}/apply
POST    curator  /api/admin/plans/{digest}/reject
POST    curator  /api/admin/providers/{source}/apply
POST    curator  /api/admin/revisions/{number}/rollback

POST    admin    /admin/sync-models
POST    admin    /api/admin/sync-models
GET     admin    /api/admin/tokens
POST    admin    /api/admin/tokens
POST    admin    /api/admin/tokens/{name}/revoke
GET     admin    /api/admin/webhooks
POST    admin    /api/admin/webhooks
GET     admin    /api/admin/webhooks/deliveries
POST    admin    /api/admin/webhooks/deliveries/replay
POST    admin    /api/admin/webhooks/deliveries/{delivery}/replay
DELETE  admin    /api/admin/webhooks/{id}
GET     admin    /api/admin/webhooks/{id}
PATCH   admin    /api/admin/webhooks/{id}
POST    admin    /api/admin/webhooks/{id}/rotate
POST    admin    /api/admin/webhooks/{id}/test

GET     cron     /api/cron/sync-models?sources=nobody
POST    cron     /api/cron/sync-models?sources=nobody
"""

FILLED = {"digest": "0" * 64, "number": "999999", "run": "0" * 24}
BAD_BODY = b'{"there is no such field": 1}'
ADMIN = {"subscription_tier": "admin", "exp": 2**40}
_needed, *_rows = [re.split(r"\s{2,}", line) for line in WHO_GETS_WHAT.split("\n") if line]
EXPECTED = {(row[0], needed): said for row in _rows for needed, said in zip(_needed[1:], row[1:], strict=True)}
CALLERS = [row[0] for row in _rows]
TABLE = {(method, path): needed for method, needed, path in (line.split() for line in PATHS.split("\n") if line)}


class World:
    """A server, and the header of every kind of caller."""

    def __init__(self, address: str, headers: Mapping[str, list[str]]) -> None:
        self.address = address
        self.headers = headers
        # No connection is kept, so that none is found closed by the server.
        self.client = httpx2.Client(trust_env=False, timeout=20, limits=httpx2.Limits(max_keepalive_connections=0))

    def status(self, caller: str, method: str, path: str) -> int:
        """How a request is answered; the body is left alone, for some go on for ever."""
        headers = [("authorization", each) for each in self.headers[caller]]
        body = None
        if method in ("POST", "PUT", "PATCH"):
            headers.append(("content-type", "application/json"))
            body = BAD_BODY
        with self.client.stream(method, self.address + path, headers=headers, content=body) as answer:
            return answer.status_code


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = f"sqlite:///{tmp_path_factory.mktemp('matrix') / 'census.db'}"
    idle = {name: SourceSettings(enabled=False) for name, adapter in ADAPTERS.items() if adapter.own_source}
    with census_at(url, **idle) as census, issuing(rsa_jwk(0, "one")) as issuer:
        access = AccessSettings(
            mode="tiers", admin_token="the admin token", cron_secret="the-cron-secret", jwt_secret=SECRET,
            jwks_url=issuer.url,
        )  # fmt: skip
        settings = Settings(access=access, api=ApiSettings(live=False), sources=idle)
        now = census.clock()

        def made(name: str, role: Role, expires_in: int | None = None) -> str:
            end = None if expires_in is None else now + expires_in
            created = tokens.create(census.store, name, role=role, tier=Tier.PRO, actor="ada", now=now, expires_at=end)
            return created.secret

        with served(census, settings) as address:
            world = World(address, _headers(made))
            tokens.revoke(census.store, "revoked", actor="ada", reason="for the table", now=now)
            yield world
            world.client.close()


def _headers(made: Callable[..., str]) -> dict[str, list[str]]:
    credentials = {
        **{f"{tier} JWT": token(tier) for tier in ("free", "pro", "enterprise", "admin")},
        **{f"{role} token": made(role.value, role) for role in Role},
        "admin JWT by keys": token("admin", key=rsa_key(), algorithm="RS256", kid="one"),
        "ADMIN_TOKEN": "the admin token",
        "CRON_SECRET": "the-cron-secret",
        "wrong key": "the-wrong-key",
        "revoked token": made("revoked", Role.ADMIN),
        "expired token": made("expired", Role.ADMIN, expires_in=1),
        "unknown token": "mct_" + "A" * 43,
        "expired JWT": token("admin", seconds=-60),
        "none-algorithm JWT": by_hand({"alg": "none"}, ADMIN),
        "confused JWT": token("admin", key=rsa_jwk(0)["n"], kid="one"),
        "JWT of a stranger": token("admin", key=rsa_key(1), algorithm="RS256", kid="one"),
    }
    headers = {caller: [f"Bearer {credential}"] for caller, credential in credentials.items()}
    two = [*headers["ADMIN_TOKEN"], *headers["admin token"]]
    odd = {"Basic": ["Basic YWRtaW46YWRtaW4="], "empty Bearer": ["Bearer"], "two headers": two}
    return {**headers, **odd, "anonymous": []}


@pytest.mark.parametrize("needed", _needed[1:])
@pytest.mark.parametrize("caller", CALLERS)
def test_everybody_gets_what_they_may_and_nothing_else(world: World, caller: str, needed: str) -> None:
    told = {
        f"{method} {path}": world.status(caller, method, filled(path))
        for (method, path), least in TABLE.items()
        if least == needed
    }
    expected = EXPECTED[caller, needed]
    wrong = {where: status for where, status in told.items() if not _fits(status, expected)}
    assert told
    assert wrong == {}, f"{caller} should get {expected} of these"


def test_the_table_names_every_path_of_the_description_and_no_other(world: World) -> None:
    described = world.client.get(f"{world.address}/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, operations in described.items() for method in operations}
    named = {(method, path.partition("?")[0]) for method, path in TABLE}
    assert sorted(there - named) == [], "paths without a line in PATHS"
    assert sorted(named - there) == [], "lines of PATHS without a path"


def test_a_credential_in_the_path_is_held_to_the_table_and_opens_no_administration(world: World) -> None:
    def answer(caller: str, path: str) -> int:
        credential = world.headers[caller][0].removeprefix("Bearer ").replace(" ", "%20")
        return world.status("anonymous", "GET", f"/t/{credential}{path}")

    for (caller, needed), expected in EXPECTED.items():
        if needed == "anyone" and caller not in ("anonymous", "Basic", "empty Bearer", "two headers"):
            assert _fits(answer(caller, "/api/models"), expected), caller
            assert _fits(answer(caller, "/feeds/models.json"), expected), caller
    for path in ("/api/admin/models", "/api/admin/tokens", "/api/me", "/metrics", "/api/cron/sync-models"):
        assert answer("ADMIN_TOKEN", path) == 404, path


def filled(path: str) -> str:
    """The path with things in it that do not exist."""
    return re.sub(r"\{(\w+)\}", lambda match: FILLED.get(match[1], "nobody"), path)


def _fits(status: int, expected: str) -> bool:
    if expected == "yes":
        return status not in (401, 403, 405) and (status < 500 or status == 503)
    return status == int(expected)
