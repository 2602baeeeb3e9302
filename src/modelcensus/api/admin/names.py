"""Names: what each is linked to, a person's word on one, what waits for a person, where sources differ."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.admin.asked import NEXT, STORABLE, After, Limit, Model, Name, Reason, Source, Text
from modelcensus.api.answering import answer, page
from modelcensus.api.bodies import body, takes
from modelcensus.api.schemas import many, one
from modelcensus.core.catalog.linking import Unmatched
from modelcensus.core.catalog.model import Alias, Field
from modelcensus.operations.catalog import catalog, linking
from modelcensus.serving import cursors
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Curator


class NameLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name of a source and the model that it is; one that there is not yet must be ``lab/name``."""

    source: Name
    key: Name
    model_id: Annotated[str, msgspec.Meta(min_length=3, max_length=200, pattern=".+/.+")]
    reason: Reason


class NameUnlink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name of a source that no rule may link."""

    source: Name
    key: Name
    reason: Reason


class NameDecided(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word on a name, and the alias that holds now; what it changes in the catalog is told by a plan."""

    source: str
    key: str
    model_id: str | None
    alias: Alias | None


class ModelDisagreement(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a model of which sources say different things: first what the catalog follows, then the rest."""

    model_id: str
    path: str
    said: tuple[Field, ...]
    reason: str


RECORDS: tuple[type[msgspec.Struct], ...] = (
    Alias, Unmatched, NameLink, NameUnlink, NameDecided, ModelDisagreement,
)  # fmt: skip
"""What these paths take and answer with, for /openapi.json."""

_Link = Annotated[NameLink, body(NameLink)]
_Unlink = Annotated[NameUnlink, body(NameUnlink)]
_Field = Annotated[str | None, Query(description="Only this field or group: `price`, `context` ...", **STORABLE)]


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """The last name of a page."""

    source: str
    key: str


class _FieldPlace(msgspec.Struct, frozen=True, array_like=True):
    """The last field of a page."""

    model_id: str
    path: str


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter()
    _add_looking(router, context)
    _add_deciding(router, context)
    return router


def _add_looking(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.get("/aliases", summary="Names that are linked to models now, in pages", **many("Alias", next=NEXT))
    def get_aliases(
        request: Request, model: Model = None, source: Source = None, text: Text = "",
        after: After = None, limit: Limit = 100,
    ) -> Response:  # fmt: skip
        place = cursors.unpacked(after, _Place) if after else None
        found = linking.names(
            census.store, source=source, model_id=model, text=text, limit=limit + 1,
            after=(place.source, place.key) if place else None,
        )  # fmt: skip
        return page(request, found, limit, lambda last: _Place(last.source, last.key))

    @router.get(
        "/unmatched", summary="Names that no rule links, with models to look at, in pages",
        **many("Unmatched", next=NEXT),
    )  # fmt: skip
    def get_unmatched(request: Request, source: Source = None, after: After = None, limit: Limit = 100) -> Response:
        place = cursors.unpacked(after, _Place) if after else None
        found = linking.unmatched(
            census.store, source=source, after=(place.source, place.key) if place else None, limit=limit + 1
        )
        return page(request, found, limit, lambda last: _Place(last.source, last.key))

    @router.get(
        "/disagreements", summary="Fields of which sources say different things, in pages",
        **many("ModelDisagreement", next=NEXT),
    )  # fmt: skip
    def get_disagreements(
        request: Request, field: _Field = None, after: After = None, limit: Limit = 100
    ) -> Response:  # fmt: skip
        place = cursors.unpacked(after, _FieldPlace) if after else _FieldPlace("", "")
        found = catalog.disagreements(
            census.store, field=field, after=(place.model_id, place.path), limit=limit + 1,
            precedence=census.catalog.precedence,
        )  # fmt: skip
        told = [ModelDisagreement(model_id=id_, path=e.path, said=e.said, reason=e.reason) for id_, e in found]
        return page(request, told, limit, lambda last: _FieldPlace(last.model_id, last.path))


def _add_deciding(router: APIRouter, context: Context) -> None:
    census = context.census

    @router.post(
        "/aliases",
        summary="Say that a name of a source is a model: a word that no rule changes",
        **takes(NameLink, one("NameDecided")),
    )
    def post_alias(request: Request, caller: Curator, wanted: _Link) -> Response:
        now = census.clock()
        linking.link(census.store, wanted.source, wanted.key, wanted.model_id, caller.name, wanted.reason, now)
        return answer(request, _decided(context, wanted.source, wanted.key, wanted.model_id))

    @router.post(
        "/aliases/unlink",
        summary="Say that no rule may link a name of a source",
        **takes(NameUnlink, one("NameDecided")),
    )
    def post_unlink(request: Request, caller: Curator, wanted: _Unlink) -> Response:
        linking.unlink(census.store, wanted.source, wanted.key, caller.name, wanted.reason, census.clock())
        return answer(request, _decided(context, wanted.source, wanted.key, None))


def _decided(context: Context, source: str, key: str, model_id: str | None) -> NameDecided:
    alias = linking.alias_of(context.census.store, source, key)
    return NameDecided(source=source, key=key, model_id=model_id, alias=alias)
