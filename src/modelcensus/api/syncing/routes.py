"""Syncs triggered over HTTP: by administrators, cron and events."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter

from modelcensus.api.syncing import cron, following, logs, running
from modelcensus.serving.context import Context
from modelcensus.serving.joining import join

RECORDS: tuple[type[msgspec.Struct], ...] = (*running.RECORDS, *logs.RECORDS, *cron.RECORDS)
"""What these paths answer with, for /openapi.json."""


def routes(context: Context) -> APIRouter:
    """These paths; Inngest's only where its settings are there."""
    router = APIRouter()
    for part in (running, following, logs, cron):
        join(router, part.routes(context))
    if context.settings.inngest.signing_key or context.settings.inngest.dev:
        # Imported here: the SDK takes a third of a second, and few servers need it.
        from modelcensus.api.syncing import events

        join(router, events.routes(context))
    return router
