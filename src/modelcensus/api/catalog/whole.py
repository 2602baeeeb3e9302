"""One model: all about it, its history, its prices over time, and who may use it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.answering import answer
from modelcensus.api.catalog.asked import AfterEvent, BeforeEvent, Limit, ModelId, moment
from modelcensus.api.parameters import MaybeWhen
from modelcensus.api.schemas import many, one
from modelcensus.core.access import Caller, Role
from modelcensus.core.catalog.answers import Access, ModelDetail
from modelcensus.core.catalog.model import Tier
from modelcensus.core.catalog.record import PricePoint
from modelcensus.core.errors import Forbidden
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.guard import Anyone

RECORDS: tuple[type[msgspec.Struct], ...] = (Access, ModelDetail, PricePoint)
"""What these paths answer with, for /openapi.json."""
AskedTier = Annotated[
    Tier | None, Query(description="For callers of this tier, instead of whoever asks; not above their own.")
]


def add(router: APIRouter, public: PublicCatalog) -> None:
    """These paths: what follows an id goes before the id alone, which takes everything."""

    @router.get("/models/{model_id:path}/access", summary="Whether the caller may use a model", **one("Access"))
    def get_access(request: Request, caller: Anyone, model_id: ModelId, tier: AskedTier = None) -> Response:
        return answer(request, public.may_use(_asked(caller, tier), model_id))

    @router.get("/models/{model_id:path}/history", summary="What happened to a model", **one("Changes"))
    def get_model_history(
        request: Request, caller: Anyone, model_id: ModelId, after: AfterEvent = None, before: BeforeEvent = None,
        limit: Limit = 100,
    ) -> Response:  # fmt: skip
        public.find(caller.tier, model_id)
        return answer(request, public.changes(caller.tier, after=after, before=before, limit=limit, model=model_id))

    @router.get("/models/{model_id:path}/prices", summary="A model's prices over time", **many("PricePoint"))
    def get_model_prices(request: Request, caller: Anyone, model_id: ModelId, as_of: MaybeWhen = None) -> Response:
        return answer(request, {"data": public.model(caller.tier, model_id, moment(public, as_of)).prices})

    @router.get("/models/{model_id:path}", summary="All about one model", **one("ModelDetail"))
    def get_model(request: Request, caller: Anyone, model_id: ModelId, as_of: MaybeWhen = None) -> Response:
        return answer(request, public.model(caller.tier, model_id, moment(public, as_of)))


def _asked(caller: Caller, tier: Tier | None) -> Tier:
    """The tier that is meant. Raises ``Forbidden``: what a higher tier sees would tell that it is there."""
    order = list(Tier)
    if tier is None or order.index(tier) <= order.index(caller.tier) or caller.role.reaches(Role.VIEWER):
        return tier or caller.tier
    raise Forbidden(f"a caller of the tier {caller.tier} may not ask for {tier}", "ask for your own tier, or below it")
