"""Today in numbers, and the latest days of the newspaper, as a tier sees them."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import msgspec

from modelcensus.core.catalog.edition import Edition, Stamp
from modelcensus.core.catalog.model import Tier
from modelcensus.core.records import SourceState
from modelcensus.operations.catalog.counting import providers
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.web.changes.days import Day, days
from modelcensus.web.changes.news import Section
from modelcensus.web.changes.paper import Asked, gathered

_DAY = 86_400_000_000
_HOUR = 3_600_000_000
_DAYS = 3
_SHOWN = 5
_STORIES = 100
_AT_ONCE = 1000
MOST = 5000
"""Changes that are counted; of more it is only said that there are more."""
_KEPT = 8


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """Models that somebody offers, providers, changes within a day and a week (up to ``MOST``), and the latest news."""

    models: int
    providers: int
    of_day: int
    of_week: int
    days: tuple[Day, ...]


class Paper:
    """Makes today's page; keeps it for an hour, or until the catalog moves. Safe to use from several threads."""

    def __init__(self, public: PublicCatalog) -> None:
        self._public = public
        self._lock = Lock()
        self._held: OrderedDict[tuple[Stamp, Tier, int], Today] = OrderedDict()

    def today(self, tier: Tier) -> Today:
        """Numbers and news. Raises ``StoreError``."""
        edition = self._public.edition(tier)
        place = (edition.stamp, tier, self._public.census.clock() // _HOUR)
        with self._lock:
            held = self._held.get(place)
        if held is None:
            held = self._made(tier, edition)
            with self._lock:
                self._held[place] = held
                while len(self._held) > _KEPT:
                    self._held.popitem(last=False)
        return held

    def _made(self, tier: Tier, edition: Edition) -> Today:
        now = self._public.census.clock()
        times = self._times(tier, now - 7 * _DAY)
        news = gathered(self._public, tier, Asked(), most=_STORIES)
        told = [story for story in news.stories if story.section is not Section.BEGAN]
        more = news.before is not None and len(told) == len(news.stories)
        return Today(
            models=sum(1 for _ in edition.active), providers=len(providers(edition).data),
            of_day=sum(at > now - _DAY for at in times), of_week=len(times),
            days=tuple(days(told, shown=_SHOWN, more=more)[:_DAYS]),
        )  # fmt: skip

    def _times(self, tier: Tier, since: int) -> list[int]:
        """When each change since a time was; the catalog's first revision is none, for there was nothing before."""
        found: list[int] = []
        before: str | None = None
        while len(found) < MOST:
            page = self._public.changes(tier, before=before, since=since, limit=_AT_ONCE)
            found += [event.at for event in page.data if event.revision > 1]
            before = page.before
            if before is None or (page.data and page.data[-1].revision <= 1):
                break
        return found[:MOST]


def extremes(states: list[SourceState]) -> tuple[SourceState, SourceState] | None:
    """The freshest and the stalest source of those that were read; None where none was."""
    read = [state for state in states if state.enabled and state.last_good_at is not None]
    if not read:
        return None
    ordered = sorted(read, key=lambda state: state.last_good_at or 0)
    return ordered[-1], ordered[0]
