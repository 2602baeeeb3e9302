from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Tier
from modelcensus.operations import tokens
from modelcensus.operations.catalog import curating
from modelcensus.settings import AccessSettings
from tests.api.front.standing import ADMIN, LIST, SETTINGS, changed, plain, standing

TIERS = changed(SETTINGS, access=AccessSettings(mode="tiers", admin_token=ADMIN))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(address, a secret of the tier pro)."""
    with standing(f"sqlite:///{tmp_path_factory.mktemp('prefixes')}/c.db", TIERS) as (address, census):
        now = census.clock()
        curating.edit_one(census.store, "lab/m1", {"enabled": True, "is_pro": True}, actor="ann", now=now)
        made = tokens.create(census.store, "pro", role=Role.READER, actor="ann", now=now, tier=Tier.PRO)
        yield address, made.secret


def test_a_token_in_the_path_is_as_good_as_one_in_the_header(served: tuple[str, str]) -> None:
    address, secret = served
    for path in (LIST, "/v1/models"):
        by_path = plain(address, f"/t/{secret}{path}")
        by_header = plain(address, path, Authorization=f"Bearer {secret}")
        assert by_path.status_code == 200
        assert by_path.content == by_header.content
        assert b"lab/m1" in by_path.content
        assert b"lab/m1" not in plain(address, path).content


def test_a_token_in_the_path_goes_before_the_one_in_the_header(served: tuple[str, str]) -> None:
    address, secret = served
    assert plain(address, f"/t/nonsense{LIST}", Authorization=f"Bearer {secret}").status_code == 401


@pytest.mark.parametrize(
    "path", ["/api/admin/models", "/api/cron/sync-models", "/admin/sync-models", "/metrics", "/healthz", "/", "/mcp",
             "/api/sources", "/api/inngest", "/api/models/../admin/models", "//api/models"],
)  # fmt: skip
def test_prefixes_lead_to_the_public_catalog_only(served: tuple[str, str], path: str) -> None:
    address, _ = served
    for prefix in (f"/t/{quote(ADMIN)}", "/at/2026-01-01", f"/t/{quote(ADMIN)}/at/2026-01-01"):
        answer = plain(address, prefix + path)
        assert answer.status_code == 404
        assert ADMIN not in answer.text
        assert "location" not in answer.headers


def test_a_time_in_the_path_is_as_good_as_one_in_the_query(served: tuple[str, str]) -> None:
    address, secret = served
    asked = plain(address, "/api/models?limit=5&as_of=2026-01-01").json()
    assert plain(address, "/at/2026-01-01/api/models?limit=5").json() == asked
    both = plain(address, f"/t/{secret}/at/2026-01-01/v1/models")
    assert both.status_code == plain(address, f"/at/2026-01-01/t/{secret}/v1/models").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/at/2026-01-01/api/models?as_of=2026-01-02", 400),
        ("/at/never/api/models", 400),
        ("/at/x&limit=1/api/models", 400),
        ("/at/2026-01-01/at/2026-01-02/api/models", 404),
        ("/t/a/t/b/api/models", 404),
        ("/t//api/models", 404),
        ("/t/", 404),
        ("/at", 404),
        ("/t/x", 404),
    ],
)
def test_prefixes_that_say_nothing_clear_are_refused(served: tuple[str, str], path: str, status: int) -> None:
    assert plain(served[0], path).status_code == status
