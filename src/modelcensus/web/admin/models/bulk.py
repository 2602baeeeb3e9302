"""Editing many models: first a page that says exactly what would change, then the act, which can be undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from modelcensus.core.catalog.curated import EDITABLE
from modelcensus.core.errors import InvalidInput, StalePlan
from modelcensus.operations.catalog import bulk, roster
from modelcensus.operations.catalog.curating import MOST_AT_ONCE, Edited
from modelcensus.serving.context import Context
from modelcensus.web.admin.models.asked import FLAGS, changes_of, order_of, wanted_of
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.queries import Query
from modelcensus.web.visitors.forms import Form, Posted, onward
from modelcensus.web.visitors.visitor import Curator, Visitor

LIST = "/admin/models"
_NAMED = 3


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One field that goes from one value to another, and of how many models."""

    name: str
    before: Any
    after: Any
    count: int


def turns(results: Sequence[Edited]) -> list[Turn]:
    """What an edit does, summed up: by field, the most common first."""
    counted: Counter[tuple[str, Any, Any]] = Counter()
    for each in results:
        counted.update(moved(each))
    return [Turn(name=name, before=was, after=is_, count=count) for (name, was, is_), count in counted.most_common()]


def moved(each: Edited) -> list[tuple[str, Any, Any]]:
    """The fields of one model that an edit changes: name, before, after."""
    pairs = [(name, getattr(each.before, name), getattr(each.after, name)) for name in EDITABLE]
    return [(name, was, is_) for name, was, is_ in pairs if was != is_]


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    def review_page(request: Request, visitor: Visitor, form: Form, note: str = "", status: int = 200) -> Response:
        changes = changes_of(form)
        ids = _ids(context, form)
        found = bulk.review(census.store, dict.fromkeys(ids, changes))
        return pages.page(
            request, visitor, "admin/models/review.html", status=status, found=found, turns=turns(found.changed),
            moved=moved, changes=changes, flags=FLAGS, scope=form.one("scope"), ids=form.many("id"),
            query=str(Query(form.one("query"))), reason=form.one("reason"), note=note,
        )  # fmt: skip

    @router.post("/admin/models/review")
    def post_review(request: Request, visitor: Curator, form: Posted) -> Response:
        return review_page(request, visitor, form)

    @router.post("/admin/models/apply")
    def post_apply(request: Request, visitor: Curator, form: Posted) -> Response:
        changes = dict.fromkeys(_ids(context, form), changes_of(form))
        actor, reason = visitor.caller.name, form.one("reason") or None
        try:
            done = bulk.carry_out(census.store, changes, form.one("digest"), actor, census.clock(), reason)
        except StalePlan as error:
            return review_page(request, visitor, form, f"{error.message}: {error.hint}", 409)
        except InvalidInput as error:
            return review_page(request, visitor, form, f"{error.message}: {error.hint}", 400)
        back = Query(form.one("query")).but(done=done.audit_id)
        return onward(f"{LIST}?{back}", told(done), "warn" if done.refused else "good")

    return router


def told(done: bulk.Done, verb: str = "changed") -> str:
    """What came of an edit of many, in words; who was refused is named."""
    said = f"{counted(done.changed)} {verb}."
    if not done.refused:
        return said
    named = "; ".join(f"{each.error.message[:120]}" for each in done.refused[:_NAMED] if each.error)
    rest = len(done.refused) - _NAMED
    return f"{said} Left as they were: {len(done.refused)}. {named}{f'; and {rest} more' if rest > 0 else ''}."


def counted(count: int) -> str:
    """So many models."""
    return f"{count:,} model{'' if count == 1 else 's'}"


def _ids(context: Context, form: Form) -> list[str]:
    """The models of a form: those that are ticked, or all that fit the list's filter. Raises ``InvalidInput``."""
    if form.one("scope") == "all":
        query, census = Query(form.one("query")), context.census
        found = roster.page(
            census.store, wanted_of(query), now=census.clock(), order=order_of(query), limit=MOST_AT_ONCE
        )
        ids = [row.id for row in found.rows]
    else:
        ids = list(dict.fromkeys(form.many("id")))
    if not ids:
        raise InvalidInput("no model is ticked", "go back and tick some, or choose all that fit the filter")
    return ids
