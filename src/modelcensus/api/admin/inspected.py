"""What upstream sends, looked at: sources, drift, quality, quarantine, what gives no listing."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.admin.asked import Limit, Source
from modelcensus.api.answering import answer
from modelcensus.api.parameters import MaybeWhen
from modelcensus.api.schemas import many, one
from modelcensus.core.drift import DriftEvent
from modelcensus.core.records import Quarantined, SourceState, SyncRecord
from modelcensus.core.times import parse_time
from modelcensus.operations import browse, inspect
from modelcensus.operations.catalog import translating
from modelcensus.operations.inspect import Quality
from modelcensus.serving.context import Context
from modelcensus.store.catalog.listings import Refused

_RECENT = 5


class SourceStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A source, whether all it says waits for a person (``review``), and its latest syncs with their errors."""

    state: SourceState
    review: bool
    recent: tuple[SyncRecord, ...]


RECORDS: tuple[type[msgspec.Struct], ...] = (SourceStanding, DriftEvent, Quality, Quarantined, Refused)
"""What these paths answer with, for /openapi.json."""

_Sync = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only of this sync.")]


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    _add_sources(router, context)
    _add_inspections(router, context)
    return router


def _add_sources(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.get("/sources", summary="Configured sources, how each stands, its latest syncs", **many("SourceStanding"))
    def get_sources(request: Request) -> Response:
        policy = census.catalog.review
        found = [
            SourceStanding(
                state=state,
                review=policy.reviews(state.name),
                recent=tuple(browse.syncs(census.store, source=state.name, limit=_RECENT)),
            )
            for state in browse.sources(census)
        ]
        return answer(request, {"data": found})

    @router.get(
        "/refused", summary="Live models that give no listing: left out by a filter, or not usable", **many("Refused")
    )
    def get_refused(request: Request, source: Source = None, limit: Limit = 100) -> Response:
        return answer(request, {"data": translating.refused(census.store, source=source, limit=limit)})


def _add_inspections(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.get("/drift", summary="New, missing and retyped fields and values, newest first", **many("DriftEvent"))
    def get_drift(request: Request, source: Source = None, since: MaybeWhen = None, limit: Limit = 100) -> Response:
        moment = parse_time(since, census.now()) if since is not None else None
        found = inspect.drift_events(census.store, source=source, since=moment, limit=limit)
        return answer(request, {"data": found})

    @router.get("/quality", summary="How good each catalog is, and the worst findings", **one("Quality"))
    def get_quality(request: Request, source: Source = None, limit: Limit = 100) -> Response:
        return answer(request, inspect.quality_of(census.store, source=source, limit=limit))

    @router.get("/quarantine", summary="What could not be understood, newest first", **many("Quarantined"))
    def get_quarantine(request: Request, source: Source = None, sync: _Sync = None, limit: Limit = 100) -> Response:
        found = browse.quarantine_list(census.store, source=source, sync_id=sync, limit=limit)
        return answer(request, {"data": found})
