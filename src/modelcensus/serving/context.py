"""What every path works with, put together once by the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import Request

from modelcensus.operations.catalog.questions import Questions
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.census import Census
from modelcensus.operations.fallback import Fallback
from modelcensus.operations.health.vital import Vital
from modelcensus.operations.trends.ahead import Ahead
from modelcensus.operations.trends.moving import Moving
from modelcensus.operations.triggering.runs import Runs
from modelcensus.operations.webhooks.deliverer import Deliverer
from modelcensus.serving.identity import Identity
from modelcensus.serving.sessions import Sessions
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

    ``background`` is started and stopped with the server, in this order and the opposite one. ``origins``: where each
    setting that is not a default came from, by dotted name, as far as it is known.
    """

    census: Census
    settings: Settings
    identity: Identity
    sessions: Sessions
    shelf: Shelf
    questions: Questions
    runs: Runs
    vital: Vital
    moving: Moving
    ahead: Ahead
    background: tuple[Background, ...]
    origins: Mapping[str, str] = field(default_factory=dict)


def context_on(census: Census, settings: Settings) -> Context:
    """The context of an open census."""
    identity = Identity(census, settings.access)
    runs, vital = Runs(census, settings.sync), Vital(census.store)
    moving = Moving(census)
    ahead = Ahead(moving)
    return Context(
        census=census,
        settings=settings,
        identity=identity,
        sessions=Sessions(census, identity),
        shelf=Shelf(census, settings.access, Fallback(census, settings.api).edition),
        questions=Questions(census),
        runs=runs,
        vital=vital,
        moving=moving,
        ahead=ahead,
        background=(ahead, runs, Deliverer(census, settings.access, settings.webhooks), vital),
    )


def context_of(request: Request) -> Context:
    """The context of the application that answers a request."""
    found: Context = request.app.state.context
    return found
