"""``/entity`` and ``/find``: an entity as its sources told it, version by version, and how to find one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from modelcensus.core import canonical
from modelcensus.core.access import Caller
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.records import Entity
from modelcensus.operations import browse
from modelcensus.operations.catalog.linking import alias_of
from modelcensus.operations.suggest import suggest
from modelcensus.serving.context import Context
from modelcensus.web.record.facts import description_of, facts_of
from modelcensus.web.record.versions import Track, chosen, compared, tracks
from modelcensus.web.rendering import shown
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.visitors.visitor import Anyone, Visitor

_CHANGES = 50
_FOUND = 60
_Source = Annotated[str | None, Query(alias="source")]
_Version = Annotated[str | None, Query(alias="version")]
_From = Annotated[str | None, Query(alias="from")]
_To = Annotated[str | None, Query(alias="to")]
_Before = Annotated[int | None, Query(alias="before", ge=1, le=10**7)]


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    store = context.census.store

    @router.get("/find")
    def get_found(request: Request, visitor: Anyone, q: str = "") -> Response:
        wanted = q.strip()
        keys = suggest(store, wanted, limit=_FOUND) if wanted else []
        if wanted in keys:
            return RedirectResponse(shown.entity_url(wanted), 303)
        return pages.page(request, visitor, "record/find.html", query=wanted, keys=keys, most=_FOUND)

    def answered(
        request: Request, visitor: Visitor, key: str, source: str | None, version: str | None, from_: str | None,
        to: str | None, before: int | None,
    ) -> Response:  # fmt: skip
        try:
            if "\0" in key:
                raise NotFound("no entity's key holds a NUL character")
            found = tracks(store, key, source)
        except NotFound as error:
            return pages.fault(404, error.message, suggestions=suggest(store, key), query=key, visitor=visitor)
        here: dict[str, Any] = {"key": key, "source": source}
        try:
            if version:
                one = chosen(found, version)
                return pages.page(request, visitor, "record/version.html", **here, **_whole(found, one))
            if from_ or to:
                if not (from_ and to):
                    raise InvalidInput("two versions are needed to compare", "choose one in each column")
                comparison = compared(chosen(found, from_), chosen(found, to))
                return pages.page(request, visitor, "record/diff.html", **here, found=comparison)
        except (NotFound, InvalidInput) as error:
            status = 404 if isinstance(error, NotFound) else 422
            return pages.page(request, visitor, "record/unversioned.html", status=status, **here, error=error)
        told = _told(context, visitor.caller, key, source)
        return pages.page(request, visitor, "record/entity.html", **here, **told, tracks=found, before=before)

    @router.get("/entity")
    def get_entity(
        request: Request, visitor: Anyone, key: str = "", source: _Source = None, version: _Version = None,
        from_: _From = None, to: _To = None, before: _Before = None,
    ) -> Response:  # fmt: skip
        return answered(request, visitor, key, source, version, from_, to, before)

    @router.get("/entity/{key:path}")
    def get_entity_by_path(
        request: Request, visitor: Anyone, key: str, source: _Source = None, version: _Version = None,
        from_: _From = None, to: _To = None, before: _Before = None,
    ) -> Response:  # fmt: skip
        return answered(request, visitor, key, source, version, from_, to, before)

    return router


def _told(context: Context, caller: Caller, key: str, source: str | None) -> dict[str, Any]:
    """What the page of an entity shows beside its versions."""
    store = context.census.store
    entities = browse.show(store, key, source=source)
    decoded = [_decoded(entity) for entity in entities]
    return {
        "entities": [(each, _raw(each)) for each in entities],
        "facts": facts_of(decoded),
        "description": description_of(decoded),
        "changes": list(browse.changes(store, key=key, source=source, limit=_CHANGES)),
        "most": _CHANGES,
        "models": _models(context, caller, key, {each.version.source for each in entities}),
    }


def _models(context: Context, caller: Caller, key: str, sources: set[str]) -> list[str]:
    """The models that this name belongs to, of those that the visitor sees."""
    linked = {alias.model_id for name in sources if (alias := alias_of(context.census.store, name, key))}
    if not linked:
        return []
    seen = context.shelf.seen(caller.tier)
    return [each.entry.model.id for each in seen.portraits if each.entry.model.id in linked]


def _whole(found: list[Track], one: Any) -> dict[str, Any]:
    """One version, with those before and after it that have content."""
    track = next(each for each in found if one in each.versions)
    contents = [each for each in track.versions if each.version.data is not None]
    place = contents.index(one)
    return {
        "one": one,
        "raw": shown.pretty(bytes(one.version.data)),
        "times": [each.version.observed_at for each in contents if each.version.sha256 == one.version.sha256],
        "older": contents[place - 1] if place else None,
        "newer": contents[place + 1] if place + 1 < len(contents) else None,
        "count": len(track.versions),
    }


def _decoded(entity: Entity) -> Any:
    return canonical.decode(bytes(entity.version.data)) if entity.version.data is not None else {}


def _raw(entity: Entity) -> str:
    return shown.pretty(bytes(entity.version.data)) if entity.version.data is not None else ""
