"""``GET /api/trends/...``: risers, price indices, new and retired models."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.schemas import one
from modelcensus.core.access import Caller
from modelcensus.core.trends import By, Measure, Metric, ModelTrend, PriceTrend, Risers
from modelcensus.operations.trends.moving import MAX_MONTHS, Sees, sees_of
from modelcensus.operations.trends.rising import rising
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Anyone

RECORDS: tuple[type[msgspec.Struct], ...] = (Risers, PriceTrend, ModelTrend)
"""What these paths answer with, for /openapi.json."""
Months = Annotated[int, Query(ge=1, le=MAX_MONTHS, description="So many, the current one included.")]
Days = Annotated[int, Query(ge=1, le=3650, description="Since so many days ago.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]
Provider = Annotated[str | None, Query(min_length=1, max_length=200, description="Only models of it.")]
Only = Annotated[str | None, Query(min_length=1, max_length=200, description="Only this provider or capability.")]


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter(prefix="/api/trends", dependencies=[Depends(only_known_parameters)], tags=["trends"])
    moving = context.moving

    def sees(caller: Caller) -> Sees:
        """Which models the caller's tier sees today."""
        return sees_of(context.shelf.seen(caller.tier))

    @router.get("/risers", summary="Models whose downloads or likes rise fastest", **one("Risers"))
    def get_risers(
        request: Request, caller: Anyone, metric: Metric = Metric.DOWNLOADS, days: Days = 30,
        provider: Provider = None, sort: Measure = Measure.GROWTH, limit: Limit = 20,
    ) -> Response:  # fmt: skip
        found = rising(
            context.census, metric=metric, days=days, provider=provider, measure=sort, limit=limit, sees=sees(caller)
        )
        return answer(request, found)

    @router.get("/prices", summary="Price indices by provider or capability, month by month", **one("PriceTrend"))
    def get_prices(
        request: Request, caller: Anyone, by: By = By.PROVIDER, only: Only = None, months: Months = 12,
        limit: Limit = 100,
    ) -> Response:  # fmt: skip
        return answer(request, moving.prices(by, months, only=only, limit=limit, sees=sees(caller)))

    @router.get("/models", summary="New and retired models, month by month", **one("ModelTrend"))
    def get_trend_of_models(request: Request, caller: Anyone, months: Months = 12) -> Response:
        return answer(request, moving.models(months, sees=sees(caller)))

    return router
