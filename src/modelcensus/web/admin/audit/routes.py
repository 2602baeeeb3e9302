"""The audit log: who did what, when and why; act by act, with what came before and after, and undo."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import CensusError, InvalidInput, NotFound
from modelcensus.core.times import parse_time
from modelcensus.operations.catalog import auditing, bulk, curating
from modelcensus.serving.context import Context
from modelcensus.web.admin.audit.told import told
from modelcensus.web.admin.models.bulk import told as outcome
from modelcensus.web.rendering.leaves import leaf
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.queries import query_of
from modelcensus.web.visitors.forms import Posted, local_path, onward
from modelcensus.web.visitors.visitor import Curator, Viewer

_PER_PAGE = 50
_ENTRIES = 100
ACTS = (
    "edit", "undo", "rule", "override", "clear override", "link", "unlink", "apply", "release", "reject", "reopen",
    "rollback", "create token", "revoke token",
)  # fmt: skip
"""The acts that a person looks for."""


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.get("/admin/audit")
    def get_audit(request: Request, visitor: Viewer) -> Response:
        query = query_of(request)
        since = query.text("since")
        found = auditing.acts(
            census.store, target=query.text("target") or None, actor=query.text("actor") or None,
            act=query.text("act") or None, since=parse_time(since, census.now()) if since else None,
            revision=query.number("revision"), before_id=query.number("before"), limit=_PER_PAGE + 1,
        )  # fmt: skip
        shown = found[:_PER_PAGE]
        return pages.page(
            request, visitor, "admin/audit/list.html", query=query, names=ACTS,
            found=[(each, told(each.first)) for each in shown],
            next=shown[-1].first.id if len(found) > _PER_PAGE else None,
        )  # fmt: skip

    @router.get("/admin/audit/{audit_id}")
    def get_act(request: Request, visitor: Viewer, audit_id: int) -> Response:
        if not 0 < audit_id < 2**53:
            raise NotFound("the audit log has no such entry", "look through it from its newest act on")
        query, act = query_of(request), auditing.acted(census.store, audit_id)
        page = leaf([told(each) for each in act.entries], query, _ENTRIES)
        return pages.page(request, visitor, "admin/audit/act.html", act=act, leaf=page, query=query)

    @router.post("/admin/audit/undo")
    def post_undo(visitor: Curator, form: Posted) -> Response:
        """Undo one entry, or with ``whole`` the act that it belongs to; a refusal is told where it was asked for."""
        number, back = form.one("audit_id"), local_path(form.one("back"), "/admin/audit")
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise InvalidInput("it is not said what to undo", "choose it in the audit log")
        actor, now = visitor.caller.name, census.clock()
        try:
            if form.one("whole") != "yes":
                done = curating.undo(census.store, int(number), actor, now)
                return onward(back, f"Undone: {done.model_id[:200]} is as it was.")
            whole = bulk.undo_act(census.store, int(number), actor, now)
        except CensusError as error:
            return onward(back, f"Not undone: {error.message}; {error.hint}.", "bad")
        return onward(back, outcome(whole, "undone"), "warn" if whole.refused else "good")

    return router
