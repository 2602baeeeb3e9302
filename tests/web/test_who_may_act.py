"""Every act of every page, asked for by everybody: only who has the role may, and only from our own forms."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest

from modelcensus.core.access import Role
from modelcensus.operations import tokens
from modelcensus.serving.context import context_on
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.routes import routes
from tests.builders import at, census_at
from tests.web.paths import each_route
from tests.web.serving import served
from tests.web.visiting import ADMIN, OPENED, Visit

_OPEN = {"/login", "/logout"}
_ADMINS = {"/admin/syncs", "/admin/tokens", "/admin/sources", "/admin/notices"}
"""Acts below these need an administrator; all others a curator."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """Address, a credential of each role, and the path of every act."""
    path = tmp_path_factory.mktemp("acts") / "census.db"
    with census_at(f"sqlite:///{path}") as census, served(census, OPENED) as address:
        secrets = {
            role.value: tokens.create(census.store, role.value, role=role, actor="test", now=at(0)).secret
            for role in (Role.READER, Role.VIEWER, Role.CURATOR)
        } | {"admin": ADMIN}
        context = context_on(census, OPENED)
        acts = [
            re.sub(r"\{[^}]+\}", "1", route.path)
            for route in each_route(routes(context, Pages(census)))
            if "POST" in route.methods
        ]
        yield address, secrets, acts


def test_there_are_acts_of_every_room_of_administration(world: tuple[str, dict[str, str], list[str]]) -> None:
    _, _, acts = world
    rooms = {"/".join(path.split("/")[:3]) for path in acts}
    assert {"/admin/syncs", "/admin/plans", "/admin/models", "/admin/names", "/admin/tokens"} <= rooms
    assert set(acts) >= _OPEN


def test_nobody_acts_without_signing_in(world: tuple[str, dict[str, str], list[str]]) -> None:
    address, _, acts = world
    for path in acts:
        if path not in _OPEN:
            answer = httpx2.post(address + path, data={"proof": "", "x": "y"}, trust_env=False)
            assert answer.status_code == 401, path


@pytest.mark.parametrize("role", ["reader", "viewer", "curator"])
def test_who_lacks_the_role_is_refused(world: tuple[str, dict[str, str], list[str]], role: str) -> None:
    address, secrets, acts = world
    with Visit(address, secrets[role]) as visit:
        for path in acts:
            if path in _OPEN or (role == "curator" and not path.startswith(tuple(_ADMINS))):
                continue
            answer = visit.post(path)
            assert answer.status_code == 403, (path, answer.status_code)
            assert "it needs the role" in answer.text, path


def test_an_administrator_without_the_proof_or_from_another_site_is_refused(
    world: tuple[str, dict[str, str], list[str]],
) -> None:
    address, _, acts = world
    with Visit(address) as visit:
        for path in acts:
            if path == "/login":
                continue
            assert visit.client.post(path, data={"proof": "0" * 64}).status_code == 403, path
            foreign = visit.client.post(path, data={"proof": visit.proof}, headers={"Sec-Fetch-Site": "cross-site"})
            assert foreign.status_code == 403, path
