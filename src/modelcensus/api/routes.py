"""The record itself: sources, syncs, entities now and then, their history, what changed in them."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.parameters import When
from modelcensus.api.schemas import either, many
from modelcensus.core.change import ChangeKind
from modelcensus.core.errors import NotFound
from modelcensus.core.times import parse_time
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.diff import diff
from modelcensus.serving import cursors
from modelcensus.serving.guard import caller


class Category(StrEnum):
    """The kinds of entity there are."""

    MODEL = "model"
    ENDPOINT = "endpoint"
    PROVIDER = "provider"
    AUTHOR = "author"
    ORPHAN = "orphan"


Name = Annotated[str | None, Query(description="Only this source.")]
Kind = Annotated[Category | None, Query(description="Only this category.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]
After = Annotated[str, Query(description="`next` of the page before; its time goes before `as_of`.")]
Path = Annotated[str | None, Query(description="A path as changes show it, such as `pricing.prompt`.")]
_NEXT = {"description": "`after` of the next page, or null on the last one.", "type": ["string", "null"]}
_MORE = {"description": "Whether there is more than `limit` allows.", "type": "boolean"}


def routes(census: Census) -> APIRouter:
    """The API's paths on an open census."""
    router = APIRouter(prefix="/api", dependencies=[Depends(only_known_parameters), Depends(caller)], tags=["census"])
    _add_state(router, census)
    _add_entities(router, census)
    _add_changes(router, census)
    return router


def _add_state(router: APIRouter, census: Census) -> None:
    store = census.store

    @router.get("/sources", summary="Configured sources and how they stand", **many("SourceState"))
    def get_sources(request: Request) -> Response:
        return answer(request, {"data": browse.sources(census)})

    @router.get("/syncs", summary="The log of syncs, newest first", **many("SyncRecord"))
    def get_syncs(request: Request, source: Name = None, limit: Limit = 50) -> Response:
        _check_source(census, source)
        return answer(request, {"data": browse.syncs(store, source=source, limit=limit)})


def _add_entities(router: APIRouter, census: Census) -> None:
    store = census.store

    @router.get("/entities", summary="Live entities as of a time, in pages", **many("Version", next=_NEXT))
    def get_entities(
        request: Request, source: Name = None, category: Kind = None, as_of: When = "now", after: After = "",
        limit: Limit = 100,
    ) -> Response:  # fmt: skip
        _check_source(census, source)
        cursor = cursors.read(after) if after else None
        time = cursor.time if cursor else parse_time(as_of, census.now())
        place = cursor.place if cursor else None
        with closing(browse.as_of(store, time, source=source, category=category, after=place)) as found:
            page = list(islice(found, limit + 1))
        more = cursors.written(time, page[limit - 1]) if len(page) > limit else None
        return answer(request, {"data": page[:limit], "next": more})

    @router.get("/entities/{key:path}", summary="What every source says of a key today", **many("Entity"))
    def get_entity(request: Request, key: str, source: Name = None, category: Kind = None) -> Response:
        return answer(request, {"data": browse.show(store, _usable(key), source=source, category=category)})

    @router.get(
        "/history/{key:path}",
        summary="All versions of a key, or the values of one field over time",
        **either("Version", "FieldValue"),
    )
    def get_history(
        request: Request, key: str, source: Name = None, category: Kind = None, field: Path = None
    ) -> Response:
        if field:
            values = browse.field_history(store, _usable(key), field, source=source, category=category)
            return answer(request, {"data": values})
        return answer(request, {"data": browse.history(store, _usable(key), source=source, category=category)})


def _add_changes(router: APIRouter, census: Census) -> None:
    store = census.store

    @router.get(
        "/entity-changes",
        summary="What happened to entities of sources, field by field, newest first",
        **many("Change"),
    )
    def get_changes(
        request: Request, source: Name = None, category: Kind = None, key: str | None = None,
        kind: ChangeKind | None = None, since: When = "1970-01-02", until: When = "now", limit: Limit = 100,
    ) -> Response:  # fmt: skip
        _check_source(census, source)
        now = census.now()
        found = browse.changes(
            store, since=parse_time(since, now), until=parse_time(until, now), source=source, category=category,
            key=key, kind=kind, limit=limit,
        )  # fmt: skip
        return answer(request, {"data": list(found)})

    @router.get("/diff", summary="What is different between two times", **many("Change", more=_MORE))
    def get_diff(
        request: Request, earlier: When, later: When = "now", source: Name = None, category: Kind = None,
        limit: Annotated[int, Query(ge=1, le=10_000, description="At most this many.")] = 1000,
    ) -> Response:  # fmt: skip
        _check_source(census, source)
        now = census.now()
        changed = list(diff(store, parse_time(earlier, now), parse_time(later, now), source=source, category=category))
        return answer(request, {"data": changed[:limit], "more": len(changed) > limit})


def _check_source(census: Census, name: str | None) -> None:
    """Raises ``NotFound`` for a source that is neither configured nor in the database."""
    if name is None or name in census.sources:
        return
    known = sorted({*census.sources, *browse.census_stats(census.store).entities})
    if name not in known:
        raise NotFound(f"there is no source '{name[:80]}'", f"the sources are: {', '.join(known)}")


def _usable(key: str) -> str:
    """A key as the databases can hold it. Raises ``NotFound``."""
    if "\0" in key:
        raise NotFound("no entity's key holds a NUL character", "see all keys: /api/entities")
    return key
