"""The shelf: editions at hand, so that a reader waits for the database only where something has moved."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import msgspec

from modelcensus.core.catalog.edition import Edition, Stamp
from modelcensus.core.catalog.model import Tier
from modelcensus.operations.catalog import editions
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings

_PAST = 8
"""Editions of earlier times that are kept."""


class Shelf:
    """The current edition and a few of earlier times; safe to use from several threads.

    One edition serves all times between two moves of the catalog.
    ``stand_in`` gives what to answer with instead of an edition without any model.
    """

    def __init__(
        self, census: Census, access: AccessSettings, stand_in: Callable[[Edition], Edition] = lambda empty: empty
    ) -> None:
        self._stand_in = stand_in
        self._census = census
        self._access = access
        self._lock = Lock()
        # Of its own: an earlier time takes long to work out, and nobody who asks for today's catalog waits for that.
        self._past_lock = Lock()
        self._current: Edition | None = None
        self._past: OrderedDict[tuple[Stamp, int], Edition] = OrderedDict()

    def current(self) -> Edition:
        """The edition of now: asks the database whether anything has moved. Raises ``StoreError``."""
        now = self._census.clock()
        stamp = editions.stamp(self._census.store)
        with self._lock:
            held = self._current
            if held is None or held.stamp != stamp or (held.until is not None and held.until <= now):
                held = editions.edition(self._census, self._access, now=now)
                held = self._current = held if held.portraits else self._stand_in(held)
            return held

    @property
    def last(self) -> Edition | None:
        """The edition that was last read, however old: what there is where the database does not answer."""
        return self._current

    def at(self, time: int) -> Edition:
        """The catalog as of a time in microseconds. Raises ``StoreError``."""
        place = (editions.stamp(self._census.store), editions.moment(self._census.store, time))
        with self._past_lock:
            held = self._past.get(place)
            if held is None:
                held = self._past[place] = editions.edition_as_of(self._census, self._access, place[1])
                while len(self._past) > _PAST:
                    self._past.popitem(last=False)
            self._past.move_to_end(place)
            return msgspec.structs.replace(held, as_of=time)

    def seen(self, tier: Tier, *, as_of: int | None = None) -> Edition:
        """What a caller of a tier sees, now or as of a time. Raises ``StoreError``."""
        return (self.current() if as_of is None else self.at(as_of)).for_tier(tier)
