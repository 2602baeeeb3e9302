"""Overrides of one model: set a field to a value, for a reason, until a time; and take one away."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.catalog.curated import as_written
from modelcensus.core.errors import InvalidInput
from modelcensus.core.token import end_of
from modelcensus.operations.catalog import overriding
from modelcensus.serving.context import Context
from modelcensus.web.admin.models.one import address, model_page
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.shown import brief
from modelcensus.web.visitors.forms import Posted, onward
from modelcensus.web.visitors.visitor import Curator

_TYPED = ("field", "value", "reason", "until", "owner")


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.post("/admin/models/override")
    def post_override(request: Request, visitor: Curator, form: Posted) -> Response:
        model_id = form.must("id", "the model's id")
        typed = {name: form.one(name) for name in _TYPED}
        try:
            ends = end_of(typed["until"], census.now()) if typed["until"] else None
            done = overriding.set_override(
                census.store, model_id, typed["field"], as_written(typed["field"], typed["value"]),
                actor=visitor.caller.name, reason=typed["reason"], now=census.clock(), owner=typed["owner"] or None,
                expires_at=ends,
            )  # fmt: skip
        except InvalidInput as error:
            return model_page(
                context, pages, request, visitor, model_id, status=400, setting=typed, refused=error
            )  # fmt: skip
        return onward(f"{address(model_id)}#overrides", f"{brief(done.path)} is what you said, from now on.")

    @router.post("/admin/models/override/clear")
    def post_clear(visitor: Curator, form: Posted) -> Response:
        model_id, path = form.must("id", "the model's id"), form.must("field", "the field")
        reason = form.must("reason", "the reason")
        done = overriding.clear_override(
            census.store, model_id, path, actor=visitor.caller.name, reason=reason, now=census.clock()
        )
        return onward(f"{address(model_id)}#overrides", f"{brief(done.path)} is what sources say again.")

    return router
