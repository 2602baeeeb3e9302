"""Changes as a stream, and to webhooks."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter

from modelcensus.api.pushing import stream, webhooks
from modelcensus.serving.context import Context
from modelcensus.serving.joining import join

RECORDS: tuple[type[msgspec.Struct], ...] = webhooks.RECORDS
"""What these paths answer with, for /openapi.json."""


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    join(router, stream.routes(context))
    join(router, webhooks.routes(context))
    return router
