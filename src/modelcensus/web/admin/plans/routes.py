"""Plans and revisions: compute, review as a diff, apply some or all, reject, undo."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from modelcensus.core.errors import CensusError, InvalidInput, StalePlan
from modelcensus.operations.catalog import applying, catalog
from modelcensus.serving.context import Context
from modelcensus.serving.joining import join
from modelcensus.store.catalog.plans import StoredPlan
from modelcensus.store.catalog.revisions import Revision
from modelcensus.web.admin.plans import listing, revisions
from modelcensus.web.admin.plans.decisions import Decision, Typed, decision
from modelcensus.web.admin.plans.review import GROUPS, Wanted, review
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.forms import Form, Posted, onward
from modelcensus.web.visitors.visitor import Curator, Viewer, Visitor

_MOST_PAGES = 10_000


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    # Revisions before plans: a plan's own path takes what follows it.
    join(router, revisions.routes(context, pages))
    join(router, listing.routes(context, pages))
    _add_review(router, context, pages)
    _add_deciding(router, context, pages)
    return router


def _add_review(router: APIRouter, context: Context, pages: Pages) -> None:
    store = context.census.store

    @router.get("/admin/plans/{digest}")
    def get_plan(
        request: Request, visitor: Viewer, digest: str, q: str = "", group: str = "", lab: str = "", page: str = "1"
    ) -> Response:
        stored = applying.stored_plan(store, digest)
        return _page(pages, request, visitor, stored, _wanted(q, group, lab, page), Typed())


def _add_deciding(router: APIRouter, context: Context, pages: Pages) -> None:
    census = context.census

    @router.post("/admin/plans")
    def post_plan(visitor: Curator, form: Posted) -> Response:
        now, who = census.clock(), visitor.caller.name
        catalog.refresh(census, now=now)
        plan = catalog.current_plan(census, now=now, note=form.one("note")[:200], actor=who, reopen=True)
        if not plan.steps:
            return onward("/admin/plans", "Nothing would change: the catalog is what the sources say.")
        return onward(f"/admin/plans/{plan.digest}")

    @router.post("/admin/plans/{digest}/apply")
    def post_apply(request: Request, visitor: Curator, form: Posted, digest: str) -> Response:
        stored = applying.stored_plan(census.store, digest)
        wanted = _wanted(form.one("q"), form.one("group"), form.one("lab"), form.one("page"))
        try:
            made = decision(form, stored.plan, wanted)
            revision = applying.apply(
                census.store, stored.plan.digest, visitor.caller.name, census.clock(), made.only, made.released
            )
        except InvalidInput as error:
            return _again(request, visitor, digest, wanted, form, error)
        return onward(f"/admin/plans/{stored.plan.digest}", _told(stored, made, revision))

    @router.post("/admin/plans/{digest}/reject")
    def post_reject(request: Request, visitor: Curator, form: Posted, digest: str) -> Response:
        try:
            applying.reject(census.store, digest, visitor.caller.name, form.one("no"), census.clock())
        except InvalidInput as error:
            return _again(request, visitor, digest, Wanted(), form, error)
        return onward(f"/admin/plans/{digest}", "Rejected. The same plan is not proposed again by a sync.", "warn")

    def _again(
        request: Request, visitor: Visitor, digest: str, wanted: Wanted, form: Form, error: InvalidInput
    ) -> Response:
        status = 409 if isinstance(error, StalePlan) else 400
        stored = applying.stored_plan(census.store, digest)
        return _page(pages, request, visitor, stored, wanted, Typed(form), error, status)


def _page(
    pages: Pages, request: Request, visitor: Visitor, stored: StoredPlan, wanted: Wanted, typed: Typed,
    error: CensusError | None = None, status: int = 200,
) -> Response:  # fmt: skip
    shown = review(stored, wanted)
    held = applying.still_held(stored.plan, stored.taken.released if stored.taken else None)
    return pages.page(
        request, visitor, "admin/plans/plan.html", status=status, review=shown, plan=stored.plan, stored=stored,
        typed=typed, error=error, held=held, awaiting=len(applying.awaiting_review(stored.plan)),
        moved=error.moved[:12] if isinstance(error, StalePlan) else (),
    )  # fmt: skip


def _wanted(text: str, group: str, lab: str, page: str) -> Wanted:
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    return Wanted(
        text=text.strip()[:200], group=group if group in GROUPS else "", lab=lab[:200],
        page=min(max(number, 1), _MOST_PAGES),
    )  # fmt: skip


def _told(stored: StoredPlan, made: Decision, revision: Revision) -> str:
    left = applying.still_held(stored.plan, made.released, made.only)
    models = f"{revision.models:,} model{'' if revision.models == 1 else 's'}"
    stays = f" {len(left):,} held back, as before." if left else ""
    return f"Applied as revision {revision.number}: {models} published.{stays}"
