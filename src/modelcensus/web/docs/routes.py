"""``/docs`` and ``/help``: the API, and the words and keys of the census."""

from __future__ import annotations

from functools import lru_cache

from fastapi import APIRouter, FastAPI, Request, Response

from modelcensus.serving.context import Context
from modelcensus.web.docs.described import Described, described
from modelcensus.web.docs.words import KEYS, WORDS
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Anyone


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    public = (context.settings.api.public_url or "").rstrip("/")

    @lru_cache(maxsize=8)
    def told(app: FastAPI, address: str) -> Described:
        return described(app.openapi(), address)

    @router.get("/docs")
    def get_docs(request: Request, visitor: Anyone) -> Response:
        address = public or f"{request.url.scheme}://{request.url.netloc[:300]}"
        return pages.page(request, visitor, "docs/docs.html", found=told(request.app, address), address=address)

    @router.get("/help")
    def get_help(request: Request, visitor: Anyone) -> Response:
        return pages.page(request, visitor, "docs/help.html", words=WORDS, keys=KEYS)

    return router
