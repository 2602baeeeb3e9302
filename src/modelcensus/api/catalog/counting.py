"""The catalog summed up: providers and labs, counts, the last sync."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.answering import answer
from modelcensus.api.schemas import one
from modelcensus.core.catalog.answers import CensusStats, Providers
from modelcensus.core.errors import NotFound
from modelcensus.operations import browse
from modelcensus.operations.catalog.counting import providers, stats
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.guard import Anyone

RECORDS: tuple[type[msgspec.Struct], ...] = (CensusStats, Providers)
"""What these paths answer with, for /openapi.json."""
OneSource = Annotated[str | None, Query(max_length=200, description="Only of this source.")]


def add(router: APIRouter, public: PublicCatalog) -> None:
    """These paths."""

    @router.get("/providers", summary="Providers and labs, with counts and lowest prices", **one("Providers"))
    def get_providers(request: Request, caller: Anyone) -> Response:
        return answer(request, providers(public.edition(caller.tier)))

    @router.get("/stats", summary="The census and its catalog counted", **one("CensusStats"))
    def get_stats(request: Request, caller: Anyone) -> Response:
        return answer(request, stats(public, caller.tier))

    @router.get("/syncs/last", summary="The sync that was recorded last", **one("SyncRecord"))
    def get_last_sync(request: Request, _: Anyone, source: OneSource = None) -> Response:
        found = browse.syncs(public.census.store, source=source, limit=1)
        if not found:
            of = f" of a source '{source[:80]}'" if source else ""
            raise NotFound(f"there has been no sync{of}", "see the sources: /api/sources")
        return answer(request, found[0])
