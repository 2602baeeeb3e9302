"""What can be asked today: sources, syncs, entities now and then, their history, what changed."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from modelcensus.core.change import ChangeKind
from modelcensus.core.document import encode
from modelcensus.core.times import parse_time
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.diff import diff

Name = Annotated[str | None, Query(description="Only this source.")]
Kind = Annotated[str | None, Query(description="Only this category: model, endpoint, provider or author.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most this many.")]
When = Annotated[str, Query(description="ISO 8601, a date, `now`, or an age such as `36h` or `7d`.")]


def answer(value: Any) -> Response:
    """One JSON answer."""
    return Response(encode(value), media_type="application/json")


def routes(census: Census) -> APIRouter:
    """The API's paths on an open census."""
    router = APIRouter(prefix="/api", default_response_class=Response)
    store = census.store

    def moment(text: str) -> int:
        return parse_time(text, census.now())

    @router.get("/stats", summary="The census counted")
    def get_stats() -> Response:
        return answer(browse.census_stats(store))

    @router.get("/sources", summary="Configured sources and how they stand")
    def get_sources() -> Response:
        return answer({"data": browse.sources(census)})

    @router.get("/syncs", summary="The log of syncs, newest first")
    def get_syncs(source: Name = None, limit: Limit = 50) -> Response:
        return answer({"data": browse.syncs(store, source=source, limit=limit)})

    @router.get("/entities", summary="Live entities as of a time")
    def get_entities(
        source: Name = None, category: Kind = None, as_of: When = "now", after: str = "", limit: Limit = 100
    ) -> Response:
        found = browse.as_of(store, moment(as_of), source=source, category=category)
        page = list(islice((each for each in found if _cursor(each) > after), limit + 1))
        more = _cursor(page[limit - 1]) if len(page) > limit else None
        return answer({"data": page[:limit], "next": more})

    @router.get("/entities/{key:path}", summary="What every source says of a key today")
    def get_entity(key: str, source: Name = None, category: Kind = None) -> Response:
        return answer({"data": browse.show(store, key, source=source, category=category)})

    @router.get("/history/{key:path}", summary="All versions of a key, or the values of one field over time")
    def get_history(key: str, source: Name = None, category: Kind = None, field: str | None = None) -> Response:
        if field:
            return answer({"data": browse.field_history(store, key, field, source=source, category=category)})
        return answer({"data": browse.history(store, key, source=source, category=category)})

    @router.get("/changes", summary="What happened, field by field, newest first")
    def get_changes(
        source: Name = None,
        category: Kind = None,
        key: str | None = None,
        kind: ChangeKind | None = None,
        since: When = "1970-01-02",
        until: When = "now",
        limit: Limit = 100,
    ) -> Response:
        found = browse.changes(
            store, since=moment(since), until=moment(until), source=source, category=category, key=key, kind=kind,
            limit=limit,
        )  # fmt: skip
        return answer({"data": list(found)})

    @router.get("/diff", summary="What is different between two times")
    def get_diff(earlier: When, later: When = "now", source: Name = None, category: Kind = None) -> Response:
        return answer({"data": list(diff(store, moment(earlier), moment(later), source=source, category=category))})

    return router


def _cursor(version: Any) -> str:
    return f"{version.source}\x1f{version.category}\x1f{version.key}"
