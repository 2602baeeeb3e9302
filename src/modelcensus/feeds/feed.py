"""What a feed is: the mirror of an adapter, towards those who read us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.event import Event


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed is made of: an edition as its reader may see it, and what the feed asked for beside it.

    ``beneath`` is the upstream map over which the feed lays the census (key -> entity as recorded, numbers exact);
    ``events`` are the latest changes, newest first; ``address`` is our own public address without a slash at its end.
    ``hidden`` are names (of any source) of models that the reader's tier may not see. ``sources`` are those whose
    entities are ``beneath``. ``applied`` tells when each revision was applied (number -> microseconds).
    """

    edition: Edition
    beneath: Mapping[str, Any] = {}
    events: tuple[Event, ...] = ()
    address: str = "http://127.0.0.1:8000"
    hidden: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    applied: Mapping[int, int] = {}


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One form of the census.

    ``build`` makes the whole document. ``refusals`` gives reasons why its consumer would refuse such a document, by the
    consumer's own rules (empty: it would take it): then it is not published. ``paths`` are where the API serves it.
    ``over`` names the adapter whose recorded entities are ``Material.beneath``; ``with_events`` asks for events.
    ``consumer`` says in one line who reads it and how it is pointed at us.
    """

    name: str
    title: str
    consumer: str
    media_type: str
    suffix: str
    paths: tuple[str, ...]
    build: Callable[[Material], bytes]
    refusals: Callable[[bytes], list[str]]
    over: str | None = None
    with_events: bool = False
