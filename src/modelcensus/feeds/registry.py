"""All feeds, by name."""

from __future__ import annotations

from modelcensus.feeds.feed import Feed

_FEEDS: tuple[Feed, ...] = ()

FEEDS: dict[str, Feed] = {feed.name: feed for feed in _FEEDS}
