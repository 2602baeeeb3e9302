"""The pages put together: a room for each, and what is answered where a page cannot be made."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import StoreError, Unauthenticated
from modelcensus.serving.context import Context
from modelcensus.serving.joining import join
from modelcensus.web.admin import routes as admin
from modelcensus.web.catalog import routes as catalog
from modelcensus.web.changes import routes as changes
from modelcensus.web.compare import routes as compare
from modelcensus.web.docs import routes as docs
from modelcensus.web.home import routes as home
from modelcensus.web.model import routes as model
from modelcensus.web.providers import routes as providers
from modelcensus.web.record import routes as record
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.sources import routes as sources
from modelcensus.web.trends import routes as trends
from modelcensus.web.visitors import signing

_ROOMS = (home, catalog, model, compare, providers, changes, trends, sources, record, docs, signing, admin)
KEPT: tuple[str, ...] = ("/models", "/models.csv")
"""Paths, with all below them, whose pages hang on edition and tier alone: they are kept ready for who has not signed
in."""


def routes(context: Context, pages: Pages) -> APIRouter:
    """Every page."""
    router = APIRouter(include_in_schema=False)
    for room in _ROOMS:
        join(router, room.routes(context, pages))
    return router


def refused(pages: Pages, request: Request, error: Exception, status: int, title: str, hint: str) -> Response:
    """What is answered where a page cannot be made: a page that says why and what to do, or the way to sign in."""
    if isinstance(error, Unauthenticated) and request.method in ("GET", "HEAD"):
        return signing.to_login(request)
    return pages.fault(status, title, hint, lost=isinstance(error, StoreError))
