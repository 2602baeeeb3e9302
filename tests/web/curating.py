"""A curator before the pages of a census whose API shows each tier its own models."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx2

from modelcensus.core.access import Role
from modelcensus.operations import tokens
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, Settings
from tests.api.shop import SECRET, bearer
from tests.builders import census_at
from tests.operations.catalog_world import applied, merged
from tests.web.serving import QUIET, served
from tests.web.visiting import ADMIN, Visit

TIERED = Settings(access=AccessSettings(mode="tiers", jwt_secret=SECRET, admin_token=ADMIN), api=QUIET)
ODD = "lab/a b:free@2~(x)+100%é"


class Curator(Visit):
    """Signed in as the administrator; ``census`` is what is looked at."""

    def __init__(self, address: str, census: Census, credential: str = ADMIN) -> None:
        super().__init__(address, credential)
        self.address = address
        self.census = census

    def page(self, path: str, status: int = 200) -> str:
        """A page's text."""
        return _text(self.get(path), status)

    def sent(self, path: str, code: int = 200, /, **fields: str | list[str]) -> str:
        """The page that a form leads to, redirects followed."""
        answer = self.post(path, fields)
        return self.page(answer.headers["location"]) if answer.status_code == 303 else _text(answer, code)

    def seen_by(self, tier: str) -> list[str]:
        """Ids of the models that the API shows a caller of a tier."""
        with httpx2.Client(trust_env=False, timeout=20) as client:
            found = client.get(f"{self.address}/api/models", headers=bearer(tier)).json()["data"]
        return sorted(each["id"] for each in found)

    def viewer(self) -> Visit:
        """Somebody who may only look."""
        made = tokens.create(self.census.store, "onlooker", role=Role.VIEWER, actor="ann", now=self.census.clock())
        assert made.secret
        return Visit(self.address, made.secret)


@contextmanager
def curator_on(census: Census) -> Iterator[Curator]:
    """A curator of a census that is served meanwhile."""
    with served(census, TIERED) as address, Curator(address, census) as curator:
        yield curator


@contextmanager
def five_models(url: str) -> Iterator[Curator]:
    """Five models, one of them archived, of which nobody has said anything."""
    with census_at(url) as census, curator_on(census) as curator:
        first = (merged("lab/a", provider="lab"), merged("lab/b", price="0.5"), merged(ODD, price=None, context=None))
        applied(census.store, *first, merged("lab/c"), merged("lab/gone"))
        applied(census.store, *first, merged("lab/c", price="3"), gone=["lab/gone"])
        yield curator


def hidden(page: str, name: str) -> str:
    """What a hidden field of a page holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"no field {name}"
    return html.unescape(found[1])


def rows(page: str) -> list[str]:
    """The models of the list, in order."""
    return [html.unescape(each) for each in re.findall(r'type="checkbox" name="id" value="([^"]*)"', page)]


def many(changes: Mapping[str, str], *ids: str) -> dict[str, str | list[str]]:
    """A bulk form for these models."""
    return {**changes, "scope": "ticked", "id": list(ids)}


def _text(answer: httpx2.Response, status: int) -> str:
    assert answer.status_code == status, (answer.status_code, answer.text[-3000:])
    return answer.text
