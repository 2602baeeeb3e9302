"""What every path works with, put together once by the server."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from modelcensus.api.identity import Identity
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.census import Census
from modelcensus.settings import Settings


@dataclass(frozen=True)
class Context:
    """An open census, the settings, and what is kept between requests."""

    census: Census
    settings: Settings
    identity: Identity
    shelf: Shelf


def context_on(census: Census, settings: Settings) -> Context:
    """The context of an open census."""
    return Context(
        census=census,
        settings=settings,
        identity=Identity(census, settings.access),
        shelf=Shelf(census, settings.access),
    )


def context_of(request: Request) -> Context:
    """The context of the application that answers a request."""
    found: Context = request.app.state.context
    return found
