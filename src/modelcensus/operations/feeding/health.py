"""Which feeds are published, and which are refused since when, and why."""

from __future__ import annotations

import msgspec

from modelcensus.core.catalog.model import Tier
from modelcensus.feeds.registry import FEEDS
from modelcensus.store import feeds as copies
from modelcensus.store.engine import Store
from modelcensus.store.feeds import Refusal


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """One feed, and how it stands for a tier.

    ``published_revision`` and ``published_at`` are of its last good copy; null before somebody first asked for it.
    ``refused_at`` is since when its consumer would refuse what the census has now, for these ``reasons``.
    """

    name: str
    title: str
    consumer: str
    media_type: str
    paths: tuple[str, ...]
    published_revision: int | None = None
    published_at: int | None = None
    refused_at: int | None = None
    reasons: tuple[str, ...] = ()


def feeds_health(store: Store) -> list[Refusal]:
    """Every feed that is refused, by name and tier. Raises ``StoreError``."""
    with store.reading() as tx:
        return copies.refusals(tx)


def feed_states(store: Store, tier: Tier) -> list[FeedState]:
    """Every feed, by name, as it stands for a tier. Raises ``StoreError``."""
    with store.reading() as tx:
        refused = {each.name: each for each in copies.refusals(tx) if each.tier is tier}
        published = {each.name: each for each in copies.published(tx) if each.tier is tier}
    return [
        FeedState(
            name=feed.name, title=feed.title, consumer=feed.consumer, media_type=feed.media_type, paths=feed.paths,
            published_revision=good.revision if (good := published.get(feed.name)) else None,
            published_at=good.made_at if good else None,
            refused_at=bad.refused_at if (bad := refused.get(feed.name)) else None,
            reasons=bad.reasons if bad else (),
        )
        for feed in FEEDS.values()
    ]  # fmt: skip
