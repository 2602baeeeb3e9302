"""The audit log: who did what to which thing, when, and why."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.admin.asked import NEXT_NUMBER, STORABLE, AfterNumber, Limit
from modelcensus.api.answering import answer
from modelcensus.api.parameters import MaybeWhen
from modelcensus.api.schemas import many
from modelcensus.core.catalog.model import AuditEntry
from modelcensus.core.times import parse_time
from modelcensus.operations.catalog import applying
from modelcensus.serving.context import Context

RECORDS: tuple[type[msgspec.Struct], ...] = (AuditEntry,)
"""What these paths answer with, for /openapi.json."""

_Target = Annotated[
    str | None, Query(description="Only about this: a model's id, a plan's digest, `source/key` ...", **STORABLE)
]
_Actor = Annotated[str | None, Query(description="Only what this one did.", **STORABLE)]
_Act = Annotated[str | None, Query(description="Only this: `edit`, `apply`, `override` ...", **STORABLE)]
_Revision = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only what made this revision.")]


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    census = context.census

    @router.get("/audit", summary="Every act, newest first, in pages", **many("AuditEntry", next=NEXT_NUMBER))
    def get_audit(
        request: Request, target: _Target = None, actor: _Actor = None, act: _Act = None,
        since: MaybeWhen = None, revision: _Revision = None, after: AfterNumber = None, limit: Limit = 100,
    ) -> Response:  # fmt: skip
        moment = parse_time(since, census.now()) if since is not None else None
        found = applying.audit_log(
            census.store, target=target, actor=actor, act=act, since=moment, revision=revision, before_id=after,
            limit=limit + 1,
        )  # fmt: skip
        more = found[limit - 1].id if len(found) > limit else None
        return answer(request, {"data": found[:limit], "next": more})

    return router
