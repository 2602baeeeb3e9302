"""Feeds over HTTP: one path for each of every feed's, and what belongs to them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from modelcensus.api.answering import answer, only_known_parameters
from modelcensus.api.feeds import paging
from modelcensus.api.feeds.printing import described, printed
from modelcensus.api.parameters import MaybeWhen
from modelcensus.api.schemas import many
from modelcensus.core.times import parse_time
from modelcensus.feeds import openrouter, openrouter_rss
from modelcensus.feeds.feed import Feed
from modelcensus.feeds.registry import FEEDS
from modelcensus.operations.feeding import single
from modelcensus.operations.feeding.desk import Desk
from modelcensus.operations.feeding.health import FeedState, feed_states
from modelcensus.operations.feeding.publishing import feed_bytes
from modelcensus.serving.context import Context
from modelcensus.serving.guard import Anyone

RECORDS: tuple[type[msgspec.Struct], ...] = (FeedState,)
"""What these paths answer with, for /openapi.json."""
_JSON = "application/json"


def routes(context: Context) -> APIRouter:
    """These paths."""
    router = APIRouter(dependencies=[Depends(only_known_parameters)], tags=["feeds"])
    # One thread: copies are kept one after the other, for there is one writer.
    writer = ThreadPoolExecutor(1, thread_name_prefix="feeds")
    desk = Desk(context.census, context.settings, context.shelf, later=lambda act: _kept(writer, act))
    _add_list(router, desk)
    _add_openai(router, desk)
    _add_openrouter(router, desk)
    for feed in FEEDS.values():
        for path in feed.paths:
            if feed is not openrouter.FEED:
                _add(router, path, feed, _plain(desk, feed))
    return router


def _kept(writer: ThreadPoolExecutor, act: Callable[[], None]) -> None:
    """Keep a copy soon. Where that fails the reader has been answered all the same, and the next one tries again."""
    with suppress(RuntimeError):  # The server is ending.
        writer.submit(act)


def _time(desk: Desk, as_of: str | None) -> int | None:
    return parse_time(as_of, desk.census.now()) if as_of is not None else None


def _plain(desk: Desk, feed: Feed) -> Callable[..., Response]:
    def get_feed(request: Request, caller: Anyone, as_of: MaybeWhen = None) -> Response:
        found = feed_bytes(desk, feed, caller.tier, as_of=_time(desk, as_of))
        return printed(request, found, feed.media_type, desk.census.clock())

    return get_feed


def _add(router: APIRouter, path: str, feed: Feed, get: Callable[..., Response], *more: str) -> None:
    router.add_api_route(
        path, get, summary=f"{feed.title}: {feed.consumer}", operation_id=f"feed-{feed.name}-{feed.paths.index(path)}",
        **described(feed.media_type, *more),
    )  # fmt: skip


def _add_list(router: APIRouter, desk: Desk) -> None:
    @router.get("/api/feeds", summary="Every feed, and whether it is published", **many("FeedState"))
    def get_feeds(request: Request, caller: Anyone) -> Response:
        return answer(request, {"data": feed_states(desk.census.store, caller.tier)})


def _add_openai(router: APIRouter, desk: Desk) -> None:
    @router.get("/v1/models/{id:path}", summary="One model, as OpenAI tells it", **described(_JSON))
    def get_openai_model(request: Request, caller: Anyone, id: str, as_of: MaybeWhen = None) -> Response:  # noqa: A002  # the path's word
        found = single.openai_model(desk, id, caller.tier, as_of=_time(desk, as_of))
        return printed(request, found, _JSON, desk.census.clock())


def _add_openrouter(router: APIRouter, desk: Desk) -> None:
    @router.get(
        "/api/v1/models/{id:path}/endpoints",
        summary="Who offers one model, as OpenRouter tells it",
        **described(_JSON),
    )
    def get_openrouter_endpoints(request: Request, caller: Anyone, id: str, as_of: MaybeWhen = None) -> Response:  # noqa: A002  # the path's word
        found = single.openrouter_endpoints(desk, id, caller.tier, as_of=_time(desk, as_of))
        return printed(request, found, _JSON, desk.census.clock())

    def get_openrouter_models(
        request: Request,
        caller: Anyone,
        as_of: MaybeWhen = None,
        use_rss: Annotated[bool, Query(description="As RSS, newest first.")] = False,
        offset: Annotated[int, Query(ge=0, le=1_000_000, description="Leave out so many at the begin.")] = 0,
        limit: Annotated[int | None, Query(ge=1, le=1000, description="At most so many. Default: all.")] = None,
        output_modalities: Annotated[
            str | None, Query(max_length=200, description="Only models that answer in one of these, or `all`.")
        ] = None,
        supported_parameters: Annotated[
            str | None, Query(max_length=500, description="Only models that take all of these.")
        ] = None,
    ) -> Response:
        feed = openrouter_rss.FEED if use_rss else openrouter.FEED
        found = feed_bytes(desk, feed, caller.tier, as_of=_time(desk, as_of))
        asked = paging.Asked(offset, limit, paging.named(output_modalities), paging.named(supported_parameters))
        if not use_rss and asked != paging.ALL:
            found = msgspec.structs.replace(found, body=paging.page(found.body, asked, request.url.query))
        return printed(request, found, feed.media_type, desk.census.clock())

    for path in openrouter.FEED.paths:
        _add(router, path, openrouter.FEED, get_openrouter_models, openrouter_rss.FEED.media_type)
