"""Syncs: start, watch, cancel, look back."""

from __future__ import annotations

from fastapi import APIRouter

from modelcensus.serving.context import Context
from modelcensus.serving.joining import join
from modelcensus.web.admin.syncs import acting, looking
from modelcensus.web.rendering.pages import Pages


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    join(router, acting.routes(context, pages))
    join(router, looking.routes(context, pages))
    return router
