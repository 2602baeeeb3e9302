"""The front put together, and ``/metrics``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Response
from starlette.types import ASGIApp

from modelcensus.api.answering import only_known_parameters
from modelcensus.api.front.entries import Entries
from modelcensus.api.front.front import Front
from modelcensus.api.front.metrics import MEDIA_TYPE, Metrics
from modelcensus.api.front.prefixes import Public
from modelcensus.api.front.ready import Ready
from modelcensus.api.front.shared import Shared
from modelcensus.api.front.stamps import Stamps
from modelcensus.api.schemas import PROBLEMS
from modelcensus.core.errors import StoreError
from modelcensus.feeds.registry import FEEDS
from modelcensus.operations import numbers
from modelcensus.operations.keeping import keeper_of
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Viewer
from modelcensus.store.watch import Watch

RECORDS: tuple[type[msgspec.Struct], ...] = ()
_KEPT = ("/api/models", "/api/changes", "/api/providers", "/v1/models", "/api/v1/models")
"""Paths, with all below them, whose answers hang on edition and tier alone; feeds are added."""
_PUBLIC = (*_KEPT, "/api/resolve", "/api/price", "/api/stats", "/api/syncs/last", "/api/feeds")
"""Paths that a token or time in the path may lead to; feeds are added."""


def metrics_of(context: Context, entries: Entries) -> Metrics:
    """The numbers of a server on a census."""

    def gauges() -> Iterator[tuple[str, str, float]]:
        yield "ready_answers_held", "Answers in memory", len(entries)
        yield "ready_answers_bytes", "Bytes of memory that answers may take", entries.size
        try:
            found = numbers.numbers(context.census.store)
        except StoreError:
            yield "database_up", "Whether the database answers", 0
            return
        yield "database_up", "Whether the database answers", 1
        yield "revision", "The catalog's revision", found.revision
        yield "models", "Active models of the catalog", found.models
        yield "plans_open", "Plans that wait for a decision", found.plans_open
        yield "feed_refusals", "Feeds that their consumers would refuse", found.feed_refusals
        if found.observed_at is not None:
            age = (context.census.clock() - found.observed_at) / 1_000_000
            yield "data_age_seconds", "Seconds since an upstream was last read", age

    def syncs() -> dict[str, int]:
        try:
            return numbers.numbers(context.census.store).syncs
        except StoreError:
            return {}

    return Metrics(gauges, syncs)


def front_of(app: ASGIApp, context: Context, entries: Entries, metrics: Metrics, pages: tuple[str, ...] = ()) -> Front:
    """The front of an application; ``pages`` are paths of pages to keep ready. Raises ``SettingsError``."""
    store, settings = context.census.store, context.settings
    stamps = Stamps(Watch(store), context.census.clock)
    shared = Shared(keeper_of(settings.cache), store, settings)
    ready = Ready(app, context.shelf, stamps, entries, shared, context.census.clock)
    feeds = tuple(path for feed in FEEDS.values() for path in feed.paths)
    return Front(app, context, ready, Public(_PUBLIC, feeds), Public((*_KEPT, *pages), feeds), metrics)


def routes(metrics: Metrics) -> APIRouter:
    """``/metrics``, for whoever may see administration: a proxy on this machine would make an open one public."""
    router = APIRouter(dependencies=[Depends(only_known_parameters)], tags=["health"])
    shown: dict[int | str, dict[str, Any]] = {
        200: {"description": "OK", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
        **{status: PROBLEMS[status] for status in (400, 401, 403, 503)},
    }

    @router.get("/metrics", summary="Numbers for Prometheus", response_class=Response, responses=shown)
    def get_metrics(caller: Viewer) -> Response:  # noqa: ARG001  # asked for to refuse others
        return Response(metrics.text(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    return router
