"""``GET /api/changes``: what revisions did to models, by cursor."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.answering import answer
from modelcensus.api.catalog.asked import AfterEvent, BeforeEvent, Limit, moment
from modelcensus.api.parameters import MaybeWhen
from modelcensus.api.schemas import one
from modelcensus.core.catalog.answers import Changes
from modelcensus.core.catalog.model import StepKind
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.guard import Anyone

RECORDS: tuple[type[msgspec.Struct], ...] = (Changes,)
"""What these paths answer with, for /openapi.json."""
_Name = Annotated[str | None, Query(max_length=500)]
FieldPath = Annotated[
    str | None, Query(max_length=200, description="Only where this field, or one of its group, moved.")
]


def add(router: APIRouter, public: PublicCatalog) -> None:
    """These paths."""

    @router.get(
        "/changes", summary="What changed in the catalog, newest first; after a cursor, oldest first", **one("Changes")
    )
    def get_catalog_changes(
        request: Request, caller: Anyone, after: AfterEvent = None, before: BeforeEvent = None,
        since: MaybeWhen = None, until: MaybeWhen = None, provider: _Name = None, model: _Name = None,
        field: FieldPath = None, kind: StepKind | None = None, limit: Limit = 100,
    ) -> Response:  # fmt: skip
        found = public.changes(
            caller.tier, after=after, before=before, since=moment(public, since), until=moment(public, until),
            provider=provider, model=model, field=field, kind=kind, limit=limit,
        )  # fmt: skip
        return answer(request, found)
