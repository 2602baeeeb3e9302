"""Administration: plans, models, names, overrides, inspection, audit, tokens."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Depends

from modelcensus.api.admin import (
    audited,
    inspected,
    models,
    names,
    overriding,
    plans,
    providers,
    ruling,
    tokens,
)
from modelcensus.api.answering import only_known_parameters
from modelcensus.core.access import Role
from modelcensus.serving.context import Context
from modelcensus.serving.guard import needs

# Overrides before models: a model's own path takes all that follows it.
_ROOMS = (overriding, ruling, models, plans, providers, names, inspected, audited)
RECORDS: tuple[type[msgspec.Struct], ...] = tuple(record for room in (*_ROOMS, tokens) for record in room.RECORDS)
"""What these paths answer with, for /openapi.json."""


def routes(context: Context) -> APIRouter:
    """These paths."""
    # Nobody less than a viewer gets anywhere in this room; paths that change something ask for more.
    guards = [Depends(needs(Role.VIEWER)), Depends(only_known_parameters)]
    router = APIRouter(prefix="/api/admin", dependencies=guards, tags=["administration"])
    for room in _ROOMS:
        router.include_router(room.routes(context))
    both = APIRouter()
    both.include_router(router)
    both.include_router(tokens.routes(context))
    return both
