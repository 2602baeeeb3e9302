"""A small catalog behind a real server, for tests of the front."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import msgspec

from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, Settings
from tests.builders import census_at
from tests.operations.catalog_world import applied, merged
from tests.web.serving import QUIET, ask, served

ADMIN = "an administrator's long secret"
SETTINGS = Settings(api=QUIET, access=AccessSettings(mode="open", admin_token=ADMIN))
LIST = "/api/models?limit=1000"


@contextmanager
def standing(url: str, settings: Settings = SETTINGS, *, models: int = 3) -> Iterator[tuple[str, Census]]:
    """A served census with some models: (address, census)."""
    with census_at(url, **settings.sources) as census:
        if models:
            applied(census.store, *(merged(f"lab/m{number}") for number in range(models)))
        with served(census, settings) as address:
            yield address, census


def price(address: str, model: str = "lab/m0", **options: str) -> str:
    """The input price of a model as the list of all says it."""
    listed = ask(address, LIST, headers=options).json()["data"]
    (found,) = (each["price"]["input"] for each in listed if each["id"] == model)
    assert isinstance(found, str)
    return found


def numbers(address: str) -> dict[str, float]:
    """What ``/metrics`` says: name with labels -> value."""
    answer = ask(address, "/metrics", headers={"Authorization": f"Bearer {ADMIN}"})
    assert answer.status_code == 200, answer.text
    lines = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def came_from(address: str, place: str) -> int:
    """How many answers came from a place, so far."""
    return int(numbers(address)[f'modelcensus_ready_answers_total{{from="{place}"}}'])


def plain(address: str, path: str, **headers: str) -> httpx2.Response:
    """An answer without the client's own wish for packing."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(address, path, headers={"Accept-Encoding": "identity", **named})


def changed(settings: Settings, **members: object) -> Settings:
    """Settings with some of them others."""
    return msgspec.structs.replace(settings, **members)
