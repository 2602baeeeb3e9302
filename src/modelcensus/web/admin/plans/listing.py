"""``/admin/plans``: every plan, newest first."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Request, Response

from modelcensus.core.catalog.model import Plan, StepKind
from modelcensus.operations.catalog import applying
from modelcensus.serving import cursors
from modelcensus.serving.context import Context
from modelcensus.store.catalog.plans import PlanState, StoredPlan
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Viewer

_PAGE = 20
TONES = {PlanState.OPEN: "warn", PlanState.APPLIED: "good", PlanState.REJECTED: "bad", PlanState.STALE: "quiet"}


class Row(msgspec.Struct, frozen=True):
    """A plan in the list: its steps by kind, and how much of it is held."""

    stored: StoredPlan
    counts: dict[str, int]
    held: int


class _Place(msgspec.Struct, frozen=True, array_like=True):
    proposed_at: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


def rows(found: list[StoredPlan]) -> list[Row]:
    """Plans as the list shows them."""
    return [Row(each, _kinds(each.plan), _held(each)) for each in found]


def _kinds(plan: Plan) -> dict[str, int]:
    kinds = [step.kind for step in plan.steps]
    return {kind.value: count for kind in StepKind if (count := kinds.count(kind))}


def _held(stored: StoredPlan) -> int:
    return len(applying.still_held(stored.plan, stored.taken.released if stored.taken else None))


def _after(last: StoredPlan) -> str:
    return cursors.packed(_Place(last.proposed_at, last.plan.digest))


def routes(context: Context, pages: Pages) -> APIRouter:
    """This path."""
    router = APIRouter(include_in_schema=False)
    store = context.census.store

    @router.get("/admin/plans")
    def get_plans(request: Request, visitor: Viewer, state: str = "", after: str = "") -> Response:
        wanted = PlanState(state) if state in set(PlanState) else None
        place = cursors.unpacked(after, _Place) if after else None
        found = applying.stored_plans(
            store, state=wanted, after=(place.proposed_at, place.digest) if place else None, limit=_PAGE + 1
        )
        some = found[:_PAGE]
        following = _after(some[-1]) if len(found) > _PAGE else ""
        return pages.page(
            request, visitor, "admin/plans/plans.html", plans=rows(some), state=wanted, states=tuple(PlanState),
            tones=TONES, after=after, following=following,
        )  # fmt: skip

    return router
