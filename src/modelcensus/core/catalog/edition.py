"""An edition: the whole catalog as it is served, from one revision and what people had said by then."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from modelcensus.core.catalog.curated import flags_of
from modelcensus.core.catalog.model import Status, Tier
from modelcensus.core.catalog.portrait import Portrait


class Stamp(msgspec.Struct, frozen=True, order=True):
    """What tells editions apart: the revision, the last act in the audit log, the last sync, and how often listings,
    offerings and names were refreshed."""

    revision: int
    audit_id: int
    sync_id: int
    refreshed: int


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """The catalog at one moment, by model id.

    ``published_at`` is when its revision was applied, ``observed_at`` when upstream was last read (microseconds).
    ``as_of`` is set where an earlier time was asked for; ``rebuilt`` where nothing was published then and the models
    are worked out from the payloads of that time. ``open``: nobody has set tiers, so that everybody sees every model.
    ``until``: when the first override expires, and the edition with it. ``fallback`` says what an edition is made of
    that stands in for an empty catalog: ``live`` (a reading of OpenRouter that is not recorded) or ``list`` (names from
    the settings).
    """

    stamp: Stamp
    portraits: tuple[Portrait, ...]
    published_at: int
    observed_at: int
    as_of: int | None = None
    rebuilt: bool = False
    open: bool = False
    tier: Tier | None = None
    until: int | None = None
    fallback: str | None = None

    @property
    def active(self) -> Iterator[Portrait]:
        """The models that somebody offers today."""
        return (each for each in self.portraits if each.entry.model.status is Status.ACTIVE)

    def for_tier(self, tier: Tier) -> Edition:
        """What a caller of a tier sees: models that people enabled for it. An open edition hides nothing."""
        if self.open:
            return msgspec.structs.replace(self, tier=tier)
        flags = flags_of(tier)
        seen = (
            each
            for each in self.portraits
            if each.entry.curation.enabled and any(getattr(each.entry.curation, flag) for flag in flags)
        )
        return msgspec.structs.replace(self, portraits=tuple(seen), tier=tier)
