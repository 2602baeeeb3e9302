"""``/admin/plans/revisions``: what was applied, and the way back."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import InvalidInput
from modelcensus.operations.catalog import applying
from modelcensus.serving.context import Context
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.forms import Posted, onward
from modelcensus.web.visitors.visitor import Curator, Viewer, Visitor

_PAGE = 50
_MOST = 2**31 - 1


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    def shown(
        request: Request, visitor: Visitor, before: int | None, *, error: InvalidInput | None = None, at: int = 0
    ) -> Response:
        found = applying.revision_log(census.store, before=before, limit=_PAGE + 1)
        some = found[:_PAGE]
        return pages.page(
            request, visitor, "admin/plans/revisions.html", status=400 if error else 200, revisions=some,
            head=some[0].number if some and before is None else 0, error=error, wrong=at,
            following=some[-1].number if len(found) > _PAGE else 0,
        )  # fmt: skip

    @router.get("/admin/plans/revisions")
    def get_revisions(request: Request, visitor: Viewer, before: str = "") -> Response:
        return shown(request, visitor, _number(before))

    @router.post("/admin/plans/revisions/{number}/rollback")
    def post_rollback(request: Request, visitor: Curator, form: Posted, number: str) -> Response:
        to = _number(number) or 0
        try:
            plan = applying.rollback(census.store, to, visitor.caller.name, form.one("reason"), census.clock())
        except InvalidInput as error:
            return shown(request, visitor, None, error=error, at=to)
        told = f"This plan brings revision {to} back. Review it, then apply it: nothing has changed yet."
        return onward(f"/admin/plans/{plan.digest}", told, "warn")

    return router


def _number(text: str) -> int | None:
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None
    return found if found is not None and found <= _MOST else None
