"""Administration's pages put together."""

from __future__ import annotations

from fastapi import APIRouter

from modelcensus.serving.context import Context
from modelcensus.serving.joining import join
from modelcensus.web.admin.audit import routes as audit
from modelcensus.web.admin.disagreements import routes as disagreements
from modelcensus.web.admin.drift import routes as drift
from modelcensus.web.admin.models import routes as models
from modelcensus.web.admin.names import routes as names
from modelcensus.web.admin.notices import routes as notices
from modelcensus.web.admin.overview import routes as overview
from modelcensus.web.admin.plans import routes as plans
from modelcensus.web.admin.quality import routes as quality
from modelcensus.web.admin.sources import routes as sources
from modelcensus.web.admin.syncs import routes as syncs
from modelcensus.web.admin.tokens import routes as tokens
from modelcensus.web.rendering.pages import Pages

_ROOMS = (overview, syncs, plans, models, names, disagreements, drift, quality, sources, tokens, notices, audit)


def routes(context: Context, pages: Pages) -> APIRouter:
    """Every page of administration."""
    router = APIRouter(include_in_schema=False)
    for room in _ROOMS:
        join(router, room.routes(context, pages))
    return router
