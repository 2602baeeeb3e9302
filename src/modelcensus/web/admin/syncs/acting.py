"""Start a sync, and stop one: administrators only."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import InvalidInput, NotFound, NotNow
from modelcensus.core.run import Trigger
from modelcensus.operations.working import stopping
from modelcensus.serving.context import Context
from modelcensus.web.admin.syncs import front
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.shown import brief
from modelcensus.web.visitors.forms import Posted, onward
from modelcensus.web.visitors.visitor import Admin


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.post("/admin/syncs")
    def post_sync(request: Request, visitor: Admin, form: Posted) -> Response:
        chosen = tuple(form.many("source"))
        try:
            # Of all sources those that can be synced now will do; of chosen ones each is wanted.
            claim = context.runs.begin(
                chosen or None, trigger=Trigger.HTTP, actor=visitor.caller.name, partly=not chosen
            )
        except (NotNow, NotFound, InvalidInput) as error:
            refused = front.refusal(error, census.clock())
            return front.page(context, pages, request, visitor, refused=refused, chosen=chosen)
        left = ", ".join(brief(name, 40) for name in claim.refused)
        told = f"Left out, for they are being synced or were a moment ago: {left}." if left else "The sync has begun."
        return onward(f"/admin/syncs/{claim.run.id}", told, "warn" if left else "good")

    @router.post("/admin/syncs/{run}/cancel")
    def post_cancel(visitor: Admin, form: Posted, run: str) -> Response:  # noqa: ARG001  # its proof is checked
        try:
            found = stopping.stop(census, context.runs, run, visitor.caller.name)
        except InvalidInput as error:
            return onward(f"/admin/syncs/{context.runs.find(run).id}", str(error), "warn")
        told = "It is told to stop, and does so at the next moment at which it can. What it has recorded stays."
        return onward(f"/admin/syncs/{found.id}", told, "warn")

    return router
