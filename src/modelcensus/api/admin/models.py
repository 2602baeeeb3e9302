"""Models as administration sees them: the list, one of them, edits of one and of many, undoing, rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.admin.asked import COUNT, NEXT, STORABLE, After, Limit, ModelId, Name, Reason, Text
from modelcensus.api.answering import answer
from modelcensus.api.bodies import body, takes
from modelcensus.api.schemas import many, one
from modelcensus.core.catalog.curated import EDITABLE, MAX_TEXT
from modelcensus.core.catalog.model import Tier
from modelcensus.core.catalog.roster import SHOWN_STATUSES, Mark, RosterRow, Wanted
from modelcensus.core.errors import InvalidInput
from modelcensus.operations.catalog import curating, roster
from modelcensus.operations.catalog.curating import MOST_AT_ONCE, Edited, Outcome, outcome
from modelcensus.operations.catalog.roster import Dossier
from modelcensus.serving import cursors
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Curator

_Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]


class ModelChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people own of a model; what is left out stays as it is.

    ``enabled`` is status ``active``, and only that: give one of them. An empty text takes a text away.
    """

    enabled: bool | msgspec.UnsetType = msgspec.UNSET
    is_curated: bool | msgspec.UnsetType = msgspec.UNSET
    status: Literal["new", "active", "disabled"] | msgspec.UnsetType = msgspec.UNSET
    is_free: bool | msgspec.UnsetType = msgspec.UNSET
    is_pro: bool | msgspec.UnsetType = msgspec.UNSET
    is_enterprise: bool | msgspec.UnsetType = msgspec.UNSET
    display_name: _Text | msgspec.UnsetType | None = msgspec.UNSET
    notes: _Text | msgspec.UnsetType | None = msgspec.UNSET

    def given(self) -> dict[str, Any]:
        """The fields that are to change."""
        return {name: value for name in EDITABLE if (value := getattr(self, name)) is not msgspec.UNSET}


class ModelEdit(ModelChanges, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of one model, and why."""

    reason: Reason | None = None


class BulkEdit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same ``changes`` for all ``ids``, or for each model its own: ``edits``, by id."""

    ids: Annotated[list[Name], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)] | msgspec.UnsetType = msgspec.UNSET
    changes: ModelChanges | msgspec.UnsetType = msgspec.UNSET
    edits: dict[Name, ModelChanges] | msgspec.UnsetType = msgspec.UNSET
    reason: Reason | None = None

    def given(self) -> Mapping[str, Mapping[str, Any]]:
        """The changes of each model. Raises ``InvalidInput`` for both forms at once, or half of one."""
        if self.edits is not msgspec.UNSET:
            if self.ids is msgspec.UNSET and self.changes is msgspec.UNSET and self.edits:
                return {model_id: changes.given() for model_id, changes in self.edits.items()}
        elif self.ids is not msgspec.UNSET and self.changes is not msgspec.UNSET:
            return dict.fromkeys(self.ids, self.changes.given())
        raise InvalidInput(
            "it is not said what to change of which models",
            'send {"ids": [...], "changes": {...}} or {"edits": {"lab/one": {...}, ...}}',
        )


class Undoing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The edit to undo, by its number in the audit log."""

    audit_id: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    reason: Reason | None = None


RECORDS: tuple[type[msgspec.Struct], ...] = (
    RosterRow, Dossier, ModelEdit, BulkEdit, Undoing, Outcome,
)  # fmt: skip
"""What these paths take and answer with, for /openapi.json."""

_Edit = Annotated[ModelEdit, body(ModelEdit)]
_Bulk = Annotated[BulkEdit, body(BulkEdit)]
_Undo = Annotated[Undoing, body(Undoing)]
_Status = Annotated[
    Literal["new", "active", "disabled", "inactive"] | None, Query(description="`inactive` are archived models.")
]
_Provider = Annotated[str | None, Query(description="Only of this provider.", **STORABLE)]
_Enabled = Annotated[bool | None, Query(description="Only what may be used, or may not.")]
_Curated = Annotated[bool | None, Query(description="Only what is curated, or is not.")]
_Tier = Annotated[Literal["free", "pro", "enterprise"] | None, Query(description="Only what this tier's callers see.")]
_Sort = Annotated[
    Literal[
        "id", "-id", "name", "-name", "provider", "-provider", "status", "-status", "price.input", "-price.input",
        "price.output", "-price.output", "context", "-context", "since_revision", "-since_revision",
        "changed_revision", "-changed_revision",
    ],
    Query(description="A minus turns the order round. What is not known comes last."),
]  # fmt: skip
_COUNTS = {
    "description": "How many models of each status the other filters leave.",
    "type": "object",
    "properties": dict.fromkeys(SHOWN_STATUSES, COUNT),
    "required": list(SHOWN_STATUSES),
    "additionalProperties": False,
}


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    _add_looking(router, context)
    _add_editing(router, context)
    return router


def _add_looking(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.get(
        "/models", summary="All models with what people own of them", **many("RosterRow", next=NEXT, counts=_COUNTS)
    )
    def get_models(
        request: Request, status: _Status = None, provider: _Provider = None, enabled: _Enabled = None,
        curated: _Curated = None, tier: _Tier = None, text: Text = "", sort: _Sort = "id", after: After = None,
        limit: Limit = 100,
    ) -> Response:  # fmt: skip
        wanted = Wanted(
            status=status, provider=provider, enabled=enabled, curated=curated, tier=Tier(tier) if tier else None,
            text=text,
        )  # fmt: skip
        mark = cursors.unpacked(after, Mark) if after else None
        page = roster.page(census.store, wanted, now=census.clock(), order=sort, after=mark, limit=limit)
        following = cursors.packed(page.next) if page.next else None
        return answer(request, {"data": page.rows, "next": following, "counts": page.counts})

    @router.get("/models/{id:path}", summary="All there is about a model, and who did what to it", **one("Dossier"))
    def get_model(request: Request, model_id: ModelId) -> Response:
        return answer(request, roster.dossier(census, model_id, now=census.clock()))


def _add_editing(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.patch(
        "/models",
        summary="Change many models in one transaction: what may be done is done, each result is told",
        **takes(BulkEdit, many("Outcome", changed=COUNT, refused=COUNT)),
    )
    def patch_models(request: Request, caller: Curator, wanted: _Bulk) -> Response:
        done = curating.edit_each(census.store, wanted.given(), caller.name, census.clock(), wanted.reason)
        return answer(request, outcomes(done))

    @router.patch(
        "/models/{id:path}",
        summary="Change what people own of a model: the fields before and after",
        **takes(ModelEdit, one("Outcome")),
    )
    def patch_model(request: Request, caller: Curator, model_id: ModelId, wanted: _Edit) -> Response:
        done = curating.edit_one(census.store, model_id, wanted.given(), caller.name, census.clock(), wanted.reason)
        return answer(request, outcome(done))

    @router.post(
        "/models/undo",
        summary="Give the fields of one edit the values that they had before it",
        **takes(Undoing, one("Outcome")),
    )
    def post_undo(request: Request, caller: Curator, wanted: _Undo) -> Response:
        done = curating.undo(census.store, wanted.audit_id, caller.name, census.clock(), wanted.reason)
        return answer(request, outcome(done))


def outcomes(done: list[Edited]) -> dict[str, Any]:
    """What became of each model, and of how many."""
    return {
        "data": [outcome(each) for each in done],
        "changed": sum(each.changed for each in done),
        "refused": sum(each.error is not None for each in done),
    }
