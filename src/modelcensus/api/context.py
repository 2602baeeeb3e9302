"""What every path works with, put together once by the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fastapi import Request

from modelcensus.api.identity import Identity
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.census import Census
from modelcensus.operations.fallback import Fallback
from modelcensus.operations.health.vital import Vital
from modelcensus.operations.triggering.runs import Runs
from modelcensus.operations.webhooks.deliverer import Deliverer
from modelcensus.settings import Settings


class Background(Protocol):
    """Something that works beside the requests for as long as the server runs; both calls may take seconds."""

    def start(self) -> None:
        """Begin; called once, before the first request."""

    def stop(self) -> None:
        """Come to an end; called once, after the last request, also if ``start`` failed."""


@dataclass(frozen=True)
class Context:
    """An open census, the settings, and what is kept between requests.

    ``background`` is started and stopped with the server, in this order and the opposite one.
    """

    census: Census
    settings: Settings
    identity: Identity
    shelf: Shelf
    runs: Runs
    vital: Vital
    background: tuple[Background, ...]


def context_on(census: Census, settings: Settings) -> Context:
    """The context of an open census."""
    runs, vital = Runs(census, settings.sync), Vital(census.store)
    return Context(
        census=census,
        settings=settings,
        identity=Identity(census, settings.access),
        shelf=Shelf(census, settings.access, Fallback(census, settings.api).edition),
        runs=runs,
        vital=vital,
        background=(runs, Deliverer(census, settings.access, settings.webhooks), vital),
    )


def context_of(request: Request) -> Context:
    """The context of the application that answers a request."""
    found: Context = request.app.state.context
    return found
