"""The public catalog: models, changes, providers, names and prices."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Depends

from modelcensus.api.answering import only_known_parameters
from modelcensus.api.catalog import changing, counting, listing, naming, whole
from modelcensus.operations.catalog.names import Names
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.context import Context

# The list before one model: a model's own path takes all that follows it.
_ROOMS = (listing, whole, changing, naming, counting)
RECORDS: tuple[type[msgspec.Struct], ...] = tuple(record for room in _ROOMS for record in room.RECORDS)
"""What these paths answer with, for /openapi.json."""


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter(prefix="/api", dependencies=[Depends(only_known_parameters)], tags=["catalog"])
    public = PublicCatalog(context.census, context.settings.access, context.shelf, Names(context.census))
    for room in _ROOMS:
        room.add(router, public)
    return router
