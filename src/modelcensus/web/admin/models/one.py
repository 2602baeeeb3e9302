"""One model: what people say of it, its overrides, its fields, and every act on it."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from modelcensus.core.catalog.curated import EDITABLE, STATUSES
from modelcensus.core.catalog.model import Curation
from modelcensus.core.errors import CensusError, InvalidInput, NotFound, StalePlan
from modelcensus.operations.catalog import bulk, overriding, roster
from modelcensus.serving import cursors
from modelcensus.serving.context import Context
from modelcensus.web.admin.audit.told import told
from modelcensus.web.admin.models.fields import fields_now
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.queries import query_of
from modelcensus.web.rendering.shown import model_url
from modelcensus.web.visitors.forms import Form, Posted, onward
from modelcensus.web.visitors.visitor import Curator, Viewer, Visitor

_FLAGS = {"is_free": "Free", "is_pro": "Pro", "is_enterprise": "Enterprise"}
_TEXTS = ("display_name", "notes")


def address(model_id: str) -> str:
    """The page of a model in administration."""
    return f"/admin{model_url(model_id)}"


def model_page(
    context: Context, pages: Pages, request: Request, visitor: Visitor, model_id: str, *, status: int = 200,
    draft: Curation | None = None, setting: dict[str, str] | None = None, refused: CensusError | None = None,
    reason: str = "",
) -> Response:  # fmt: skip
    """The page; after a form that was wrong with what was typed: ``draft`` of the curation, or ``setting`` of an
    override, and why it was ``refused``. Raises ``NotFound``."""
    census, now = context.census, context.census.clock()
    if "\0" in model_id:
        raise NotFound("no model's id holds a NUL character", "list them on the page of models")
    found = roster.dossier(census, model_id, now=now)
    known, unknown = fields_now(found.portrait.entry)
    people = found.portrait.entry.curation
    return pages.page(
        request, visitor, "admin/models/one.html", status=status, id=model_id, row=found.row, people=people,
        draft=draft or people, was=cursors.packed(people), statuses=STATUSES, flags=_FLAGS,
        standings=overriding.standings(census.store, model_id, now), known=known, unknown=unknown,
        setting=setting or {}, refused=refused, reason=reason, acts=[told(each) for each in found.audit],
        most=roster.ACTS,
    )  # fmt: skip


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.post("/admin/models/edit")
    def post_edit(request: Request, visitor: Curator, form: Posted) -> Response:
        model_id, was = form.must("id", "the model's id"), _was(form)
        draft = _draft(form, was)
        changes = {name: value for name in EDITABLE if (value := getattr(draft, name)) != getattr(was, name)}
        if not changes:
            return onward(address(model_id), "Nothing was changed.", "warn")
        try:
            _carry_out(model_id, was, changes, visitor.caller.name, form.one("reason") or None)
        except InvalidInput as error:
            return model_page(
                context, pages, request, visitor, model_id, status=409 if isinstance(error, StalePlan) else 400,
                draft=draft, refused=error, reason=form.one("reason"),
            )  # fmt: skip
        return onward(address(model_id), "Saved. Programs and pages see it from now on.")

    @router.get("/admin/models/{model_id:path}")
    def get_model(request: Request, visitor: Viewer, model_id: str) -> Response:
        query = query_of(request)
        named = query.text("id") if model_id == "-" else model_id
        setting = {name: given for name in ("field", "value") if (given := query.text(name))}
        return model_page(context, pages, request, visitor, named, setting=setting)

    def _carry_out(model_id: str, was: Curation, changes: dict[str, Any], actor: str, reason: str | None) -> None:
        wanted = {model_id: changes}
        seen = bulk.review(census.store, wanted)
        (result,) = seen.results
        if result.error is not None:
            raise result.error
        names = changes.keys() | ({"status", "enabled"} if changes.keys() & {"status", "enabled"} else set())
        if moved := [name for name in EDITABLE if name in names and getattr(result.before, name) != getattr(was, name)]:
            raise StalePlan(f"somebody else has changed {' and '.join(moved)} meanwhile", "look again before you save")
        bulk.carry_out(census.store, wanted, seen.digest, actor, census.clock(), reason)

    return router


def _was(form: Form) -> Curation:
    try:
        return cursors.unpacked(form.one("was"), Curation)
    except InvalidInput as error:
        raise InvalidInput("this form cannot be read", "open the model again and repeat it there") from error


def _draft(form: Form, was: Curation) -> Curation:
    """What a person typed. An unticked box is sent as nothing."""
    ticked: dict[str, Any] = {name: form.one(name) == "yes" for name in (*_FLAGS, "is_curated")}
    # A text area sends its line breaks as CRLF.
    texts = {name: form.one(name).replace("\r\n", "\n") or None for name in _TEXTS}
    status = form.one("status") or was.status
    enabled = was.enabled if status == was.status else status == "active"
    return msgspec.structs.replace(was, **ticked, **texts, status=status, enabled=enabled)
