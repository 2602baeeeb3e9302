"""Plans and revisions: compute, look, apply by digest, reject, go back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.admin.asked import (
    NEXT,
    NEXT_NUMBER,
    After,
    AfterNumber,
    Digest,
    Limit,
    Name,
    Number,
    Reason,
    may_be_stale,
)
from modelcensus.api.answering import answer, page
from modelcensus.api.bodies import body, takes
from modelcensus.api.schemas import many, one, one_of
from modelcensus.core.catalog.model import Hold, ModelSyncDiff, ModelUpdate, Plan, Published, StepKind
from modelcensus.operations.catalog import applying, catalog, parting
from modelcensus.operations.catalog.parting import Difference
from modelcensus.serving import cursors
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Curator
from modelcensus.store.catalog.plans import PlanState, StoredPlan, Taken
from modelcensus.store.catalog.revisions import Revision


class PlanSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A plan at a glance: how many steps of each kind it has, how much is held, and what became of it."""

    digest: str
    base_revision: int
    note: str
    state: PlanState
    steps: dict[str, int]
    held: int
    proposed_by: str
    proposed_at: int
    decided_by: str | None
    decided_at: int | None
    reason: str | None
    revision: int | None
    taken: Taken | None


class PlanDiff(ModelSyncDiff, frozen=True, kw_only=True):
    """A plan as ``ModelSyncDiff``: what applying it would do (or did), without what is ``held``, by name.

    ``digest`` is what an apply is to name.
    """

    digest: str
    base_revision: int
    held: dict[str, Hold]


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """The revision that an apply made, and what stayed held, by name."""

    revision: Revision
    held: dict[str, Hold]


class PlanWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan to compute. ``reopen``: the very plan that was rejected is to be decided again."""

    note: Annotated[str, msgspec.Meta(max_length=200)] = ""
    reopen: bool = False


class Application(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of a plan to take: ``only`` these models' steps, and what to let through though it is held.

    ``release`` gives a reason for each: a model's id for its whole step, ``id#path`` for one field. ``reviewed`` is the
    reason to let through all that only waits for a person to look at it.
    """

    only: Annotated[list[Name], msgspec.Meta(min_length=1)] | None = None
    release: dict[Name, Reason] = {}
    reviewed: Reason | None = None

    def released(self, plan: Plan) -> dict[str, str]:
        """What is let through, each with its reason."""
        waiting = applying.awaiting_review(plan, self.only) if self.reviewed else ()
        return dict.fromkeys(waiting, self.reviewed or "") | self.release


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


RECORDS: tuple[type[msgspec.Struct], ...] = (
    Plan, StoredPlan, PlanSummary, PlanDiff, ModelUpdate, Published, Revision, Applied, PlanWanted, Application,
    Because,
)  # fmt: skip
"""What these paths take and answer with, for /openapi.json."""

_Wanted = Annotated[PlanWanted, body(PlanWanted, may_be_empty=True)]
_Application = Annotated[Application, body(Application, may_be_empty=True)]
_Because = Annotated[Because, body(Because)]
_State = Annotated[Literal["open", "applied", "rejected", "stale"] | None, Query(description="Only these.")]
_Shape = Annotated[Literal["plan", "diff"], Query(description="`diff` is the older shape: new, updated, archived.")]
_Plans = Annotated[int, Query(ge=1, le=200, description="At most this many.")]


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """The last plan of a page."""

    proposed_at: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    _add_looking(router, context)
    _add_deciding(router, context)
    _add_revisions(router, context)
    return router


def diff_of(found: Difference) -> PlanDiff:
    """A plan and its effect in the older shape."""
    plan, diff = found.plan, found.diff
    return PlanDiff(
        digest=plan.digest, base_revision=plan.base_revision, held=applying.still_held(plan),
        new_models=diff.new_models, updated_models=diff.updated_models, archived_models=diff.archived_models,
    )  # fmt: skip


def _add_looking(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.get("/plans", summary="Plans, newest first, in pages", **many("PlanSummary", next=NEXT))
    def get_plans(request: Request, state: _State = None, after: After = None, limit: _Plans = 50) -> Response:
        place = cursors.unpacked(after, _Place) if after else None
        found = applying.stored_plans(
            census.store, state=PlanState(state) if state else None,
            after=(place.proposed_at, place.digest) if place else None, limit=limit + 1,
        )  # fmt: skip
        told = [_summary(each) for each in found]
        return page(request, told, limit, lambda last: _Place(last.proposed_at, last.digest))

    @router.get(
        "/plans/{digest}",
        summary="A plan: its steps, what is held and why, who decided; or its effect",
        **one_of("StoredPlan", "PlanDiff"),
    )
    def get_plan(request: Request, digest: Digest, shape: _Shape = "plan") -> Response:
        found = applying.stored_plan(census.store, digest)
        if shape == "diff":
            return answer(request, diff_of(parting.difference(census.store, found.plan)))
        return answer(request, found)


def _add_deciding(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.post(
        "/plans",
        summary="Compute what the catalog would become, and keep that as a plan to decide on",
        **takes(PlanWanted, may_be_stale(one("Plan")), may_be_empty=True),
    )
    def post_plan(request: Request, caller: Curator, wanted: _Wanted) -> Response:
        now = census.clock()
        catalog.refresh(census, now=now)
        plan = catalog.current_plan(census, now=now, note=wanted.note, actor=caller.name, reopen=wanted.reopen)
        return answer(request, plan)

    @router.post(
        "/plans/{digest}/apply",
        summary="Apply exactly this plan, but for what is held: one transaction, one revision",
        **takes(Application, may_be_stale(one("Applied")), may_be_empty=True),
    )
    def post_apply(request: Request, caller: Curator, digest: Digest, wanted: _Application) -> Response:
        plan = applying.stored_plan(census.store, digest).plan
        released = wanted.released(plan)
        revision = applying.apply(census.store, plan.digest, caller.name, census.clock(), wanted.only, released)
        return answer(request, applied(plan, revision, wanted))

    @router.post(
        "/plans/{digest}/reject",
        summary="Say no to a plan, for a reason",
        **takes(Because, may_be_stale(one("StoredPlan"))),
    )
    def post_reject(request: Request, caller: Curator, digest: Digest, why: _Because) -> Response:
        applying.reject(census.store, digest, caller.name, why.reason, census.clock())
        return answer(request, applying.stored_plan(census.store, digest))


def _add_revisions(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.get("/revisions", summary="What was applied, newest first", **many("Revision", next=NEXT_NUMBER))
    def get_revisions(request: Request, after: AfterNumber = None, limit: Limit = 100) -> Response:
        found = applying.revision_log(census.store, before=after, limit=limit + 1)
        more = found[limit - 1].number if len(found) > limit else None
        return answer(request, {"data": found[:limit], "next": more})

    @router.post(
        "/revisions/{number}/rollback",
        summary="Propose the plan that brings an earlier revision back; it is applied as any other",
        **takes(Because, one("Plan")),
    )
    def post_rollback(request: Request, caller: Curator, number: Number, why: _Because) -> Response:
        return answer(request, applying.rollback(census.store, number, caller.name, why.reason, census.clock()))


def applied(plan: Plan, revision: Revision, wanted: Application) -> Applied:
    """What an apply did, and what it left."""
    return Applied(revision=revision, held=applying.still_held(plan, wanted.released(plan), wanted.only))


def _summary(stored: StoredPlan) -> PlanSummary:
    plan = stored.plan
    kept: dict[str, Any] = {
        name: getattr(stored, name)
        for name in ("state", "proposed_by", "proposed_at", "decided_by", "decided_at", "reason", "revision", "taken")
    }
    return PlanSummary(
        digest=plan.digest,
        base_revision=plan.base_revision,
        note=plan.note,
        steps={kind.value: sum(step.kind is kind for step in plan.steps) for kind in StepKind},
        held=len(applying.still_held(plan)),
        **kept,
    )
