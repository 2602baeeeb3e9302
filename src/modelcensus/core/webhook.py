"""Webhooks: who wants which events, what is sent to them, and when it is tried again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated

import msgspec

from modelcensus.core.catalog.event import Event
from modelcensus.core.catalog.model import StepKind, Tier
from modelcensus.core.document import encode
from modelcensus.core.times import iso

CHANGED, TESTED = "catalog.changed", "webhook.test"
"""Types of payload."""
MOST_BYTES = 256 * 1024
"""A payload is parted above it."""
LONGEST_PAUSE = 12 * 3600.0
"""Seconds: no pause before another attempt is longer, whatever the receiver asks for."""
_DOUBLINGS = 30

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=200)]


class Filters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events a webhook wants: those that fit each list that is not empty.

    ``tiers``: models that callers of one of them see; ``fields``: paths, or the beginnings of paths (``price`` is every
    price); ``models``: ids.
    """

    providers: Names = ()
    tiers: Annotated[tuple[Tier, ...], msgspec.Meta(max_length=10)] = ()
    fields: Names = ()
    kinds: Annotated[tuple[StepKind, ...], msgspec.Meta(max_length=10)] = ()
    models: Names = ()

    def want(self, event: Event) -> bool:
        """Whether an event is for this webhook."""
        return (
            (not self.providers or (event.provider or "").casefold() in {each.casefold() for each in self.providers})
            and (not self.tiers or any(tier in self.tiers for tier in event.tiers))
            and (not self.kinds or event.kind in self.kinds)
            and (not self.models or event.model_id in self.models)
            and (not self.fields or any(_below(each.path, self.fields) for each in event.fields))
        )


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An address that is told of changes; ``reached_revision`` is the last one of which its deliveries are made."""

    id: str
    url: str
    filters: Filters = Filters()
    created_by: str
    created_at: int
    enabled: bool = True
    reached_revision: int = 0


class DeliveryState(StrEnum):
    """Where a delivery stands. DEAD: it was given up, and can be replayed."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One payload for one webhook; its ``id`` is the ``webhook-id`` of every attempt.

    ``next_at`` is when it is tried, or tried again, while it is pending; ``last_error`` is what the last attempt met.
    """

    id: str
    webhook_id: str
    revision: int
    state: DeliveryState
    attempts: int
    created_at: int
    next_at: int
    ended_at: int | None = None
    last_status: int | None = None
    last_error: str | None = None


def payloads(revision: int, events: Sequence[Event], most_bytes: int = MOST_BYTES) -> list[bytes]:
    """What tells the events of a revision: one payload, or several where one would be larger than ``most_bytes``.

    One event alone may be larger; it is never cut.
    """
    shares = list(_shared([encode(event) for event in events], most_bytes))
    at = iso(events[0].at) if events else ""
    return [
        b'{"type":"%s","timestamp":"%s","data":{"revision":%d,"part":%d,"parts":%d,"events":[%s]}}'
        % (CHANGED.encode(), at.encode(), revision, number, len(shares), b",".join(share))
        for number, share in enumerate(shares, 1)
    ]


def payload_of_test(webhook: Webhook, now: int) -> bytes:
    """What a test sends."""
    return encode({"type": TESTED, "timestamp": iso(now), "data": {"webhook": webhook.id, "filters": webhook.filters}})


def pause_seconds(attempts: int, first: float, chance: float, asked: float | None = None) -> float:
    """How long to wait after so many failed attempts: twice as long each time, a little more by ``chance`` (0 to 1),
    and at least as long as the receiver asked for; never above ``LONGEST_PAUSE``.
    """
    doubled: float = first * 2 ** min(max(attempts - 1, 0), _DOUBLINGS)
    return min(max(doubled * (1 + chance / 4), asked or 0.0), LONGEST_PAUSE)


def _below(path: str, places: Iterable[str]) -> bool:
    return any(path == place or path.startswith(f"{place}.") for place in places)


def _shared(texts: Iterable[bytes], most_bytes: int) -> Iterator[list[bytes]]:
    room = most_bytes - 200  # what stands around the events
    share: list[bytes] = []
    size = 0
    for text in texts:
        if share and size + len(text) + 1 > room:
            yield share
            share, size = [], 0
        share.append(text)
        size += len(text) + 1
    if share:
        yield share
