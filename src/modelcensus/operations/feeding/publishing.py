"""Feeds made and published: a feed that its consumer would refuse is not, and the last good one stays."""

from __future__ import annotations

import hashlib

import msgspec

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import FeedRefused, NotFound, StoreError
from modelcensus.feeds.feed import Feed
from modelcensus.feeds.registry import FEEDS
from modelcensus.operations.feeding.desk import Desk, material_of
from modelcensus.store import feeds as copies
from modelcensus.store.feeds import Refusal

MAX_REASONS = 20


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as it would be now or would have been then; ``reasons`` why its consumer would refuse it."""

    edition: Edition
    body: bytes
    reasons: tuple[str, ...] = ()


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as it is answered: since when it has these bytes, and when upstream was last read, in microseconds.

    ``stale`` says why it is an older copy; empty where it is not.
    """

    body: bytes
    revision: int
    made_at: int
    observed_at: int
    stale: tuple[str, ...] = ()


def feed_named(name: str) -> Feed:
    """A feed by its name. Raises ``NotFound``."""
    if name not in FEEDS:
        raise NotFound(f"there is no feed '{name[:80]}'", f"the feeds are: {', '.join(FEEDS)}")
    return FEEDS[name]


def made(desk: Desk, feed: Feed, tier: Tier, *, as_of: int | None = None) -> Made:
    """Make a feed for a tier, now or as of a time in microseconds; nothing is written. Raises ``StoreError``."""
    material = material_of(desk, feed, tier, as_of=as_of)
    body = feed.build(material)
    return Made(edition=material.edition, body=body, reasons=tuple(feed.refusals(body)[:MAX_REASONS]))


def feed_bytes(desk: Desk, feed: Feed, tier: Tier, *, as_of: int | None = None) -> Printed:
    """A feed as its reader gets it.

    One that its consumer would refuse is not published: the last good copy is answered, with the reasons. Feeds as of a
    time, and those of what stands in for an empty catalog, are made on demand and never kept. Raises ``FeedRefused``
    where there is no good one, ``NotFound`` where there was none as of then, and ``StoreError``.
    """
    found = made(desk, feed, tier, as_of=as_of)
    edition = found.edition
    if as_of is not None or edition.fallback is not None:
        if found.reasons and as_of is not None:
            raise NotFound(
                f"there is no feed {feed.name} as of then that its consumer would take: {found.reasons[0]}",
                f"ask for a later time; 'modelcensus export {feed.name} --as-of TIME --force' shows it as it would be",
            )
        if found.reasons:
            raise _refused(feed, found.reasons)
        return Printed(
            body=found.body, revision=edition.stamp.revision, made_at=edition.published_at,
            observed_at=edition.observed_at,
        )  # fmt: skip
    return _last_good(desk, feed, tier, found) if found.reasons else _published(desk, feed, tier, found)


def _published(desk: Desk, feed: Feed, tier: Tier, found: Made) -> Printed:
    """The feed, and its copy kept if it is another than before."""
    edition, digest = found.edition, hashlib.blake2b(found.body, digest_size=16).digest()
    revision = edition.stamp.revision
    known = desk.kept.get((feed.name, tier))
    if known is None or known[:2] != (revision, digest):
        since = _since(desk, feed, tier, found.body)
        known = desk.kept[feed.name, tier] = (revision, digest, since)
        kept = copies.Copy(revision=revision, made_at=since, body=found.body)

        def keep() -> None:
            try:
                with desk.census.store.writing() as tx:
                    copies.keep(tx, feed.name, tier, kept)
            except StoreError:
                desk.kept.pop((feed.name, tier), None)  # The next reader tries again.
                raise

        desk.later(keep)
    return Printed(body=found.body, revision=revision, made_at=known[2], observed_at=edition.observed_at)


def _since(desk: Desk, feed: Feed, tier: Tier, body: bytes) -> int:
    """Since when the feed has these bytes."""
    with desk.census.store.reading() as tx:
        before = copies.copy(tx, feed.name, tier)
    return before.made_at if before and before.body == body else desk.census.clock()


def _last_good(desk: Desk, feed: Feed, tier: Tier, found: Made) -> Printed:
    """The copy of before, and the refusal noted if it is another than before."""
    revision = found.edition.stamp.revision
    with desk.census.store.reading() as tx:
        before, noted = copies.copy(tx, feed.name, tier), copies.refusal(tx, feed.name, tier)
    if noted is None or (noted.revision, noted.reasons) != (revision, found.reasons):
        refusal = Refusal(
            name=feed.name, tier=tier, revision=revision, refused_at=desk.census.clock(), reasons=found.reasons
        )

        def note() -> None:
            with desk.census.store.writing() as tx:
                copies.refuse(tx, refusal)

        desk.later(note)
    # Should the next one be good again, it must be noted though its bytes are those of before.
    desk.kept.pop((feed.name, tier), None)
    if before is None:
        raise _refused(feed, found.reasons)
    return Printed(
        body=before.body, revision=before.revision, made_at=before.made_at,
        observed_at=min(before.made_at, found.edition.observed_at), stale=found.reasons,
    )  # fmt: skip


def _refused(feed: Feed, reasons: tuple[str, ...]) -> FeedRefused:
    return FeedRefused(
        f"the feed {feed.name} would be refused by its consumer: {reasons[0]}",
        "see what is amiss with 'modelcensus models list' and 'modelcensus plan'; "
        f"'modelcensus export {feed.name} --force' shows the feed as it would be",
        reasons,
    )
