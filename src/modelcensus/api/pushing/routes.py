"""Changes as a stream, and to webhooks."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter

from modelcensus.api.context import Context
from modelcensus.api.pushing import stream, webhooks

RECORDS: tuple[type[msgspec.Struct], ...] = webhooks.RECORDS
"""What these paths answer with, for /openapi.json."""


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    router.include_router(stream.routes(context))
    router.include_router(webhooks.routes(context))
    return router
